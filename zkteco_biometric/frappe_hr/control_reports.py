"""What people are told of enabling and disabling: on the device's form, and in the Error Log. HR is notified by `notices.py`.

One entry an incident: what lasts is told once, and again when it changes. Documents are in the site's language. The Error Log is English, as are the incidents that are remembered, but for what is read of rows there.
"""

import json
import traceback
from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from itertools import groupby

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.biotime.errors import BioTimeError
from zkteco_biometric.device_users.run import PassResult
from zkteco_biometric.frappe_hr.names import DEVICE_USER, SETTINGS
from zkteco_biometric.frappe_hr.wording import first_lines, stored, translated
from zkteco_biometric.wording import Wording, _, joined

USER_STATUS = "ZKTeco User Status"
_CRASHED = _("It stopped by an unexpected error.")
_OURS = _(
	"Ask your administrator to look at the Error Log, title ZKTeco User Status; the next pass tries again."
)
_UNREADABLE = _("What is remembered of this person cannot be read.")
_BY_HAND = _(
	"Look for the person on the BioTime server, put them back by hand if need be, press Settled by Hand here, and report "
	"this to the app's makers."
)
LET_THEM_IN = _(
	"Make the device reachable: this app goes on trying. Until then let these people in by hand, or give them back what "
	"stood there before on the BioTime server."
)
_LATE = timedelta(minutes=10)
_TRIED_OFTEN = 3
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
		_log(settings.name, _people(_in_english(failed, result)))
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
		values = {
			"outcome": "Failed",
			"error": stored(_UNREADABLE),
			"error_code": "unreadable",
			"remedy": stored(_BY_HAND),
		}
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


def _in_english(failed: Iterable, result: PassResult) -> Iterator:
	"""The rows, with the words of this pass where they are its own; what was stored earlier is in the site's language."""
	ours = {record.employee: record for record in result.failed}
	for row in failed:
		record = ours.get(row.employee)
		yield frappe._dict({**row, "error": record.error, "remedy": record.remedy}) if record else row


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
	values = {"control_error": stored(_CRASHED), "control_remedy": stored(_OURS), "control_error_code": None}
	before = json.loads(frappe.db.get_value(SETTINGS, device, "control_reported") or "{}")
	kind = [f"crash {type(error).__name__}"]
	if before.get(_FAILURE) != kind:
		_log(device, f"{_CRASHED}\n\n{traceback.format_exc()}")
		values["control_reported"] = json.dumps({**before, _FAILURE: kind})
	frappe.db.set_value(SETTINGS, device, values, update_modified=False)


def _show_on_form(device: str, error: BioTimeError | None) -> None:
	values = {
		"control_error": stored(error.message) if error else None,
		"control_error_code": error.code if error else None,
		"control_remedy": stored(error.remedy) if error else None,
	}
	if values != frappe.db.get_value(SETTINGS, device, list(values), as_dict=True):
		frappe.db.set_value(SETTINGS, device, values, update_modified=False)


def _remember(device: str, incidents: dict[str, list[str]]) -> None:
	text = json.dumps(incidents) if incidents else None
	frappe.db.set_value(SETTINGS, device, "control_reported", text, update_modified=False)


def late_people(devices: Collection[str] | None = None) -> list:
	"""Rows of those who should be able to come in by now, as far as the site knows, and are not: enabled again in vain,
	or past their way back. On those devices, or on all; one query.
	"""
	table = frappe.qb.DocType(DEVICE_USER)
	past = table.way_back < now_datetime() - _LATE
	in_vain = (table.status == "Enabled") & (table.attempts >= _TRIED_OFTEN)
	query = (
		frappe.qb.from_(table)
		.select(
			table.name,
			table.device,
			table.employee,
			table.employee_name,
			table.former_shown,
			table.error,
			table.remedy,
			table.told_on,
		)
		.where(table.former.isnotnull() & (table.former != "") & (past | in_vain))
		.orderby(table.device, table.employee)
	)
	return (query if devices is None else query.where(table.device.isin(list(devices)))).run(as_dict=True)


def tell_who_is_late(devices: Collection[str]) -> None:
	"""Each person once, in one entry of the Error Log for all of a device who are new; within the caller's transaction."""
	late = [row for row in late_people(devices) if not row.told_on] if devices else []
	for device, rows in groupby(late, key=lambda row: row.device):
		_tell_who_is_late(device, list(rows))


def _tell_who_is_late(device: str, late: list) -> None:
	for row in late:
		frappe.db.set_value(DEVICE_USER, row.name, "told_on", now_datetime(), update_modified=False)
	lines = first_lines([late_line(row) for row in late])
	_log(device, "These people could not be enabled in time:\n\n" + "\n".join(lines) + f"\n\n{LET_THEM_IN}")


def log_left_behind(device: str, rows: Iterable) -> list[str]:
	"""Who stays disabled on a device that this app cannot, or may not, ask any more, for who asks; within the caller's
	transaction.
	"""
	lines = [late_line(row) for row in rows]
	text = "\n".join(lines)
	_log(
		device,
		f"These people could not be enabled before the device was taken away:\n\n{text}\n\n"
		"What to do: give them back on the BioTime server what stood there before.",
	)
	return first_lines(lines, translated)


def late_line(row) -> Wording:
	"""Who that is, what stood there before, and what was in the way."""
	told = _("{0} ({1}), before: {2}").format(
		row.employee_name or row.employee, row.employee, row.former_shown
	)
	return (
		joined(told, joined(row.error or "", row.remedy or ""), between=": ")
		if row.error
		else joined(told, ".", between="")
	)


def _log(device: str, text: str) -> None:
	"""`message` is always given: without it Frappe would write down the values of variables."""
	message = f"Device: {device}\nTime: {now_datetime()}\n\n{text}"
	frappe.log_error(title=USER_STATUS, message=message, reference_doctype=SETTINGS, reference_name=device)
