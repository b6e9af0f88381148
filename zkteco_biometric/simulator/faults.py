"""What goes wrong: hooks that wrap the answer to a request.

A fault is called with the request and with the function that carries it out. One that does not call it
leaves the request undone.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from werkzeug.wrappers import Request, Response

from zkteco_biometric.simulator.answers import (
	ERROR_PAGE,
	EXPIRED,
	LOGIN_PAGE,
	html_answer,
	json_answer,
	not_found_page,
)
from zkteco_biometric.simulator.paging import DEFAULT_SIZE

Answer = Callable[[Request], Response]
Fault = Callable[[Request, Answer], Response]
Rows = list[dict[str, Any]]

# Set by the simulator to an Event, so that a delay does not outlive it.
STOPPING = "zkteco_simulator.stopping"
# Set by the simulator to its Late.
LATE = "zkteco_simulator.late"
# Unpublished: the body of the 403 of a licence without the API module.
NO_LICENCE = "You do not have permission to perform this action."


class Dropped(ConnectionResetError):
	"""The connection ends without an answer."""


def _instead(make: Callable[[], Response]) -> Fault:
	return lambda _request, _answer: make()


def html_error(applied: bool = False) -> Fault:
	"""HTTP 200 with the "500 Error" page; with `applied`, the request has been carried out all the same."""

	def fault(request: Request, answer: Answer) -> Response:
		if applied:
			answer(request)
		return html_answer(ERROR_PAGE)

	return fault


def html_not_found() -> Fault:
	"""HTTP 200 with the "Page not found" page."""
	return _instead(not_found_page)


def login_page() -> Fault:
	"""HTTP 200 with the log-in page for browsers."""
	return _instead(lambda: html_answer(LOGIN_PAGE))


def redirect(url: str) -> Fault:
	"""302 to the URL."""
	return _instead(lambda: Response(status=302, headers={"Location": url}, content_type="text/html"))


def redirect_to_login() -> Fault:
	"""302 to the log-in page for browsers, which then answers 200."""
	return lambda request, answer: redirect(f"/login/?next={quote(request.path)}")(request, answer)


def status(code: int, *, retry_after: int | str | None = None, body: str | None = None) -> Fault:
	"""That status, with an HTML page unless there is a body."""

	def make() -> Response:
		response = html_answer(f"<html><body><h1>{code}</h1></body></html>\n" if body is None else body, code)
		if retry_after is not None:
			response.headers["Retry-After"] = str(retry_after)
		return response

	return _instead(make)


def too_large(most: int, code: int = 500) -> Fault:
	"""That status where a page of more than `most` rows is asked for."""

	def fault(request: Request, answer: Answer) -> Response:
		asked = request.args.get("page_size") or request.args.get("limit") or ""
		size = int(asked) if asked.isdecimal() else DEFAULT_SIZE
		return status(code)(request, answer) if size > most else answer(request)

	return fault


def unauthorized(detail: str = EXPIRED) -> Fault:
	"""401 with that detail."""
	return _instead(lambda: json_answer({"detail": detail}, 401))


def licence_missing() -> Fault:
	"""403, as of a licence without the API module."""
	return _instead(lambda: json_answer({"detail": NO_LICENCE}, 403))


def delay(seconds: float) -> Fault:
	"""The right answer, late; the wait ends early when the simulator stops."""

	def fault(request: Request, answer: Answer) -> Response:
		stopping = request.environ.get(STOPPING)
		if stopping is None:
			time.sleep(seconds)
		else:
			stopping.wait(seconds)
		return answer(request)

	return fault


def reset(applied: bool = False) -> Fault:
	"""The connection closes without an answer; with `applied`, after the request has been carried out."""

	def fault(request: Request, answer: Answer) -> Response:
		if applied:
			answer(request)
		connection = request.environ.get("werkzeug.socket")
		if connection is not None:
			connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
		raise Dropped("The simulator was told to drop this connection.")

	return fault


def late(dropped: bool = False) -> Fault:
	"""HTTP 200 with the "500 Error" page, or no answer if `dropped`, and the request is carried out only later.

	That is when `carry_out_late()` is called, and as if it came then: its token has to be good until then.
	"""
	fail = reset() if dropped else html_error()

	def fault(request: Request, answer: Answer) -> Response:
		request.get_data()  # as long as the connection is there
		request.environ[LATE].add(lambda: answer(request))
		return fail(request, answer)

	return fault


def truncate(fraction: float = 0.5) -> Fault:
	"""The connection closes within the body: fewer bytes than Content-Length says."""

	def fault(request: Request, answer: Answer) -> Response:
		response = answer(request)
		body = response.get_data()
		response.response = [body[: int(len(body) * fraction)]]
		response.content_length = len(body)
		return response

	return fault


def truncate_json(fraction: float = 0.5) -> Fault:
	"""A whole answer with half a JSON text in it."""

	def fault(request: Request, answer: Answer) -> Response:
		response = answer(request)
		body = response.get_data()
		response.set_data(body[: int(len(body) * fraction)])
		return response

	return fault


def not_json() -> Fault:
	"""HTTP 200 that calls itself JSON and is none."""
	return _instead(lambda: Response("OK, but not JSON", content_type="application/json"))


def wrong_shape(payload: Any) -> Fault:
	"""HTTP 200 with this JSON."""
	return _instead(lambda: json_answer(payload))


def api_code(code: int = 1, msg: str = "The server is busy.") -> Fault:
	"""HTTP 200 with an empty page and a `code` that means an error."""
	page: dict[str, Any] = {"count": 0, "next": None, "previous": None, "msg": msg, "code": code, "data": []}
	return wrong_shape(page)


def rows(mutate: Callable[[Rows], list[Any]]) -> Fault:
	"""The rows of a page, changed; answers without rows stay as they are."""

	def fault(request: Request, answer: Answer) -> Response:
		response = answer(request)
		page = response.get_json(silent=True)
		for envelope in ("data", "results"):
			if isinstance(page, dict) and isinstance(page.get(envelope), list):
				page[envelope] = mutate(page[envelope])
				response.set_data(json.dumps(page, ensure_ascii=False))
		return response

	return fault


def chain(outer: Fault, inner: Fault) -> Fault:
	"""Both: `chain(delay(1), status(503))` answers 503 after a second."""
	return lambda request, answer: outer(request, lambda passed: inner(passed, answer))


BY_NAME: Mapping[str, Callable[..., Fault]] = {
	make.__name__: make
	for make in (
		html_error,
		html_not_found,
		login_page,
		redirect,
		redirect_to_login,
		status,
		too_large,
		unauthorized,
		licence_missing,
		delay,
		reset,
		late,
		truncate,
		truncate_json,
		not_json,
		wrong_shape,
		api_code,
	)
}
