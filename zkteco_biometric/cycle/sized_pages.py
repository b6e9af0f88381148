"""A device read in pages of the size that it bears, which may change in the middle of a reading."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from zkteco_biometric.biotime.errors import BioTimeError
from zkteco_biometric.biotime.models import Page
from zkteco_biometric.cycle.page_sizes import PageSizes, Place

if TYPE_CHECKING:
	from zkteco_biometric.cycle.ports import PunchSource


@dataclass(frozen=True)
class SizedPages:
	"""What `source` answers, watched by `sizes`; `clock` tells seconds."""

	source: PunchSource
	sizes: PageSizes
	clock: Callable[[], float] = time.monotonic

	def from_place(self, start: datetime | None, end: datetime | None, place: Place) -> Iterator[Page]:
		"""Every page in [start, end] from there on; from the first where rows have disappeared since.

		A page that fails, and may be too large, is asked for again as smaller ones that begin at the same row. Another size
		begins where a page of that size does, so that no row is left out and none comes twice; from the first page, where
		the server sends more rows than a smaller page has, or does not show that it sends as few.
		"""
		following: Place | None = place.to_begin_with(self.sizes.now)
		while following:
			following = yield from self._in_one_size(start, end, following)

	def _in_one_size(
		self, start: datetime | None, end: datetime | None, place: Place
	) -> Generator[Page, None, Place | None]:
		"""Returns where to go on in another size; None at the end."""
		begun = place
		asked = self.pages(start, end, place.page_size, place.page, hasty=lambda: self._can_be_smaller(place))
		try:
			for page in asked:
				if begun.has_moved(page) or (place is begun and not self._is_there(begun, page, start, end)):
					return Place(page_size=self.sizes.now)
				yield page
				place = Place.after(page)
				if page.has_next and self._other(place):
					return self._other(place)
		except BioTimeError as error:
			if not error.may_be_its_size or not self._other(place):
				raise
			return self._other(place)
		return None

	def _is_there(self, begun: Place, page: Page, start: datetime | None, end: datetime | None) -> bool:
		"""Whether that page, the first, goes on where the reading before has ended."""
		shown = begun.is_shown_by(page)
		return self._is_honoured(begun.page_size, start, end) if shown is None else shown

	def _is_honoured(self, size: int, start: datetime | None, end: datetime | None) -> bool:
		"""For a list that is longer than a page of that size."""
		first = next(iter(self.pages(start, end, size)), None)
		return first is not None and first.fetched == size

	def _other(self, place: Place) -> Place | None:
		"""The place in the size that is to be used now; None where it is in that size, or cannot be told in it."""
		sized = place.in_pages_of(self.sizes.now)
		return None if sized.page_size == place.page_size else sized

	def _can_be_smaller(self, place: Place) -> bool:
		return place.is_known_in_rows and self.sizes.is_hasty(place.page_size)

	def pages(
		self,
		start: datetime | None,
		end: datetime | None,
		page_size: int,
		first_page: int = 1,
		*,
		ordering: str = "",
		emp_code: str = "",
		hasty: Callable[[], bool] | None = None,
	) -> Iterator[Page]:
		"""As the source gives them, in one size; what it took is noted for the next reading."""
		asked = self.source.pages(
			start,
			end,
			page_size,
			first_page,
			ordering=ordering,
			emp_code=emp_code,
			hasty=hasty or (lambda: self.sizes.is_hasty(page_size)),
		)
		while True:
			began = self.clock()
			try:
				page = next(asked, None)
			except BioTimeError as error:
				if error.may_be_its_size:
					self.sizes.failed(page_size, error)
				raise
			if page is None:
				return
			self.sizes.answered(page, self.clock() - began)
			yield page
