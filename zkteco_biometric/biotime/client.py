"""The client: log in, and pages of punches. One object a device and cycle; not shared between threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone

from zkteco_biometric.biotime.answers import Json, detail
from zkteco_biometric.biotime.errors import (
	AccessDenied,
	BioTimeError,
	ErrorCode,
	NotBioTime,
	UnexpectedShape,
	WrongCredentials,
)
from zkteco_biometric.biotime.models import Credentials, Page, Token, TokenKind
from zkteco_biometric.biotime.pages import PageQuery, Pager, read_page
from zkteco_biometric.biotime.tokens import expiry, server_time
from zkteco_biometric.biotime.transport import Transport

TRANSACTIONS = "/iclock/api/transactions/"
_LOGIN_PATHS = {TokenKind.JWT: "/jwt-api-token-auth/", TokenKind.GENERAL: "/api-token-auth/"}
_MOST_PAGES = 100_000


def _utc_now() -> datetime:
	return datetime.now(timezone.utc)


def _keep_nothing(_token: Token | None) -> None:
	"""For who needs no token beyond this client."""


def _fits_a_header(value: str) -> bool:
	return value.isascii() and value.isprintable() and len(value.split()) == 1


class BioTimeClient:
	"""Speaks to one server as one user.

	`token` is the stored one, if any; `kind` is the kind of log-in that worked before. `on_token` is called with every
	fresh token before it is first used, and with None when the server refuses the one we have.
	"""

	def __init__(
		self,
		transport: Transport,
		credentials: Credentials,
		*,
		token: Token | None = None,
		kind: TokenKind = TokenKind.JWT,
		on_token: Callable[[Token | None], None] | None = None,
		now: Callable[[], datetime] = _utc_now,
	) -> None:
		self._transport = transport
		self._credentials = credentials
		self._token = token
		self._kind = token.kind if token else kind
		self._on_token = _keep_nothing if on_token is None else on_token
		self._now = now

	def close(self) -> None:
		self._transport.close()

	def ensure_token(self) -> Token:
		"""The token to use now: the stored one, or a fresh one where it is absent or expired."""
		if self._token and not self._token.is_expired(self._now()):
			return self._token
		return self.log_in()

	def log_in(self) -> Token:
		"""A fresh token, of the kind that worked before, else of the other kind.

		Raises `WrongCredentials` when the server refuses them: once, never repeated.
		"""
		other = TokenKind.GENERAL if self._kind is TokenKind.JWT else TokenKind.JWT
		with self._hiding_secrets():
			token = self._log_in_with(self._kind) or self._log_in_with(other)
		if token is None:
			raise NotBioTime(f"{self._transport.url} has neither of BioTime's log-in addresses.")
		self._token, self._kind = token, token.kind
		self._on_token(token)
		return token

	def page(self, query: PageQuery) -> Page:
		"""One page of punches; a page past the end is empty and says so."""
		with self._hiding_secrets():
			return read_page(self._get(TRANSACTIONS, query.parameters()), query)

	def pages(
		self, start: datetime | None, end: datetime | None, page_size: int, first_page: int = 1
	) -> Iterator[Page]:
		"""Pages of the punches whose time is in [start, end], both naive in the terminals' wall clock, inclusive.

		One page in memory at a time. Where rows disappear between two pages, what slid forward is read first, so that a
		row may come twice but none is left out.
		"""
		first = PageQuery(first_page, page_size, start, end)
		query: PageQuery | None = first
		pager = Pager(first)
		for _ in range(_MOST_PAGES):
			if query is None:
				return
			page = self.page(query)
			query = pager.after(page)
			if query is None or query.number > page.number:
				yield page
		raise UnexpectedShape(f"The server's pages do not end: {_MOST_PAGES} were read.")

	def _log_in_with(self, kind: TokenKind) -> Token | None:
		"""A token, or None where the server has no such log-in."""
		payload = {"username": self._credentials.username, "password": self._credentials.password}
		try:
			answer = self._transport.post(_LOGIN_PATHS[kind], payload)
		except NotBioTime:
			return None
		except ErrorCode as refusal:
			raise WrongCredentials(f"The server refused the log-in: {refusal.message}") from refusal
		if answer.status == 404:
			return None
		if answer.status in (400, 401):
			raise WrongCredentials(f"The server refused the log-in: {detail(answer.data)}")
		return self._token_from(answer, kind)

	def _token_from(self, answer: Json, kind: TokenKind) -> Token:
		value = answer.data.get("token") if isinstance(answer.data, dict) else None
		if not isinstance(value, str) or not _fits_a_header(value.strip()):
			raise UnexpectedShape("The server accepted the log-in but sent no token.")
		server_now = server_time(answer.headers.get("Date") or "")
		expires_at = expiry(value, self._now(), server_now) if kind is TokenKind.JWT else None
		return Token(value.strip(), kind, expires_at)

	def _get(self, path: str, params: dict[str, str]) -> Json:
		"""With the token; after a 401 once more, at the same place, with a fresh one."""
		answer = self._transport.get(path, params, authorization=self.ensure_token().authorization)
		if answer.status != 401:
			return answer
		self._drop_token()
		answer = self._transport.get(path, params, authorization=self.log_in().authorization)
		if answer.status == 401:
			self._drop_token()
			raise AccessDenied(f"The server refuses a fresh token: {detail(answer.data)}")
		return answer

	@contextmanager
	def _hiding_secrets(self) -> Iterator[None]:
		"""A server may repeat in its answer what it was sent, and errors repeat what it says."""
		try:
			yield
		except BioTimeError as error:
			error.hide(self._credentials.password, self._token.value if self._token else "")
			raise

	def _drop_token(self) -> None:
		self._token = None
		self._on_token(None)
