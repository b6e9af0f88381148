"""Both log-ins, and the log-in page for browsers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.wrappers import Request, Response

from zkteco_biometric.simulator.access import anyone
from zkteco_biometric.simulator.answers import LOGIN_PAGE, ApiError, html_answer, json_answer, not_found_page
from zkteco_biometric.simulator.routes.resource import Resource, json_object, require
from zkteco_biometric.simulator.state import State


def jwt_login(state: State, request: Request) -> Response:
	"""A JWT for the right credentials."""
	if not state.variant.jwt:
		return _missing_jwt(state)
	_log_in(state, request)
	return json_answer({"token": state.account.new_jwt()})


def general_login(state: State, request: Request) -> Response:
	"""The general token for the right credentials."""
	if not state.variant.general_token:
		return not_found_page()
	_log_in(state, request)
	return json_answer({"token": state.account.general_token()})


def browser_login(_state: State, _request: Request) -> Response:
	"""The page that redirects for browsers end at."""
	return html_answer(LOGIN_PAGE)


def _log_in(state: State, request: Request) -> None:
	fields = _credentials(request)
	require(fields, "username", "password")
	state.account.log_in(fields["username"], fields["password"])


def _credentials(request: Request) -> Mapping[str, Any]:
	return request.form if request.form else json_object(request)


def _missing_jwt(state: State) -> Response:
	if state.variant.jwt_missing_as == "json404":
		raise ApiError.detail(404, "Not found.")
	return not_found_page()


RESOURCES = (
	Resource("/jwt-api-token-auth/", {"POST": jwt_login}, anyone),
	Resource("/api-token-auth/", {"POST": general_login}, anyone),
	Resource("/login/", {"GET": browser_login, "POST": browser_login}, anyone),
)
