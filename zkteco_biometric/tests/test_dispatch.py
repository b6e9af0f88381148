"""Which devices the scheduler's one dispatcher picks, and that none of them can hold up another."""

from datetime import timedelta

import frappe
from frappe.core.doctype.scheduled_job_type.scheduled_job_type import sync_jobs
from frappe.utils import now_datetime

from zkteco_biometric.api import sync_now
from zkteco_biometric.frappe_hr.names import SETTINGS, job_id
from zkteco_biometric.frappe_hr.schedule import due_devices
from zkteco_biometric.frappe_hr.workers import sync_is_enqueued
from zkteco_biometric.simulator import Simulator, faults
from zkteco_biometric.sync import enqueue_due_devices
from zkteco_biometric.tests.jobs import forget_jobs, waiting_jobs, work_off
from zkteco_biometric.tests.support import PASSWORD, DeviceTestCase, days_ago, statements

DISPATCHER = "zkteco_biometric.sync.enqueue_due_devices"
NOON = days_ago(0, 12)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHECKPOINT = '{"start": null, "end": "2026-01-01T00:00:00", "until": "2026-01-01T00:00:00+00:00", "page": 2, "page_size": 500}'


class DispatchTestCase(DeviceTestCase):
	CODES = ("1",)

	def make_device(self, name: str = "ZKTeco Test Office", **values):
		"""Without the log-in that a save brings: here only syncs wait in the queue."""
		device = super().make_device(name, **values)
		forget_jobs()
		return device

	def is_due(self, at=NOON, **state) -> bool:
		"""Whether a device with this history is due."""
		device = "ZKTeco Test Office"
		if not frappe.db.exists(SETTINGS, device):
			self.make_device(device)
		blank = {
			"fetch_frequency": "All",
			"cron_expression": None,
			"last_sync_timestamp": None,
			"last_attempt": None,
			"failures": 0,
			"login_rejected": 0,
			"enable": 1,
			"checkpoint": None,
			"creation": NOON - 400 * DAY,
		}
		frappe.db.set_value(SETTINGS, device, {**blank, **state}, update_modified=False)
		return due_devices(at) == [device]


class TestWhoIsDue(DispatchTestCase):
	def test_each_frequency_is_due_when_its_time_has_passed_and_no_sooner(self):
		for frequency, elapses in (("Hourly", HOUR), ("Daily", DAY), ("Weekly", 7 * DAY)):
			for since, due in ((elapses, True), (elapses - MINUTE, False), (elapses + DAY, True)):
				state = {"fetch_frequency": frequency, "last_sync_timestamp": NOON - since}
				self.assertEqual(self.is_due(**state), due, f"{frequency} after {since}")

	def test_a_monthly_device_is_due_at_the_same_day_of_the_next_month(self):
		state = {"fetch_frequency": "Monthly", "last_sync_timestamp": "2026-01-31 08:00:00"}
		for at, due in (("2026-02-28 07:59:00", False), ("2026-02-28 08:00:00", True)):
			self.assertEqual(self.is_due(frappe.utils.get_datetime(at), **state), due, at)

	def test_all_is_due_at_every_tick(self):
		self.assertTrue(self.is_due(last_sync_timestamp=NOON))

	def test_a_cron_device_is_due_when_its_moment_has_passed(self):
		state = {"fetch_frequency": "Custom Cron", "cron_expression": "30 11 * * *"}
		for last, due in (
			(NOON - DAY, True),
			(NOON - 31 * MINUTE, True),
			(NOON - 29 * MINUTE, False),
		):
			self.assertEqual(self.is_due(last_sync_timestamp=last, **state), due, last)

	def test_a_device_that_was_never_synced_is_due_at_once(self):
		for frequency in ("All", "Hourly", "Daily", "Weekly", "Monthly"):
			self.assertTrue(self.is_due(fetch_frequency=frequency), frequency)

	def test_a_new_cron_device_waits_for_its_first_moment(self):
		state = {"fetch_frequency": "Custom Cron", "cron_expression": "30 11 * * *"}
		self.assertFalse(self.is_due(creation=NOON - MINUTE, **state))
		self.assertTrue(self.is_due(creation=NOON - HOUR, **state))

	def test_a_failed_device_is_left_alone_longer_each_time_and_an_hour_at_most(self):
		for failures, minutes in ((1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (40, 60)):
			for ago, due in ((minutes - 1, False), (minutes, True)):
				state = {"failures": failures, "last_attempt": NOON - ago * MINUTE}
				self.assertEqual(self.is_due(**state), due, f"{failures} failures, {ago} minutes")

	def test_a_failed_daily_device_does_not_wait_for_the_next_day(self):
		state = {"fetch_frequency": "Daily", "last_sync_timestamp": NOON - DAY - HOUR}
		self.assertTrue(self.is_due(failures=1, last_attempt=NOON - 5 * MINUTE, **state))

	def test_an_interrupted_device_is_due_at_once_unless_it_failed(self):
		state = {"fetch_frequency": "Daily", "last_sync_timestamp": NOON - HOUR, "checkpoint": CHECKPOINT}
		self.assertTrue(self.is_due(**state))
		self.assertFalse(self.is_due(failures=1, last_attempt=NOON - MINUTE, **state))

	def test_a_rejected_log_in_and_a_disabled_device_are_never_due(self):
		self.assertFalse(self.is_due(login_rejected=1))
		self.assertFalse(self.is_due(enable=0))

	def test_a_clock_that_was_set_back_stops_nothing_for_good(self):
		state = {"fetch_frequency": "Hourly", "last_sync_timestamp": NOON + 10 * MINUTE}
		self.assertTrue(self.is_due(NOON + 2 * HOUR, **state))


class TestDispatch(DispatchTestCase):
	def test_one_job_for_each_due_device_on_the_long_queue(self):
		due = [self.make_device(f"ZKTeco Test {number}").name for number in range(3)]
		resting = self.make_device("ZKTeco Test Resting", fetch_frequency="Daily")
		frappe.db.set_value(SETTINGS, resting.name, "last_sync_timestamp", now_datetime())
		self.assertEqual(sorted(enqueue_due_devices()), due)
		frappe.db.commit()
		jobs = waiting_jobs("long")
		self.assertEqual({job.kwargs["kwargs"]["device"] for job in jobs}, set(due))
		for job in jobs:
			self.assertEqual(
				list(job.kwargs["kwargs"]), ["device", "trigger"], "nothing else, so no secret either"
			)
			self.assertEqual(job.kwargs["kwargs"]["trigger"], "Scheduler")
			self.assertEqual(job.kwargs["method"], "zkteco_biometric.sync.sync_device")
			name = job.kwargs["kwargs"]["device"]
			self.assertEqual(job.id, f"{frappe.local.site}::{job_id('sync', name)}")
		self.assertEqual([waiting_jobs("default"), waiting_jobs("short")], [[], []])

	def test_a_second_tick_enqueues_nothing_that_waits_already(self):
		self.make_device()
		self.assertEqual(len(enqueue_due_devices()), 1)
		frappe.db.commit()
		self.assertEqual(enqueue_due_devices(), [])
		frappe.db.commit()
		self.assertEqual(len(waiting_jobs("long")), 1)

	def test_scheduler_and_sync_now_share_one_job(self):
		device = self.make_device()
		self.assertTrue(sync_now(device.name)["enqueued"])
		frappe.db.commit()
		self.assertEqual(enqueue_due_devices(), [])
		forget_jobs()
		self.assertEqual(enqueue_due_devices(), [device.name])
		frappe.db.commit()
		self.assertFalse(sync_now(device.name)["enqueued"])

	def test_a_device_is_enqueued_again_once_its_job_is_over(self):
		device = self.make_device()
		enqueue_due_devices()
		work_off()
		self.assertFalse(sync_is_enqueued(device.name))
		self.assertEqual(enqueue_due_devices(), [device.name])

	def test_names_of_any_script_and_sign_get_a_job_of_their_own(self):
		names = ["ZKTeco Test ‘Ä’ / 100%", "ZKTeco Test 办公室", "ZKTeco Test Ä"]
		for name in names:
			self.make_device(name)
		self.assertEqual(sorted(enqueue_due_devices()), sorted(names))
		work_off()
		for name in names:
			self.assertEqual(frappe.db.get_value(SETTINGS, name, "status"), "Success", name)

	def test_a_device_that_fails_keeps_no_other_from_its_sync(self):
		dead = Simulator()
		dead.start()
		dead.stop()
		devices = {name: self.make_device(f"ZKTeco Test {name}") for name in ("A", "B", "C", "D")}
		frappe.db.set_value(SETTINGS, devices["A"].name, "url", dead.url)
		frappe.db.set_value(SETTINGS, devices["C"].name, "time_zone", "Africa/Nowhere")
		self.sim.store.punch("1", days_ago(1))
		self.assertEqual(len(enqueue_due_devices()), 4)
		work_off()
		for device in devices.values():
			device.reload()
		statuses = {name: device.status for name, device in devices.items()}
		self.assertEqual(statuses, {"A": "Failed", "B": "Success", "C": "Failed", "D": "Success"})
		self.assertIn(dead.url, devices["A"].last_error)
		self.assertTrue(devices["A"].last_remedy)
		self.assertEqual(len(self.check_ins()), 1)
		self.assertEqual(len(self.error_logs("ZKTeco Sync")), 2)

	def test_a_schedule_that_cannot_be_read_keeps_no_other_from_its_sync(self):
		good = self.make_device("ZKTeco Test Good")
		bad = self.make_device("ZKTeco Test Bad")
		for values in (
			{"fetch_frequency": "Custom Cron", "cron_expression": "no cron"},
			{"fetch_frequency": "Custom Cron", "cron_expression": None},
			{"fetch_frequency": "Yearly"},
			{"fetch_frequency": None},
		):
			frappe.db.set_value(SETTINGS, bad.name, values)
			self.assertEqual(due_devices(now_datetime()), [good.name], values)
			bad.reload()
			self.assertEqual(bad.status, "Failed")
			self.assertIn("frequency", bad.last_remedy)

	def test_a_dispatch_costs_no_more_for_many_devices_that_rest(self):
		costs = []
		for last in (1, 15):
			for number in range(len(costs), last):
				device = self.make_device(f"ZKTeco Test {number}", fetch_frequency="Daily")
				frappe.db.set_value(SETTINGS, device.name, "last_sync_timestamp", now_datetime())
			frappe.db.commit()
			with statements() as sent:
				self.assertEqual(enqueue_due_devices(), [])
			costs.append(len(sent))
		self.assertEqual(costs, [2, 2], "for the devices, and for those whose worker died")

	def test_a_cycle_that_failed_is_not_enqueued_again_at_the_next_tick(self):
		self.sim.faults.add(faults.licence_missing(), path="transactions", times=None)
		device = self.make_device(password=PASSWORD)
		self.sync(device)
		self.assertEqual(enqueue_due_devices(), [])


class TestScheduler(DispatchTestCase):
	def job_type(self):
		return frappe.get_doc("Scheduled Job Type", {"method": DISPATCHER})

	def test_the_dispatcher_is_registered_for_every_tick(self):
		job = self.job_type()
		self.assertEqual((job.frequency, job.stopped), ("All", 0))

	def test_a_tick_of_the_scheduler_enqueues_what_is_due(self):
		device = self.make_device()
		self.job_type().execute()
		wanted = {"device": device.name, "trigger": "Scheduler"}
		self.assertEqual([job.kwargs["kwargs"] for job in waiting_jobs("long")], [wanted])

	def test_frequency_and_last_sync_survive_what_migrate_does_to_the_scheduler(self):
		device = self.make_device(fetch_frequency="Custom Cron", cron_expression="0 6 * * *")
		self.sync(device)
		frappe.db.set_value("Scheduled Job Type", self.job_type().name, "frequency", "Daily")
		sync_jobs()
		self.assertEqual(self.job_type().frequency, "All")
		after = frappe.get_doc(SETTINGS, device.name)
		for fieldname in ("fetch_frequency", "cron_expression", "last_sync_timestamp", "status"):
			self.assertEqual(after.get(fieldname), device.get(fieldname), fieldname)
