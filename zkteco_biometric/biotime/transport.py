"""The only place that touches `requests`: one session, time-outs, TLS, and what is repeated when."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import RemoteDisconnected
from typing import Any

import requests
import tenacity
from urllib3 import disable_warnings
from urllib3.exceptions import DecodeError, HTTPError, InsecureRequestWarning, ProtocolError

from zkteco_biometric.biotime.answers import Answer, Json, read_json
from zkteco_biometric.biotime.body import Limits, gather
from zkteco_biometric.biotime.errand import refuse_if_left
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
from zkteco_biometric.biotime.idle_sessions import IdleSessions, Place
from zkteco_biometric.biotime.retry_policy import ONE_ATTEMPT, RetryPolicy
from zkteco_biometric.wording import _

__all__ = ["ONE_ATTEMPT", "RetryPolicy", "TimeOuts", "Transport", "Verify"]

_PIECE = 64 * 1024
_SMALL_PIECE = 1024
_REFUSALS = (400, 401, 403)
_BROKEN_OFF = (
	requests.exceptions.ChunkedEncodingError,
	requests.exceptions.ContentDecodingError,
	ProtocolError,
	DecodeError,
)

IDLE: IdleSessions[requests.Session] = IdleSessions()
"""Those of this process."""
os.register_at_fork(after_in_child=IDLE.forget)

Verify = bool | str
"""True: against the public authorities; a path: against that CA file; False: not at all."""


@dataclass(frozen=True)
class TimeOuts:
	"""Seconds to connect, to wait for the next bytes of an answer, and for the whole of its body; None: five times `read`."""

	connect: float = 10.0
	read: float = 60.0
	total: float | None = None

	@property
	def whole(self) -> float:
		return 5 * self.read if self.total is None else self.total


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
		clock: Callable[[], float] = time.monotonic,
		sessions: IdleSessions[requests.Session] = IDLE,
	) -> None:
		self.url = url.rstrip("/")
		self._time_outs = time_outs or TimeOuts()
		self._retry = retry or RetryPolicy()
		self._verify = verify
		self._sleep = sleep
		self._clock = clock
		self._sessions = sessions
		self._place = Place(self.url, verify)
		self._taken: requests.Session | None = None
		self._is_asking = False
		if verify is False:
			disable_warnings(InsecureRequestWarning)

	@property
	def _session(self) -> requests.Session:
		"""Ours alone until `close`."""
		if self._taken is None:
			self._taken = self._sessions.take(self._place) or _new_session()
		return self._taken

	def close(self) -> None:
		"""Leaves the connection to whoever comes next; not while an errand that was left is still reading from it."""
		taken, self._taken = self._taken, None
		if taken and self._is_asking:
			taken.close()
		elif taken:
			self._sessions.give_back(self._place, taken)

	def get(
		self,
		path: str,
		params: Mapping[str, Any] | None = None,
		*,
		authorization: str = "",
		hasty: bool = False,
	) -> Json:
		"""`hasty`: for who can ask for less, see `RetryPolicy.hands_back`."""
		return self._repeat(
			lambda: self._once("GET", path, authorization, read_json, params=params), hasty=hasty
		)

	def post(
		self,
		path: str,
		payload: Mapping[str, Any],
		*,
		authorization: str = "",
		read: Callable[[Answer], Json] = read_json,
	) -> Json:
		"""A clear no, `ErrorCode`, is not asked for again: it may be a log-in, and the vendor locks accounts."""
		return self._repeat(
			lambda: self._once("POST", path, authorization, read, json=payload),
			final=(FixTheSettings, ErrorCode),
		)

	def send_once(
		self,
		method: str,
		path: str,
		payload: Mapping[str, Any],
		*,
		authorization: str = "",
		read: Callable[[Answer], Json] = read_json,
	) -> Json:
		"""Never repeated: after a failure nobody knows whether the server carried it out (contract, section 5.1)."""
		return self._once(method, path, authorization, read, json=payload)

	def _repeat(
		self,
		send: Callable[[], Json],
		final: tuple[type[BioTimeError], ...] = (FixTheSettings,),
		*,
		hasty: bool = False,
	) -> Json:
		"""What `send` returns; the last `TryAgain` once the policy gives up; a `final` error at once."""
		retrying = tenacity.Retrying(
			retry=tenacity.retry_if_exception(lambda e: isinstance(e, TryAgain) and not isinstance(e, final)),
			wait=lambda state: self._retry.wait_before(state.attempt_number, _error_of(state)),
			stop=lambda state: self._should_stop(state, hasty),
			sleep=self._sleep,
			reraise=True,
		)
		return retrying(send)

	def _should_stop(self, state: tenacity.RetryCallState, hasty: bool) -> bool:
		if hasty and self._retry.hands_back(state.attempt_number, _error_of(state)):
			return True
		wait = self._retry.longest_before(state.attempt_number, _error_of(state))
		return self._retry.gives_up(state.attempt_number, state.seconds_since_start or 0.0, wait)

	def _once(
		self, method: str, path: str, authorization: str, read: Callable[[Answer], Json], **content: Any
	) -> Json:
		refuse_if_left()
		self._is_asking = True
		try:
			answer = self._answer(method, path, authorization, content)
		except (OSError, HTTPError) as cause:
			# requests lets an unreadable CA file through as a plain OSError, and an impossible name as urllib3's error.
			raise _error_from(cause, self.url) from cause
		finally:
			self._is_asking = False
		return read(answer)

	def _answer(self, method: str, path: str, authorization: str, content: Mapping[str, Any]) -> Answer:
		limits = Limits(self._clock() + self._time_outs.whole, self._clock)
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
			return Answer(response.status_code, response.headers, _body(response, limits))


class _Authorization(requests.auth.AuthBase):
	"""Sets the header itself, so that a .netrc on this machine cannot put another one in its place."""

	def __init__(self, value: str) -> None:
		self._value = value

	def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
		if self._value:
			request.headers["Authorization"] = self._value
		return request


def _body(response: requests.Response, limits: Limits) -> bytes:
	"""Whole. A refusal whose body breaks off or has no end stays one: a rejected log-in is not to be repeated."""
	try:
		return gather(_pieces(response), limits)
	except (requests.RequestException, HTTPError, BioTimeError):
		if response.status_code in _REFUSALS:
			return b""
		raise


def _pieces(response: requests.Response) -> Iterator[bytes]:
	"""As they arrive: to wait until a piece has a certain length, a slow server could keep us for ever."""
	read1 = getattr(response.raw, "read1", None)
	if read1 is None:  # urllib3 1.26
		yield from response.iter_content(_SMALL_PIECE)
		return
	while piece := read1(_PIECE, decode_content=True):
		yield piece


def _new_session() -> requests.Session:
	"""Without this machine's proxies and .netrc: the token goes to the configured URL and nowhere else."""
	session = requests.Session()
	session.trust_env = False
	session.headers.update({"Accept": "application/json", "Accept-Language": "en"})
	return session


def _error_of(state: tenacity.RetryCallState) -> BaseException | None:
	return state.outcome.exception() if state.outcome else None


def _error_from(cause: Exception, url: str) -> BioTimeError:
	"""The order matters: requests' classes inherit from each other (SSLError and ConnectTimeout are ConnectionErrors)."""
	if isinstance(_innermost(cause), ssl.SSLEOFError | ssl.SSLZeroReturnError):
		return Unreachable(_("The TLS connection to {0} broke off.").format(url))
	if isinstance(cause, requests.exceptions.SSLError):
		return TlsFailed(_("The TLS connection to {0} failed: {1}").format(url, _reason(cause)))
	if isinstance(cause, requests.exceptions.ConnectTimeout):
		return Unreachable(_("{0} did not accept a connection in time.").format(url))
	if isinstance(cause, requests.exceptions.Timeout) or "timed out" in str(cause).lower():
		return TimedOut(_("{0} did not answer in time.").format(url))
	if isinstance(cause, _BROKEN_OFF):
		return TruncatedBody(_("The answer of {0} broke off.").format(url))
	if isinstance(cause, requests.RequestException | HTTPError):
		return Unreachable(
			_("{0} cannot be reached: {1}").format(url, _reason(cause)),
			may_be_its_size=isinstance(_innermost(cause), ConnectionResetError | RemoteDisconnected),
		)
	return TlsFailed(
		_("The CA file for {0} cannot be read: {1}").format(url, _reason(cause)),
		remedy=_("Attach the CA file again: a PEM file with the certificate of the authority."),
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
