"""Shift Types, assignments and waiting punches for tests, and HRMS's own auto attendance over them."""

from datetime import datetime, timedelta

import frappe
from frappe.utils import get_system_timezone

from zkteco_biometric.frappe_hr.attendance import SITE_SETTINGS
from zkteco_biometric.frappe_hr.names import CHECK_IN, PENDING, SETTINGS
from zkteco_biometric.tests.support import DeviceTestCase

SHIFT_TYPE, ASSIGNMENT = "Shift Type", "Shift Assignment"
DAY, NIGHT, OTHER = "ZKTeco Test Day", "ZKTeco Test Night", "ZKTeco Test Other"
TUESDAY = datetime(2024, 6, 4)
"""Long ago and far from any clock change, so that no test depends on when it runs."""
WEDNESDAY = TUESDAY + timedelta(days=1)
NOON = WEDNESDAY + timedelta(hours=12)
STRICT = "Strictly based on Log Type in Employee Checkin"
_HOLIDAYS = "ZKTeco Test Holidays"
_OURS = ("like", "ZKTeco Test%")


class ShiftTestCase(DeviceTestCase):
	"""A site whose only auto attendance is that of this test's own shifts; they and what follows from them go again."""

	def setUp(self) -> None:
		super().setUp()
		_delete_shifts()
		self._let_others_rest()
		self.addCleanup(_delete_shifts)
		frappe.get_doc(
			{
				"doctype": "Holiday List",
				"holiday_list_name": _HOLIDAYS,
				"from_date": "2024-01-01",
				"to_date": "2024-12-31",
			}
		).insert()

	def _let_others_rest(self) -> None:
		others = frappe.get_all(
			SHIFT_TYPE, filters={"enable_auto_attendance": 1}, pluck="name", order_by="name"
		)
		self.addCleanup(_set_auto_attendance, others, 1)
		_set_auto_attendance(others, 0)

	def make_shift(self, name: str = DAY, start: str = "09:00:00", end: str = "17:00:00", **values):
		"""Takes check-ins from an hour before to an hour after; HRMS marks from Tuesday on."""
		shift = frappe.get_doc(
			{
				"doctype": SHIFT_TYPE,
				"name": name,
				"__newname": name,
				"start_time": start,
				"end_time": end,
				"begin_check_in_before_shift_start_time": 60,
				"allow_check_out_after_shift_end_time": 60,
				"enable_auto_attendance": 1,
				"process_attendance_after": TUESDAY.date(),
				"holiday_list": _HOLIDAYS,
				**values,
			}
		).insert()
		frappe.db.commit()
		return shift

	def give_default_shift(self, code: str, shift: str | None) -> None:
		employee = self.employees[code]
		self.addCleanup(frappe.db.set_value, "Employee", employee, "default_shift", None)
		frappe.db.set_value("Employee", employee, "default_shift", shift)
		frappe.db.value_cache.clear()  # HRMS reads it through this cache, which forgets nothing while connected

	def assign(self, code: str, shift: str, start: datetime, end: datetime | None = None, **values) -> None:
		doc = frappe.get_doc(
			{
				"doctype": ASSIGNMENT,
				"employee": self.employees[code],
				"company": frappe.db.get_value("Employee", self.employees[code], "company"),
				"shift_type": shift,
				"start_date": start.date(),
				"end_date": end.date() if end else None,
				"status": "Active",
			}
		).insert()
		if values.pop("submitted", True):
			doc.submit()
		doc.db_set(values)

	def make_read_device(self, name: str, last_sync: datetime | None, **values) -> str:
		"""A device whose last sync was then, the site's wall clock."""
		device = self.make_device(name).name
		read = {"last_sync_timestamp": last_sync, "last_sync_zone": get_system_timezone(), **values}
		frappe.db.set_value(SETTINGS, device, read)
		return device

	def make_waiting(self, device: str, time: datetime | None, code: str = "1", **values):
		"""A punch of an employee that waits; `employee=None` leaves it to be found by the code."""
		row = {
			"doctype": PENDING,
			"device": device,
			"status": "Waiting",
			"reason": "Refused by HRMS",
			"emp_code": code,
			"employee": self.employees.get(code),
			"punch_time": time,
			"punch_key": frappe.generate_hash(length=10),
			**values,
		}
		return frappe.get_doc(row).insert(ignore_permissions=True)

	def make_check_in(self, code: str, time: datetime, log_type: str | None = "IN") -> None:
		doc = {"doctype": CHECK_IN, "employee": self.employees[code], "time": time, "log_type": log_type}
		frappe.get_doc(doc).insert()

	def last_sync(self, shift: str = DAY) -> datetime | None:
		return frappe.db.get_value(SHIFT_TYPE, shift, "last_sync_of_checkin")

	def switch_on(self) -> None:
		frappe.db.set_single_value(SITE_SETTINGS, "move_last_sync_of_checkin", 1)

	def mark_attendance(self, shift: str = DAY) -> dict[tuple[str, str], str]:
		"""What HRMS marks by itself: code and date to status."""
		frappe.get_cached_doc(SHIFT_TYPE, shift).process_auto_attendance()
		codes = {employee: code for code, employee in self.employees.items()}
		rows = frappe.get_all(
			"Attendance",
			filters={"employee": ("in", list(codes)), "docstatus": 1},
			fields=["employee", "attendance_date", "status"],
			order_by="attendance_date",
		)
		return {(codes[row.employee], str(row.attendance_date)): row.status for row in rows}


def _set_auto_attendance(shifts: list[str], value: int) -> None:
	for shift in shifts:
		frappe.db.set_value(SHIFT_TYPE, shift, "enable_auto_attendance", value, update_modified=False)
	frappe.db.commit()


def _delete_shifts() -> None:
	frappe.set_user("Administrator")
	frappe.db.delete(PENDING, {"device": _OURS})
	frappe.db.delete(ASSIGNMENT, {"shift_type": _OURS})
	marked = frappe.get_all("Attendance", filters={"employee_name": _OURS}, pluck="name", order_by="name")
	if marked:
		frappe.db.delete("Comment", {"reference_doctype": "Attendance", "reference_name": ("in", marked)})
		frappe.db.delete("Version", {"ref_doctype": "Attendance", "docname": ("in", marked)})
		frappe.db.delete("Attendance", {"name": ("in", marked)})
	for doctype in (SHIFT_TYPE, "Holiday List"):
		for name in frappe.get_all(doctype, filters={"name": _OURS}, pluck="name", order_by="name"):
			frappe.delete_doc(doctype, name, force=True)
	frappe.db.set_single_value(SITE_SETTINGS, "move_last_sync_of_checkin", 0)
	frappe.db.commit()
