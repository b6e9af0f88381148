"""Check-ins that are refused, that fail, or that the site stores otherwise than expected end in bulk as they do one by one."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch

import frappe
from frappe.model.document import Document
from hrms.hr.doctype.employee_checkin.employee_checkin import EmployeeCheckin
from rq.timeouts import JobTimeoutException

from zkteco_biometric.frappe_hr.names import CHECK_IN, KEY_FIELD, SETTINGS, SITE_SETTINGS, SYNC_LOG
from zkteco_biometric.sync import sync_device
from zkteco_biometric.tests.another_app import MARK
from zkteco_biometric.tests.choosing import PUNCHES
from zkteco_biometric.tests.customised import PREFIX, custom_fields, property_set, single, stored, trigger
from zkteco_biometric.tests.pages import PAGE, PAGES, PagesTestCase, right_before, rows_read
from zkteco_biometric.tests.support import DeviceTestCase, days_ago

GONE = "ZKTeco Test Shift That Is Gone"
REFUSE = "signal sqlstate '45000' set message_text = 'not today'"
ROSTER = "ZKTeco Test Roster"
SHIFT = {"name": ROSTER, "start_time": "08:00:00", "end_time": "16:00:00"}
NUMBER = PREFIX + "number"


class TestRefusedRows(PagesTestCase):
	def test_two_whose_shift_is_gone_stop_nobody_else(self):
		self.give(self.one, default_shift=GONE)
		self.give(self.other, default_shift=GONE)
		one_by_one, in_bulk = self.both_ways("log_type", "offshift")
		self.assertEqual(in_bulk, one_by_one)
		self.assertEqual(in_bulk[0], ("Success", PAGE / 2, 0, PAGE / 2))

	def test_two_whose_shift_is_gone_wait_on_every_page(self):
		self.give(self.third, default_shift=GONE)
		self.give(self.fourth, default_shift=GONE)
		log = self.sync_three_pages()
		self.assertEqual((log.status, log.created, log.pending), ("Success", PAGES / 2, PAGES / 2))
		self.assertEqual(log.written_in_bulk, PAGES / 2 - 1)

	def test_where_nobody_gets_through_the_sync_stops_and_nothing_waits(self):
		for one_by_one in (1, 0):
			way = single(SITE_SETTINGS, "write_one_by_one", one_by_one)
			with self.subTest(one_by_one=one_by_one), self.another_day(), way, trigger(REFUSE):
				device = self.make_device()
				self.punch(PUNCHES)
				for _cycle in range(2):
					self.assertIsNone(sync_device(device.name))
				self.assertEqual((self.pending_punches(), self.check_ins()), ([], []))

	def test_a_page_of_inactive_people_needs_no_reason(self):
		for employee in self.employees.values():
			self.give(employee, status="Inactive")
		log = self.sync_a_page()
		self.assertEqual((log.created, log.pending, log.written_in_bulk), (0, PUNCHES, 0))
		self.assertIsNone(log.why_one_by_one)
		self.assertEqual({row.reason for row in self.pending_punches()}, {"Inactive Employee"})


class TestUnexpectedRows(PagesTestCase):
	def test_what_is_stored_otherwise_of_one_employee_sends_the_whole_cycle_one_by_one(self):
		with trigger(f"if new.employee = '{self.one}' then set new.device_id = '{MARK}'; end if"):
			log = self.sync_three_pages()
		self.assertEqual((log.created, log.written_in_bulk), (PAGES, 0))
		self.assertIn("Location / Device ID", log.why_one_by_one)
		self.assertEqual(len(log.why_one_by_one.splitlines()), 1)

	def test_the_next_cycle_tries_again(self):
		with trigger(f"set new.device_id = '{MARK}'"):
			self.sync_a_page()
		device = frappe.get_last_doc(SETTINGS)
		for number in range(PUNCHES):
			self.sim.store.punch(self.CODES[0], self.first + timedelta(hours=2, minutes=number))
		sync_device(device.name)
		log = frappe.get_last_doc(SYNC_LOG)
		self.assertEqual((log.created, log.written_in_bulk), (PUNCHES, PUNCHES - 1))

	def test_what_is_refused_though_it_was_expected_to_be_stored_sends_the_whole_cycle_one_by_one(self):
		with trigger(f"if new.employee = '{self.one}' then {REFUSE}; end if"):
			log = self.sync_three_pages()
		self.assertEqual((log.status, log.created, log.pending), ("Success", PAGES * 3 / 4, PAGES / 4))
		self.assertEqual(log.written_in_bulk, 0)
		self.assertIn("refuses what it was expected to store", log.why_one_by_one)

	def test_one_whose_shift_is_gone_and_one_whom_the_database_refuses_stop_nobody_else(self):
		self.give(self.one, default_shift=GONE)
		with trigger(f"if new.employee = '{self.other}' then {REFUSE}; end if"):
			one_by_one, in_bulk = self.both_ways()
		self.assertEqual(in_bulk, one_by_one)
		self.assertEqual(in_bulk[0], ("Success", PAGE / 2, 0, PAGE / 2))


class TestFetchedNumbers(PagesTestCase):
	TEXTS = ("1", "12.7", None, "3")
	"""The first is what it seems in every kind of field, so that the first check-in of a page shows no difference."""

	def setUp(self) -> None:
		super().setUp()
		for employee, text in zip(self.employees.values(), self.TEXTS, strict=True):
			self.give(employee, cell_number=text)

	def test_texts_in_fields_for_numbers_are_stored_as_ever(self):
		for kind in ("Int", "Float", "Check", "Currency"):
			with self.subTest(kind), custom_fields([fetched_text(kind)]):
				one_by_one, in_bulk = self.both_ways(NUMBER)
				self.assertEqual(in_bulk, one_by_one)
				self.assertEqual(in_bulk[0][1], PAGE)

	def test_the_log_names_the_field(self):
		with custom_fields([fetched_text("Int")]):
			self.assert_one_by_one(NUMBER)

	def test_a_mandatory_number_of_who_has_none_is_refused_as_ever(self):
		for kind in ("Int", "Float"):
			with self.subTest(kind), custom_fields([fetched_text(kind, reqd=1)]):
				one_by_one, in_bulk = self.both_ways(NUMBER)
				self.assertEqual(in_bulk, one_by_one)
				self.assertEqual(in_bulk[0], ("Success", PAGE * 3 / 4, 0, PAGE / 4))


class TestLeftOvers(PagesTestCase):
	def test_the_column_of_a_deleted_field_is_in_nobodys_way(self):
		for kind in ("Check", "Int", "Currency"):
			with (
				self.subTest(kind),
				self.another_day(),
				custom_fields([{"fieldname": "number", "fieldtype": kind}]),
			):
				frappe.delete_doc("Custom Field", f"{CHECK_IN}-{NUMBER}")
				frappe.clear_cache(doctype=CHECK_IN)
				self.assertIn(NUMBER, frappe.db.get_table_columns(CHECK_IN))
				self.assert_in_bulk()


class TestReplacedMethods(PagesTestCase):
	def test_the_work_of_another_app_is_done_once_for_each(self):
		for name in ("fetch_shift", "set_geolocation", "validate_duplicate_log", "set_new_name", "db_insert"):
			with self.subTest(name), self.another_day(), replaced(name) as called:
				self.assert_one_by_one(name)
				self.assertEqual((len(called), len(set(called))), (PUNCHES, PUNCHES))


class TestTimeIsOver(PagesTestCase):
	def test_a_job_ends_as_ever_wherever_its_time_is_over(self):
		for looked_up in ("tabshift assignment", "tabshift type"):
			with self.subTest(looked_up), self.another_day(), stored("Shift Type", **SHIFT):
				self.give(self.one, default_shift=ROSTER)
				frappe.clear_document_cache("Shift Type", ROSTER)
				device = self.make_device()
				self.punch(PUNCHES)
				with right_before((looked_up,), time_is_over) as sent:
					self.assertIsNone(sync_device(device.name))
				self.assertTrue(sent)
				frappe.db.rollback()
				self.assertEqual(frappe.db.get_value(SETTINGS, device.name, "status"), "Failed")
				self.assertIn("JobTimeoutException", self.error_logs("ZKTeco Sync")[-1])
				self.assertEqual(self.check_ins(), [])


class TestNumbersInNames(PagesTestCase):
	def test_the_names_are_those_of_insert_whatever_numbers_are_in_them(self):
		for rule in ("format:ZKTeco-Test-{##}-{###}", "format:ZKTeco-Test-{###}", "ZKTeco-Test-.YY.-.####"):
			with self.subTest(rule), property_set(None, "autoname", rule):
				one_by_one, in_bulk = self.both_ways("name")
				self.assertEqual(in_bulk, one_by_one)
				self.assertEqual(in_bulk[0][1], PAGE)


class TestRosters(DeviceTestCase):
	"""By the day: each employee has a Shift Assignment for each working day, for most of a year."""

	CODES = tuple(f"roster {number}" for number in range(60))
	CROWD = True
	DAYS_OFF = (4, 11, 12)
	"""So many days ago."""

	def setUp(self) -> None:
		super().setUp()
		self.addCleanup(delete_rosters)
		delete_rosters()
		frappe.get_doc({"doctype": "Shift Type", **SHIFT}).insert()
		days = [days_ago(ago).date() for ago in range(300) if ago not in self.DAYS_OFF]
		for employee in self.employees.values():
			assign(employee, days)
		frappe.db.commit()

	def test_they_are_read_for_all_employees_at_once(self):
		for ago in self.DAYS_OFF:
			for code in self.CODES:
				self.sim.store.punch(code, days_ago(ago, 8))
				self.sim.store.punch(code, days_ago(ago - 1, 8))
		device = self.make_device(sync_from=days_ago(20))
		with rows_read("tabshift assignment") as read:
			sync_device(device.name)
		log = frappe.get_last_doc(SYNC_LOG)
		self.assertEqual((log.created, log.written_in_bulk, log.why_one_by_one), (300, 299, None))
		self.assertLess(len(read), len(self.CODES) / 2)
		self.assertLess(sum(read), len(self.CODES) * 300 * 3 / 4)
		for row in self.check_ins("time", "shift"):
			is_off = row.time.date() in [days_ago(ago).date() for ago in self.DAYS_OFF]
			self.assertEqual(row.shift, None if is_off else ROSTER, row.time)


def time_is_over() -> None:
	raise JobTimeoutException("time is over")


def fetched_text(kind: str, **values: Any) -> dict[str, Any]:
	return {"fieldname": "number", "fieldtype": kind, "fetch_from": "employee.cell_number", **values}


@contextmanager
def replaced(name: str) -> Iterator[list[str]]:
	"""As another app does that adds something to a method of the class; the list: for whom it was called."""
	original = getattr(EmployeeCheckin, name)
	called: list[str] = []

	def method(doc: Document, *args: Any, **kwargs: Any) -> Any:
		called.append(doc.get(KEY_FIELD))
		return original(doc, *args, **kwargs)

	with patch.object(EmployeeCheckin, name, method):
		yield called


def assign(employee: str, days: Sequence[date]) -> None:
	"""Straight into the table: by the rules it takes minutes."""
	rows = ", ".join(f"(uuid(), '{employee}', '{ROSTER}', '{day}', '{day}', 1, 'Active')" for day in days)
	columns = "name, employee, shift_type, start_date, end_date, docstatus, status"
	frappe.db.sql(f"insert into `tabShift Assignment` ({columns}) values {rows}")


def delete_rosters() -> None:
	frappe.db.delete("Shift Assignment", {"shift_type": ROSTER})
	frappe.delete_doc("Shift Type", ROSTER, force=True, ignore_missing=True)
	frappe.db.commit()
