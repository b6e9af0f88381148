"""A user's session: which token goes with a request, and when a fresh one is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any

from zkteco_biometric.biotime.answers import Answer, Json, detail
from zkteco_biometric.biotime.errand import handed_over
from zkteco_biometric.biotime.errors import (
	AccessDenied,
	BioTimeError,
	LicenceWithoutApi,
	NotBioTime,
	NotOffered,
	Redirected,
)
from zkteco_biometric.biotime.log_in import obtain_token
from zkteco_biometric.biotime.models import Credentials, Token, TokenKind
from zkteco_biometric.biotime.token_pool import TokenPool
from zkteco_biometric.biotime.transport import Transport
from zkteco_biometric.wording import _

_MAY_MEAN_THE_TOKEN = (Redirected, NotBioTime, NotOffered, LicenceWithoutApi)


def utc_now() -> datetime:
	return datetime.now(timezone.utc)


def _keep_nothing(_token: Token | None) -> None:
	"""For who needs no token beyond this client."""


class Session:
	"""Sends requests with a token; `BioTimeClient` says what its arguments are."""

	def __init__(
		self,
		transport: Transport,
		credentials: Credentials,
		token: Token | None,
		kind: TokenKind,
		on_token: Callable[[Token | None], None] | None,
		now: Callable[[], datetime],
		pool: TokenPool | None,
	) -> None:
		self._transport = transport
		self._credentials = credentials
		self._token = self._last = self._stored = pool.newest if pool else token
		self._kind = self._token.kind if self._token else kind
		self._on_token = _keep_nothing if pool or on_token is None else on_token
		self._now = now
		self._pool = pool

	def close(self) -> None:
		self._transport.close()

	def ensure_token(self) -> Token:
		"""The token to use now: the one we have, or a fresh one where it is absent or expired."""
		if self._token and not self._token.is_expired(self._now()):
			return self._token
		return self.log_in()

	def log_in(self) -> Token:
		"""Another token than the last one: from the pool, where there is one."""
		token = self._pool.fresh(self._last, self._obtain) if self._pool else self._obtain()
		self._token = self._last = token
		self._kind = token.kind
		self._tell(token)
		return token

	def get(self, path: str, params: Mapping[str, str] | None = None, *, hasty: bool = False) -> Json:
		"""What the server has at that path; a transient failure is asked for again, not as often where `hasty`."""
		return self._ask(
			lambda authorization: self._transport.get(path, params, authorization=authorization, hasty=hasty)
		)

	def write(
		self, method: str, path: str, payload: Mapping[str, Any], read: Callable[[Answer], Json]
	) -> Json:
		"""Once, and once more only where it was the token that was refused: then nothing was written."""
		return self._ask(
			lambda authorization: self._transport.send_once(
				method, path, payload, authorization=authorization, read=read
			)
		)

	@contextmanager
	def hiding_secrets(self) -> Iterator[None]:
		"""A server may repeat in its answer what it was sent, and errors repeat what it says."""
		try:
			yield
		except BioTimeError as error:
			error.hide(self._credentials.password, self._last.value if self._last else "")
			raise

	def _ask(self, send: Callable[[str], Json]) -> Json:
		"""With the token; once more, at the same place, with a fresh one where it may be the token that is refused.

		A 401 says so. A stored token may be refused in other ways, such as with a log-in page.
		"""
		authorization = self.ensure_token().authorization
		try:
			answer = send(authorization)
		except _MAY_MEAN_THE_TOKEN:
			if self._token is not self._stored:
				raise
		else:
			if answer.status != 401:
				return answer
		return self._ask_anew(send)

	def _ask_anew(self, send: Callable[[str], Json]) -> Json:
		self._drop_token()
		answer = send(self.log_in().authorization)
		if answer.status == 401:
			self._drop_token()
			raise AccessDenied(_("The server refuses a fresh token: {0}").format(detail(answer.data)))
		return answer

	def _obtain(self) -> Token:
		"""Of the kind that worked before, else of the other kind; its errors, which a pool may keep, tell no secrets."""
		with self.hiding_secrets():
			return obtain_token(self._transport, self._credentials, self._kind, self._now)

	def _drop_token(self) -> None:
		self._token = None
		self._tell(None)

	def _tell(self, token: Token | None) -> None:
		"""In the thread that waits for the answer: what it does with a token, such as a database, may be bound to it."""
		handed_over(lambda: self._on_token(token))
