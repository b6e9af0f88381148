"""What a dry run says to an HR administrator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from zkteco_biometric.cycle.result import Counters, CycleResult
from zkteco_biometric.standalone.dry_run import Order, Report
from zkteco_biometric.standalone.ledger import Undecided
from zkteco_biometric.standalone.position import written
from zkteco_biometric.standalone.tables import printable, table

_MOST_CODES = 50
_NOTABLE_OFFSET = timedelta(minutes=2)


def introduction(order: Order) -> Iterator[str]:
	"""Before anything is read."""
	clocks = order.rules.window.clocks
	yield "Dry run: nothing is written to Frappe HR or to the device."
	yield f"  device     {order.device.url}, as {printable(order.device.credentials.username)}"
	yield f"  employees  {order.employees}"
	yield f"  database   {order.database}"
	yield f"  times      terminals in {clocks.device.key}, check-ins in {clocks.site.key}"


def summary(order: Order, report: Report) -> Iterator[str]:
	"""After it, whether or not the device failed."""
	if report.result.pages or not report.result.failure:
		yield ""
		yield from _asked_for(report)
		yield from _counters(report.result)
		yield from _late(report)
	yield from _settled(report)
	yield from _sample(report)
	yield from _codes(report)
	yield from _undecided(report)
	yield from _ignored(report.result)
	yield from _remarks(order, report)
	yield ""
	yield from _where(order, report)


def _asked_for(report: Report) -> Iterator[str]:
	"""A long time is asked for in parts; it is told of as the whole that it is."""
	if report.resumed:
		window, page = report.resumed.window, report.resumed.place.page
		again = f", going on at page {page}" if page > 1 else ""
		yield f"{_span(window.start, window.end)}{again}."
	if report.result.window_end:
		yield f"{_span(report.result.window_start, report.result.window_end)}."


def _span(start: datetime | None, end: datetime) -> str:
	first = written(start) if start else "the first one"
	return f"Punches from {first} to {written(end)}, by the terminals' clocks"


def _counters(result: CycleResult) -> Iterator[str]:
	counted = result.counters
	yield f"{_punches(counted.fetched)} read on {_number(result.pages, 'page')}."
	yield from table(_meanings(counted), right=frozenset({0}))


def _meanings(counted: Counters) -> list[tuple[object, ...]]:
	return [
		(counted.created, "created", "would become check-ins"),
		(counted.duplicate, "duplicate", "that second of that person is a check-in already"),
		(counted.pending, "pending", "wait for an employee with their code, or for a decision"),
		(counted.ignored, "ignored", "a rule leaves them out"),
	]


def _late(report: Report) -> Iterator[str]:
	if report.late:
		yield f"{report.late} of them arrived late: from before that time, and uploaded since the run before."


def _settled(report: Report) -> Iterator[str]:
	if report.settled:
		yield ""
		yield f"{_punches(report.settled)} of earlier runs became check-ins too: their codes have employees now."


def _sample(report: Report) -> Iterator[str]:
	if report.sample:
		yield ""
		yield "The first of the new check-ins:"
		rows = [(row.employee, row.time, row.log_type or "-", row.terminal_sn) for row in report.sample]
		yield from table([("Employee", "Time", "Type", "Terminal"), *rows])


def _codes(report: Report) -> Iterator[str]:
	if not report.waiting:
		return
	yield ""
	yield "Unknown codes, in all runs. Enter each as the Attendance Device ID of its employee, or leave it:"
	shown = report.waiting[:_MOST_CODES]
	rows = [(one.code, one.name, one.punches, one.first, one.last) for one in shown]
	yield from table(
		[("Code", "Name on the device", "Punches", "First", "Last"), *rows], right=frozenset({2})
	)
	yield from _more(len(report.waiting) - len(shown))


def _undecided(report: Report) -> Iterator[str]:
	if report.undecided:
		yield ""
		yield "Waiting for a decision, in all runs:"
		yield from (f"  {printable(_told(one))}" for one in report.undecided)
		yield from _more(report.undecided_in_all - len(report.undecided))


def _told(one: Undecided) -> str:
	"""Which punch, whose and when, and what is in its way."""
	name = f" ({one.name})" if one.name else ""
	whose = f"code {one.code}{name} at {one.time}: " if one.code else ""
	return f"Transaction {one.transaction_id or '?'}: {whose}{one.reason.lower()}: {one.message}"


def _ignored(result: CycleResult) -> Iterator[str]:
	if result.ignored_rules:
		yield ""
		yield "Ignored:"
		rules = [(number, rule) for rule, number in result.ignored_rules.most_common()]
		yield from table(rules, right=frozenset({0}))


def _remarks(order: Order, report: Report) -> Iterator[str]:
	if not report.people.by_code:
		yield ""
		yield f"No employee in {order.employees} has an Attendance Device ID: every code is unknown."
	offset = report.result.clock_offset
	if offset and abs(offset) > _NOTABLE_OFFSET:
		side = "ahead of" if offset > timedelta() else "behind"
		yield ""
		yield (
			f"The server's clock is {abs(offset)} (hours:minutes:seconds) {side} this machine's. "
			"Set the wrong one: terminals take their time from the server."
		)
	if report.result.wrong_clocks:
		yield ""
		yield from map(printable, report.result.wrong_clocks)


def _where(order: Order, report: Report) -> Iterator[str]:
	yield f"{_number(report.held, 'check-in')} of this device in {order.database}, table employee_checkin."
	if order.csv:
		yield f"All of them for Frappe's Data Import (Employee Checkin): {order.csv}"


def _more(number: int) -> Iterator[str]:
	if number > 0:
		yield f"  and {number} more in the table pending_punch of the database"


def _punches(number: int) -> str:
	return _number(number, "punch", "es")


def _number(number: int, what: str, plural: str = "s") -> str:
	return f"{number} {what}{'' if number == 1 else plural}"
