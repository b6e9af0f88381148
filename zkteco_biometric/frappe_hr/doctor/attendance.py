"""Whether HRMS takes check-ins, and makes attendance of them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import frappe
from frappe.utils import getdate, now_datetime

from zkteco_biometric.frappe_hr import attendance
from zkteco_biometric.frappe_hr.doctor.finding import Area, Finding, named
from zkteco_biometric.frappe_hr.names import BIOMETRIC_ID
from zkteco_biometric.frappe_hr.shift_warnings import about_geolocation

_ATTENDANCE = Area("Attendance")
_FAR_BEHIND = timedelta(days=2)
_MOVE = "Tick Move Last Sync of Checkin in ZKTeco Site Settings, so that it follows the devices; the same page says what holds it."


def check_geolocation() -> Iterator[Finding]:
	for text in about_geolocation():
		yield _ATTENDANCE.failure(text, "Untick Allow Geolocation Tracking in HR Settings.")


def check_shifts() -> Iterator[Finding]:
	people = frappe.get_all(
		"Employee",
		filters={"status": "Active", BIOMETRIC_ID: ("is", "set"), "default_shift": ("is", "not set")},
		pluck="name",
		order_by="name",
	)
	without = sorted(set(people) - _assigned())
	if without:
		yield _ATTENDANCE.warning(
			f"{len(without)} employees with a Biometric ID have no shift: {named(without)}. Their check-ins make no attendance.",
			"Set a Default Shift on the Employee, or create a Shift Assignment, if attendance is to be marked.",
		)


def _assigned() -> set[str]:
	found = frappe.get_all(
		"Shift Assignment",
		filters={"docstatus": 1, "status": "Active", "start_date": ("<=", getdate())},
		or_filters=[["end_date", ">=", getdate()], ["end_date", "is", "not set"]],
		pluck="employee",
		order_by="employee",
	)
	return set(found)


def check_auto_attendance() -> Iterator[Finding]:
	told = attendance.overview()
	for shift in told["shifts"]:
		yield from about_shift(shift, told["moving"], now_datetime())


def about_shift(shift: dict, moving: bool, now: datetime) -> Iterator[Finding]:
	"""HRMS marks attendance only for shifts that end before Last Sync of Checkin."""
	last = shift["last_sync"]
	if last and last > now - _FAR_BEHIND:
		yield _ATTENDANCE.good(f"{shift['shift']}: attendance is marked up to {last.replace(microsecond=0)}.")
	elif not shift["moved_by_hrms"]:
		stands = f"stands at {last.replace(microsecond=0)}" if last else "is empty"
		held = _held(shift)
		yield _ATTENDANCE.warning(
			f"{shift['shift']}: Last Sync of Checkin {stands}, so that no attendance is marked{held}.",
			"Settle the pending punches that hold it, and sync the devices: ZKTeco Site Settings names them."
			if moving
			else _MOVE,
		)


def _held(shift: dict) -> str:
	waiting = shift["waiting"]
	return f"; {waiting['punches']} punches that wait hold it" if waiting else ""


CHECKS = (check_geolocation, check_shifts, check_auto_attendance)
