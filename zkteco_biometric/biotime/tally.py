"""How many rows of a window have been seen, and what the server's `count` is worth. Pure."""

from __future__ import annotations

from zkteco_biometric.biotime.models import Page


class Tally:
	"""Of one reading of a window: what came on which page, against what the server says there is.

	`count` is the server's last word on the whole window; None where it gives none, or none that can be believed. What
	lies before `first`, the first page of the reading, is reckoned from the size of a page.
	"""

	def __init__(self, first_page: int, asked_size: int) -> None:
		self.count: int | None = None
		self.first = first_page
		self._asked = asked_size
		self._rows: dict[int, int] = {}
		self._read = 0
		self._believed = True

	def note(self, page: Page) -> None:
		if page.fetched:
			self._read += page.fetched - self._rows.get(page.number, 0)
			self._rows[page.number] = page.fetched
		if page.count is None or not self._believed:
			return
		self.count = page.count
		if page.fetched and self._read > page.count:
			self.disbelieve()

	def disbelieve(self) -> None:
		"""`count` is something else than the number of rows in the window: no heed is taken of it any more."""
		self.count = None
		self._believed = False

	def go_back(self, number: int) -> None:
		"""That page and what follows it will be read again."""
		self.first = min(self.first, number)
		self._rows = {page: rows for page, rows in self._rows.items() if page < number}
		self._read = sum(self._rows.values())

	@property
	def seen(self) -> int:
		"""Rows, with those before the first page."""
		return self._read + (self.first - 1) * self._page_size

	@property
	def is_short(self) -> bool:
		return self.count is not None and self.seen < self.count

	@property
	def is_complete(self) -> bool:
		"""Known, not reckoned."""
		return self.first == 1 and self.count is not None and self.seen >= self.count

	@property
	def is_reckoned_wrong(self) -> bool:
		"""Whether the page before the first tells more: one page alone does not show how long full pages are."""
		return self.first > 1 and len(self._rows) < 2 and self.count not in (None, self.seen)

	@property
	def ended_by_itself(self) -> bool:
		"""Pages as long as they were asked for, and then a shorter one: no list that was cut off ends so."""
		*full, last = self._rows.values() or [0]
		return bool(full) and set(full) == {self._asked} and last < self._asked

	@property
	def _page_size(self) -> int:
		longest = max(self._rows.values(), default=0)
		return longest if len(self._rows) > 1 else max(self._asked, longest)
