"""What people are told of enabling and disabling: on the device's form, in the Error Log, and HR by a notification.

One entry an incident: what lasts is told once, and again when it changes.
"""

import json
import traceback
from collections.abc import Collection, Iterable
from datetime import timedelta

import frappe
from frappe import _
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification
from frappe.utils import now_datetime
from frappe.utils.user import get_users_with_role

from zkteco_biometric.biotime.errors import BioTimeError
from zkteco_biometric.device_users.run import PassResult
from zkteco_biometric.frappe_hr.device_state import first_lines, harmless
from zkteco_biometric.frappe_hr.names import DEVICE_USER, SETTINGS

USER_STATUS = "ZKTeco User Status"
_CRASHED = "It stopped by an unexpected error."
_OURS = (
	"Ask your administrator to look at the Error Log, title ZKTeco User Status; the next pass tries again."
)
_UNREADABLE = "What is remembered of this person cannot be read."
_BY_HAND = (
	"Look for the person on the BioTime server, put them back by hand if need be, press Settled by Hand here, and report "
	"this to the app's makers."
)
_LATE = timedelta(minutes=10)
_TRIED_OFTEN = 3
_ROLES = ("HR Manager", "System Manager")
_FAILURE, _TROUBLE, _FAILED = "failure", "trouble", "failed"


def report(settings, result: PassResult, unreadable: Collection[str] = ()) -> None:
	"""Within the caller's transaction. A pass that asked the device for nothing has learned nothing of it. `unreadable`:
	employees whose rows cannot be read.
	"""
	_mark_unreadable(settings.name, unreadable)
	before = json.loads(settings.control_reported or "{}")
	failed = _failed_rows(settings.name)
	now = _incidents(result, before, failed)
	if not set(now.get(_FAILED, [])) <= set(before.get(_FAILED, [])):
		_log(settings.name, _people(failed))
	for kind, met in ((_FAILURE, result.failure), (_TROUBLE, result.trouble)):
		if met and now[kind] != before.get(kind):
			_log(settings.name, f"{met.message}\n\nWhat to do: {met.remedy}\n\nKind: {met.code}")
	if result.failure or result.trouble:
		_show_on_form(settings.name, result.failure or result.trouble)
	elif not now.get(_FAILURE) and not now.get(_TROUBLE):
		_show_on_form(settings.name, None)
	if now != before:
		_remember(settings.name, now)


def _mark_unreadable(device: str, employees: Collection[str]) -> None:
	"""They are Failed, which is told once as for everybody."""
	if employees:
		values = {"outcome": "Failed", "error": _UNREADABLE, "remedy": _BY_HAND}
		rows = {"device": device, "employee": ("in", list(employees)), "outcome": ("!=", "Failed")}
		frappe.db.set_value(DEVICE_USER, rows, values)


def _incidents(result: PassResult, before: dict[str, list[str]], failed: list) -> dict[str, list[str]]:
	"""What lasts: people, by what their rows say; the device, until it is asked for something and does it."""
	failure = [result.failure.code] if result.failure else []
	if not result.asked and failed:
		failure = before.get(_FAILURE, [])
	trouble = [result.trouble.message] if result.trouble else []
	if result.can_disable is None:
		trouble = before.get(_TROUBLE, [])
	now = {_FAILED: [row.employee for row in failed], _FAILURE: failure, _TROUBLE: trouble}
	return {kind: items for kind, items in now.items() if items}


def _failed_rows(device: str) -> list:
	return frappe.get_all(
		DEVICE_USER,
		filters={"device": device, "outcome": "Failed"},
		fields=["employee", "employee_name", "emp_code", "status", "last_attempt", "error", "remedy"],
		order_by="employee",
	)


def _people(failed: Iterable) -> str:
	lines = [
		f"{row.employee} ({row.employee_name}, Biometric ID {row.emp_code}) is not {row.status.lower()}, tried at "
		f"{row.last_attempt}: {row.error} {row.remedy or ''}"
		for row in failed
	]
	return (
		"\n".join(first_lines(lines))
		+ "\n\nIt is tried again by itself: see ZKTeco Device User. Check-ins are not affected."
	)


def report_crash(device: str, error: Exception) -> None:
	"""From the `except` block; without the values of variables, which may be secret. Once for as long as it lasts."""
	values = {"control_error": _CRASHED, "control_remedy": _OURS}
	before = json.loads(frappe.db.get_value(SETTINGS, device, "control_reported") or "{}")
	kind = [f"crash {type(error).__name__}"]
	if before.get(_FAILURE) != kind:
		_log(device, f"{_CRASHED}\n\n{traceback.format_exc()}")
		values["control_reported"] = json.dumps({**before, _FAILURE: kind})
	frappe.db.set_value(SETTINGS, device, values, update_modified=False)


def _show_on_form(device: str, error: BioTimeError | None) -> None:
	values = {
		"control_error": harmless(error.message) if error else None,
		"control_remedy": harmless(error.remedy) if error else None,
	}
	if values != frappe.db.get_value(SETTINGS, device, list(values), as_dict=True):
		frappe.db.set_value(SETTINGS, device, values, update_modified=False)


def _remember(device: str, incidents: dict[str, list[str]]) -> None:
	text = json.dumps(incidents) if incidents else None
	frappe.db.set_value(SETTINGS, device, "control_reported", text, update_modified=False)


def late_people(device: str) -> list:
	"""Rows of those who should be able to come in by now, as far as the site knows, and are not: enabled again in vain,
	or past their way back.
	"""
	table = frappe.qb.DocType(DEVICE_USER)
	past = table.way_back < now_datetime() - _LATE
	in_vain = (table.status == "Enabled") & (table.attempts >= _TRIED_OFTEN)
	return (
		frappe.qb.from_(table)
		.select(
			table.name,
			table.employee,
			table.employee_name,
			table.former_shown,
			table.error,
			table.remedy,
			table.told_on,
		)
		.where((table.device == device) & table.former.isnotnull() & (table.former != "") & (past | in_vain))
		.orderby(table.employee)
	).run(as_dict=True)


def tell_who_is_late(device: str) -> None:
	"""Each person once, in one notification for all who are new; within the caller's transaction."""
	late = [row for row in late_people(device) if not row.told_on]
	if not late:
		return
	for row in late:
		frappe.db.set_value(DEVICE_USER, row.name, "told_on", now_datetime(), update_modified=False)
	lines = first_lines([_late(row) for row in late])
	_log(device, "These people could not be enabled in time:\n\n" + "\n".join(lines) + "\n\n" + _remedy())
	_notify(device, late, lines)


def log_left_behind(device: str, rows: Iterable) -> list[str]:
	"""Who stays disabled on a device that this app cannot, or may not, ask any more; within the caller's transaction."""
	lines = [_late(row) for row in rows]
	text = "\n".join(lines)
	_log(
		device,
		f"These people could not be enabled before the device was taken away:\n\n{text}\n\n"
		"What to do: give them back on the BioTime server what stood there before.",
	)
	return first_lines(lines)


def _late(row) -> str:
	what = f": {row.error} {row.remedy or ''}".rstrip() if row.error else "."
	return f"{row.employee_name or row.employee} ({row.employee}), before: {row.former_shown}{what}"


def _remedy() -> str:
	return _(
		"Make the device reachable: this app goes on trying. Until then let these people in by hand, or give them back what stood there before on the BioTime server."
	)


def _notify(device: str, late: list, lines: list[str]) -> None:
	"""By Frappe's notification, and by its e-mail to those who want it."""
	subject = (
		_("{0} could not be enabled in time on {1}").format(late[0].employee_name or late[0].employee, device)
		if len(late) == 1
		else _("{0} people could not be enabled in time on {1}").format(len(late), device)
	)
	content = "<br>".join(frappe.utils.escape_html(line) for line in [*lines, _remedy()])
	enqueue_create_notification(
		_hr(),
		{
			"type": "Alert",
			"document_type": SETTINGS,
			"document_name": device,
			"subject": frappe.utils.escape_html(subject),
			"from_user": "Administrator",
			"email_content": content,
		},
	)


def _hr() -> list[str]:
	"""The addresses of who manages HR; where nobody does, of who manages the system."""
	users = next((users for role in _ROLES if (users := get_users_with_role(role))), ["Administrator"])
	return frappe.get_all(
		"User", filters={"name": ("in", users), "enabled": 1}, pluck="email", order_by="name"
	)


def _log(device: str, text: str) -> None:
	"""`message` is always given: without it Frappe would write down the values of variables."""
	message = f"Device: {device}\nTime: {now_datetime()}\n\n{text}"
	frappe.log_error(title=USER_STATUS, message=message, reference_doctype=SETTINGS, reference_name=device)
