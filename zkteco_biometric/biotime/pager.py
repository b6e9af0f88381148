"""The way through the pages of a window, until it is plausible that every row has been seen. Pure."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

from zkteco_biometric.biotime.errors import ServerError, UnexpectedShape
from zkteco_biometric.biotime.models import Page
from zkteco_biometric.biotime.pages import PageQuery
from zkteco_biometric.biotime.tally import Tally
from zkteco_biometric.wording import _

_MOST_STEPS_BACK = 50


class Pager:
	"""Where to go after each page, until the end.

	Rows that disappear from earlier pages make later ones slide forward, so that some would never be seen. A falling
	count, or a page that is gone, shows it: then the pages that may hold them are read again.
	"""

	def __init__(self, first: PageQuery) -> None:
		self._query = first
		self._last: Page | None = None
		self._tally = Tally(first.number, first.size)
		self._gap = 0
		self._missing: tuple[int, int | None] | None = None
		self._fell: tuple[object, ...] | None = None
		self._steps_back = 0

	def after(self, page: Page) -> PageQuery | None:
		"""The query that follows `page`; None at the end. Raises where the server's pages lead nowhere.

		A query that is not further on means that `page` itself comes again.
		"""
		if self._is_repeated(page):
			return None
		self._refuse_rows_after_a_gap(page)
		former = self._tally.count
		self._tally.note(page)
		number = self._next_number(page, self._pages_slid(page, former))
		if page.fetched:
			self._last = page
		self._query = replace(self._query, number=number or self._query.number)
		return self._query if number else None

	@property
	def doubt(self) -> str:
		"""At the end: why it may not be the end of the window; empty where it is plausible."""
		if not self._tally.is_short or self._tally.ended_by_itself:
			return ""
		if self._tally.count == 1:
			return _("The server says there is 1 punch but ended the list after {0}.").format(
				self._tally.seen
			)
		return _("The server says there are {0} punches but ended the list after {1}.").format(
			self._tally.count, self._tally.seen
		)

	def _next_number(self, page: Page, slid: int) -> int | None:
		if slid and page.number > 1:
			return self._back_to(max(1, page.number - slid))
		if self._goes_on(page):
			return self._following(page)
		if page.fetched and (self._tally.is_short or self._was_further_than(page)):
			return page.number + 1
		return self._back_to(self._tally.first - 1) if self._tally.is_reckoned_wrong else None

	def _goes_on(self, page: Page) -> bool:
		"""An empty page ends the list where the count agrees; where there is none, its `next` is tried once."""
		if page.next_query is None:
			return False
		if page.fetched:
			return True
		tried, self._gap = self._gap, page.number
		return self._tally.count is None and not tried

	def _was_further_than(self, page: Page) -> bool:
		return self._last is not None and self._last.number > page.number

	def _back_to(self, number: int) -> int:
		self._steps_back += 1
		if self._steps_back > _MOST_STEPS_BACK:
			raise ServerError(_("The list of punches keeps changing while it is read."))
		self._tally.go_back(number)
		return number

	def _following(self, page: Page) -> int:
		told = tuple(parse_qsl(page.next_query or ""))
		ours = self._query.parameters().keys() - dict(self._query.extra).keys()
		self._query = replace(
			self._query, extra=tuple((name, value) for name, value in told if name not in ours)
		)
		return _number_told(dict(told).get("page", ""), page.number)

	def _pages_slid(self, page: Page, former: int | None) -> int:
		if self._last is None:
			return 0
		if page.past_end:
			return self._pages_missing(page)
		count = self._tally.count
		if former is not None and count is not None and count < former:
			return self._pages_fallen(page, former - count)
		return 0 if page.fetched else self._pages_missing(page)

	def _pages_fallen(self, page: Page, rows: int) -> int:
		"""None where the same page falls a second time: then `count` means something else."""
		known, self._fell = self._fell, (page.number, page.count, rows, page.punches)
		if self._fell == known:
			self._tally.disbelieve()
			return 0
		# The server may send fewer rows a page than asked for.
		return -(-rows // max(1, self._last.fetched if self._last else 0))

	def _pages_missing(self, page: Page) -> int:
		"""One, unless all rows have been seen, or the page before has been read again without news."""
		known, self._missing = self._missing, (page.number, self._tally.count)
		return 0 if self._gap or self._tally.is_complete or self._missing == known else 1

	def _is_repeated(self, page: Page) -> bool:
		"""Whether the server has no further page and sends its last one instead. Raises where that hides rows."""
		last = self._last
		if last is None or not page.punches or page.number <= last.number:
			return False
		# Where the count has changed, as many rows as a page holds may have come in before it.
		if (page.punches, page.count) != (last.punches, last.count):
			return False
		if last.next_query is None or (last.next_query == "" and last.fetched < self._query.size):
			return True
		raise UnexpectedShape(
			_("The server sends the same page again and again: it ignores the page number.")
		)

	def _refuse_rows_after_a_gap(self, page: Page) -> None:
		if page.fetched and 0 < self._gap < page.number:
			raise ServerError(
				_("The server sent nothing on page {0}, but punches on page {1}.").format(
					self._gap, page.number
				)
			)


def _number_told(told: str, number: int) -> int:
	following = int(told) if told.isascii() and told.isdecimal() and len(told) < 9 else number + 1
	if following <= number:
		raise UnexpectedShape(_("The server says that page {0} follows page {1}.").format(following, number))
	return following
