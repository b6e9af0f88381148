"""A path with its guard and its methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from zkteco_biometric.simulator.access import Guard, licensed_user
from zkteco_biometric.simulator.answers import REQUIRED, ApiError
from zkteco_biometric.simulator.state import State

Handler = Callable[..., Response]


@dataclass(frozen=True, eq=False)
class Resource:
	"""A path of the API; handlers get the state, the request and the parts of the path."""

	path: str
	methods: Mapping[str, Handler]
	guard: Guard = licensed_user

	def answer(self, state: State, request: Request, parts: Mapping[str, Any]) -> Response:
		"""Carry out the request.

		:raises ApiError: the guard refuses it, the method is unknown, or the request is wrong.
		"""
		self.guard(state, request)
		handler = self.methods.get(request.method)
		if handler is None:
			raise ApiError.detail(405, f'Method "{request.method}" not allowed.')
		return handler(state, request, **parts)


def json_object(request: Request) -> dict[str, Any]:
	"""The JSON object that was sent.

	:raises ApiError: 400, it is none.
	"""
	payload = request.get_json(silent=True, force=True)
	if not isinstance(payload, dict):
		raise ApiError.detail(400, "JSON parse error - send a JSON object.")
	return payload


def require(payload: Mapping[str, Any], *names: str) -> None:
	"""Let a payload pass that has all these fields.

	:raises ApiError: 400, naming those it lacks.
	"""
	missing = {name: [REQUIRED] for name in names if payload.get(name) in (None, "")}
	if missing:
		raise ApiError(400, missing)
