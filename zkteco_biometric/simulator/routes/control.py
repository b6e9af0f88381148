"""Steering the simulator while it runs; only from the same machine, and without a token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.wrappers import Request, Response

from zkteco_biometric.simulator.access import same_machine
from zkteco_biometric.simulator.answers import ApiError, html_answer, json_answer
from zkteco_biometric.simulator.control_page import page
from zkteco_biometric.simulator.fault_orders import QUEUE_FIELDS, ordered_fault
from zkteco_biometric.simulator.routes.resource import Resource, json_object
from zkteco_biometric.simulator.rows import STATE_DISPLAY, transaction_row
from zkteco_biometric.simulator.state import State
from zkteco_biometric.simulator.wallclock import written

PUNCH_FIELDS = ("emp_code", "punch_state", "terminal_sn", "punch_time")
STATES = (*STATE_DISPLAY, "255", "")


def show_page(state: State, _request: Request) -> Response:
	"""The state, for a person."""
	return html_answer(page(state))


def add_punch(state: State, request: Request) -> Response:
	"""Add a punch, now unless `punch_time` says when: 201 and its row."""
	order = _punch_order(request)
	sn = order.get("terminal_sn")
	if sn:
		_check_terminal(state, sn)
	with _times_explained():
		row = state.store.punch(
			order["emp_code"], _when(state, order), str(order.get("punch_state", "0")), terminal_sn=sn
		)
	return json_answer(transaction_row(row, state.store, state.variant), 201)


def try_to_punch(state: State, request: Request) -> Response:
	"""A person tries to punch, now unless `punch_time` says when: `accepted` tells whether the terminal holds them."""
	order = _punch_order(request)
	sn = order.get("terminal_sn") or next((terminal.sn for terminal in state.store.terminals), None)
	if sn is None:
		raise ApiError.detail(400, "There is no terminal to punch at: add one to the store first.")
	_check_terminal(state, sn)
	with _times_explained():
		row = state.store.person_punches(
			order["emp_code"], str(sn), _when(state, order), str(order.get("punch_state", "0"))
		)
	punch = transaction_row(row, state.store, state.variant) if row else None
	return json_answer({"accepted": row is not None, "punch": punch}, 201 if row else 200)


def carry_out_late(state: State, request: Request) -> Response:
	"""Carry out what a `late` fault has kept; ordered with `{}`."""
	_refuse_unknown(_order(request), ())
	return json_answer({"carried_out": state.late.carry_out()})


def add_fault(state: State, request: Request) -> Response:
	"""Arm a fault: `{"fault": "status", "code": 503, "path": "transactions", "times": 3}`."""
	order = _order(request)
	try:
		fault = ordered_fault(order)
		state.faults.add(fault, **{name: order[name] for name in QUEUE_FIELDS if name in order})
	except ValueError as error:
		raise ApiError.detail(400, str(error)) from error
	return json_answer({"waiting": len(state.faults)}, 201)


def clear_faults(state: State, _request: Request) -> Response:
	"""Call off every fault: 204."""
	state.faults.clear()
	return Response(status=204)


def list_requests(state: State, _request: Request) -> Response:
	"""What was asked so far, without headers and bodies, which hold secrets."""
	return json_answer(
		[
			{
				"method": entry.method,
				"path": entry.path,
				"query": entry.query,
				"status": entry.status,
				"at": entry.at.isoformat(),
			}
			for entry in state.log.entries
		]
	)


def _order(request: Request) -> dict[str, Any]:
	# A browser asks before it sends JSON to another site, so no foreign page can steer.
	if not request.is_json:
		raise ApiError.detail(415, "Send JSON, with the header Content-Type: application/json.")
	return json_object(request)


def _refuse_unknown(order: dict[str, Any], known: tuple[str, ...]) -> None:
	unknown = sorted(set(order) - set(known))
	if unknown:
		raise ApiError.detail(400, f"Unknown: {', '.join(unknown)}. Use {', '.join(known) or 'nothing'}.")


def _punch_order(request: Request) -> dict[str, Any]:
	order = _order(request)
	_refuse_unknown(order, PUNCH_FIELDS)
	code, punch_state = order.get("emp_code"), str(order.get("punch_state", "0"))
	if not isinstance(code, str) or not code:
		raise ApiError.detail(400, "Name the person: emp_code as a text, such as '007'.")
	if punch_state not in STATES:
		raise ApiError.detail(400, f"punch_state {punch_state!r} is unknown: use one of {', '.join(STATES)}.")
	return order


def _check_terminal(state: State, sn: object) -> None:
	if state.store.terminal(str(sn)) is None:
		known = ", ".join(terminal.sn for terminal in state.store.terminals)
		raise ApiError.detail(400, f"There is no terminal {sn!r}: use one of {known}, or leave it out.")


def _when(state: State, order: dict[str, Any]) -> str:
	return str(order.get("punch_time", written(state.store.wall_clock())))


@contextmanager
def _times_explained() -> Iterator[None]:
	try:
		yield
	except ValueError as error:
		raise ApiError.detail(400, f"punch_time: {error}") from error


RESOURCES = (
	Resource("/simulator/", {"GET": show_page}, same_machine),
	Resource("/simulator/punches", {"POST": add_punch}, same_machine),
	Resource("/simulator/person-punches", {"POST": try_to_punch}, same_machine),
	Resource("/simulator/late", {"POST": carry_out_late}, same_machine),
	Resource("/simulator/faults", {"POST": add_fault, "DELETE": clear_faults}, same_machine),
	Resource("/simulator/requests", {"GET": list_requests}, same_machine),
)
