"""How many punches a page may hold: as many as a person has set, or fewer where the server does not bear that. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from zkteco_biometric.biotime.errors import BioTimeError, TimedOut
from zkteco_biometric.biotime.models import Page

FEWEST = 50
"""Smaller pages are asked for by nobody but a person: what fails over these fails over something else."""

SLOW = 10.0
"""Seconds. Whoever waits in between, such as a proxy, gives up after half a minute or a minute."""

QUICK = 2.5
"""Seconds: a page of twice the size is still far from slow then."""

_QUICK_PAGES = 4
"""After so many the next size is tried; after twice as many where it has been in vain once, and so on."""

_MOST_QUICK_PAGES = 64


_MANY = 200
"""Rows. Of a size above it, something smaller is needed: a few rows less are asked for where no small number divides it."""


def sizes_within(most: int) -> tuple[int, ...]:
	"""The page sizes that are used where `most` is set, the largest first. Each divides the one before."""
	chains = (_sizes_from(largest) for largest in range(most, 0, -1))
	return next(sizes for sizes in chains if sizes[-1] <= _MANY)


def _sizes_from(largest: int) -> tuple[int, ...]:
	sizes = [largest]
	while smaller := _divided(sizes[-1]):
		sizes.append(smaller)
	return tuple(sizes)


def _divided(size: int) -> int:
	"""By two where that goes; 0 where there is no smaller size."""
	parts = (size // number for number in (2, 3, 5, 7) if size % number == 0)
	return next((part for part in parts if part >= FEWEST), 0)


@dataclass(frozen=True)
class Place:
	"""Where a reading begins or goes on: `page`, 1-based, in pages of `page_size` rows.

	`count`: how many rows there were when that was known; None for unknown. `is_even`: whether the pages before had as many
	rows as they were asked for, so that the place can be told in other sizes: a server may have a limit of its own.
	`is_reckoned`: it was told from larger pages. A server that sends no pages as small as this begins it further on.
	"""

	page: int = 1
	page_size: int = 0
	count: int | None = None
	is_even: bool = True
	is_reckoned: bool = False

	@staticmethod
	def after(page: Page) -> Place:
		return Place(page.number + 1, page.asked, page.count, page.fetched == page.asked)

	@property
	def page_before(self) -> Place:
		return replace(self, page=max(1, self.page - 1))

	@property
	def is_known_in_rows(self) -> bool:
		return self.page == 1 or self.is_even

	def in_pages_of(self, size: int) -> Place:
		"""The same row; the same place as it was where no page of that size is known to begin there.

		Larger pages begin there or earlier, whatever limits a server has; smaller ones have yet to show it.
		"""
		rows = (self.page - 1) * self.page_size
		if not self.is_known_in_rows or rows % size:
			return self
		is_reckoned = self.is_reckoned or (rows > 0 and size < self.page_size)
		return replace(self, page=rows // size + 1, page_size=size, is_reckoned=is_reckoned)

	def to_begin_with(self, size: int) -> Place:
		"""In pages of that size where they are smaller, or nothing was read yet: what was read before is no part of a larger page."""
		return self.in_pages_of(size) if size < self.page_size or not self.page_size else self

	def is_shown_by(self, page: Page) -> bool | None:
		"""Whether the rows of the first page that was read here are those of this place; None where the page does not show it.

		Where a server sends more rows than it is asked for, that place is further on: full pages are too long there, and the
		last one ends the list too early.
		"""
		if not self.is_reckoned:
			return True
		before = (page.number - 1) * page.asked
		if page.fetched > page.asked:
			return False
		if page.next_query:
			return page.fetched == page.asked
		return True if before + page.fetched == page.count else None

	def has_moved(self, page: Page) -> bool:
		"""Seen from the first page that was read here: whether rows have disappeared, so that others slid to before it."""
		if self.page == 1 or page.number != self.page:
			return False
		return page.past_end or (
			self.count is not None and page.count is not None and page.count < self.count
		)


class PageSizes:
	"""Which size is asked for now. It shrinks where answers are slow or fail, and grows back where they are quick.

	`borne` is what a reading before has ended with; None where it was `most`.
	"""

	def __init__(self, most: int, borne: int | None = None) -> None:
		self._sizes = sizes_within(most)
		fitting = (number for number, size in enumerate(self._sizes) if size <= (borne or most))
		self._at = next(fitting, len(self._sizes) - 1)
		self._quick = 0
		self._quick_wanted = _QUICK_PAGES
		self._has_timed_out = False

	@property
	def now(self) -> int:
		return self._sizes[self._at]

	@property
	def borne(self) -> int | None:
		"""To begin with the next time; None for what is set."""
		return self.now if self._at else None

	def is_hasty(self, size: int) -> bool:
		"""Whether a page of that size that fails is better not repeated: a smaller one can be asked for.

		Or all the time for it has been spent on larger ones.
		"""
		return self._has_timed_out or (size in self._sizes and size != self._sizes[-1])

	def failed(self, size: int, error: BioTimeError) -> None:
		"""A page of that size did not come, and it may be the size."""
		self._has_timed_out = isinstance(error, TimedOut)
		self._shrink(size)

	def answered(self, page: Page, seconds: float) -> None:
		"""A page came. One with few rows says nothing of its size."""
		self._has_timed_out = False
		if seconds > SLOW and 2 * page.fetched > page.asked:
			self._shrink(page.asked)
		elif seconds > QUICK or page.fetched < page.asked or page.asked != self.now:
			return
		else:
			self._was_quick()

	def _was_quick(self) -> None:
		self._quick += 1
		if self._at and self._quick >= self._quick_wanted:
			self._at, self._quick = self._at - 1, 0

	def _shrink(self, size: int) -> None:
		if size not in self._sizes:
			return
		smaller = min(self._sizes.index(size) + 1, len(self._sizes) - 1)
		self._at = max(self._at, smaller)
		self._quick, self._quick_wanted = 0, min(2 * self._quick_wanted, _MOST_QUICK_PAGES)
