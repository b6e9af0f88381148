"""From request to answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from zkteco_biometric.simulator.answers import ApiError, json_answer, not_found_page
from zkteco_biometric.simulator.faults import LATE, STOPPING
from zkteco_biometric.simulator.request_log import Entry
from zkteco_biometric.simulator.routes import areas, control, login, people, terminals, transactions
from zkteco_biometric.simulator.routes.resource import Resource
from zkteco_biometric.simulator.state import State

CONTROL = "/simulator/"
_MODULES = (login, transactions, people, areas, terminals, control)
_PATHS = Map(
	[Rule(resource.path, endpoint=resource) for module in _MODULES for resource in module.RESOURCES],
	merge_slashes=False,
)


def respond(state: State, request: Request) -> Response:
	"""Log the request, carry it out through the faults, and date the answer by the server's clock.

	:raises Dropped: the connection shall end without an answer.
	"""
	request.environ |= {STOPPING: state.stopping, LATE: state.late}
	is_control = request.path.startswith(CONTROL)
	response = _carry_out(state, request) if is_control else _logged(state, request)
	response.headers["Date"] = http_date(state.clock())
	return response


def _logged(state: State, request: Request) -> Response:
	entry = _entry(state, request)
	state.log.add(entry)
	response = state.faults.wrap(request, lambda passed: _carry_out(state, passed))
	entry.status = response.status_code
	return response


def _carry_out(state: State, request: Request) -> Response:
	resource, parts = _find(request)
	if resource is None:
		return not_found_page()
	try:
		return resource.answer(state, request, parts)
	except ApiError as error:
		response = json_answer(error.payload, error.status)
		if error.status == 401:
			response.headers["WWW-Authenticate"] = 'JWT realm="api"'
		return response


def _find(request: Request) -> tuple[Resource | None, Mapping[str, Any]]:
	try:
		return _PATHS.bind_to_environ(request.environ).match()
	except HTTPException:
		# Also where Werkzeug would redirect: without the trailing slash, a path is unknown.
		return None, {}


def _entry(state: State, request: Request) -> Entry:
	is_login = request.path.endswith("token-auth/")
	return Entry(
		method=request.method,
		path=request.path,
		query=request.args.to_dict(),
		at=state.clock(),
		headers=dict(request.headers),
		body=None if is_login else request.get_json(silent=True),
	)
