"""What of HRMS's settings would refuse a device's check-ins."""

import frappe
from frappe import _
from frappe.utils import getdate

from zkteco_biometric.cycle.log_types import LogType

_STRICT = "Strictly based on Log Type in Employee Checkin"


def warnings_for(settings) -> list[str]:
	"""Sentences for the form of a device, plain text, each with its remedy; empty where nothing is in the way.

	`settings` is the device's document, saved or not. Refused check-ins wait as pending punches.
	"""
	return [*about_log_types(settings), *about_geolocation()]


def about_log_types(settings) -> list[str]:
	if not may_give_no_log_type(settings):
		return []
	shifts = strict_shifts_in_use()
	if not shifts:
		return []
	return [
		_(
			"These shifts are strictly based on log types, and this device's punch states may give none: {0}. HRMS "
			"refuses a check-in without a log type there, and the punch waits as a pending punch; versions of HRMS that "
			"take it count no working hours for it. Give every punch state IN, OUT or Ignore, and choose another Default "
			"Log Type; or change Determine Check-in and Check-out of the Shift Type to alternating entries."
		).format(", ".join(shifts))
	]


def may_give_no_log_type(settings) -> bool:
	"""Whether any punch of the device may become a check-in without a log type."""
	given = {row.log_type for row in settings.punch_states} | {settings.default_log_type}
	return LogType.NONE.value in given


def strict_shifts_in_use() -> list[str]:
	"""The Shift Types strictly based on log types that an active employee has by default, or is assigned to."""
	strict = set(
		frappe.get_all(
			"Shift Type",
			filters={"determine_check_in_and_check_out": _STRICT},
			pluck="name",
			order_by="name",
		)
	)
	return sorted(strict & (_default_shifts() | _assigned_shifts())) if strict else []


def _default_shifts() -> set[str]:
	return set(
		frappe.get_all(
			"Employee",
			filters={"status": "Active", "default_shift": ("is", "set")},
			pluck="default_shift",
			distinct=True,
			order_by="default_shift",
		)
	)


def _assigned_shifts() -> set[str]:
	return set(
		frappe.get_all(
			"Shift Assignment",
			filters={"docstatus": 1, "status": "Active"},
			or_filters=[["end_date", ">=", getdate()], ["end_date", "is", "not set"]],
			pluck="shift_type",
			distinct=True,
			order_by="shift_type",
		)
	)


def about_geolocation() -> list[str]:
	# Not get_single_value: older versions of HRMS lack the field.
	if not frappe.get_cached_doc("HR Settings").get("allow_geolocation_tracking"):
		return []
	return [
		_(
			"HRMS refuses every check-in of a device: Allow Geolocation Tracking is ticked in HR Settings, and a "
			"terminal sends no coordinates. Untick it there. Until then all punches wait as pending punches."
		)
	]
