"""The only place that touches `requests`: one session, time-outs, TLS, and what is repeated when."""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
import tenacity
from urllib3 import disable_warnings
from urllib3.exceptions import HTTPError, InsecureRequestWarning

from zkteco_biometric.biotime.answers import Answer, Json, read_json
from zkteco_biometric.biotime.errors import (
	BioTimeError,
	ErrorCode,
	FixTheSettings,
	TimedOut,
	TlsFailed,
	TruncatedBody,
	TryAgain,
	Unreachable,
)

Verify = bool | str
"""True: against the public authorities; a path: against that CA file; False: not at all."""


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
		longest = self.longest_before(attempt, error)
		return longest if _asked_wait(error) is not None else longest * random.uniform(0.5, 1.0)

	def longest_before(self, attempt: int, error: BaseException | None) -> float:
		"""The most that `wait_before` may say: what the budget reckons with."""
		asked = _asked_wait(error)
		if asked is not None:
			return min(asked, self.retry_after_cap)
		return min(self.first_wait * 2.0 ** min(attempt - 1, 100), self.longest_wait)

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
		"""A clear no, `ErrorCode`, is not asked for again: it may be a log-in, and the vendor locks accounts."""
		return self._repeat(
			lambda: self._once("POST", path, authorization, json=payload), final=(FixTheSettings, ErrorCode)
		)

	def _repeat(
		self, send: Callable[[], Json], final: tuple[type[BioTimeError], ...] = (FixTheSettings,)
	) -> Json:
		"""What `send` returns; the last `TryAgain` once the policy gives up; a `final` error at once."""
		retrying = tenacity.Retrying(
			retry=tenacity.retry_if_exception(lambda e: isinstance(e, TryAgain) and not isinstance(e, final)),
			wait=lambda state: self._retry.wait_before(state.attempt_number, _error_of(state)),
			stop=self._should_stop,
			sleep=self._sleep,
			reraise=True,
		)
		return retrying(send)

	def _should_stop(self, state: tenacity.RetryCallState) -> bool:
		wait = self._retry.longest_before(state.attempt_number, _error_of(state))
		return self._retry.gives_up(state.attempt_number, state.seconds_since_start or 0.0, wait)

	def _once(self, method: str, path: str, authorization: str, **content: Any) -> Json:
		try:
			with self._session.request(
				method,
				self.url + path,
				auth=_Authorization(authorization),
				timeout=(self._time_outs.connect, self._time_outs.read),
				verify=self._verify,
				allow_redirects=False,
				stream=True,
				**content,
			) as response:
				answer = Answer(response.status_code, response.headers, _body(response))
		except (OSError, HTTPError) as cause:
			# requests lets an unreadable CA file through as a plain OSError, and an impossible name as urllib3's error.
			raise _error_from(cause, self.url) from cause
		return read_json(answer)


class _Authorization(requests.auth.AuthBase):
	"""Sets the header itself, so that a .netrc on this machine cannot put another one in its place."""

	def __init__(self, value: str) -> None:
		self._value = value

	def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
		if self._value:
			request.headers["Authorization"] = self._value
		return request


def _body(response: requests.Response) -> bytes:
	"""Whole. A 400 whose body breaks off stays a 400: a rejected log-in is not to be repeated."""
	try:
		return response.content
	except requests.RequestException:
		if response.status_code == 400:
			return b""
		raise


def _new_session() -> requests.Session:
	"""Without this machine's proxies and .netrc: the token goes to the configured URL and nowhere else."""
	session = requests.Session()
	session.trust_env = False
	session.headers.update({"Accept": "application/json", "Accept-Language": "en"})
	return session


def _asked_wait(error: BaseException | None) -> float | None:
	return error.retry_after if isinstance(error, BioTimeError) else None


def _error_of(state: tenacity.RetryCallState) -> BaseException | None:
	return state.outcome.exception() if state.outcome else None


def _error_from(cause: Exception, url: str) -> BioTimeError:
	"""The order matters: requests' classes inherit from each other (SSLError and ConnectTimeout are ConnectionErrors)."""
	if isinstance(_innermost(cause), ssl.SSLEOFError | ssl.SSLZeroReturnError):
		return Unreachable(f"The TLS connection to {url} broke off.")
	if isinstance(cause, requests.exceptions.SSLError):
		return TlsFailed(f"The TLS connection to {url} failed: {_reason(cause)}")
	if isinstance(cause, requests.exceptions.ConnectTimeout):
		return Unreachable(f"{url} did not accept a connection in time.")
	if isinstance(cause, requests.exceptions.Timeout) or "timed out" in str(cause).lower():
		return TimedOut(f"{url} did not answer in time.")
	if isinstance(cause, requests.exceptions.ChunkedEncodingError | requests.exceptions.ContentDecodingError):
		return TruncatedBody(f"The answer of {url} broke off.")
	if isinstance(cause, requests.RequestException | HTTPError):
		return Unreachable(f"{url} cannot be reached: {_reason(cause)}")
	return TlsFailed(
		f"The CA file for {url} cannot be read: {_reason(cause)}",
		remedy="Attach the CA file again: a PEM file with the certificate of the authority.",
	)


def _reason(cause: BaseException) -> str:
	"""The innermost cause in the words of the operating system."""
	inner = _innermost(cause)
	return str(getattr(inner, "strerror", None) or inner)


def _innermost(cause: BaseException) -> BaseException:
	"""What happened, without urllib3's wrapping."""
	inner = cause
	while True:
		following = next((arg for arg in inner.args if isinstance(arg, BaseException)), None)
		reason = getattr(inner, "reason", None)
		following = following or (reason if isinstance(reason, BaseException) else inner.__cause__)
		if following is None:
			return inner
		inner = following
