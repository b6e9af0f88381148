"""The client: log in, and pages of punches. One object a device and cycle; not shared between threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone

from zkteco_biometric.biotime.answers import Json, detail
from zkteco_biometric.biotime.errors import (
	AccessDenied,
	BioTimeError,
	LicenceWithoutApi,
	NotBioTime,
	Redirected,
	ServerError,
	UnexpectedShape,
)
from zkteco_biometric.biotime.log_in import obtain_token
from zkteco_biometric.biotime.models import Credentials, Page, Punch, Token, TokenKind
from zkteco_biometric.biotime.pager import Pager
from zkteco_biometric.biotime.pages import PageQuery, read_page
from zkteco_biometric.biotime.transport import Transport

TRANSACTIONS = "/iclock/api/transactions/"
_MAY_MEAN_THE_TOKEN = (Redirected, NotBioTime, LicenceWithoutApi)
_MOST_PAGES = 100_000
_BEFORE_ALL_PUNCHES = datetime(1980, 1, 1)  # noqa: DTZ001 a terminal's wall clock has no zone


def _utc_now() -> datetime:
	return datetime.now(timezone.utc)


def _keep_nothing(_token: Token | None) -> None:
	"""For who needs no token beyond this client."""


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
		self._token_is_stored = token is not None
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
		with self._hiding_secrets():
			token = obtain_token(self._transport, self._credentials, self._kind, self._now)
		self._token, self._kind, self._token_is_stored = token, token.kind, False
		self._on_token(token)
		return token

	def page(self, query: PageQuery) -> Page:
		"""One page of punches; a page past the end is empty and says so."""
		with self._hiding_secrets():
			return read_page(self._get(TRANSACTIONS, query.parameters()), query)

	def count(self, start: datetime | None, end: datetime | None, emp_code: str = "") -> int | None:
		"""How many punches the server counts in [start, end]; None where it does not say, or ignores what was asked."""
		query = PageQuery(1, 1, start, end, emp_code=emp_code)
		page = self.page(query)
		return page.count if all(_is_asked_for(punch, query) for punch in page.punches) else None

	def pages(
		self,
		start: datetime | None,
		end: datetime | None,
		page_size: int,
		first_page: int = 1,
		*,
		ordering: str = "",
		emp_code: str = "",
	) -> Iterator[Page]:
		"""Pages of the punches whose time is in [start, end], both naive in the terminals' wall clock, inclusive.

		`ordering` names a field, with a minus for the greatest first; a server may ignore it, or take `emp_code` loosely.
		One page in memory at a time. Where rows disappear between two pages, what slid forward is read first, so that a
		row may come twice but none is left out. Raises `ServerError` where the list ends before the rows that it counts.
		"""
		first = PageQuery(first_page, page_size, start, end, ordering, emp_code)
		query: PageQuery | None = first
		pager = Pager(first)
		for _ in range(_MOST_PAGES):
			if query is None:
				return
			page = self.page(query)
			query = pager.after(page)
			if query is None and pager.doubt and self._counts_the_window(page_size):
				raise ServerError(pager.doubt)
			if query is None or query.number > page.number:
				yield page
		raise UnexpectedShape(f"The server's pages do not end: {_MOST_PAGES} were read.")

	def _counts_the_window(self, page_size: int) -> bool:
		"""Whether `count` is that of the window asked for: not where it is more than nothing in one without punches."""
		page = self.page(PageQuery(1, page_size, _BEFORE_ALL_PUNCHES, _BEFORE_ALL_PUNCHES))
		return bool(page.fetched) or not page.count

	def _get(self, path: str, params: dict[str, str]) -> Json:
		"""With the token; once more, at the same place, with a fresh one where it may be the token that is refused.

		A 401 says so. A stored token may be refused in other ways, such as with a log-in page.
		"""
		authorization = self.ensure_token().authorization
		try:
			answer = self._transport.get(path, params, authorization=authorization)
		except _MAY_MEAN_THE_TOKEN:
			if not self._token_is_stored:
				raise
		else:
			if answer.status != 401:
				return answer
		return self._get_anew(path, params)

	def _get_anew(self, path: str, params: dict[str, str]) -> Json:
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


def _is_asked_for(punch: Punch, query: PageQuery) -> bool:
	in_time = (query.start is None or query.start <= punch.time) and (
		query.end is None or punch.time <= query.end
	)
	return in_time and query.emp_code in ("", punch.emp_code)
