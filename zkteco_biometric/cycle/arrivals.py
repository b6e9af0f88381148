"""What has arrived at the server since the last look, whatever its punch time.

A window of punch times never sees what a terminal uploads days late, or under a clock that is wrong. So each cycle also
looks where new rows must be: at the top of the list by `upload_time` where the server sorts by it, else at the end of the
list by id.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from zkteco_biometric.biotime.errors import BioTimeError
from zkteco_biometric.biotime.models import Page, Punch
from zkteco_biometric.cycle.page_sizes import PageSizes
from zkteco_biometric.cycle.plan import punch_key

if TYPE_CHECKING:
	from zkteco_biometric.cycle.sized_pages import SizedPages

NEWEST_FIRST = "-upload_time"
_OVERLAP = timedelta(minutes=10)
MOST_PRINTS = 20
_MOST_PAGES_BACKWARDS = 20
"""A larger backlog is read by id, oldest first: an interruption goes on where it was. So does one that is interrupted."""


@dataclass(frozen=True)
class Arrivals:
	"""How far the order of arrival has been read on one device.

	`newest_upload` is the server's naive wall clock. `prints`: the highest ids seen, ascending, each with the key of its
	punch: a restored server gives them to others. `sorts`: whether the server sorts by upload time; None where that has not
	shown yet. `again_from`: the page at which a reading of everything goes on, in pages of `again_size`. `unfinished`: what is new is to be
	read by id, since such a reading stopped in the middle, or since no other would find it. `windows_until`: where windows of
	punch time have been read to (aware), while last_sync moves on since nothing comes; None for last_sync. `in_vain`: how
	many glances on that day, one after the other, have shown nothing.
	"""

	newest_upload: datetime | None = None
	count: int | None = None
	prints: tuple[tuple[int, str], ...] = ()
	sorts: bool | None = None
	again_from: int | None = None
	unfinished: bool = False
	windows_until: datetime | None = None
	again_size: int | None = None
	in_vain: int = 0
	in_vain_on: date | None = None

	@property
	def is_known(self) -> bool:
		"""Whether there was a look before; the server may have been empty."""
		return self.count is not None or self.newest_upload is not None or bool(self.prints)

	@property
	def highest_id(self) -> int:
		return self.prints[-1][0] if self.prints else 0

	def again_in(self, size: int) -> int | None:
		"""The page at which a reading of everything goes on in pages of that size; too early rather than too late.

		Where pages are smaller than before, a server with a limit of its own may still send the same ones.
		"""
		before = self.again_size or size
		if self.again_from is None or size <= before:
			return self.again_from
		return (self.again_from - 1) * before // size + 1

	def as_json(self) -> str:
		"""For a site to keep; `from_json` reads it."""
		return json.dumps(
			{
				"newest_upload": self.newest_upload.isoformat() if self.newest_upload else None,
				"count": self.count,
				"prints": self.prints,
				"sorts": self.sorts,
				"again_from": self.again_from,
				"unfinished": self.unfinished,
				"windows_until": self.windows_until.isoformat() if self.windows_until else None,
				"again_size": self.again_size,
				"in_vain": self.in_vain,
				"in_vain_on": self.in_vain_on.isoformat() if self.in_vain_on else None,
			}
		)

	@staticmethod
	def from_json(text: str) -> Arrivals:
		kept = json.loads(text)
		newest, until, vain_on = kept["newest_upload"], kept.get("windows_until"), kept.get("in_vain_on")
		return Arrivals(
			datetime.fromisoformat(newest) if newest else None,
			kept["count"],
			tuple((number, key) for number, key in kept["prints"]),
			kept["sorts"],
			kept["again_from"],
			kept.get("unfinished", False),
			datetime.fromisoformat(until) if until else None,
			kept.get("again_size"),
			kept.get("in_vain", 0),
			date.fromisoformat(vain_on) if vain_on else None,
		)


class _NotSorted(Exception):
	"""The server does not sort by upload time."""


class _Unsure(Exception):
	"""This order does not explain what the server holds: look by id this time."""


class ArrivalReader:
	"""Reads what is new, page by page. Each page is stored with `position`; after the last one `found` is to be kept.

	The pages contain all that has arrived since `known`, and little besides: what a person has done meanwhile about older
	punches is not to be undone. Where a page fails and may be too large, all is read again in smaller ones.
	"""

	def __init__(self, source: SizedPages, known: Arrivals, sizes: PageSizes) -> None:
		self._source = source
		self._sizes = sizes
		self._before = known
		self._begin(known)

	def _begin(self, known: Arrivals) -> None:
		self._known = known
		self._size = self._sizes.now
		self._seen = _Seen(known)
		self.position: Arrivals | None = None

	@property
	def found(self) -> Arrivals:
		"""What to remember once every page is stored."""
		before = self._before
		return replace(
			self._seen.as_known(self._known),
			windows_until=before.windows_until,
			in_vain=before.in_vain,
			in_vain_on=before.in_vain_on,
		)

	def pages(self) -> Iterator[Page]:
		known = self._known
		while True:
			try:
				yield from self._pages(known.again_in(self._size))
				return
			except BioTimeError as error:
				if not error.may_be_its_size or self._sizes.now >= self._size:
					raise
				self._begin(known)

	def _pages(self, again_from: int | None) -> Iterator[Page]:
		if again_from is None:
			yield from self._new_pages()
		if again_from or self._seen.ids_started_again:
			yield from self._everything(again_from or 1)

	def _new_pages(self) -> Iterator[Page]:
		"""What looks known is left out, but where something has happened that the order does not explain."""
		before, all_counts = self._known, self._known.unfinished
		if self._known.sorts is not False and not self._known.unfinished:
			try:
				yield from (_without_known(page, before) for page in self._newest_first())
				return
			except _NotSorted:
				self._known = replace(self._known, sorts=False)
			except _Unsure:
				all_counts = True
			self._seen = _Seen(self._known)
		yield from (page if all_counts else _without_known(page, before) for page in self._by_id())

	def _newest_first(self) -> Iterator[Page]:
		"""Until what was known is reached, and a little beyond: uploads of one moment become visible one by one."""
		last: datetime | None = None
		for page in self._sorted_pages():
			last = _check_order(page.punches, last)
			self._seen.note(page)
			if page.number > 1 and self._known.is_known:
				self.position = replace(self._known, unfinished=True)
			yield page
			if self._reaches_known(page):
				break
			if page.number >= _MOST_PAGES_BACKWARDS:
				raise _Unsure
		self.position = None
		self._check_that_it_explains_all()
		if self._seen.shows_order:
			self._known = replace(self._known, sorts=True)

	def _sorted_pages(self) -> Iterator[Page]:
		"""A server on which this order was never seen to work may fail over it: where it does not by id, it was that."""
		try:
			yield from self._source.pages(None, None, self._size, ordering=NEWEST_FIRST)
		except BioTimeError as error:
			if self._seen.count is not None:
				raise
			raise (_Unsure if self._known.sorts else _NotSorted) from error

	def _reaches_known(self, page: Page) -> bool:
		"""A first look goes no further than a page: the past is read by windows."""
		newest = self._known.newest_upload
		if newest is None:
			return not self._known.is_known
		oldest_here = page.punches[-1].upload_time if page.punches else None
		return oldest_here is not None and oldest_here < newest - _OVERLAP

	def _check_that_it_explains_all(self) -> None:
		"""Fewer new rows than the server has more of, or none as new as before: something else has happened."""
		known, seen = self._known, self._seen
		if not known.is_known:
			return
		if known.newest_upload and (seen.newest_upload is None or seen.newest_upload < known.newest_upload):
			raise _Unsure
		grown = (seen.count or 0) - (known.count or 0)
		if known.count is not None and seen.count is not None and seen.new_ids < grown:
			raise _Unsure
		if known.sorts is None and not seen.shows_order and not seen.is_everything:
			raise _Unsure

	def _by_id(self) -> Iterator[Page]:
		"""From the last page that holds what is known, with a page before it, to the end of the list."""
		number = self._first_page()
		for page in self._source.pages(None, None, self._size, number) if number else ():
			if not page.past_end:
				self._seen.note(page)
				self.position = self._so_far()
				yield page
		self.position = None

	def _so_far(self) -> Arrivals | None:
		"""Where a reading by id would go on. None until it is past what was known, which shows whether ids started again."""
		goes_on = self._known.is_known and self._seen.is_past_known and not self._seen.ids_started_again
		return replace(self.found, unfinished=True) if goes_on else None

	def _first_page(self) -> int | None:
		"""Going back in growing steps until a page begins with rows that are known. None: nobody says where the end is."""
		number, step = self._last_page(), 1
		while number and number > 1 and self._known.is_known and not self._is_known_at(number):
			number, step = max(1, number - step), step * 2
		return max(1, number - 1) if number else None

	def _last_page(self) -> int | None:
		"""By the server's count, and by as many rows a page as it sends, which may be fewer than asked for."""
		page = self._page(1)
		if page is None or page.count is None:
			return None
		return max(1, -(-page.count // (page.fetched if page.has_next and page.fetched else self._size)))

	def _is_known_at(self, number: int) -> bool:
		"""Never, where no id is known: the server was empty, or it has none."""
		page = self._page(number) if self._known.prints else None
		ids = [punch.id for punch in page.punches if punch.id is not None] if page else []
		return bool(ids) and min(ids) <= self._known.prints[0][0]

	def _page(self, number: int) -> Page | None:
		return next(iter(self._source.pages(None, None, self._size, number)), None)

	def _everything(self, first_page: int) -> Iterator[Page]:
		"""The ids have started again: nothing is known any more. An interruption goes on a page early."""
		self._seen = _Seen(Arrivals(sorts=self._known.sorts))
		for page in self._source.pages(None, None, self._size, max(1, first_page - 1)):
			self._seen.note(page)
			self.position = replace(self._known, again_from=page.number + 1, again_size=self._size)
			yield page
		self.position = None
		self._known = Arrivals(sorts=self._known.sorts)


class _Seen:
	"""What one reading has come across."""

	def __init__(self, known: Arrivals) -> None:
		self._known = known
		self._prints: dict[int, str] = {}
		self._uploads: set[datetime] = set()
		self._rows = 0
		self.new_ids = 0
		self.newest_upload: datetime | None = None
		self.count: int | None = None
		self.is_everything = False

	def note(self, page: Page) -> None:
		self.count = page.count if page.count is not None else self.count
		self._rows += page.fetched
		self.is_everything = not page.has_next and self.count is not None and self._rows >= self.count
		self.new_ids += len(page.rejected)
		for punch in page.punches:
			self._note(punch)
		self._forget_low_ids()

	def _note(self, punch: Punch) -> None:
		if punch.upload_time:
			self.newest_upload = max(punch.upload_time, self.newest_upload or punch.upload_time)
			if len(self._uploads) < 2:
				self._uploads.add(punch.upload_time)
		if punch.id is None:
			self.new_ids += 1
		elif punch.id not in self._prints:
			self.new_ids += punch.id > self._known.highest_id
			self._prints[punch.id] = punch_key(punch)

	def _forget_low_ids(self) -> None:
		"""Those that are of use: the highest, and those that were the highest before."""
		before = dict(self._known.prints)
		highest = set(sorted(self._prints)[-MOST_PRINTS:])
		self._prints = {
			number: key for number, key in self._prints.items() if number in highest or number in before
		}

	@property
	def shows_order(self) -> bool:
		"""Whether rows of different moments came: only these show an order."""
		return len(self._uploads) > 1

	@property
	def is_past_known(self) -> bool:
		return bool(self._prints) and max(self._prints) > self._known.highest_id

	@property
	def ids_started_again(self) -> bool:
		"""An id belongs to another punch now; or all are lower than before, and none of the highest is left."""
		before = dict(self._known.prints)
		met = before.keys() & self._prints.keys()
		if any(before[number] != self._prints[number] for number in met):
			return True
		return bool(before and not met and self._prints and max(self._prints) < self._known.highest_id)

	def as_known(self, known: Arrivals) -> Arrivals:
		"""What is known from now on. Where nothing came, what was known stays."""
		prints = sorted({**dict(known.prints), **self._prints}.items())[-MOST_PRINTS:]
		if known.prints and self._prints and max(self._prints) < known.highest_id:
			prints = sorted(self._prints.items())[-MOST_PRINTS:]
		newest = self.newest_upload or known.newest_upload
		count = self.count if self.count is not None else known.count
		return Arrivals(newest, count, tuple(prints), known.sorts)


def _without_known(page: Page, known: Arrivals) -> Page:
	"""The page without punches that arrived before `known` for certain: well before the newest upload, and below its ids."""
	return replace(page, punches=tuple(punch for punch in page.punches if _may_be_new(punch, known)))


def _may_be_new(punch: Punch, known: Arrivals) -> bool:
	if not known.is_known or punch.id is None or punch.upload_time is None:
		return True
	if dict(known.prints).get(punch.id) == punch_key(punch):
		return False
	is_recent = known.newest_upload is None or punch.upload_time >= known.newest_upload - _OVERLAP
	return is_recent or not known.prints or punch.id > known.prints[0][0]


def _check_order(punches: Sequence[Punch], last: datetime | None) -> datetime | None:
	"""The upload time of the last row. Raises `_NotSorted` where a row is newer than the one before, or has none."""
	for punch in punches:
		if punch.upload_time is None or (last is not None and punch.upload_time > last):
			raise _NotSorted
		last = punch.upload_time
	return last
