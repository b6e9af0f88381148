"""The terminals."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from zkteco_biometric.simulator.answers import ApiError, json_answer
from zkteco_biometric.simulator.paging import asked_cut, page_answer
from zkteco_biometric.simulator.routes.resource import Resource, json_object
from zkteco_biometric.simulator.rows import terminal_row
from zkteco_biometric.simulator.state import State


def list_terminals(state: State, request: Request) -> Response:
	"""One page, in the order in which they were added."""
	cut = asked_cut(request, state.variant)
	terminals = [
		terminal
		for terminal in state.store.terminals
		if request.args.get("sn", terminal.sn) == terminal.sn
		and request.args.get("alias", terminal.alias) == terminal.alias
	]
	shown = [
		terminal_row(terminal, state.store) for terminal in terminals[cut.offset : cut.offset + cut.size]
	]
	return page_answer(request, state.variant, cut, len(terminals), shown)


def upload_transaction(state: State, request: Request) -> Response:
	"""Take note of the order; the answer is unpublished, so judge by the punches that follow."""
	asked = json_object(request).get("terminals")
	known = [terminal.id for terminal in state.store.terminals]
	if not isinstance(asked, list) or not asked or any(id not in known for id in asked):
		raise ApiError(400, {"terminals": ["Name the ids of known terminals."]})
	return json_answer({"code": 0, "msg": "", "data": []})


RESOURCES = (
	Resource("/iclock/api/terminals/", {"GET": list_terminals}),
	Resource("/iclock/api/terminals/upload_transaction/", {"POST": upload_transaction}),
)
