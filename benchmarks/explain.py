"""What the statements of this app and of HRMS read at a full table: EXPLAIN of the very statements that are sent.

They are caught while real work runs. A SELECT is run once more by ANALYZE, which counts the rows that are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import frappe
from frappe.utils import now_datetime

from benchmarks.history import History, code_of
from benchmarks.punch_server import serving
from benchmarks.results.large import Step
from benchmarks.sizes import Sizes
from benchmarks.workspace import DEVICE, cycle, employee, forget_what_was_read, job, write_one_by_one
from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.frappe_hr import (
	device_user_facts,
	employee_facts,
	notice_facts,
	overview,
	workspace_figures,
)
from zkteco_biometric.frappe_hr.cut_off import end_cut_off_cycles
from zkteco_biometric.frappe_hr.device import wall_clocks
from zkteco_biometric.frappe_hr.names import CHECK_IN, SYNC_LOG
from zkteco_biometric.frappe_hr.schedule import due_devices
from zkteco_biometric.frappe_hr.sync_log import close_early
from zkteco_biometric.frappe_hr.unknown_codes import unknown_codes

_LATER = 30
"""Seconds between the punches of the table and those that are new here."""

_OURS = ("tabEmployee Checkin", "tabEmployee", "tabShift", "tabZKTeco")
_SECONDS_AT_MOST = 60
_BEFORE = "before_explain"

Sent = tuple[str, Any]
"""A statement, and its values."""


def measure(site: str, sizes: Sizes) -> list[Step]:
	"""Of each distinct statement that reads a table of ours or of HRMS, where it was met first."""
	history = History(sizes.people, 2 * sizes.page_size, later=_LATER)
	with serving(history) as server, job(site):
		frappe.db.sql(f"analyze table `tab{CHECK_IN}`")
		caught = _Caught()
		for occasion, work in _occasions(server.url, sizes).items():
			with caught.during(occasion):
				work()
			frappe.db.commit()
		return list(caught.steps())


def _occasions(url: str, sizes: Sizes) -> dict[str, Callable[[], object]]:
	people = [employee(code_of(person)) for person in range(sizes.people)]
	return {
		"a cycle, all new": lambda: _cycle(url, sizes),
		"a cycle, all there": lambda: _cycle(url, sizes),
		"an idle tick": cycle,
		"bare insert()": lambda: _insert(employee(code_of(sizes.people))),
		"a cycle, one by one": lambda: _one_by_one(url, sizes),
		"people on devices": lambda: _facts_of(people),
		"an employee's form": lambda: employee_facts.facts_of(people[0]),
		"the form, the command line": lambda: overview.overviews(),
		"the workspace": _draw_the_workspace,
		"notices": lambda: (notice_facts.gather_facts([]), notice_facts.gather_people([])),
		"unknown codes": lambda: unknown_codes(DEVICE),
		"a cycle that was cut off": _close_a_log,
		"the dispatcher": lambda: (end_cut_off_cycles(), due_devices(now_datetime())),
	}


def _cycle(url: str, sizes: Sizes) -> None:
	forget_what_was_read(url, sizes.page_size)
	cycle()


def _one_by_one(url: str, sizes: Sizes) -> None:
	"""The same punches are new again."""
	frappe.db.delete(CHECK_IN, {"zkteco_sync_log": _newest_log()})
	write_one_by_one(True)
	try:
		_cycle(url, sizes)
	finally:
		write_one_by_one(False)


def _newest_log() -> str:
	"""That brought check-ins; nothing that is deleted has no log."""
	logs = frappe.get_all(
		SYNC_LOG, {"device": DEVICE, "created": (">", 0)}, pluck="name", order_by="creation desc", limit=1
	)
	return logs[0]


def _insert(person: str) -> None:
	frappe.get_doc(
		{"doctype": CHECK_IN, "employee": person, "time": "2021-06-01 08:00:00", "log_type": "IN"}
	).insert()


def _facts_of(people: list[str]) -> None:
	clocks = wall_clocks(None)
	device_user_facts.employees_changed_since(now_datetime())
	device_user_facts.facts_of(people, clocks, device_user_facts.control_rules(), utc_now())


def _draw_the_workspace() -> None:
	workspace_figures.enabled_devices()
	workspace_figures.check_ins_of_today()
	workspace_figures.per_hour_of_today()
	workspace_figures.per_day_and_device()


def _close_a_log() -> None:
	"""As after a worker died; what the log says does not matter any more."""
	close_early(_newest_log(), "Failed", "", "")


class _Caught:
	"""Statements by their shape, with the longest of each."""

	def __init__(self) -> None:
		self._sent: dict[str, tuple[str, Sent]] = {}

	@contextmanager
	def during(self, occasion: str) -> Iterator[None]:
		send = type(frappe.local.db).sql

		def sql(database: Any, query: object, values: Any = (), *arguments: Any, **named: Any) -> Any:
			answer = send(database, query, values, *arguments, **named)
			self._note(occasion, str(query).strip(), values)
			return answer

		with patch.object(type(frappe.local.db), "sql", sql):
			yield

	def _note(self, occasion: str, query: str, values: Any) -> None:
		if not re.match(r"(select|update|delete|with|\()", query, re.I) or not re.search(
			r"\bfrom\b|update", query, re.I
		):
			return
		shape = _shape(query)
		known = self._sent.get(shape)
		if known is None:
			self._sent[shape] = (occasion, (query, values))
		elif _length(query, values) > _length(*known[1]):
			self._sent[shape] = (known[0], (query, values))

	def steps(self) -> Iterator[Step]:
		rows = _rows_of_tables()
		for shape, (occasion, sent) in self._sent.items():
			yield from (
				_step(occasion, shape, found, rows) for found in _explained(*sent) if _is_ours(found.table)
			)


def _length(query: str, values: Any) -> int:
	return len(query) + len(str(values))


def _shape(query: str) -> str:
	"""Without values, so that two of a kind are the same."""
	text = re.sub(r"'(?:[^'\\]|\\.|'')*'|%\(\w+\)s|%s|\b\d+\b", "?", query)
	text = re.sub(r"\?(\s*,\s*\?)+", "?…", text)
	return " ".join(re.sub(r"\(\s*\?…\s*\)(\s*,\s*\(\s*\?…\s*\))+", "(?…)…", text).split())


def _explained(query: str, values: Any) -> list[Any]:
	"""A statement that cannot be explained, as of a table that is gone by now, counts as nothing."""
	runs = not re.match(r"(update|delete)", query, re.I)
	frappe.db.savepoint(_BEFORE)
	try:
		with _no_longer_than(_SECONDS_AT_MOST):
			return frappe.db.sql(f"{'analyze' if runs else 'explain'} {query}", values, as_dict=True)
	finally:
		frappe.db.rollback(save_point=_BEFORE)


@contextmanager
def _no_longer_than(seconds: int) -> Iterator[None]:
	frappe.db.sql(f"set session max_statement_time = {seconds}")
	try:
		yield
	finally:
		frappe.db.sql("set session max_statement_time = 0")


def _is_ours(table: str | None) -> bool:
	return bool(table) and table.startswith(_OURS)


def _rows_of_tables() -> dict[str, int]:
	return dict(
		frappe.db.sql(
			"select table_name, table_rows from information_schema.tables where table_schema = database()"
		)
	)


def _step(occasion: str, shape: str, found: Any, rows: dict[str, int]) -> Step:
	read = found.get("r_rows")
	return Step(
		occasion,
		shape,
		found.table,
		found.type or "",
		found.key or "",
		float(found.rows or 0) if read is None else float(read),
		int(rows.get(found.table) or 0),
		found.Extra or "",
	)
