"""What a dry run says to an HR administrator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from zkteco_biometric.cycle.result import Counters, CycleResult
from zkteco_biometric.cycle.window import Reading
from zkteco_biometric.standalone.dry_run import Order, Report
from zkteco_biometric.standalone.position import written
from zkteco_biometric.standalone.tables import printable, table

_MOST_CODES = 50
_MOST_REASONS = 20
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
		yield from map(_asked_for, report.readings)
		yield from _counters(report.result)
	yield from _settled(report)
	yield from _sample(report)
	yield from _codes(report)
	yield from _reasons(report.result)
	yield from _remarks(order, report)
	yield ""
	yield from _where(order, report)


def _asked_for(reading: Reading) -> str:
	window = reading.window
	start = f"from {written(window.start)}" if window.start else "from the first one"
	again = f", going on at page {reading.first_page}" if reading.first_page > 1 else ""
	return f"Punches {start} to {written(window.end)}, by the terminals' clocks{again}."


def _counters(result: CycleResult) -> Iterator[str]:
	counted = result.counters
	yield f"{_punches(counted.fetched)} read on {_number(result.pages, 'page')}."
	yield from table(_meanings(counted), right=frozenset({0}))


def _meanings(counted: Counters) -> list[tuple[object, ...]]:
	return [
		(counted.created, "created", "would become check-ins"),
		(counted.duplicate, "duplicate", "that second of that person is a check-in already"),
		(counted.unmatched, "unmatched", "no employee has the code"),
		(counted.ignored, "ignored", "a rule leaves them out"),
		(counted.rejected, "rejected", "cannot be understood"),
	]


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
	rows = [(one.code, one.punches, one.first, one.last) for one in shown]
	yield from table([("Code", "Punches", "First", "Last"), *rows], right=frozenset({1}))
	yield from _more(len(report.waiting) - len(shown), "in the table pending_punch of the database")


def _reasons(result: CycleResult) -> Iterator[str]:
	if result.ignored_rules:
		yield ""
		yield "Ignored:"
		rules = [(number, rule) for rule, number in result.ignored_rules.most_common()]
		yield from table(rules, right=frozenset({0}))
	if result.rejections:
		yield ""
		yield "Rejected:"
		shown = result.rejections[:_MOST_REASONS]
		yield from (f"  {printable(reason)}" for reason in shown)
		yield from _more(result.counters.rejected - len(shown), "")


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


def _where(order: Order, report: Report) -> Iterator[str]:
	yield f"{_number(report.held, 'check-in')} of this device in {order.database}, table employee_checkin."
	if order.csv:
		yield f"All of them for Frappe's Data Import (Employee Checkin): {order.csv}"


def _more(number: int, where: str) -> Iterator[str]:
	if number > 0:
		yield f"  and {number} more {where}".rstrip()


def _punches(number: int) -> str:
	return _number(number, "punch", "es")


def _number(number: int, what: str, plural: str = "s") -> str:
	return f"{number} {what}{'' if number == 1 else plural}"
