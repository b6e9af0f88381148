"""What a tick of a device costs to which nothing has come, and that whatever else there is to do is done all the same."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

import frappe
from frappe.utils import now_datetime
from frappe.utils.password import remove_encrypted_password

from zkteco_biometric.frappe_hr import progress
from zkteco_biometric.frappe_hr.device_lock import device_lock, is_at_work
from zkteco_biometric.frappe_hr.names import SETTINGS, SITE_SETTINGS, SYNC_LOG
from zkteco_biometric.frappe_hr.overview import overview
from zkteco_biometric.frappe_hr.sync_log import COMMAND, USER
from zkteco_biometric.simulator import faults
from zkteco_biometric.sync import sync_device
from zkteco_biometric.tests.shifts import DAY, ShiftTestCase
from zkteco_biometric.tests.support import (
	DeviceTestCase,
	before_each_request,
	days_ago,
	elsewhere,
	lately,
	statements,
)

MINUTE = timedelta(minutes=1)
TIMES = ("last_sync_timestamp", "complete_sync", "last_attempt")
OF_TRANSACTIONS = ("commit", "start transaction")


class IdleTestCase(DeviceTestCase):
	CODES = ("1",)

	def make_settled(self, name: str = "ZKTeco Test Office", rows: int = 30, **values):
		"""A device that has been read to its end, with this many rows."""
		device = self.make_device(name, **values)
		for number in range(rows):
			at = lately(3) + number * MINUTE
			self.sim.store.punch("1", at, upload_time=at)
		for _again in range(2):
			self.assertIsNone(sync_device(device.name, USER).failure)
		self.was_read(device, ago=4 * MINUTE)
		device.reload()
		self.sim.log.clear()
		return device

	def was_read(self, device, ago):
		"""Its last sync was so long ago."""
		then = now_datetime().replace(microsecond=0) - ago
		frappe.db.set_value(SETTINGS, device.name, dict.fromkeys(TIMES, then), update_modified=False)
		frappe.db.commit()

	def tick(self, device):
		"""The statements of one, without and with those of transactions."""
		frappe.db.commit()
		before = _sent_by_the_connection()
		with statements() as sent:
			result = sync_device(device.name)
		self.assertEqual(_sent_by_the_connection() - before - 1, len(sent), "none goes past Frappe")
		own = [sql for sql in sent if not sql.lower().startswith(OF_TRANSACTIONS)]
		return result, own, len(sent) - len(own)

	def stored(self, device, *fields: str):
		"""One value, or a tuple of them, as they stand there now."""
		return frappe.db.get_value(SETTINGS, device.name, list(fields))


def _sent_by_the_connection() -> int:
	return int(frappe.db.sql("show session status like 'Questions'")[0][1])


def beside(function):
	"""What it returns on a connection of its own."""
	site = frappe.local.site
	with ThreadPoolExecutor(1) as thread:
		return thread.submit(lambda: elsewhere(site, function)).result()


@contextmanager
def published():
	with patch.object(progress, "_publish") as publish:
		yield publish


class TestAnIdleTick(IdleTestCase):
	def test_it_costs_one_request_and_three_statements(self):
		for rows in (0, 5, 60):
			self.sim.store.restart_ids(1)
			device = self.make_settled(f"ZKTeco Test {rows}", rows)
			for _again in range(3):
				self.was_read(device, ago=4 * MINUTE)
				self.sim.log.clear()
				result, own, of_transactions = self.tick(device)
				self.assertTrue(result.glanced, (rows, own, result))
				self.assertEqual(len(own), 3, own)
				self.assertEqual([sql.split()[0] for sql in own], ["select", "update", "select"])
				self.assertEqual(
					of_transactions, 4, "two commits, after each of which Frappe opens a transaction"
				)
				self.assertEqual(len(self.sim.log.entries), 1)

	def test_it_moves_the_last_sync_and_nothing_a_person_would_miss(self):
		device = self.make_settled()
		before = frappe.get_doc(SETTINGS, device.name).as_dict()
		self.assertTrue(self.tick(device)[0].glanced)
		after = frappe.get_doc(SETTINGS, device.name).as_dict()
		self.assertEqual(len({after[name] for name in TIMES}), 1)
		self.assertGreater(after.last_sync_timestamp, before.last_sync_timestamp)
		changed = {name for name in after if after[name] != before[name] and name != "punch_states"}
		self.assertLessEqual(changed, {*TIMES, "arrivals", "last_fetched", "last_duplicate"})
		self.assertFalse(frappe.db.exists(SYNC_LOG, {"trigger": "Scheduler"}))

	def test_the_form_is_told_and_shows_when_it_was_read(self):
		device = self.make_settled()
		with published() as publish:
			self.tick(device)
		publish.assert_called_once_with(progress.CHANGED_EVENT, device.name, {})
		seen = overview(device.name)
		self.assertTrue(seen.connected and seen.is_well)
		self.assertEqual(seen.last_sync, self.stored(device, "last_sync_timestamp"))
		self.assertEqual((seen.status, seen.fetched, seen.created), ("Success", 0, 0))

	def test_it_says_at_no_moment_that_it_runs_and_holds_no_transaction_while_it_waits(self):
		device = self.make_settled()

		def others_see() -> tuple:
			status = beside(lambda: frappe.db.get_value(SETTINGS, device.name, "status"))
			return status, is_at_work(device.name), _has_a_snapshot()

		with before_each_request(others_see) as seen:
			sync_device(device.name)
		self.assertEqual(set(seen), {("Success", True, False)})
		self.assertEqual(len(self.sim.log.matching("/iclock/api/transactions/")), 1)
		self.assertFalse(is_at_work(device.name))

	def test_what_comes_is_read_by_the_same_tick(self):
		device = self.make_settled()
		self.tick(device)
		self.sim.store.punch("1", lately(0.1))
		result = sync_device(device.name)
		self.assertEqual((result.glanced, result.counters.created), (False, 1))
		self.assertTrue(self.tick(device)[0].glanced)

	def test_windows_go_on_where_they_ended(self):
		device = self.make_settled(look_back=0)
		ended = self.stored(device, "last_sync_timestamp")
		self.tick(device)
		self.tick(device)
		self.sim.log.clear()
		sync_device(device.name, USER)
		asked = [frappe.utils.get_datetime(entry.query["start_time"]) for entry in self.asked_by_time()]
		self.assertEqual(asked[0], ended)

	def test_who_asks_for_a_sync_gets_all_of_it(self):
		device = self.make_settled()
		for trigger in (USER, COMMAND):
			self.sim.log.clear()
			self.assertFalse(sync_device(device.name, trigger).glanced)
			self.assertTrue(self.asked_by_time())
		frappe.db.set_value(SETTINGS, device.name, "status", "Queued")
		self.assertFalse(sync_device(device.name).glanced, "somebody waits for it, whoever enqueued the job")


class TestWhatIsReadAllTheSame(IdleTestCase):
	def test_whatever_is_not_as_after_a_good_sync(self):
		device = self.make_settled()
		values = self.stored(device, "past_days", "arrivals", "complete_sync")
		good = dict(zip(("past_days", "arrivals", "complete_sync"), values, strict=True))
		for state in (
			{"status": "Unfinished"},
			{"status": "Failed", "failures": 1, "last_error": "no answer"},
			{"status": "Running"},
			{"status": "Not Synced"},
			{"last_error": "something"},
			{"past_days": None},
			{"arrivals": None},
			{"complete_sync": None},
			{"last_sync_timestamp": now_datetime().replace(microsecond=0) - 30 * MINUTE},
			{"token_expires": now_datetime() - MINUTE},
		):
			frappe.db.set_value(SETTINGS, device.name, {"status": "Success", **good, **state})
			result = sync_device(device.name)
			self.assertEqual((result.glanced, result.failure), (False, None), state)
			good["complete_sync"] = self.stored(device, "complete_sync")
			self.assertTrue(sync_device(device.name).glanced, state)

	def test_a_token_that_is_gone_or_refused_is_fetched_by_the_ordinary_way(self):
		device = self.make_settled()
		remove_encrypted_password(SETTINGS, device.name, "token")
		self.assertFalse(sync_device(device.name).glanced)
		self.sim.expire_tokens()
		result = sync_device(device.name)
		self.assertEqual((result.glanced, result.failure), (False, None))
		self.assertTrue(sync_device(device.name).glanced)

	def test_a_device_that_fails_fails_as_it_always_did(self):
		device = self.make_settled()
		self.sim.faults.add(faults.licence_missing(), path="transactions", times=None)
		self.assertTrue(sync_device(device.name).failure)
		device.reload()
		self.assertEqual((device.status, device.failures), ("Failed", 1))
		self.assertTrue(self.error_logs("ZKTeco Sync"))

	def test_a_glance_that_fails_keeps_nothing_from_being_read(self):
		device = self.make_settled()
		self.sim.store.punch("1", lately(0.1))
		self.sim.faults.add(faults.status(500), path="transactions", times=1)
		result = sync_device(device.name)
		self.assertEqual((result.failure, result.counters.created), (None, 1))

	def test_an_id_that_only_the_glance_has_seen_is_looked_for(self):
		device = self.make_settled(rows=45, page_size=10)
		first, others = self.sim.store.transactions[0], self.sim.store.transactions[10]
		self.sim.store.delete_punch(first.id)
		late = frappe.utils.get_datetime(days_ago(60)).replace(microsecond=0)
		self.sim.store.punch("1", late, upload_time=others.upload_time)
		result = sync_device(device.name)
		self.assertEqual((result.glanced, result.failure, result.counters.created), (False, None, 1))
		self.assertTrue(sync_device(device.name).glanced)

	def test_glances_that_are_in_vain_are_given_up_until_the_next_day(self):
		device = self.make_settled()
		for _again in range(3):
			self.sim.faults.add(faults.status(500), path="transactions", times=1)
			self.assertFalse(sync_device(device.name).glanced)
		self.sim.log.clear()
		self.assertFalse(sync_device(device.name).glanced)
		sizes = {entry.query["page_size"] for entry in self.sim.log.matching("/iclock/api/transactions/")}
		self.assertLessEqual(sizes, {"500", "1"})

	def test_what_breaks_inside_stands_on_the_form_and_the_next_sync_is_an_ordinary_one(self):
		device = self.make_settled()
		frappe.db.set_value(SETTINGS, device.name, "past_days", "{no json")
		self.assertIsNone(sync_device(device.name))
		self.assertEqual(self.stored(device, "status"), "Failed")
		self.assertTrue(self.error_logs("ZKTeco Sync"))
		self.assertFalse(is_at_work(device.name))

	def test_nothing_is_done_where_it_is_gone_disabled_or_somebody_is_at_work(self):
		device = self.make_settled()
		frappe.db.set_value(SETTINGS, device.name, {"enable": 0, "status": "Queued"})
		self.assertIsNone(sync_device(device.name))
		self.assertEqual(self.stored(device, "status"), "Not Synced")
		frappe.db.set_value(SETTINGS, device.name, {"enable": 1, "status": "Success"})
		frappe.db.commit()
		self.assertIsNone(sync_device("ZKTeco Test Nowhere"))
		with device_lock(device.name):
			self.assertIsNone(beside(lambda: sync_device(device.name)))
		self.assertEqual(self.sim.log.entries, [])


class TestMeanwhile(IdleTestCase):
	def changed_meanwhile(self, device, change):
		"""Somebody commits that while the request is on its way; what the tick leaves behind."""
		done = []

		def change_once() -> None:
			if not done:
				done.append(beside(change))

		with before_each_request(change_once):
			return sync_device(device.name)

	def test_settings_that_are_changed_meanwhile_are_not_overtaken(self):
		device = self.make_settled()
		ago = now_datetime().replace(microsecond=0) - timedelta(days=3)

		def read_from_elsewhere() -> None:
			values = {"generation": 7, "last_sync_timestamp": ago, "past_days": None}
			frappe.db.set_value(SETTINGS, device.name, values)
			frappe.db.commit()

		result = self.changed_meanwhile(device, read_from_elsewhere)
		self.assertFalse(result.glanced, "read again from where somebody wants it")
		self.assertTrue([entry for entry in self.asked_by_time() if entry.query["start_time"] < str(ago)])

	def test_a_device_that_is_disabled_meanwhile_is_left_alone(self):
		device = self.make_settled()
		before = self.stored(device, "last_sync_timestamp", "last_attempt")

		def disable() -> None:
			frappe.db.set_value(SETTINGS, device.name, "enable", 0)
			frappe.db.commit()

		self.assertIsNone(self.changed_meanwhile(device, disable))
		self.assertEqual(self.stored(device, "last_sync_timestamp", "last_attempt"), before)
		self.assertEqual(len(self.sim.log.entries), 1)

	def test_a_sync_now_that_is_asked_for_meanwhile_is_not_swallowed(self):
		device = self.make_settled()

		def ask() -> None:
			frappe.db.set_value(SETTINGS, device.name, "status", "Queued")
			frappe.db.commit()

		self.assertFalse(self.changed_meanwhile(device, ask).glanced)


class TestAttendanceFollows(ShiftTestCase):
	CODES = ("1",)

	def test_it_follows_idle_ticks_where_the_site_wants_it(self):
		self.make_shift()
		self.give_default_shift("1", DAY)
		self.switch_on()
		device = self.make_device()
		sync_device(device.name, USER)
		ago = now_datetime().replace(microsecond=0) - timedelta(hours=2)
		times = {"last_sync_timestamp": ago, "complete_sync": ago}
		frappe.db.set_value(SETTINGS, device.name, times, update_modified=False)
		frappe.db.set_value("Shift Type", DAY, "last_sync_of_checkin", ago)
		frappe.db.commit()
		result = sync_device(device.name)
		self.assertTrue(result.glanced, frappe.get_doc(SETTINGS, device.name).as_dict())
		self.assertGreater(self.last_sync(), ago)
		frappe.db.set_single_value(SITE_SETTINGS, "move_last_sync_of_checkin", 0)
		frappe.db.set_value("Shift Type", DAY, "last_sync_of_checkin", ago)
		frappe.db.commit()
		self.assertTrue(sync_device(device.name).glanced)
		self.assertEqual(self.last_sync(), ago)


def _has_a_snapshot() -> bool:
	"""Whether this connection goes on seeing what it saw, which a transaction does that has read something."""
	value = frappe.generate_hash()
	beside(lambda: (frappe.db.set_global("zkteco_test", value), frappe.db.commit()))
	seen = frappe.db.sql("select defvalue from tabDefaultValue where defkey = 'zkteco_test'")[0][0]
	frappe.db.rollback()
	return seen != value
