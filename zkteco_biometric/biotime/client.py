"""The client: log in, pages of punches, and people on terminals. Not shared between threads: one object each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from zkteco_biometric.biotime.device_users import DeviceUsers
from zkteco_biometric.biotime.errors import ServerError, UnexpectedShape
from zkteco_biometric.biotime.models import Credentials, Page, Punch, Token, TokenKind
from zkteco_biometric.biotime.pager import Pager
from zkteco_biometric.biotime.pages import PageQuery, read_page
from zkteco_biometric.biotime.personnel import Area, Person, Terminal
from zkteco_biometric.biotime.session import Session, utc_now
from zkteco_biometric.biotime.token_pool import TokenPool
from zkteco_biometric.biotime.transport import Transport
from zkteco_biometric.wording import _

TRANSACTIONS = "/iclock/api/transactions/"
_MOST_PAGES = 100_000
_BEFORE_ALL_PUNCHES = datetime(1980, 1, 1)  # noqa: DTZ001 a terminal's wall clock has no zone


def _never() -> bool:
	return False


class BioTimeClient:
	"""Speaks to one server as one user.

	`token` is the stored one, if any; `kind` is the kind of log-in that worked before. `on_token` is called with every
	fresh token before it is first used, and with None when the server refuses the one we have; within an errand, by the
	thread that waits for it. With a `pool`, tokens come
	from there instead, and `on_token` is not called: the pool's owner stores its newest token.
	"""

	def __init__(
		self,
		transport: Transport,
		credentials: Credentials,
		*,
		token: Token | None = None,
		kind: TokenKind = TokenKind.JWT,
		on_token: Callable[[Token | None], None] | None = None,
		now: Callable[[], datetime] = utc_now,
		pool: TokenPool | None = None,
	) -> None:
		self._session = Session(transport, credentials, token, kind, on_token, now, pool)
		self._device_users = DeviceUsers(self._session)

	def close(self) -> None:
		self._session.close()

	def ensure_token(self) -> Token:
		"""The token to use now: the stored one, or a fresh one where it is absent or expired."""
		with self._session.hiding_secrets():
			return self._session.ensure_token()

	def log_in(self) -> Token:
		"""A fresh token, of the kind that worked before, else of the other kind; the pool's, where it has another one.

		Raises `WrongCredentials` when the server refuses them: once, never repeated.
		"""
		with self._session.hiding_secrets():
			return self._session.log_in()

	def page(self, query: PageQuery, *, hasty: bool = False) -> Page:
		"""One page of punches; a page past the end is empty and says so. `hasty`: for who can ask for a smaller one."""
		with self._session.hiding_secrets():
			return read_page(self._session.get(TRANSACTIONS, query.parameters(), hasty=hasty), query)

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
		hasty: Callable[[], bool] = _never,
	) -> Iterator[Page]:
		"""Pages of the punches whose time is in [start, end], both naive in the terminals' wall clock, inclusive.

		`ordering` names a field, with a minus for the greatest first; a server may ignore it, or take `emp_code` loosely.
		`hasty`: asked before each page, whether a failure that may be its size is better raised than repeated. One page in memory at a time. Where rows disappear between two pages, what slid forward is read first, so that a
		row may come twice but none is left out. Raises `ServerError` where the list ends before the rows that it counts.
		"""
		first = PageQuery(first_page, page_size, start, end, ordering, emp_code)
		query: PageQuery | None = first
		pager = Pager(first)
		for _number in range(_MOST_PAGES):
			if query is None:
				return
			page = self.page(query, hasty=hasty())
			query = pager.after(page)
			if query is None and pager.doubt and self._counts_the_window(page_size):
				raise ServerError(pager.doubt)
			if query is None or query.number > page.number:
				yield page
		raise UnexpectedShape(_("The server's pages do not end: {0} were read.").format(_MOST_PAGES))

	def person(self, id: int) -> Person | None:
		"""The person with that id; None where there is none."""
		return self._device_users.person(id)

	def person_with_code(self, emp_code: str) -> Person | None:
		"""The person with exactly that code; None where there is none. Raises `UnexpectedShape` where there are two."""
		return self._device_users.person_with_code(emp_code)

	def areas(self) -> list[Area]:
		return self._device_users.areas()

	def terminals(self) -> list[Terminal]:
		return self._device_users.terminals()

	def adjust_area(self, person_id: int, area_ids: Sequence[int]) -> None:
		"""Let the person be in these areas and no others: sent once, see `DeviceUsers`."""
		self._device_users.adjust_area(person_id, area_ids)

	def resync_to_device(self, person_id: int) -> None:
		"""Let the terminals of the person's areas be sent the person anew: sent once, see `DeviceUsers`."""
		self._device_users.resync_to_device(person_id)

	def change_person(self, person_id: int, changes: Mapping[str, Any]) -> None:
		"""Change these fields of the person's record: sent once, see `DeviceUsers`."""
		self._device_users.change_person(person_id, changes)

	def offers_adjust_area(self) -> bool:
		"""Whether the server has that route, and does not fail at it. Changes nobody."""
		return self._device_users.offers_adjust_area()

	def _counts_the_window(self, page_size: int) -> bool:
		"""Whether `count` is that of the window asked for: not where it is more than nothing in one without punches."""
		page = self.page(PageQuery(1, page_size, _BEFORE_ALL_PUNCHES, _BEFORE_ALL_PUNCHES))
		return bool(page.fetched) or not page.count


def _is_asked_for(punch: Punch, query: PageQuery) -> bool:
	in_time = (query.start is None or query.start <= punch.time) and (
		query.end is None or punch.time <= query.end
	)
	return in_time and query.emp_code in ("", punch.emp_code)
