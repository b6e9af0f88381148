"""Who may ask: guards that run before a route."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address

from werkzeug.wrappers import Request

from zkteco_biometric.simulator.answers import NOT_PROVIDED, ApiError
from zkteco_biometric.simulator.faults import NO_LICENCE
from zkteco_biometric.simulator.state import State

Guard = Callable[[State, Request], None]


def anyone(_state: State, _request: Request) -> None:
	"""Lets every request pass."""


def licensed_user(state: State, request: Request) -> None:
	"""Lets those pass who carry good credentials, where the licence covers the API.

	:raises ApiError: 401 or 403.
	"""
	_check_credentials(state, request)
	if not state.variant.licence:
		raise ApiError.detail(403, NO_LICENCE)


def same_machine(_state: State, request: Request) -> None:
	"""Lets direct requests from loopback pass.

	:raises ApiError: 403 for all others, proxied ones included.
	"""
	if "X-Forwarded-For" in request.headers or not _is_loopback(request.remote_addr):
		raise ApiError.detail(
			403, "Steer the simulator from the machine it runs on, such as http://127.0.0.1."
		)


def _check_credentials(state: State, request: Request) -> None:
	scheme, _, value = request.headers.get("Authorization", "").partition(" ")
	match scheme.lower():
		case "jwt" if state.variant.jwt and value:
			state.account.check_jwt(value)
		case "token" if state.variant.general_token and value:
			state.account.check_general_token(value)
		case "basic" if state.variant.accepts_basic:
			_check_basic(state, request)
		case _:
			raise ApiError.detail(401, NOT_PROVIDED)


def _check_basic(state: State, request: Request) -> None:
	given = request.authorization
	if given is None or not state.account.matches(given.username, given.password):
		raise ApiError.detail(401, "Invalid username/password.")


def _is_loopback(address: str | None) -> bool:
	try:
		return ip_address(address or "").is_loopback
	except ValueError:
		return False
