"""One page of `/iclock/api/transactions/`: what to ask, and how to read the envelope. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from zkteco_biometric.biotime.answers import Json, detail
from zkteco_biometric.biotime.errors import NotBioTime, UnexpectedShape
from zkteco_biometric.biotime.models import Page, Punch, RejectedRow, parse_row
from zkteco_biometric.biotime.tokens import server_time

TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
_NO_LINK = ("", "null", "none")


@dataclass(frozen=True)
class PageQuery:
	"""What to ask for: page `number`, 1-based, and naive wall-clock bounds; `extra` comes from the server's `next`.

	`ordering` and `emp_code` may be ignored, or taken loosely, by the server: whoever asks looks at the rows.
	"""

	number: int
	size: int
	start: datetime | None = None
	end: datetime | None = None
	ordering: str = ""
	emp_code: str = ""
	extra: tuple[tuple[str, str], ...] = ()

	def parameters(self) -> dict[str, str]:
		"""`limit` beside `page_size`: the manuals of 8.0 to 9.0 know only the former (contract, section 2)."""
		asked = {"page": str(self.number), "page_size": str(self.size), "limit": str(self.size)}
		if self.start:
			asked["start_time"] = self.start.strftime(TIME_FORMAT)
		if self.end:
			asked["end_time"] = self.end.strftime(TIME_FORMAT)
		if self.ordering:
			asked["ordering"] = self.ordering
		if self.emp_code:
			asked["emp_code"] = self.emp_code
		return dict(self.extra) | asked


def read_page(answer: Json, query: PageQuery) -> Page:
	"""The page, whichever of the known envelopes it comes in. Raises where it is no page."""
	if answer.status == 404:
		return _past_the_end(answer, query)
	if answer.status != 200 or not isinstance(answer.data, Mapping):
		raise UnexpectedShape(f"The server refused the request for punches: {detail(answer.data)}")
	rows = _rows(answer.data)
	parsed = [parse_row(row) for row in rows]
	return Page(
		number=query.number,
		punches=tuple(row for row in parsed if isinstance(row, Punch)),
		rejected=tuple(row for row in parsed if isinstance(row, RejectedRow)),
		count=_count(answer.data),
		next_query=_next_query(answer.data, len(rows)),
		server_time=server_time(answer.headers.get("Date") or ""),
	)


def _past_the_end(answer: Json, query: PageQuery) -> Page:
	if query.number == 1 and "page" not in detail(answer.data).lower():
		raise NotBioTime(f"The server has no punches at this address (404): {detail(answer.data)}")
	return Page(
		query.number, (), (), None, None, server_time(answer.headers.get("Date") or ""), past_end=True
	)


def _rows(envelope: Mapping[str, Any]) -> list[Any]:
	named = [envelope.get(name) for name in ("data", "results")]
	rows = next((value for value in named if isinstance(value, list)), None)
	if rows is None and named == [None, None] and _count(envelope) == 0:
		return []
	if rows is None:
		raise UnexpectedShape("The answer holds no list of punches, neither in 'data' nor in 'results'.")
	return rows


def _count(envelope: Mapping[str, Any]) -> int | None:
	"""A whole number, also as a text or as a float; None for anything else."""
	count = envelope.get("count")
	if isinstance(count, str) and count.strip().isascii() and count.strip().isdecimal() and len(count) < 19:
		return int(count)
	if isinstance(count, float) and count.is_integer():
		count = int(count)
	return count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None


def _next_query(envelope: Mapping[str, Any], rows: int) -> str | None:
	"""The query of `next`, never its host; None where it says that there is no more.

	Empty where there is more without a link to it, and where a page with rows has no `next` at all: then it shows.
	"""
	if "next" not in envelope:
		return "" if rows else None
	link = envelope["next"]
	if not isinstance(link, str):
		return "" if link and rows else None
	if link.strip().lower() in _NO_LINK:
		return None
	try:
		return urlsplit(link.strip()).query
	except ValueError:
		return ""
