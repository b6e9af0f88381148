"""An import: a range of punch times that a person has chosen, read in slices, that goes on wherever it stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from zkteco_biometric.biotime.models import Page
from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.cycle.import_range import ImportPosition, ImportRange, added_up
from zkteco_biometric.cycle.page_sizes import Place
from zkteco_biometric.cycle.plan import Fate
from zkteco_biometric.cycle.ports import HRSite, NobodyWatches, Position, Progress, PunchSource
from zkteco_biometric.cycle.result import CycleResult, Stored, is_news
from zkteco_biometric.cycle.run import Cycle, CycleRules
from zkteco_biometric.cycle.window import Checkpoint, Window, interrupted


def run_import(
	source: PunchSource,
	site: HRSite,
	rules: CycleRules,
	wanted: ImportRange,
	position: ImportPosition | None = None,
	*,
	now: Callable[[], datetime] = utc_now,
	progress: Progress | None = None,
	stop_at: datetime | None = None,
) -> CycleResult:
	"""Reads the range and creates its check-ins; safe to run again at any time. *Sync From* does not limit it.

	The site is given an `ImportPosition` with each page, to bring along the next time, and nothing else to remember: neither
	last_sync_timestamp nor any position of the device moves. Ends early as a cycle does: with `failure`, `unfinished` at
	`stop_at` (aware), `superseded`, and `cancelled` where a person has asked for that.
	"""
	everything = replace(rules, window=replace(rules.window, sync_from=None))
	result = CycleResult(began=now(), window_start=wanted.start, window_end=wanted.end)
	reading = _Importing(
		source, site, everything, now, progress or NobodyWatches(), stop_at, result, wanted=wanted
	)
	with reading.ending_well():
		source.ensure_token()
		reading.begin(position)
		reading.read_turns()
	return result


@dataclass(kw_only=True)
class _Importing(Cycle):
	"""A cycle whose windows are those of an import."""

	wanted: ImportRange
	at: ImportPosition = field(default_factory=ImportPosition)
	code: str = ""
	resumed: Place = field(default_factory=Place)
	counted_rows: int = 0
	is_counted: bool = False

	def begin(self, position: ImportPosition | None) -> None:
		if position:
			self.at = position
			return
		counts = (self.source.count(self.wanted.start, self.wanted.end, code) for code in self.wanted.turns)
		self.keep(ImportPosition(total=added_up(counts)))

	def read_turns(self) -> None:
		device = self.source
		for code in self.wanted.turns[self.at.turns_done :]:
			self.code, self.source = code, _OnlyCode(device, code) if code else device
			self.read_turn()
			self.keep(self.at.after_turn())
			self.stop_in_time(more=self.at.turns_done < len(self.wanted.turns))

	def read_turn(self) -> None:
		reading = interrupted(self.rules.window, self.at.checkpoint, self.result.began)
		if reading:
			self.resumed = reading.place
			self.counted_rows = reading.place.page * reading.place.page_size
			self.read(reading)
			self.finish(reading.window, None)
		start, end = self.at.until or self.wanted.start, self.wanted.end
		if self.at.until is None or start < end:
			self.read_in_slices(Window(start, end, self.rules.window.clocks.instant_on_device(end)), None)

	def store(self, page: Page, position: Position | None) -> tuple[list[Fate], Stored]:
		if isinstance(position, Checkpoint):
			self.at = replace(self.at, checkpoint=position)
		self.note_what_is_counted(page)
		return super().store(self.wanted.part_of(page, self.code), self.at)

	def note_what_is_counted(self, page: Page) -> None:
		"""Whether the page was read before, by the rows up to its end: a server may send more of them than it is asked for."""
		reached = page.number * max(page.asked, page.fetched)
		is_resumed = (page.number, page.asked) == (self.resumed.page, self.resumed.page_size)
		self.is_counted = is_resumed or reached <= self.counted_rows
		self.counted_rows = max(self.counted_rows, reached)

	def decide(self, page: Page) -> list[Fate]:
		"""Of what is read once more, after an interruption or from the beginning, what was counted before is left out."""
		fates = super().decide(page)
		return [fate for fate in fates if is_news(fate)] if self.is_counted else fates

	def finish(self, window: Window, last_sync: datetime | None) -> datetime:  # noqa: ARG002 an import moves none
		self.resumed, self.counted_rows = Place(), 0
		self.keep(replace(self.at, until=window.end, checkpoint=None))
		return window.until

	def keep(self, position: ImportPosition) -> None:
		self.at = position
		self.site.keep(position)

	def go_on(self, page: Page) -> None:
		"""Who watches is told of the range, not of the slice."""
		self.result.total = self.at.total
		super().go_on(page)


@dataclass(frozen=True)
class _OnlyCode:
	"""A device of which only one person's punches are asked for; it may send others' all the same."""

	device: PunchSource
	code: str

	def ensure_token(self) -> object:
		return self.device.ensure_token()

	def pages(
		self,
		start: datetime | None,
		end: datetime | None,
		page_size: int,
		first_page: int = 1,
		*,
		ordering: str = "",
		emp_code: str = "",
		hasty: Callable[[], bool] = lambda: False,
	) -> Iterator[Page]:
		code = emp_code or self.code
		return self.device.pages(
			start, end, page_size, first_page, ordering=ordering, emp_code=code, hasty=hasty
		)

	def count(self, start: datetime | None, end: datetime | None, emp_code: str = "") -> int | None:
		return self.device.count(start, end, emp_code or self.code)
