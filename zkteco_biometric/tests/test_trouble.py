"""What other people, other apps and odd servers do to a sync, and what it does then."""

from threading import Thread

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.names import CHECK_IN, SETTINGS, SYNC_LOG
from zkteco_biometric.frappe_hr.schedule import due_devices
from zkteco_biometric.frappe_hr.sync_log import USER
from zkteco_biometric.simulator import faults
from zkteco_biometric.sync import fetch_token, sync_device
from zkteco_biometric.tests.support import DeviceTestCase, days_ago, document_hook, elsewhere

POISONED = frappe._dict(employee=None)


class TestOtherPeople(DeviceTestCase):
	def test_sync_from_that_is_changed_during_a_sync_counts(self):
		device = self.make_device(page_size=10, sync_from=days_ago(2, 0))
		for minute in range(30):
			self.sim.store.punch("1", days_ago(1, 8, minute))
			self.sim.store.punch("2", days_ago(9, 8, minute))
		site, earlier = frappe.local.site, days_ago(10)
		self.sim.faults.add(
			faults.rows(lambda rows: (elsewhere(site, _save, device.name, earlier), rows)[1]),
			path="transactions",
			after=1,
		)
		self.assertTrue(self.sync(device).superseded)
		self.assertEqual((device.status, device.last_sync_timestamp), ("Not Synced", None))
		self.assertEqual(due_devices(now_datetime()), [device.name])
		self.sync(device)
		self.assertEqual(len(self.check_ins()), 60)

	def test_nobody_waits_for_a_whole_page(self):
		device = self.make_device()
		for second in range(350):
			self.sim.store.punch("1", days_ago(1, 8, second // 60, second % 60))
		seen = []
		site = frappe.local.site

		def look():
			seen.append(elsewhere(site, _count, device.name))

		with document_hook("after_insert", f"{__name__}.look_from_outside"):
			frappe.flags.zkteco_look = (look, device.name)
			self.sync(device)
		self.assertEqual(seen, [0, 100, 200, 300])

	def test_a_site_that_moves_to_another_zone_loses_and_waits_for_nothing(self):
		device = self.make_device()
		self.sync(device)
		stored = frappe.db.get_value(SETTINGS, device.name, ["last_sync_timestamp", "last_sync_zone"])
		former = frappe.utils.get_system_timezone()
		self.addCleanup(_set_zone, former)
		_set_zone("Pacific/Honolulu")
		self.assertEqual(due_devices(now_datetime()), [device.name])
		self.sim.log.clear()
		device.db_set("time_zone", former, update_modified=False)
		sync_device(device.name, USER)
		asked = self.sim.log.matching("/iclock/api/transactions/")[0].query["start_time"]
		self.assertEqual(asked, str(stored[0] - frappe.utils.datetime.timedelta(hours=1)))


class TestFrappe(DeviceTestCase):
	def test_a_sync_leaves_nothing_behind_in_frappe_s_memory(self):
		device = self.make_device()
		for minute in range(5):
			self.sim.store.punch("1", days_ago(1, 8, minute))
		before = list(frappe.flags.currently_saving)
		self.sync(device)
		self.assertEqual(frappe.flags.currently_saving, before)
		self.assertEqual(frappe.get_message_log(), [])


class TestOtherApps(DeviceTestCase):
	def test_a_row_that_breaks_another_app_s_hook_waits_alone(self):
		device = self.make_device()
		for code in ("1", "2", "007"):
			self.sim.store.punch(code, days_ago(1))
		POISONED.employee = self.employees["2"]
		with document_hook("validate", f"{__name__}.break_for_one"):
			result = self.sync(device)
		self.assertEqual((result.counters.created, result.counters.pending), (2, 1))
		(waiting,) = self.pending_punches("message", "employee", "reason", "emp_code")
		self.assertEqual((waiting.message, waiting.reason), ("TypeError: no number", "Refused by HRMS"))
		self.assertEqual((waiting.employee, waiting.emp_code), (self.employees["2"], "2"))
		(entry,) = self.error_logs("ZKTeco Sync")
		self.assertIn("TypeError: no number", entry)
		self.assertEqual(device.status, "Success")

	def test_a_person_who_always_breaks_a_hook_stops_nobody_even_when_alone(self):
		device = self.make_device()
		self.sim.store.punch("2", days_ago(1))
		POISONED.employee = self.employees["2"]
		with document_hook("validate", f"{__name__}.break_for_one"):
			self.assertEqual(self.sync(device).counters.pending, 1)
		self.assertEqual([row.emp_code for row in self.pending_punches()], ["2"])
		self.assertEqual(device.status, "Success")

	def test_a_deadlock_that_another_app_swallows_loses_nothing(self):
		device = self.make_device()
		for code in ("1", "2", "007"):
			self.sim.store.punch(code, days_ago(1))
		frappe.flags.zkteco_lost = False
		with document_hook("validate", f"{__name__}.lose_the_transaction_once"):
			result = self.sync(device)
		self.assertTrue(frappe.flags.zkteco_lost)
		self.assertEqual(result.counters.created, 3)
		self.assertEqual(len(self.check_ins()), 3)

	def test_a_connection_that_breaks_is_told_and_the_next_sync_goes_on(self):
		device = self.make_device()
		self.sim.store.punch("1", days_ago(1))
		with document_hook("validate", f"{__name__}.break_the_connection"):
			self.assertIsNone(self.sync(device))
		self.assertEqual(device.status, "Failed")
		self.assertEqual(len(self.error_logs("ZKTeco Sync")), 1)
		self.sync(device)
		self.assertEqual((device.status, len(self.check_ins())), ("Success", 1))

	def test_a_hook_that_breaks_for_everybody_moves_nothing(self):
		device = self.make_device()
		for code in ("1", "2"):
			self.sim.store.punch(code, days_ago(2))
		with document_hook("validate", f"{__name__}.break_for_all"):
			for _ in range(3):
				self.assertIsNone(self.sync(device))
		self.assertEqual((device.status, device.last_sync_timestamp), ("Failed", None))
		self.assertEqual(len(self.error_logs("ZKTeco Sync")), 1, "one entry an incident")
		self.sync(device)
		self.assertEqual(len(self.check_ins()), 2)

	def test_a_log_in_says_nothing_about_another_failure(self):
		device = self.make_device()
		self.sim.store.punch("1", days_ago(1))
		self.sim.store.punch("2", days_ago(1))
		with document_hook("validate", f"{__name__}.break_for_all"):
			self.sync(device)
		fetch_token(device.name)
		device.reload()
		self.assertEqual((device.status, device.failures), ("Failed", 0))
		self.assertTrue(device.last_error)


class TestOddServers(DeviceTestCase):
	def test_what_a_device_says_is_never_html_on_the_form(self):
		device = self.make_device()
		self.sim.store.punch("<img src=x onerror=alert(1)>", days_ago(1))
		self.sync(device)
		(message,) = [row.message for row in self.pending_punches("message")]
		(details,) = frappe.get_all(SYNC_LOG, pluck="details", order_by="creation")
		for told in (message, details):
			self.assertIn("img src=x", told)
			self.assertNotIn("<", told)
		self.sim.faults.add(
			faults.status(500, body='{"detail": "<script>"}'), path="transactions", times=None
		)
		self.sync(device)
		self.assertIn("script", device.last_error)
		self.assertNotIn("<", device.last_error)

	def test_unknown_codes_are_not_told_again_after_a_failure(self):
		device = self.make_device(look_back=60 * 24 * 3)
		self.sim.store.punch("XYZ", days_ago(1))
		self.sync(device)
		self.sim.faults.add(faults.licence_missing(), path="transactions", times=None)
		self.assertTrue(self.sync(device).failure)
		self.sim.faults.clear()
		self.sync(device)
		self.assertEqual(len(self.error_logs("Employee Not Found")), 1)
		self.assertEqual(len(self.error_logs("ZKTeco Sync")), 1)


def look_from_outside(_doc, _method=None) -> None:
	"""At the first insert of every hundred: what others see by then."""
	look, device = frappe.flags.zkteco_look
	if frappe.db.count(CHECK_IN, {"zkteco_device": device}) % 100 == 1:
		thread = Thread(target=look)
		thread.start()
		thread.join()


def break_the_connection(_doc, _method=None) -> None:
	"""As a restarted database does, or a time-out in the middle of a query."""
	connection, site = frappe.db.sql("select connection_id()")[0][0], frappe.local.site
	thread = Thread(target=lambda: elsewhere(site, _kill, connection))
	thread.start()
	thread.join()


def _kill(connection: int) -> None:
	frappe.db.sql(f"kill {int(connection)}")


def lose_the_transaction_once(doc, _method=None) -> None:
	"""What MariaDB does to the victim of a deadlock, and an app that catches every exception does not notice."""
	if not frappe.flags.zkteco_lost and frappe.db.count(CHECK_IN, {"zkteco_device": doc.zkteco_device}) == 2:
		frappe.flags.zkteco_lost = True
		frappe.db.rollback()


def break_for_one(doc, _method=None) -> None:
	if doc.employee == POISONED.employee:
		raise TypeError("no number")


def break_for_all(_doc, _method=None) -> None:
	raise TypeError("no number")


def _count(device: str) -> int:
	return frappe.db.count(CHECK_IN, {"zkteco_device": device})


def _save(device: str, sync_from) -> None:
	doc = frappe.get_doc(SETTINGS, device)
	doc.sync_from = sync_from
	doc.save()
	frappe.db.commit()


def _set_zone(zone: str) -> None:
	frappe.db.set_single_value("System Settings", "time_zone", zone)
	frappe.clear_cache()
	frappe.local.system_settings = None
	frappe.db.commit()
