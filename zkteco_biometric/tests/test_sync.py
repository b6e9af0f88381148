"""From punch to check-in on a real site, over HTTP."""

from datetime import timedelta
from threading import Thread

import frappe

from zkteco_biometric.frappe_hr.names import CHECK_IN, SETTINGS
from zkteco_biometric.frappe_hr.sync_log import USER
from zkteco_biometric.simulator import faults
from zkteco_biometric.sync import _sync, sync_device
from zkteco_biometric.tests.jobs import work_off
from zkteco_biometric.tests.support import (
	DeviceTestCase,
	before_each_request,
	days_ago,
	document_hook,
	elsewhere,
	lately,
	statements,
)

TRANSACTIONS = "/iclock/api/transactions/"
MINUTE = timedelta(minutes=1)


class TestSync(DeviceTestCase):
	def test_a_punch_becomes_a_check_in(self):
		device = self.make_device()
		punch = self.sim.store.punch("007", days_ago(1, 8, 3, 4), "1")
		result = self.sync(device)
		self.assertEqual(result.counters.as_dict()["created"], 1)
		(row,) = self.check_ins(
			"employee",
			"time",
			"log_type",
			"device_id",
			"zkteco_device",
			"zkteco_transaction_id",
			"zkteco_key",
			"offshift",
		)
		self.assertEqual(row.employee, self.employees["007"])
		self.assertEqual(row.time, days_ago(1, 8, 3, 4))
		self.assertEqual(row.log_type, "OUT")
		self.assertEqual(row.device_id, self.sim.url)
		self.assertEqual(row.zkteco_device, device.name)
		self.assertEqual(row.zkteco_transaction_id, str(punch.id))
		self.assertEqual(row.zkteco_key, f"{row.employee} {row.time}")
		self.assertEqual(row.offshift, 1, "HRMS's own rules ran: there is no shift")

	def test_a_second_sync_creates_nothing(self):
		device = self.make_device()
		self.sim.store.punch("1", frappe.utils.now_datetime().replace(microsecond=0) - timedelta(minutes=5))
		self.sync(device)
		again = sync_device(device.name, USER)
		self.assertEqual(again.counters.as_dict()["duplicate"], 1)
		self.assertTrue(self.sync(device).is_quiet)
		self.assertEqual(len(self.check_ins()), 1)

	def test_what_another_means_has_stored_at_that_second_is_a_duplicate(self):
		time = days_ago(1)
		for log_type, microsecond in (("OUT", 0), ("IN", 123456)):
			frappe.db.delete(CHECK_IN, {"employee": self.employees["1"]})
			manual = frappe.get_doc(
				{"doctype": CHECK_IN, "employee": self.employees["1"], "time": time, "log_type": log_type}
			).insert()
			manual.db_set("time", time.replace(microsecond=microsecond))
			device = self.make_device(f"ZKTeco Test {log_type}")
			self.sim.store.punch("1", time, "0")
			self.assertEqual(self.sync(device).counters.created, 0)
			self.assertEqual(len(self.check_ins()), 1)

	def test_states_become_log_types_by_the_device_s_table(self):
		device = self.make_device(
			punch_states=[
				{"punch_state": "2", "log_type": "OUT"},
				{"punch_state": "3", "log_type": "Ignore"},
				{"punch_state": "4", "log_type": "No Log Type"},
			],
		)
		for minute, state in enumerate(["0", "1", "2", "3", "4", "5", "255"]):
			self.sim.store.punch("1", days_ago(1, 8, minute), state)
		result = self.sync(device)
		self.assertEqual([row.log_type for row in self.check_ins()], ["IN", "OUT", "OUT", "", "IN", "IN"])
		self.assertEqual(result.counters.ignored, 1)

	def test_a_check_in_carries_the_site_s_wall_clock(self):
		zone = "Asia/Kolkata" if frappe.utils.get_system_timezone() == "Africa/Nairobi" else "Africa/Nairobi"
		device = self.make_device(time_zone=zone)
		self.sim.store.punch("1", "2026-03-02 08:00:00")
		self.sync(device)
		expected = frappe.utils.data.convert_utc_to_system_timezone(_utc("2026-03-02 08:00:00", zone))
		self.assertEqual(self.check_ins()[0].time, expected.replace(tzinfo=None))

	def test_unknown_codes_are_one_entry_and_wait_until_somebody_has_them(self):
		device = self.make_device()
		for day in range(3):
			self.sim.store.punch("7", days_ago(day + 1))
			self.sim.store.punch("XYZ", days_ago(day + 1))
		self.assertEqual(self.sync(device).counters.pending, 6)
		self.assertEqual((device.last_fetched, device.last_pending, device.status), (6, 6, "Success"))
		(entry,) = self.error_logs("Employee Not Found")
		self.assertIn("XYZ: 3 punches", entry)
		self.assertIn(device.name, entry)
		self.sync(device)
		self.assertEqual(len(self.error_logs("Employee Not Found")), 1)
		self.assertEqual([row.emp_code for row in self.pending_punches()], ["7", "XYZ"] * 3)
		employee = frappe.get_doc("Employee", self.employees["2"])
		self.addCleanup(frappe.db.set_value, "Employee", employee.name, "attendance_device_id", "2")
		employee.attendance_device_id = "XYZ"
		employee.save()
		work_off("default")
		self.assertEqual([row.employee for row in self.check_ins()], [employee.name] * 3)
		waiting = [row.emp_code for row in self.pending_punches() if row.status == "Waiting"]
		self.assertEqual(waiting, ["7"] * 3)

	def test_a_row_that_hrms_refuses_waits_is_logged_and_stops_nothing(self):
		frappe.db.set_value("Employee", self.employees["2"], "status", "Inactive")
		self.addCleanup(frappe.db.set_value, "Employee", self.employees["2"], "status", "Active")
		device = self.make_device()
		for code in ("1", "2", "007"):
			self.sim.store.punch(code, days_ago(1))
		result = self.sync(device)
		self.assertEqual((result.counters.created, result.counters.pending), (2, 1))
		(waiting,) = self.pending_punches("emp_code", "employee", "reason", "status")
		self.assertEqual((waiting.emp_code, waiting.employee), ("2", self.employees["2"]))
		self.assertEqual((waiting.reason, waiting.status), ("Inactive Employee", "Waiting"))
		(entry,) = self.error_logs("ZKTeco Sync")
		self.assertIn(self.employees["2"], entry)
		self.assertIn(str(days_ago(1)), entry)
		self.assertEqual(frappe.get_message_log(), [])

	def test_a_row_that_fails_after_it_was_written_is_taken_back_alone(self):
		device = self.make_device()
		for code in ("1", "2", "007"):
			self.sim.store.punch(code, days_ago(1))
		refused = self.employees["2"]
		frappe.flags.zkteco_refused = refused
		with document_hook("after_insert", f"{__name__}.refuse_after_insert"):
			result = self.sync(device)
		self.assertEqual((result.counters.created, result.counters.pending), (2, 1))
		(waiting,) = self.pending_punches("employee", "reason", "message")
		self.assertEqual((waiting.employee, waiting.reason), (refused, "Refused by HRMS"))
		self.assertEqual(waiting.message, "Refused by another app")
		self.assertNotIn(refused, [row.employee for row in self.check_ins()])
		self.assertEqual(len(self.check_ins()), 2)

	def test_an_unreadable_row_stops_nothing(self):
		device = self.make_device(sync_from=lately(20))
		self.sim.store.punch("1", lately(10))
		self.sim.faults.add(
			faults.rows(lambda rows: [*rows, {"id": 77, "punch_time": "noon"}, "nonsense"]),
			path="transactions",
			times=None,
		)
		result = self.sync(device)
		self.assertEqual((result.counters.created, result.counters.pending), (1, 2))
		self.assertEqual([row.reason for row in self.pending_punches()], ["Unreadable Row"] * 2)

	def test_a_failure_keeps_what_was_stored_and_the_next_cycle_goes_on_there(self):
		device = self.make_device(page_size=2, sync_from=lately(20))
		first = lately(10)
		for minute in range(8):
			self.sim.store.punch("1", first + minute * MINUTE)
		self.sim.faults.add(faults.licence_missing(), path="transactions", after=3, times=1)
		failed = self.sync(device)
		self.assertEqual(failed.failure.code, "licence_without_api")
		self.assertEqual(len(self.check_ins()), 4)
		self.assertIsNone(device.last_sync_timestamp)
		self.assertEqual(device.status, "Failed")
		self.sim.log.clear()
		self.assertIsNone(self.sync(device).failure)
		pages = [entry.query["page"] for entry in self.asked_by_time()]
		self.assertEqual(pages[:3], ["2", "3", "4"], "one page early, since rows may have moved")
		self.assertEqual(len(self.check_ins()), 8)
		self.assertIsNotNone(device.last_sync_timestamp)
		self.assertIsNone(device.checkpoint)

	def test_last_sync_is_the_moment_the_cycle_began(self):
		device = self.make_device()
		before = frappe.utils.now_datetime().replace(microsecond=0)
		self.sim.faults.add(faults.delay(1.2), path="transactions")
		self.sync(device)
		self.assertGreaterEqual(device.last_sync_timestamp, before)
		self.assertLess(device.last_sync_timestamp, before + timedelta(seconds=1.2))

	def test_a_lasting_failure_is_one_entry(self):
		device = self.make_device()
		self.sim.faults.add(faults.licence_missing(), path="transactions", times=None)
		for _ in range(3):
			self.sync(device)
		self.assertEqual(device.failures, 3)
		self.assertEqual(len(self.error_logs("ZKTeco Sync")), 1)
		self.sim.faults.clear()
		self.sync(device)
		self.assertEqual((device.failures, device.status, device.last_error), (0, "Success", None))
		self.sim.faults.add(faults.licence_missing(), path="transactions", times=None)
		self.sync(device)
		self.assertEqual(len(self.error_logs("ZKTeco Sync")), 2, "a new incident")

	def test_an_error_of_ours_stands_on_the_form_and_in_the_error_log(self):
		device = self.make_device()
		self.sim.store.punch("1", days_ago(1))
		self.sim.store.punch("2", days_ago(1))
		with document_hook("validate", f"{__name__}.break_down"):
			self.assertIsNone(sync_device(device.name))
		device.reload()
		self.assertEqual(device.status, "Failed")
		self.assertEqual(self.check_ins(), [])
		(entry,) = self.error_logs("ZKTeco Sync")
		self.assertIn("ZeroDivisionError", entry)

	def test_the_token_is_stored_before_the_first_page(self):
		device = self.make_device()
		seen = []
		site = frappe.local.site
		look = faults.rows(lambda rows: (seen.append(elsewhere(site, _token_of, device.name)), rows)[1])
		self.sim.faults.add(look, path="transactions")
		self.sync(device)
		self.assertEqual(seen, ["********"])

	def test_no_transaction_is_open_during_http(self):
		device = self.make_device(page_size=1, sync_from=lately(20))
		first = lately(10)
		for minute in range(3):
			self.sim.store.punch("1", first + minute * MINUTE)
		self.sim.store.punch("XYZ", first)
		with before_each_request(_sees_what_others_commit) as fresh:
			self.sync(device)
		self.assertEqual(set(fresh), {True})
		self.assertGreaterEqual(len(fresh), 7, "a log-in, four pages, what arrived last, and what lies ahead")
		self.assertEqual(len(self.check_ins()), 3)

	def test_no_transaction_is_open_during_the_requests_of_a_later_cycle(self):
		device = self.make_device(page_size=1, look_back=0)
		self.sync(device)
		for minute in range(3):
			self.sim.store.punch("1", days_ago(1, 8, minute))
		frappe.db.set_value(SETTINGS, device.name, "past_days", None)
		frappe.db.commit()
		with before_each_request(_sees_what_others_commit) as fresh:
			self.sync(device)
		self.assertEqual(set(fresh), {True})
		self.assertEqual(len(self.check_ins()), 3, "found by their arrival")
		self.assertGreater(len(fresh), 3 + 7, "and each of seven days was compared")

	def test_a_page_costs_a_constant_number_of_statements_beyond_the_inserts(self):
		costs = []
		for number, size in enumerate((30, 90)):
			device = self.make_device(f"ZKTeco Test {size}", sync_from=lately(20))
			first = lately(10 - 3 * number)
			self.sim.store.restart_ids(1)
			for second in range(size):
				self.sim.store.punch("XYZ", first + timedelta(seconds=second))
				self.sim.store.punch("1", first + timedelta(seconds=second))
			self.sync(device)
			frappe.db.set_value(SETTINGS, device.name, "last_sync_timestamp", None)
			frappe.db.commit()
			with statements() as sent:
				self.assertEqual(self.sync(device).counters.duplicate, size)
			costs.append(len(sent))
		self.assertEqual(costs[0], costs[1])

	def test_two_overlapping_cycles_create_no_duplicate(self):
		device = self.make_device(page_size=5)
		for minute in range(40):
			self.sim.store.punch("1", days_ago(1, 8, minute))
		self.sim.faults.add(faults.delay(0.05), path="transactions", times=None)
		created: list[int] = []
		site = frappe.local.site
		threads = [
			Thread(target=lambda: created.append(elsewhere(site, _sync, device.name).counters.created))
			for _ in range(2)
		]
		for thread in threads:
			thread.start()
		for thread in threads:
			thread.join()
		frappe.db.rollback()
		self.assertEqual(sum(created), 40)
		self.assertEqual(len(self.check_ins()), 40)

	def test_the_database_itself_refuses_a_second_one(self):
		device = self.make_device()
		self.sim.store.punch("1", days_ago(1))
		self.sync(device)
		(row,) = self.check_ins("zkteco_key")
		values = {
			"doctype": CHECK_IN,
			"employee": self.employees["1"],
			"time": days_ago(1, 9),
			"zkteco_key": row.zkteco_key,
		}
		with self.assertRaises(frappe.UniqueValidationError):
			frappe.get_doc(values).insert()

	def test_a_device_syncs_once_at_a_time(self):
		device = self.make_device(sync_from=lately(20))
		site = frappe.local.site
		meanwhile = []
		again = faults.rows(
			lambda rows: (meanwhile.append(elsewhere(site, sync_device, device.name)), rows)[1]
		)
		self.sim.faults.add(again, path="transactions")
		self.sync(device)
		self.assertEqual(meanwhile, [None])
		self.assertEqual(len(self.asked_by_time()), 1)

	def test_a_disabled_device_is_left_alone(self):
		device = self.make_device(enable=0)
		self.assertIsNone(self.sync(device))
		self.assertEqual(self.sim.log.count(TRANSACTIONS), 0)


def _sees_what_others_commit() -> bool:
	"""Whether this connection has no snapshot: then it sees what another one has committed just now."""
	site, value = frappe.local.site, frappe.generate_hash()
	other = Thread(target=lambda: elsewhere(site, _set_global, value))
	other.start()
	other.join()
	seen = frappe.db.sql("select defvalue from tabDefaultValue where defkey = 'zkteco_test'")[0][0] == value
	frappe.db.rollback()
	return seen


def _set_global(value: str) -> None:
	frappe.db.set_global("zkteco_test", value)
	frappe.db.commit()


def _token_of(device: str) -> str | None:
	return frappe.db.get_value(SETTINGS, device, "token")


def _utc(wall: str, zone: str):
	from zoneinfo import ZoneInfo

	return (
		frappe.utils.get_datetime(wall)
		.replace(tzinfo=ZoneInfo(zone))
		.astimezone(ZoneInfo("UTC"))
		.replace(tzinfo=None)
	)


def refuse_after_insert(doc, _method=None) -> None:
	"""Another app's hook, which fails for one employee once the row is in the database."""
	if doc.employee == frappe.flags.zkteco_refused:
		frappe.throw("Refused by another app")


def break_down(_doc, _method=None) -> None:
	raise ZeroDivisionError
