"""Paging through `/iclock/api/transactions/`: what to ask, how to read the envelope, where to go next. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from zkteco_biometric.biotime.answers import Json, detail
from zkteco_biometric.biotime.errors import NotBioTime, ServerError, UnexpectedShape
from zkteco_biometric.biotime.models import Page, Punch, RejectedRow, parse_row
from zkteco_biometric.biotime.tokens import server_time

TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
_MOST_STEPS_BACK = 50


@dataclass(frozen=True)
class PageQuery:
	"""What to ask for: page `number`, 1-based, and naive wall-clock bounds; `extra` comes from the server's `next`."""

	number: int
	size: int
	start: datetime | None = None
	end: datetime | None = None
	extra: tuple[tuple[str, str], ...] = ()

	def parameters(self) -> dict[str, str]:
		"""`limit` beside `page_size`: the manuals of 8.0 to 9.0 know only the former (contract, section 2)."""
		asked = {"page": str(self.number), "page_size": str(self.size), "limit": str(self.size)}
		if self.start:
			asked["start_time"] = self.start.strftime(TIME_FORMAT)
		if self.end:
			asked["end_time"] = self.end.strftime(TIME_FORMAT)
		return dict(self.extra) | asked


def read_page(answer: Json, query: PageQuery) -> Page:
	"""The page, whichever of the known envelopes it comes in. Raises where it is no page."""
	if answer.status == 404:
		return _past_the_end(answer, query)
	if answer.status != 200 or not isinstance(answer.data, Mapping):
		raise UnexpectedShape(f"The server refused the request for punches: {detail(answer.data)}")
	rows = _rows(answer.data)
	parsed = [parse_row(row) for row in rows]
	count = _count(answer.data)
	return Page(
		number=query.number,
		punches=tuple(row for row in parsed if isinstance(row, Punch)),
		rejected=tuple(row for row in parsed if isinstance(row, RejectedRow)),
		count=count,
		next_query=_next_query(answer.data, query, len(rows), count),
		server_time=server_time(answer.headers.get("Date") or ""),
	)


class Pager:
	"""Where to go after each page, until the end.

	Rows that disappear from earlier pages make later ones slide forward, so that some would never be seen. A falling
	count, or a page that is gone, shows it: then the pages that may hold them are read again.
	"""

	def __init__(self, first: PageQuery) -> None:
		self._query = first
		self._last: Page | None = None
		self._count: int | None = None
		self._missing: tuple[int, int | None] | None = None
		self._steps_back = 0

	def after(self, page: Page) -> PageQuery | None:
		"""The query that follows `page`; None at the end. Raises where the server's pages lead nowhere.

		A query that is not further on means that `page` itself comes again.
		"""
		self._refuse_a_repeated_page(page)
		number = self._number_to_read_again(page)
		if number is None and page.next_query is None:
			return None
		if number is None:
			number = self._following(page)
		if not page.past_end:
			self._last = page
		self._count = page.count if page.count is not None else self._count
		self._query = replace(self._query, number=number)
		return self._query

	def _following(self, page: Page) -> int:
		told = tuple(parse_qsl(page.next_query or ""))
		ours = self._query.parameters().keys() - dict(self._query.extra).keys()
		self._query = replace(
			self._query, extra=tuple((name, value) for name, value in told if name not in ours)
		)
		return _next_number(dict(told).get("page", ""), page.number)

	def _number_to_read_again(self, page: Page) -> int | None:
		slid = self._pages_slid(page)
		if not slid or page.number == 1:
			return None
		self._steps_back += 1
		if self._steps_back > _MOST_STEPS_BACK:
			raise ServerError("The list of punches keeps changing while it is read.")
		return max(1, page.number - slid)

	def _pages_slid(self, page: Page) -> int:
		if self._last is None:
			return 0
		if page.past_end:
			return self._pages_missing(page)
		if page.count is None or self._count is None or page.count >= self._count:
			return 0
		# The server may send fewer rows a page than asked for.
		return -(-(self._count - page.count) // max(1, self._last.fetched))

	def _pages_missing(self, page: Page) -> int:
		"""One, unless the page before has been read again without news: then its `next` is not true."""
		known = self._missing
		self._missing = page.number, self._count
		return 0 if self._missing == known else 1

	def _refuse_a_repeated_page(self, page: Page) -> None:
		last = self._last
		if last is None or not page.punches or page.number <= last.number:
			return
		# Where the count has changed, as many rows as a page holds may have come in before it.
		if (page.punches, page.count) == (last.punches, last.count):
			raise UnexpectedShape(
				"The server sends the same page again and again: it ignores the page number."
			)


def _past_the_end(answer: Json, query: PageQuery) -> Page:
	if query.number == 1 and "page" not in detail(answer.data).lower():
		raise NotBioTime(f"The server has no punches at this address: {detail(answer.data)}")
	return Page(
		query.number, (), (), None, None, server_time(answer.headers.get("Date") or ""), past_end=True
	)


def _rows(envelope: Mapping[str, Any]) -> list[Any]:
	rows = envelope.get("data", envelope.get("results"))
	if not isinstance(rows, list):
		raise UnexpectedShape("The answer holds no list of punches, neither in 'data' nor in 'results'.")
	return rows


def _count(envelope: Mapping[str, Any]) -> int | None:
	count = envelope.get("count")
	return count if isinstance(count, int) and not isinstance(count, bool) else None


def _next_query(envelope: Mapping[str, Any], query: PageQuery, rows: int, count: int | None) -> str | None:
	"""The query of `next`, never its host; where there is no `next` at all, the count decides."""
	if not rows:
		return None
	if "next" not in envelope:
		return "" if count is not None and query.number * query.size < count else None
	link = envelope["next"]
	if not isinstance(link, str) or link.strip().lower() in ("", "null", "none"):
		return None
	try:
		return urlsplit(link.strip()).query
	except ValueError:
		return ""


def _next_number(told: str, number: int) -> int:
	following = int(told) if told.isascii() and told.isdecimal() and len(told) < 9 else number + 1
	if following <= number:
		raise UnexpectedShape(f"The server says that page {following} follows page {number}.")
	return following
