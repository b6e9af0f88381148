"""How a device is doing, as its form and the command line tell it."""

import json
from datetime import datetime, timedelta
from unittest.mock import patch

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.api import sync_now, sync_state
from zkteco_biometric.frappe_hr import heartbeat
from zkteco_biometric.frappe_hr.device_lock import device_lock
from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.frappe_hr.overview import overview, overviews
from zkteco_biometric.frappe_hr.progress import FormProgress, device_changed
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.support import PASSWORD, DeviceTestCase, days_ago, elsewhere, statements


class TestOverview(DeviceTestCase):
	def test_a_device_that_was_never_asked_is_not_connected_and_is_due_with_the_next_tick(self):
		seen = overview(self.make_device().name)
		self.assertEqual((seen.connected, seen.last_sync, seen.next_sync), (False, None, None))
		self.assertTrue(seen.enabled and seen.syncs_by_itself and seen.is_well)

	def test_after_a_good_sync_it_tells_when_it_was_what_came_and_when_the_next_one_is(self):
		device = self.make_device(fetch_frequency="Daily")
		self.sim.store.punch("1", days_ago(1))
		self.sim.store.punch("unknown", days_ago(1))
		self.sync(device)
		seen = overview(device.name)
		self.assertTrue(seen.connected and seen.is_well)
		self.assertEqual((seen.fetched, seen.created, seen.pending, seen.waiting), (2, 1, 1, 1))
		self.assertEqual(seen.last_sync, device.last_sync_timestamp)
		self.assertEqual(seen.next_sync, device.last_sync_timestamp + timedelta(days=1))

	def test_one_that_is_due_by_now_comes_with_the_next_tick(self):
		device = self.make_device()
		self.sync(device)
		self.assertIsNone(overview(device.name).next_sync)

	def test_one_that_fails_is_not_connected_and_tells_what_to_do(self):
		device = self.make_device()
		self.sync(device)
		self.sim.stop()
		self.sync(device)
		seen = overview(device.name)
		self.assertFalse(seen.connected or seen.is_well)
		self.assertEqual(seen.failures, 1)
		self.assertIn("switched on", seen.remedy)
		self.assertGreater(seen.next_sync, now_datetime(), "it is left alone for a while")

	def test_one_whose_log_in_was_rejected_does_not_sync_by_itself(self):
		device = self.make_device(password="wrong-password")
		self.sync(device)
		seen = overview(device.name)
		self.assertEqual(
			(seen.syncs_by_itself, seen.connected, seen.status), (False, False, "Log-in Rejected")
		)

	def test_a_disabled_one_is_neither_connected_nor_due(self):
		device = self.make_device()
		self.sync(device)
		device.enable = 0
		device.save()
		seen = overview(device.name)
		self.assertEqual((seen.enabled, seen.connected, seen.syncs_by_itself), (False, False, False))

	def test_what_was_seen_at_another_address_or_as_another_user_says_nothing_any_more(self):
		device = self.make_device()
		self.sync(device)
		device.password = "another-password"
		device.save()
		self.assertFalse(overview(device.name).connected)
		self.sync(device)
		device.password = PASSWORD
		device.save()
		self.assertFalse(overview(device.name).connected, "nobody has tried it yet")
		self.sync(device)
		self.assertTrue(overview(device.name).connected)

	def test_a_first_sync_under_way_has_not_shown_yet_that_it_works(self):
		device = self.make_device()
		running = {"status": "Running", "last_attempt": now_datetime()}
		frappe.db.set_value(SETTINGS, device.name, running, update_modified=False)
		self.assertFalse(overview(device.name).connected)
		frappe.db.set_value(SETTINGS, device.name, {"status": "Not Synced"}, update_modified=False)
		self.sync(device)
		frappe.db.set_value(SETTINGS, device.name, running, update_modified=False)
		self.assertTrue(overview(device.name).connected, "a later one")

	def test_one_that_nobody_reads_is_overdue_an_hour_after_it_was_due(self):
		device = self.make_device(fetch_frequency="Daily")
		self.sync(device)
		self.set(device, creation=now_datetime() - timedelta(days=9), expected_since=None)
		for hours, overdue in ((24.9, False), (25.1, True)):
			then = now_datetime() - timedelta(hours=hours)
			self.set(device, last_sync_timestamp=then, last_attempt=then)
			seen = overview(device.name)
			self.assertEqual(
				(bool(seen.overdue_since), seen.connected, seen.is_well), (overdue, *[not overdue] * 2)
			)
		self.set(device, last_attempt=now_datetime() - timedelta(minutes=50))
		self.assertIsNone(overview(device.name).overdue_since, "somebody is at it, or has tried")

	def test_one_that_was_never_read_is_overdue_an_hour_after_it_was_entered(self):
		device = self.make_device()
		self.assertIsNone(overview(device.name).overdue_since)
		self.set(device, creation=now_datetime() - timedelta(minutes=61), expected_since=None)
		self.assertTrue(overview(device.name).overdue_since)

	def test_neither_a_disabled_one_nor_one_that_waits_for_a_person_is_overdue(self):
		device = self.make_device()
		self.set(device, creation=now_datetime() - timedelta(days=1), expected_since=None, enable=0)
		self.assertIsNone(overview(device.name).overdue_since)
		self.set(device, enable=1, login_rejected=1)
		self.assertIsNone(overview(device.name).overdue_since)

	def test_what_is_switched_on_or_mended_is_expected_from_then_on(self):
		device = self.make_device()
		self.sync(device)
		long_ago = now_datetime() - timedelta(days=10)
		mends = (
			({"enable": 0}, {"enable": 1}),
			({"login_rejected": 1}, {"password": PASSWORD}),
			({"fetch_frequency": "Monthly"}, {"fetch_frequency": "Hourly"}),
		)
		for before, mended in mends:
			self.set(device, creation=long_ago, last_sync_timestamp=long_ago, last_attempt=long_ago)
			self.set(device, expected_since=None, **before)
			device.reload()
			device.update(mended)
			device.save()
			self.assertIsNone(overview(device.name).overdue_since, mended)
			self.set(device, expected_since=now_datetime() - timedelta(minutes=61))
			self.assertTrue(overview(device.name).overdue_since, mended)

	def test_one_that_is_being_read_or_stands_in_a_queue_is_not_overdue(self):
		device = self.make_device()
		frappe.db.commit()
		self.set(device, creation=now_datetime() - timedelta(hours=3), expected_since=None)
		self.assertTrue(overview(device.name).overdue_since)
		with device_lock(device.name):
			self.assertIsNone(overview(device.name).overdue_since)
		sync_now(device.name)
		frappe.db.commit()
		self.assertTrue(overview(device.name).overdue_since, "nobody works off the queue")

	def test_time_in_which_nobody_tried_is_no_failing(self):
		device = self.make_device()
		self.sim.stop()
		self.sync(device)
		long_ago = now_datetime().replace(microsecond=0) - timedelta(days=9)
		self.set(device, failing_since=long_ago, last_attempt=now_datetime() - timedelta(hours=1))
		self.sync(device)
		self.assertEqual(overview(device.name).failing_since, long_ago)
		self.set(device, last_attempt=long_ago)
		self.sync(device)
		self.assertGreater(overview(device.name).failing_since, now_datetime() - timedelta(minutes=5))
		self.set(device, failing_since=long_ago)
		device.reload()
		device.enable = 0
		device.save()
		self.assertIsNone(overview(device.name).failing_since)

	def test_clocks_of_another_server_are_forgotten(self):
		device = self.make_device()
		self.set(device, wrong_clocks="The clock of terminal SN-1 is 1 hour ahead of the server's.")
		device.reload()
		device.url = "http://127.0.0.1:9"
		device.save()
		self.assertEqual(overview(device.name).wrong_clocks, ())

	def test_since_when_it_fails_and_with_which_code(self):
		device = self.make_device()
		self.sim.stop()
		self.sync(device)
		first = overview(device.name)
		self.assertEqual(first.error_code, "unreachable")
		self.set(device, failing_since=first.failing_since - timedelta(hours=2))
		self.sync(device)
		again = overview(device.name)
		self.assertEqual((again.failures, again.failing_since), (2, first.failing_since - timedelta(hours=2)))
		self.sim.start()
		self.sync(device)
		seen = overview(device.name)
		self.assertEqual((seen.failing_since, seen.error_code, seen.is_well), (None, "", True))

	def set(self, device, **values) -> None:
		frappe.db.set_value(SETTINGS, device.name, values, update_modified=False)

	def test_a_schedule_that_cannot_be_read_hides_no_device(self):
		device = self.make_device()
		frappe.db.set_value(
			SETTINGS, device.name, {"fetch_frequency": "Custom Cron", "cron_expression": "never"}
		)
		self.assertIsNone(overview(device.name).next_sync)

	def test_several_devices_cost_no_more_statements_than_one(self):
		self.sim.store.punch("unknown", days_ago(1))
		for number in range(4):
			device = self.make_device(f"ZKTeco Test Office {number}")
			self.sync(device)
		with statements() as of_one:
			overviews([device.name])
		with statements() as of_all:
			seen = overviews()
		self.assertEqual(len(of_all), len(of_one))
		self.assertEqual([one.device for one in seen], sorted(one.device for one in seen))
		self.assertEqual({one.waiting for one in seen}, {1})

	def test_machines_get_plain_values(self):
		device = self.make_device(fetch_frequency="Daily")
		self.sync(device)
		told = json.loads(json.dumps(overview(device.name).as_dict()))
		self.assertEqual(told["last_sync"], str(device.last_sync_timestamp))
		self.assertEqual(datetime.fromisoformat(told["next_sync"]).microsecond, 0)

	def test_a_device_that_there_is_not_is_refused(self):
		with self.assertRaises(frappe.DoesNotExistError):
			overview("ZKTeco Test Nowhere")

	def test_the_form_gets_it_with_the_document(self):
		device = self.make_device()
		device.run_method("onload")
		self.assertEqual(device.get_onload("overview"), overview(device.name).as_dict())
		self.assertEqual(device.get_onload("scheduler"), heartbeat.scheduler_state().value)


class TestHowFarASyncIs(DeviceTestCase):
	def test_whoever_asks_is_told_while_it_runs_and_no_longer_when_it_is_over(self):
		device = self.make_device(page_size=2)
		for minute in range(5):
			self.sim.store.punch("1", days_ago(1, 8, minute))
		seen, site = [], frappe.local.site
		look = faults.rows(lambda rows: (seen.append(elsewhere(site, _progress, device.name)), rows)[1])
		self.sim.faults.add(look, path="transactions", times=None)
		self.sync(device)
		told = [progress["created"] for progress in seen if progress]
		self.assertEqual(seen[0], None)
		self.assertIn(2, told)
		self.assertEqual(told, sorted(told))
		self.assertIsNone(sync_state(device.name)["progress"])

	def test_a_device_of_another_name_hears_nothing_of_it(self):
		result = self.sync(self.make_device())
		other = self.make_device("ZKTeco Test Branch")
		FormProgress("ZKTeco Test Office").page_stored(result)
		self.addCleanup(device_changed, "ZKTeco Test Office")
		self.assertIsNone(sync_state(other.name)["progress"])


def _progress(device: str) -> dict | None:
	return sync_state(device)["progress"]


class TestHeartbeat(DeviceTestCase):
	"""The scheduler of the site under test may be off, on, or never have run."""

	def setUp(self) -> None:
		super().setUp()
		before = heartbeat.last_tick()
		self.addCleanup(frappe.db.commit)
		self.addCleanup(self.tick, before)
		disabled = frappe.db.get_single_value("System Settings", "enable_scheduler")
		self.addCleanup(
			frappe.db.set_single_value, "System Settings", "enable_scheduler", disabled, update_modified=False
		)
		paused = frappe.local.conf.pop("pause_scheduler", None)
		if paused:
			self.addCleanup(frappe.local.conf.__setitem__, "pause_scheduler", paused)
		frappe.db.set_single_value("System Settings", "enable_scheduler", 1, update_modified=False)

	def tick(self, at: datetime | None) -> None:
		frappe.db.set_value(
			"Scheduled Job Type",
			{"method": heartbeat.OUR_TICK},
			"last_execution",
			at,
			update_modified=False,
		)

	def test_it_ticks_where_it_has_called_us_lately(self):
		self.tick(now_datetime() - timedelta(minutes=10))
		self.assertTrue(heartbeat.scheduler_ticks())

	def test_it_does_not_tick_where_its_process_is_gone(self):
		self.tick(now_datetime() - timedelta(minutes=20))
		self.assertFalse(heartbeat.scheduler_ticks())

	def test_where_it_has_never_called_us_it_has_a_while_to_do_so(self):
		self.tick(None)
		self.installed(minutes_ago=5)
		self.assertTrue(heartbeat.scheduler_ticks())
		self.installed(minutes_ago=20)
		self.assertFalse(heartbeat.scheduler_ticks())

	def test_a_bench_with_a_longer_interval_is_given_longer(self):
		self.tick(now_datetime() - timedelta(minutes=25))
		with patch.dict(frappe.local.conf, {"scheduler_interval": 600}):
			self.assertTrue(heartbeat.scheduler_ticks())
		self.assertIs(heartbeat.scheduler_state(), heartbeat.Scheduler.SILENT)

	def installed(self, minutes_ago: int) -> None:
		job = {"method": heartbeat.OUR_TICK}
		before = frappe.db.get_value("Scheduled Job Type", job, "creation")
		self.addCleanup(
			frappe.db.set_value, "Scheduled Job Type", job, "creation", before, update_modified=False
		)
		then = now_datetime() - timedelta(minutes=minutes_ago)
		frappe.db.set_value("Scheduled Job Type", job, "creation", then, update_modified=False)

	def test_nor_from_the_moment_in_which_it_is_switched_off(self):
		self.tick(now_datetime())
		frappe.db.set_single_value("System Settings", "enable_scheduler", 0, update_modified=False)
		self.assertTrue(heartbeat.scheduler_is_switched_off())
		self.assertIs(heartbeat.scheduler_state(), heartbeat.Scheduler.SWITCHED_OFF)
