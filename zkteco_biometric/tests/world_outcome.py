"""What a sync has left on the site, in every column, and where two of them differ."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.names import CHECK_IN, LOG_FIELD, PENDING, SYNC_LOG

Row = dict[str, Any]

_OF_A_RUN = ("creation", "modified", LOG_FIELD)
"""No two runs share these: what must hold of them is looked at within their run."""

_COMPARED = {
	PENDING: "device, status, reason, message, employee, check_in, attempts, emp_code, person_name, punch_time,"
	" punch_time_received, punch_state, terminal_sn, transaction_id, `row`, sync_log, punch_key",
	SYNC_LOG: "name, device, `trigger`, user, status, error, remedy, fetched, total, pages, created, duplicate, pending,"
	" ignored, details",
}
_SIDE_EFFECTS = (
	"Version",
	"Comment",
	"Document Follow",
	"ToDo",
	"Notification Log",
	"Milestone",
	"File",
	"Error Log",
	"Deleted Document",
)
_REFUSED_NAME = re.compile(rf"(\[{CHECK_IN}, )[^\]]+")
_WHO = ("name", "employee", "emp_code", "time", "punch_time", "log_type")


@dataclass(frozen=True)
class Outcome:
	check_ins: list[Row]
	by_creation: list[str]
	pendings: list[Row]
	logs: list[Row]
	series: dict[str, int]
	counts: dict[str, int]
	messages: list[str]
	written_in_bulk: int
	why_one_by_one: list[str]

	@property
	def created(self) -> int:
		return sum(log["created"] for log in self.logs)


def counts() -> dict[str, int]:
	"""How many rows there are of what an insert may bring besides; later versions have no longer all of it."""
	return {table: frappe.db.count(table) for table in _SIDE_EFFECTS if frappe.db.table_exists(table)}


def outcome_since(before: Mapping[str, int]) -> Outcome:
	"""Of all syncs whose logs exist; `before` are the `counts` at their beginning."""
	logs = frappe.get_all(SYNC_LOG, fields=["name", "written_in_bulk", "why_one_by_one"], order_by="creation")
	number_of = {log.name: number for number, log in enumerate(logs)}
	found = _check_ins(number_of)
	return Outcome(
		check_ins=[_numbered(row, LOG_FIELD, number_of) for row in found],
		by_creation=[row["name"] for row in sorted(found, key=lambda row: (row["creation"], row["name"]))],
		pendings=[
			_numbered(_nameless(row), "sync_log", number_of) for row in _selected(PENDING, "punch_key")
		],
		logs=[_numbered(row, "name", number_of) for row in _selected(SYNC_LOG, "creation")],
		series=dict(frappe.db.sql("select name, current from tabSeries order by name")),
		counts={table: number - before[table] for table, number in counts().items()},
		messages=[str(message) for message in frappe.local.message_log],
		written_in_bulk=sum(log.written_in_bulk or 0 for log in logs),
		why_one_by_one=[log.why_one_by_one for log in logs if log.why_one_by_one],
	)


def first_difference(one: Outcome, other: Outcome, in_order: bool) -> str | None:
	"""Readably: of whom, when, which column, both values. None where all is the same.

	`in_order`: also the order of creation. Those of a page that only `insert()` can write come after its others.
	"""
	return (
		_differing_rows(CHECK_IN, one.check_ins, other.check_ins)
		or _differing_rows(PENDING, one.pendings, other.pendings)
		or _differing_rows(SYNC_LOG, one.logs, other.logs)
		or (in_order and _differing_lists("order of creation", one.by_creation, other.by_creation))
		or _differing("tabSeries", one.series, other.series)
		or _differing("rows", one.counts, other.counts)
		or _differing_lists("messages", one.messages, other.messages)
		or None
	)


def _check_ins(logs: Iterable[str]) -> list[Row]:
	"""Every column of those that the syncs have brought."""
	names = ", ".join(map(frappe.db.escape, logs)) or "''"
	found = _rows(f"select * from `tab{CHECK_IN}` where {LOG_FIELD} in ({names}) order by name")
	for row in found:
		_look_at_times(row)
	return found


def _look_at_times(row: Row) -> None:
	assert row["creation"] == row["modified"], row
	assert now_datetime() - timedelta(minutes=10) < row["creation"] <= now_datetime(), row


def _numbered(row: Row, column: str, number_of: Mapping[str, int]) -> Row:
	"""Without what no two runs share; the log, whose name is random, is known by its number."""
	told = {key: value for key, value in row.items() if key not in _OF_A_RUN and key != column}
	return {**told, "number of its log": number_of[row[column]]}


def _nameless(row: Row) -> Row:
	"""Punches that waited together are tried again in any order: which number the message names is chance."""
	return {**row, "message": _REFUSED_NAME.sub(r"\1", row["message"] or "")}


def _selected(table: str, order: str) -> list[Row]:
	return _rows(f"select {_COMPARED[table]} from `tab{table}` order by {order}")


def _rows(query: str) -> list[Row]:
	return [dict(row) for row in frappe.db.sql(query, as_dict=True)]


def _differing_rows(table: str, ones: Sequence[Row], others: Sequence[Row]) -> str | None:
	for one, other in zip(ones, others, strict=False):
		difference = _differing(f"{table} of {_who(one)}", one, other)
		if difference:
			return f"{difference}\n\n{one}\n\n{other}"
	return _differing(f"rows of {table}", {"number": len(ones)}, {"number": len(others)})


def _differing_lists(what: str, ones: Sequence[str], others: Sequence[str]) -> str | None:
	return _differing(what, dict(enumerate(ones)), dict(enumerate(others)))


def _who(row: Row) -> str:
	return ", ".join(str(row[key]) for key in _WHO if key in row)


def _differing(what: str, one: Mapping[Any, object], other: Mapping[Any, object]) -> str | None:
	for key in {**one, **other}:
		if one.get(key) != other.get(key) or type(one.get(key)) is not type(other.get(key)):
			return f"{what}: {key} is {one.get(key)!r} one by one, {other.get(key)!r} in bulk"
	return None
