"""ZKTeco Sync Log: one for each sync that did or met something, exact, and kept as long as it is of use."""

import frappe
from frappe.utils import add_days, now_datetime

from zkteco_biometric.api import sync_now
from zkteco_biometric.frappe_hr.names import CHECK_IN, LOG_FIELD, PENDING, SYNC_LOG
from zkteco_biometric.frappe_hr.sync_log import COMMAND, USER
from zkteco_biometric.simulator import faults
from zkteco_biometric.sync import sync_device
from zkteco_biometric.tests.jobs import work_off
from zkteco_biometric.tests.people import WithUsers, acting_as, refuses, request
from zkteco_biometric.tests.support import DeviceTestCase, days_ago, lately
from zkteco_biometric.zkteco_biometric.doctype.zkteco_sync_log.zkteco_sync_log import ZKTecoSyncLog

READERS = {"System Manager", "HR Manager", "HR User"}


class LogTestCase(DeviceTestCase):
	CODES = ("1", "2")

	def logs(self) -> list:
		return frappe.get_all(SYNC_LOG, fields=["*"], order_by="creation")

	def log(self):
		(log,) = self.logs()
		return log


class TestWhatIsLogged(LogTestCase):
	def test_a_sync_that_did_something_is_one_log_with_its_counters(self):
		since = lately(6)
		device = self.make_device(page_size=2, sync_from=since)
		for hour in (3, 2, 1):
			self.sim.store.punch("1", lately(hour))
		self.sim.store.punch("7", lately(0.5))
		self.sync(device)
		log = self.log()
		self.assertEqual(
			(log.device, log.trigger, log.status, log.user), (device.name, "Scheduler", "Success", None)
		)
		self.assertEqual((log.fetched, log.created, log.pending, log.pages), (4, 3, 1, 2))
		self.assertEqual(log.fetched, log.created + log.duplicate + log.pending + log.ignored)
		self.assertIn("7 is nobody's Biometric ID: 1", log.details)
		self.assertTrue(log.began <= log.ended <= now_datetime())
		self.assertGreater(log.http_seconds, 0)
		self.assertGreater(log.db_seconds, 0)
		self.assertEqual(log.window_start, str(since))

	def test_check_ins_and_pending_punches_name_their_log(self):
		self.sim.store.punch("1", days_ago(1))
		self.sim.store.punch("7", days_ago(1))
		self.sync(self.make_device())
		name = self.log().name
		self.assertEqual(frappe.db.count(CHECK_IN, {LOG_FIELD: name}), 1)
		self.assertEqual(frappe.db.count(PENDING, {"sync_log": name}), 1)

	def test_a_quiet_sync_of_the_scheduler_leaves_none(self):
		device = self.make_device()
		self.sim.store.punch("1", days_ago(1))
		self.sync(device)
		self.sync(device)
		self.assertEqual(len(self.logs()), 1)

	def test_a_quiet_sync_that_a_person_asked_for_leaves_one_with_their_name(self):
		device = self.make_device()
		sync_now(device.name)
		work_off()
		log = self.log()
		self.assertEqual(
			(log.trigger, log.user, log.status, log.fetched), (USER, "Administrator", "Success", 0)
		)

	def test_another_trigger_is_told(self):
		device = self.make_device()
		sync_device(device.name, COMMAND)
		self.assertEqual(self.log().trigger, COMMAND)

	def test_a_failure_is_told_with_its_remedy_and_what_was_stored_before(self):
		device = self.make_device(page_size=2, sync_from=lately(6))
		for hour in (5, 4, 3, 2, 1, 0.5):
			self.sim.store.punch("1", lately(hour))
		self.sim.faults.add(faults.licence_missing(), path="transactions", after=2, times=1)
		self.sync(device)
		log = self.log()
		self.assertEqual((log.status, log.created), ("Failed", len(self.check_ins())))
		self.assertTrue(0 < log.created < 6)
		self.assertIn("403", log.error)
		self.assertIn("licence", log.remedy)

	def test_each_failure_of_a_device_that_stays_away_is_logged(self):
		device = self.make_device()
		self.sim.faults.add(faults.licence_missing(), path="transactions", times=None)
		for _ in range(2):
			self.sync(device)
		self.assertEqual([log.status for log in self.logs()], ["Failed", "Failed"])

	def test_what_a_rule_left_out_is_in_the_details(self):
		device = self.make_device(punch_states=[{"punch_state": "4", "log_type": "Ignore"}])
		self.sim.store.punch("1", days_ago(1), "4")
		self.sim.store.punch("1", days_ago(1, 9), "4")
		self.sim.store.punch("1", days_ago(1, 10), "0")
		self.sync(device)
		log = self.log()
		self.assertEqual((log.ignored, log.created), (2, 1))
		self.assertIn("2 left out by a rule: punch state 4", log.details)

	def test_a_device_s_text_cannot_become_markup(self):
		self.sim.store.punch("<img>", days_ago(1))
		self.sync(self.make_device())
		self.assertIn("‹img›", self.log().details)


class TestRetention(LogTestCase):
	def make(self, status: str, days: int) -> str:
		device = frappe.db.get_value("ZKTeco Biometric Settings", {}, "name") or self.make_device().name
		log = frappe.get_doc(
			{"doctype": SYNC_LOG, "device": device, "trigger": "Scheduler", "status": status}
		).insert()
		frappe.db.set_value(
			SYNC_LOG, log.name, "modified", add_days(now_datetime(), -days), update_modified=False
		)
		return f"{status} {days}"

	def left(self) -> set[str]:
		today = now_datetime()
		return {f"{log.status} {(today - log.modified).days}" for log in self.logs()}

	def test_failures_are_kept_longer_and_what_is_running_for_ever(self):
		ages = (10, 40, 70)
		for status in ("Success", "Unfinished", "Cancelled", "Failed", "Cut Off", "Queued", "Running"):
			for age in ages:
				self.make(status, age)
		ZKTecoSyncLog.clear_old_logs(30)
		kept = {f"{status} {age}" for status in ("Queued", "Running") for age in ages}
		kept |= {f"{status} {age}" for status in ("Failed", "Cut Off") for age in (10, 40)}
		self.assertEqual(self.left(), kept | {"Success 10", "Unfinished 10", "Cancelled 10"})

	def test_a_log_whose_punches_still_wait_is_kept(self):
		self.sim.store.punch("7", days_ago(1))
		self.sync(self.make_device())
		log = self.log()
		frappe.db.set_value(SYNC_LOG, log.name, "modified", days_ago(99), update_modified=False)
		ZKTecoSyncLog.clear_old_logs(30)
		self.assertEqual(self.log().name, log.name)
		frappe.db.set_value(PENDING, {"sync_log": log.name}, "status", "Ignored")
		ZKTecoSyncLog.clear_old_logs(30)
		self.assertEqual(self.logs(), [])

	def test_log_settings_know_it(self):
		settings = frappe.get_doc("Log Settings")
		settings.add_default_logtypes()
		days = {row.ref_doctype: row.days for row in settings.logs_to_clear}
		self.assertEqual(days[SYNC_LOG], 90)


class TestWhoMayDoWhat(WithUsers, LogTestCase):
	def test_those_who_may_see_devices_read_logs_and_nobody_writes_them(self):
		self.sim.store.punch("1", days_ago(1))
		self.sync(self.make_device())
		name = self.log().name
		for role, user in self.users.items():
			with acting_as(user):
				for verb in ("create", "write"):
					self.assertFalse(frappe.has_permission(SYNC_LOG, verb, doc=name), f"{role} {verb}")
				self.assertEqual(
					not refuses(frappe.has_permission, SYNC_LOG, "read", doc=name, throw=True),
					role in READERS,
					role,
				)

	def test_over_http_too(self):
		self.sim.store.punch("1", days_ago(1))
		self.sync(self.make_device())
		path = f"/api/resource/{SYNC_LOG}/{self.log().name}"
		for role, user in self.users.items():
			self.assertEqual(request(user, "GET", path).status_code, 200 if role in READERS else 403, role)
			self.assertEqual(request(user, "PUT", path, created=99).status_code, 403, role)
		self.assertEqual(self.log().created, 1)

	def test_a_device_with_logs_can_be_deleted(self):
		self.sim.store.punch("1", days_ago(1))
		device = self.make_device()
		self.sync(device)
		frappe.delete_doc("ZKTeco Biometric Settings", device.name)
		self.assertEqual(self.log().device, device.name)
