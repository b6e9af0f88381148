"""Clients of a simulator without a socket and without a thread: for tests that need thousands of servers.

Everything of ours is in use, and `requests` with it; only the wire is missing.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.support.clients import PASSWORD, USERNAME, Sleeps
from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.idle_sessions import IdleSessions
from zkteco_biometric.biotime.models import Credentials
from zkteco_biometric.biotime.transport import RetryPolicy, TimeOuts, Transport
from zkteco_biometric.simulator import Simulator
from zkteco_biometric.simulator.faults import Dropped

URL = "http://biotime.test"


class InProcess(HTTPAdapter):
	"""Calls the simulator's application where `requests` would open a connection.

	Faults do what they do over a socket: a reset raises requests' ConnectionError, a body shorter than its
	Content-Length breaks off. A delay is waited for to its end, and times out afterwards. What a handler itself raises
	comes out here.
	"""

	def __init__(self, sim: Simulator) -> None:
		super().__init__()
		self._sim = sim

	def send(
		self,
		request: requests.PreparedRequest,
		stream: bool = False,
		timeout: Any = None,
		*_args: Any,
		**_tls: Any,
	) -> requests.Response:
		began = time.monotonic()
		try:
			body, status, headers = run_wsgi_app(self._sim.wsgi_app, _environ(request))
		except Dropped as cause:
			raise _reset(request) from cause
		if time.monotonic() - began > _read_time_out(timeout):
			raise requests.exceptions.ReadTimeout("Read timed out.", request=request)
		response = self.build_response(request, _as_if_received(request, b"".join(body), status, headers))
		if not stream:
			_ = response.content
		return response


@contextmanager
def connected_in_process(
	sim: Simulator,
	*,
	sleep: Callable[[float], None] | None = None,
	retry: RetryPolicy | None = None,
	time_outs: TimeOuts | None = None,
	password: str = PASSWORD,
	**client: Any,
) -> Iterator[BioTimeClient]:
	"""What `connected` is for a simulator that listens: a client of one that need not be started."""
	transport = Transport(
		URL,
		retry=retry,
		time_outs=time_outs,
		sleep=Sleeps() if sleep is None else sleep,
		sessions=IdleSessions(),
	)
	transport._session.mount(URL, InProcess(sim))
	opened = BioTimeClient(transport, Credentials(USERNAME, password), **client)
	try:
		yield opened
	finally:
		opened.close()


def _environ(request: requests.PreparedRequest) -> dict[str, Any]:
	url = urlsplit(request.url or "")
	body = request.body or b""
	builder = EnvironBuilder(
		path=url.path,
		query_string=url.query,
		base_url=f"{url.scheme}://{url.netloc}/",
		method=request.method or "GET",
		headers=dict(request.headers),
		data=body.encode() if isinstance(body, str) else body,
	)
	return builder.get_environ()


def _as_if_received(
	request: requests.PreparedRequest, body: bytes, status: str, headers: Mapping[str, str]
) -> HTTPResponse:
	"""As urllib3 hands it to `requests`: unread, and whether its length is minded is left to the version."""
	code, _, reason = status.partition(" ")
	return HTTPResponse(
		BytesIO(body),
		dict(headers.items()),
		int(code),
		reason=reason,
		preload_content=False,
		decode_content=False,
		request_method=request.method,
	)


def _reset(request: requests.PreparedRequest) -> requests.exceptions.ConnectionError:
	reset = ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
	return requests.exceptions.ConnectionError(ProtocolError("Connection aborted.", reset), request=request)


def _read_time_out(timeout: Any) -> float:
	read = timeout[1] if isinstance(timeout, tuple) else timeout
	return float("inf") if read is None else read
