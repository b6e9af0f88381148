"""Reading a short list to its end: areas, terminals, the people whom a filter leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from zkteco_biometric.biotime.answers import Json, detail
from zkteco_biometric.biotime.envelope import check_past_the_end, count_in, next_query_in, rows_in
from zkteco_biometric.biotime.errors import ServerError, UnexpectedShape
from zkteco_biometric.wording import _

PAGE_SIZE = 500
MOST_PAGES = 2_000


@dataclass(frozen=True)
class Listing:
	"""Which list: its name in messages, and the filters, which a server may ignore or take loosely."""

	what: str
	filters: Mapping[str, str]

	def parameters(self, number: int) -> dict[str, str]:
		"""Those of a page; `limit` for the servers that do not know `page_size`."""
		return {
			**self.filters,
			"page": str(number),
			"page_size": str(PAGE_SIZE),
			"limit": str(PAGE_SIZE),
		}


@dataclass
class _Place:
	"""How far a list has been read: the last rows, how many came, and what the server says of the rest."""

	last: list[Any]
	seen: int = 0
	count: int | None = None
	has_link: bool = True
	is_over: bool = False

	def is_at_the_end(self, rows: list[Any]) -> bool:
		"""Whether there is no page with these rows. Raises where the server says that there is and repeats itself."""
		if rows and rows == self.last and self.has_link:
			raise UnexpectedShape(
				_("The server sends the same page again and again: it ignores the page number.")
			)
		return not rows or rows == self.last

	def note(self, rows: list[Any], envelope: Mapping[str, Any]) -> None:
		link = next_query_in(envelope, len(rows))
		self.last, self.count = rows, count_in(envelope)
		self.seen += len(rows)
		self.has_link = bool(link)
		self.is_over = not link and (link is None if self.count is None else self.seen >= self.count)

	@property
	def is_short(self) -> bool:
		return self.count is not None and self.seen < self.count


def read_list(
	ask: Callable[[Mapping[str, str]], Json], listing: Listing, wanted: Callable[[Any], bool]
) -> list[Any]:
	"""The wanted rows of all pages, in the server's order; the others are not kept. `ask` gets a page by its parameters.

	Raises `UnexpectedShape` where the pages do not end, and `ServerError` where they end before the rows that the server
	counts; not where a filter has found something, as `count` may be that of the list without the filter.
	"""
	found: list[Any] = []
	place = _Place([])
	for number in range(1, MOST_PAGES + 1):
		envelope = _envelope(ask(listing.parameters(number)), number, listing.what)
		rows = rows_in(envelope, listing.what)
		if number == 1 and not rows:
			place.count = count_in(envelope)
		if place.is_at_the_end(rows):
			break
		place.note(rows, envelope)
		found += filter(wanted, rows)
		if place.is_over:
			return found
	else:
		raise UnexpectedShape(_("The server's pages do not end: {0} were read.").format(MOST_PAGES))
	if place.is_short and not (found and listing.filters):
		raise ServerError(
			_("The server says there are {0} {1} but ended the list after {2}.").format(
				place.count, listing.what, place.seen
			)
		)
	return found


def _envelope(answer: Json, number: int, what: str) -> Mapping[str, Any]:
	if answer.status == 404:
		check_past_the_end(answer, number, what)
		return {"count": 0, "data": []}
	if answer.status != 200 or not isinstance(answer.data, Mapping):
		raise UnexpectedShape(
			_("The server refused the request for {0}: {1}").format(what, detail(answer.data))
		)
	return answer.data
