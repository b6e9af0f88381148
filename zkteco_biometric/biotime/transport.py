"""The only place that touches `requests`: one session, time-outs, TLS, and what is repeated when."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
import tenacity
from urllib3 import disable_warnings
from urllib3.exceptions import InsecureRequestWarning

from zkteco_biometric.biotime.answers import Answer, Json, read_json
from zkteco_biometric.biotime.errors import (
	BioTimeError,
	TimedOut,
	TlsFailed,
	TruncatedBody,
	TryAgain,
	Unreachable,
)

Verify = bool | str
"""True: against the system's authorities; a path: against that CA file; False: not at all."""


@dataclass(frozen=True)
class TimeOuts:
	"""Seconds to connect, and to wait for the next bytes of an answer."""

	connect: float = 10.0
	read: float = 60.0


@dataclass(frozen=True)
class RetryPolicy:
	"""How a transient failure is repeated: exponential back-off with jitter, all in seconds.

	`attempts` counts the first one. No repeat begins once `budget` has passed since the first attempt. A server's
	`Retry-After` is honoured up to `retry_after_cap`.
	"""

	attempts: int = 4
	first_wait: float = 0.5
	longest_wait: float = 20.0
	retry_after_cap: float = 60.0
	budget: float = 180.0

	def wait_before(self, attempt: int, error: BaseException | None) -> float:
		"""Seconds to wait after attempt number `attempt` failed with `error`."""
		asked = getattr(error, "retry_after", None)
		if asked is not None:
			return min(float(asked), self.retry_after_cap)
		wait = min(self.first_wait * 2.0 ** (attempt - 1), self.longest_wait)
		return wait * random.uniform(0.5, 1.0)

	def gives_up(self, attempt: int, elapsed: float, wait: float) -> bool:
		return attempt >= self.attempts or elapsed + wait > self.budget


ONE_ATTEMPT = RetryPolicy(attempts=1)
"""For a person who waits for the answer."""


class Transport:
	"""Sends requests to one server: every one has a time-out, none follows a redirect, transient failures are repeated."""

	def __init__(
		self,
		url: str,
		*,
		time_outs: TimeOuts | None = None,
		retry: RetryPolicy | None = None,
		verify: Verify = True,
		sleep: Callable[[float], None] = time.sleep,
	) -> None:
		self.url = url.rstrip("/")
		self._time_outs = time_outs or TimeOuts()
		self._retry = retry or RetryPolicy()
		self._verify = verify
		self._sleep = sleep
		self._session = _new_session()
		if verify is False:
			disable_warnings(InsecureRequestWarning)

	def close(self) -> None:
		self._session.close()

	def get(self, path: str, params: Mapping[str, Any] | None = None, *, authorization: str = "") -> Json:
		return self._repeat(lambda: self._once("GET", path, authorization, params=params))

	def post(self, path: str, payload: Mapping[str, Any], *, authorization: str = "") -> Json:
		return self._repeat(lambda: self._once("POST", path, authorization, json=payload))

	def _repeat(self, send: Callable[[], Json]) -> Json:
		"""What `send` returns; the last `TryAgain` once the policy gives up; any other error at once."""
		retrying = tenacity.Retrying(
			retry=tenacity.retry_if_exception_type(TryAgain),
			wait=lambda state: self._retry.wait_before(state.attempt_number, _error_of(state)),
			stop=self._should_stop,
			sleep=self._sleep,
			reraise=True,
		)
		return retrying(send)

	def _should_stop(self, state: tenacity.RetryCallState) -> bool:
		wait = getattr(_error_of(state), "retry_after", None) or 0.0
		elapsed = state.seconds_since_start or 0.0
		return self._retry.gives_up(state.attempt_number, elapsed, min(wait, self._retry.retry_after_cap))

	def _once(self, method: str, path: str, authorization: str, **content: Any) -> Json:
		try:
			response = self._session.request(
				method,
				self.url + path,
				auth=_Authorization(authorization),
				timeout=(self._time_outs.connect, self._time_outs.read),
				verify=self._verify,
				allow_redirects=False,
				**content,
			)
		except requests.RequestException as cause:
			raise _error_from(cause, self.url) from cause
		return read_json(Answer(response.status_code, response.headers, response.content))


class _Authorization(requests.auth.AuthBase):
	"""Sets the header itself, so that a .netrc on this machine cannot put another one in its place."""

	def __init__(self, value: str) -> None:
		self._value = value

	def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
		if self._value:
			request.headers["Authorization"] = self._value
		return request


def _new_session() -> requests.Session:
	session = requests.Session()
	session.headers.update({"Accept": "application/json", "Accept-Language": "en"})
	return session


def _error_of(state: tenacity.RetryCallState) -> BaseException | None:
	return state.outcome.exception() if state.outcome else None


def _error_from(cause: requests.RequestException, url: str) -> BioTimeError:
	"""The order matters: requests' classes inherit from each other (SSLError and ConnectTimeout are ConnectionErrors)."""
	if isinstance(cause, requests.exceptions.SSLError):
		return TlsFailed(f"The TLS connection to {url} failed: {_reason(cause)}")
	if isinstance(cause, requests.exceptions.ConnectTimeout):
		return Unreachable(f"{url} did not accept a connection in time.")
	if isinstance(cause, requests.exceptions.Timeout) or "timed out" in str(cause).lower():
		return TimedOut(f"{url} did not answer in time.")
	if isinstance(cause, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
		return TruncatedBody(f"The answer of {url} broke off.")
	return Unreachable(f"{url} cannot be reached: {_reason(cause)}")


def _reason(cause: BaseException) -> str:
	"""The innermost cause in the words of the operating system, without urllib3's wrapping."""
	inner = cause
	while True:
		following = next((arg for arg in inner.args if isinstance(arg, BaseException)), None)
		following = following or getattr(inner, "reason", None)
		if not isinstance(following, BaseException) or following is inner:
			return str(getattr(inner, "strerror", None) or inner)
		inner = following
