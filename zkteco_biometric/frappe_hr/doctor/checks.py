"""All checks, in the order in which a person would go through them."""

from collections.abc import Iterator
from functools import partial

import frappe

from zkteco_biometric.frappe_hr.doctor import (
	attendance,
	background,
	devices,
	notices,
	people,
	permissions,
	site,
)
from zkteco_biometric.frappe_hr.doctor.finding import Area, Check, Finding

_THE_DOCTOR = Area("Doctor")


def examine(device: str | None = None, ask_devices: bool = True) -> list[Finding]:
	"""Of all devices, or of one. Writes what Test Connection writes, where devices are asked; the caller commits."""
	checks: list[Check] = [
		*background.CHECKS,
		*site.CHECKS,
		*permissions.CHECKS,
		*notices.CHECKS,
		partial(devices.check, device, ask_devices),
		*people.CHECKS,
		*attendance.CHECKS,
	]
	return [finding for check in checks for finding in _found(check)]


def _found(check: Check) -> Iterator[Finding]:
	"""A check that fails itself keeps no other from being made."""
	try:
		yield from list(check())
	except Exception as error:  # noqa: BLE001 the rim: a site that is broken in a way that nobody foresaw is what a doctor is for
		frappe.db.rollback()
		frappe.clear_messages()
		yield _THE_DOCTOR.failure(
			f"A check could not be made ({_name(check)}): {type(error).__name__}.",
			"Run bench migrate; if it lasts, report it to the app's makers.",
		)


def _name(check: Check) -> str:
	function = check.func if isinstance(check, partial) else check
	return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
