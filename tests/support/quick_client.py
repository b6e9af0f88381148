"""A client of a simulator without a socket, and without `requests`: for tests that ask some hundred thousand times."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

from werkzeug.datastructures import Headers

from tests.support.clients import PASSWORD, USERNAME, Sleeps
from zkteco_biometric.biotime.answers import Answer, Json
from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.errors import TruncatedBody, Unreachable
from zkteco_biometric.biotime.models import Credentials
from zkteco_biometric.biotime.transport import RetryPolicy, Transport
from zkteco_biometric.simulator import Simulator
from zkteco_biometric.simulator.faults import Dropped

URL = "http://biotime.test"
_TWO_ATTEMPTS = RetryPolicy(attempts=2)


class Directly(Transport):
	"""Calls the simulator's application where a transport would send a request; it is told of each before it is asked."""

	def __init__(self, sim: Simulator, asking: Callable[[], None]) -> None:
		super().__init__(URL, retry=_TWO_ATTEMPTS, sleep=Sleeps())
		self._sim = sim
		self._asking = asking

	def _once(
		self, method: str, path: str, authorization: str, read: Callable[[Answer], Json], **content: Any
	) -> Json:
		self._asking()
		status: list[Any] = []

		def start_response(line: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
			status.extend((int(line.partition(" ")[0]), Headers(headers)))
			return status.append

		try:
			body = b"".join(
				self._sim.wsgi_app(_environ(method, path, authorization, content), start_response)
			)
		except Dropped as cause:
			raise Unreachable("The connection was reset.") from cause
		if int(status[1].get("Content-Length") or 0) > len(body):
			raise TruncatedBody("The answer broke off.")
		return read(Answer(status[0], status[1], body))


def quick_client(sim: Simulator, asking: Callable[[], None], **client: Any) -> BioTimeClient:
	return BioTimeClient(Directly(sim, asking), Credentials(USERNAME, PASSWORD), **client)


def _environ(method: str, path: str, authorization: str, content: dict[str, Any]) -> dict[str, Any]:
	body = json.dumps(content["json"]).encode() if "json" in content else b""
	return {
		"REQUEST_METHOD": method,
		"SCRIPT_NAME": "",
		"PATH_INFO": path,
		"QUERY_STRING": urlencode(content.get("params") or {}),
		"SERVER_NAME": "biotime.test",
		"SERVER_PORT": "80",
		"SERVER_PROTOCOL": "HTTP/1.1",
		"HTTP_HOST": "biotime.test",
		"HTTP_AUTHORIZATION": authorization,
		"CONTENT_TYPE": "application/json",
		"CONTENT_LENGTH": str(len(body)),
		"wsgi.url_scheme": "http",
		"wsgi.input": BytesIO(body),
	}
