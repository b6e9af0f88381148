"""What is known of an employee's punches, and of a check-in's way: for the forms of both. A fixed number of queries."""

from typing import Any

import frappe

from zkteco_biometric.frappe_hr.names import (
	BIOMETRIC_ID,
	CHECK_IN,
	DEVICE_FIELD,
	DEVICE_USER,
	LOG_FIELD,
	PENDING,
	SETTINGS,
	SYNC_LOG,
	TRANSACTION_FIELD,
)
from zkteco_biometric.frappe_hr.pending import WAITING

_ON_A_DEVICE = (
	"name",
	"device",
	"employee",
	"employee_name",
	"status",
	"outcome",
	"former",
	"why",
	"way_back",
	"error",
	"remedy",
)


def facts_of(employee: str) -> dict[str, Any]:
	"""`{"code": str, "last": {...} | None, "waiting": int, "on_devices": [{...}]}`, times by the site's clock.

	Of the devices that the user may see. `last`: the newest check-in from a device. `waiting`: pending punches of the code.
	`on_devices`: what the employee is on each controlled device, where this app knows of them; `held` where what stood there
	before is kept.
	"""
	code = (frappe.db.get_value("Employee", employee, BIOMETRIC_ID) or "").strip()
	devices = frappe.get_list(SETTINGS, pluck="name", order_by="name")
	return {
		"code": code,
		"last": _last_check_in(employee, devices),
		"waiting": _waiting(code, devices),
		"on_devices": _on_devices(employee),
	}


def origin_of(check_in: str) -> dict[str, Any]:
	"""`{"device": str, "device_exists": bool, "transaction": str, "log": str, "terminal": str}`.

	`device` is empty for a check-in that came by no device. `log` is empty once it has been cleared away; `terminal` is known
	where the punch had to wait before it became a check-in.
	"""
	device, transaction, log = frappe.db.get_value(
		CHECK_IN, check_in, [DEVICE_FIELD, TRANSACTION_FIELD, LOG_FIELD]
	)
	return {
		"device": device or "",
		"device_exists": bool(device and frappe.db.exists(SETTINGS, device)),
		"transaction": transaction or "",
		"log": log if log and frappe.db.exists(SYNC_LOG, log) else "",
		"terminal": _terminal(check_in) if device else "",
	}


def _last_check_in(employee: str, devices: list[str]) -> dict[str, Any] | None:
	"""One that a deleted device brought counts, unless there are devices that are kept from the user."""
	sees_all = len(devices) == frappe.db.count(SETTINGS)
	found = frappe.get_all(
		CHECK_IN,
		filters={"employee": employee, DEVICE_FIELD: ("is", "set") if sees_all else ("in", devices)},
		fields=["name", "time", "log_type", DEVICE_FIELD],
		order_by="time desc",  # one of a second, by the unique key; so it is read from the end of an index
		limit=1,
	)
	return {**found[0], "device": found[0][DEVICE_FIELD]} if found else None


def _waiting(code: str, devices: list[str]) -> int:
	if not code or not devices:
		return 0
	return frappe.db.count(PENDING, {"emp_code": code, "status": WAITING, "device": ("in", devices)})


def _on_devices(employee: str) -> list[dict[str, Any]]:
	"""Only those that the user may see. What stood on the server before stays on the server."""
	rows = frappe.get_list(
		DEVICE_USER, filters={"employee": employee}, fields=list(_ON_A_DEVICE), order_by="device"
	)
	return [{**row, "former": None, "held": bool(row.former)} for row in rows]


def _terminal(check_in: str) -> str:
	named = frappe.db.get_value(PENDING, {"check_in": check_in}, ["terminal_alias", "terminal_sn"]) or ()
	return next(filter(None, named), "")
