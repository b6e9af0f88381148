"""The punches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from werkzeug.wrappers import Request, Response

from zkteco_biometric.simulator.answers import ApiError
from zkteco_biometric.simulator.paging import asked_cut, page_answer
from zkteco_biometric.simulator.punch_table import SortKey, Wanted
from zkteco_biometric.simulator.routes.resource import Resource
from zkteco_biometric.simulator.rows import transaction_row
from zkteco_biometric.simulator.state import State
from zkteco_biometric.simulator.wallclock import parse

ORDERS: dict[str, SortKey] = {
	"punch_time": lambda row: (row.punch_time, row.id),
	"upload_time": lambda row: (row.upload_time, row.id),
}


def list_transactions(state: State, request: Request) -> Response:
	"""One page; parameters that the build does not know are ignored."""
	cut = asked_cut(request, state.variant)
	ordering = request.args.get("ordering", "") if state.variant.ordering else ""
	count, rows = state.store.punch_page(
		list(_wanted(state, request)),
		order=ORDERS.get(ordering.removeprefix("-")),
		descending=ordering.startswith("-"),
		offset=cut.offset,
		size=cut.size,
	)
	shown = [transaction_row(row, state.store, state.variant) for row in rows]
	return page_answer(request, state.variant, cut, count, shown)


def _wanted(state: State, request: Request) -> Iterator[Wanted]:
	asked = request.args
	if (code := asked.get("emp_code")) and state.variant.emp_code_filter:
		yield _code_is(code, state.variant.loose_emp_code)
	if sn := asked.get("terminal_sn"):
		yield lambda row: row.terminal_sn == sn
	if alias := asked.get("terminal_alias"):
		yield _sent_by({terminal.sn for terminal in state.store.terminals if terminal.alias == alias})
	if state.variant.time_filters:
		yield from _within(_time(request, "start_time"), _time(request, "end_time"))


def _code_is(code: str, loose: bool) -> Wanted:
	if loose:
		return lambda row: code in row.emp_code
	return lambda row: row.emp_code == code


def _sent_by(serials: set[str]) -> Wanted:
	return lambda row: row.terminal_sn in serials


def _within(start: datetime | None, end: datetime | None) -> Iterator[Wanted]:
	if start and end:
		yield lambda row: start <= row.punch_time <= end
	elif start:
		yield lambda row: start <= row.punch_time
	elif end:
		yield lambda row: row.punch_time <= end


def _time(request: Request, name: str) -> datetime | None:
	text = request.args.get(name)
	try:
		return parse(text) if text else None
	except ValueError as error:
		# Unpublished: the words of the framework's own date-time field.
		raise ApiError(400, {name: ["Enter a valid date/time."]}) from error


RESOURCES = (Resource("/iclock/api/transactions/", {"GET": list_transactions}),)
