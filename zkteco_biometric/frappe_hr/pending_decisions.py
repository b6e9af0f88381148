"""What a pending punch becomes on the site, once its check-in was written or refused."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.cycle.plan import CheckIn, Duplicate, Fate, Ignored, Pending
from zkteco_biometric.cycle.result import Refused, Stored
from zkteco_biometric.cycle.spans import spans
from zkteco_biometric.frappe_hr.check_ins import unique_key
from zkteco_biometric.frappe_hr.names import CHECK_IN, KEY_FIELD
from zkteco_biometric.frappe_hr.pending import CREATED, IGNORED, WAITING
from zkteco_biometric.frappe_hr.pending_rows import message_of
from zkteco_biometric.wording import _

_EXISTED = _("This check-in existed already.")

_ANEW = {"check_in": None, "ignored_by": None, "ignored_on": None, "ignore_comment": None}
_A_SECOND = timedelta(seconds=1)


class CheckIns:
	"""The check-ins of these fates after writing: their names, and which of them were there before."""

	def __init__(self, fates: Collection[Fate], stored: Stored) -> None:
		keys = {key for fate in fates if (key := _key(fate))}
		self.refused: dict[tuple[str, datetime], Refused] = {
			refused.check_in.key: refused for refused in stored.refused
		}
		self._names = _names(keys)
		# A transaction does not see what another one has created since it began, but for a locking read.
		self._raced = _raced(keys - self._names.keys() - self.refused.keys())

	def name(self, check_in: CheckIn) -> str | None:
		return self._names.get(check_in.key) or self._raced.get(check_in.key)

	def existed(self, fate: CheckIn | Duplicate) -> bool:
		return isinstance(fate, Duplicate) or fate.key in self._raced


def _key(fate: Fate) -> tuple[str, datetime] | None:
	if isinstance(fate, Duplicate):
		return fate.check_in.key
	return fate.key if isinstance(fate, CheckIn) else None


def _names(keys: Collection[tuple[str, datetime]]) -> dict[tuple[str, datetime], str]:
	if not keys:
		return {}
	table = frappe.qb.DocType(CHECK_IN)
	within = [table.time[first : last + _A_SECOND] for first, last in spans(time for _employee, time in keys)]
	rows = (
		frappe.qb.from_(table)
		.select(table.employee, table.time, table.name)
		.where(table.employee.isin(sorted({employee for employee, _time in keys})))
		.where(reduce(or_, within))
		.orderby(table.name)
	).run()
	return {(employee, time.replace(microsecond=0)): name for employee, time, name in rows}


def _raced(keys: Collection[tuple[str, datetime]]) -> dict[tuple[str, datetime], str]:
	if not keys:
		return {}
	by_unique_key = {unique_key(*key): key for key in keys}
	table = frappe.qb.DocType(CHECK_IN)
	rows = (
		frappe.qb.from_(table)
		.select(table[KEY_FIELD], table.name)
		.where(table[KEY_FIELD].isin(sorted(by_unique_key)))
		.for_update()
	).run()
	return {by_unique_key[key]: name for key, name in rows}


def decision(row: Mapping[str, Any], fate: Fate, check_ins: CheckIns) -> dict[str, Any]:
	"""What is to be written down; beside it, `existed` of a punch whose check-in was there before, and `why` another one waits,
	for who asked.
	"""
	if isinstance(fate, Ignored):
		return _ignored(fate)
	if isinstance(fate, Pending):
		return _waits(fate)
	check_in = fate.check_in if isinstance(fate, Duplicate) else fate
	refused = check_ins.refused.get(check_in.key)
	if refused:
		return _waits(refused.as_pending())
	existed = check_ins.existed(fate)
	message = message_of(_EXISTED) if existed else ""
	values = {"status": CREATED, "message": message, "reason": row["reason"], "employee": check_in.employee}
	return {**_ANEW, **values, "check_in": check_ins.name(check_in), "existed": existed}


def _waits(pending: Pending) -> dict[str, Any]:
	message = message_of(pending.message)
	values = {"status": WAITING, "reason": pending.reason.value, "message": message}
	return {**_ANEW, **values, "employee": pending.employee, "why": pending.message}


def _ignored(fate: Ignored) -> dict[str, Any]:
	comment = message_of(_("Rule: {0}").format(fate.rule))
	return {**_ANEW, "status": IGNORED, "ignored_on": now_datetime(), "ignore_comment": comment}
