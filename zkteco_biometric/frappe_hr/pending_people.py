"""What a person decides about pending punches: try again, ignore, and whose a code is."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import frappe
from frappe import _
from frappe.utils import escape_html, now_datetime

from zkteco_biometric.frappe_hr.employees import employees_by_code
from zkteco_biometric.frappe_hr.names import BIOMETRIC_ID, PENDING
from zkteco_biometric.frappe_hr.pending import IGNORED, WAITING
from zkteco_biometric.frappe_hr.pending_outcome import Outcome
from zkteco_biometric.frappe_hr.pending_retry import retry
from zkteco_biometric.frappe_hr.pending_rows import message_of, tell
from zkteco_biometric.frappe_hr.pending_triggers import HANDLED


def retry_named(names: Collection[str]) -> Outcome:
	"""By a person: also times that were impossible, rows that were unreadable, and what was ignored."""
	if not names:
		return Outcome()
	ignored = _named(names, IGNORED)
	tell(ignored, _("decided not to ignore this punch any more"))
	return retry({"name": ("in", list(names)), "status": ("in", (WAITING, IGNORED))}, by_person=True)


def ignore_named(names: Collection[str], comment: str) -> int:
	"""How many of them waited, and are ignored now by who is logged in. What is settled already stays as it is."""
	waiting = _named(names, WAITING, lock=True)
	if waiting:
		frappe.db.set_value(PENDING, {"name": ("in", waiting)}, _ignored(comment, now_datetime()))
		tell(waiting, _("ignored this punch: {0}").format(escape_html(comment)))
	return len(waiting)


def _ignored(comment: str, now: datetime) -> dict[str, Any]:
	return {
		"status": IGNORED,
		"ignored_by": frappe.session.user,
		"ignored_on": now,
		"ignore_comment": message_of(comment),
	}


def _named(names: Collection[str], status: str, lock: bool = False) -> list[str]:
	if not names:
		return []
	table = frappe.qb.DocType(PENDING)
	query = frappe.qb.from_(table).select(table.name).orderby(table.name)
	query = query.where(table.name.isin(list(names))).where(table.status == status)
	return [name for (name,) in (query.for_update() if lock else query).run()]


def link(code: str, employee, replaces: str) -> None:
	"""Gives the employee this Biometric ID, by the rules of Employee. Whoever calls retries what waits of the code.

	`replaces`: the other Biometric ID that the employee may have, and that a person agreed to replace.
	"""
	_check_that_punches_wait(code)
	_check_owner(code, employee)
	_check_replaced(code, employee, replaces)
	if (employee.get(BIOMETRIC_ID) or "").strip() != code:
		employee.set(BIOMETRIC_ID, code)
		employee.flags[HANDLED] = True
		employee.save()


def waiting_of(code: str) -> int:
	return frappe.db.count(PENDING, {"emp_code": code, "status": WAITING})


def _check_that_punches_wait(code: str) -> None:
	if not waiting_of(code):
		frappe.throw(
			_("No punch of the Biometric ID {0} waits any more. Refresh the page.").format(escape_html(code)),
			title=_("Nothing to Link"),
		)


def _check_owner(code: str, employee) -> None:
	owner = employees_by_code({code}).get(code)
	if owner and owner != employee.name:
		frappe.throw(
			_(
				"{0} has the Biometric ID {1} already. Link the punches to them, or clear the Biometric ID on that Employee first."
			).format(_called(owner), escape_html(code)),
			title=_("Somebody Else's Biometric ID"),
		)


def _check_replaced(code: str, employee, replaces: str) -> None:
	has = (employee.get(BIOMETRIC_ID) or "").strip()
	if has and has not in (code, replaces):
		frappe.throw(
			_(
				"{0} has the Biometric ID {1}. Confirm in the dialog that {2} replaces it, or choose another employee."
			).format(_called(employee.name), escape_html(has), escape_html(code)),
			title=_("Another Biometric ID"),
		)


def _called(employee: str) -> str:
	name = frappe.db.get_value("Employee", employee, "employee_name")
	return f"{escape_html(name)} ({escape_html(employee)})"
