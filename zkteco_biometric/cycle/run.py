"""One sync cycle, readable aloud."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from zkteco_biometric.biotime.errors import BioTimeError, WrongCredentials
from zkteco_biometric.biotime.models import Page
from zkteco_biometric.cycle.arrivals import ArrivalReader, Arrivals
from zkteco_biometric.cycle.clock_watch import ClockWatch
from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.cycle.log_types import PunchStates
from zkteco_biometric.cycle.page_sizes import PageSizes, Place
from zkteco_biometric.cycle.past_days import PastDays, changed_spans
from zkteco_biometric.cycle.plan import (
	HARMLESS_LEAD,
	Fate,
	PlanRules,
	check_ins,
	codes,
	drop_existing,
	keys,
	match,
)
from zkteco_biometric.cycle.ports import (
	Cancelled,
	HRSite,
	NobodyWatches,
	Position,
	Progress,
	PunchSource,
	Superseded,
	SyncState,
)
from zkteco_biometric.cycle.read_ahead import ReadAhead
from zkteco_biometric.cycle.result import CycleResult, Stored
from zkteco_biometric.cycle.sized_pages import SizedPages
from zkteco_biometric.cycle.slices import BoundsIgnored, Slices, TooMuch
from zkteco_biometric.cycle.window import Checkpoint, Reading, Window, WindowRules, interrupted, next_window

_WORTH_COUNTING = timedelta(days=2)
"""A longer window is read for so long that a person wants to know how far it is."""

_SET_BACK_LATELY = timedelta(hours=3)


@dataclass(frozen=True)
class CycleRules:
	"""The settings of a device that a cycle obeys. `past_days`: how far the daily look-back goes; 0 for none."""

	window: WindowRules
	states: PunchStates = field(default_factory=PunchStates)
	past_days: int = 7


def run_cycle(
	source: PunchSource,
	site: HRSite,
	rules: CycleRules,
	*,
	now: Callable[[], datetime] = utc_now,
	progress: Progress | None = None,
	stop_at: datetime | None = None,
) -> CycleResult:
	"""Reads what is new on the device and creates its check-ins; safe to run again at any time.

	A device that fails ends the cycle with `failure` set: what was stored stays stored, last_sync_timestamp stays where
	it was, and the next cycle goes on at the checkpoint. Anything else that fails is raised. A cycle that is still reading
	at `stop_at` (aware) ends after the page in hand, `unfinished`, in the same way; one whose settings somebody changes
	ends `superseded`.
	"""
	cycle = Cycle(source, site, rules, now, progress or NobodyWatches(), stop_at, CycleResult(began=now()))
	with cycle.ending_well():
		source.ensure_token()
		cycle.read_what_is_new(site.sync_state())
	return cycle.result


class _OutOfTime(Exception):
	"""The page in hand is stored, more are waiting, and the time to work is over."""


@dataclass
class Failures:
	"""Those of the device that did not end a cycle at once."""

	met: list[BioTimeError] = field(default_factory=list)

	@contextmanager
	def kept(self) -> Iterator[None]:
		try:
			yield
		except WrongCredentials:
			raise
		except BioTimeError as error:
			self.met.append(error)

	def raise_first(self) -> None:
		if self.met:
			raise self.met[0]


@dataclass
class Cycle:
	"""One reading of a device into a site: its parts, and what has come of them so far.

	`arrivals`, `last_sync`: as the site remembers them by now.
	"""

	source: PunchSource
	site: HRSite
	rules: CycleRules
	now: Callable[[], datetime]
	progress: Progress
	stop_at: datetime | None
	result: CycleResult
	clock_watch: ClockWatch = field(default_factory=ClockWatch)
	arrivals: Arrivals | None = None
	last_sync: datetime | None = None
	sizes: PageSizes = field(init=False)
	ahead: ReadAhead = field(init=False)
	page_came: datetime = field(init=False)

	def __post_init__(self) -> None:
		window = self.rules.window
		self.sizes = PageSizes(window.page_size, window.page_size_borne)
		self.result.page_size_borne = self.sizes.borne

	@contextmanager
	def ending_well(self) -> Iterator[None]:
		"""What is expected to end a cycle early becomes part of its result."""
		try:
			yield
		except BioTimeError as error:
			self.result.failure = error
		except _OutOfTime:
			self.result.unfinished = True
		except Cancelled:
			self.result.cancelled = True
		except Superseded:
			self.result.superseded = True

	def read_what_is_new(self, state: SyncState) -> None:
		"""By punch time since last_sync_timestamp, then by arrival, then once a day what changed in the last days.

		A server may fail over one of these and answer the others: what fails keeps nobody's punches from being read.
		"""
		self.clock_watch = state.clock_watch or ClockWatch()
		self.arrivals, self.last_sync = state.arrivals, state.last_sync
		failures = Failures()
		with failures.kept():
			self.look_at_arrivals_first()
		self.read_windows(state)
		with failures.kept():
			self.read_arrivals()
		with failures.kept():
			self.read_past_days(state.past_days or PastDays(), read_all=state.last_sync is None)
		self.watch_clocks(state.clock_watch)
		failures.raise_first()

	def read_windows(self, state: SyncState) -> None:
		read_until = state.windows_until
		reading = interrupted(self.rules.window, state.checkpoint, self.result.began)
		if reading:
			self.read(reading)
			read_until = self.finish(reading.window, read_until)
		fresh = next_window(self.rules.window, read_until, self.result.began)
		if fresh:
			self.read_in_slices(fresh, read_until)

	def read_in_slices(self, window: Window, read_until: datetime | None) -> None:
		self.result.window_start, self.result.window_end = window.start, window.end
		slices = Slices(window, self.rules.window.clocks)
		if window.start is None or window.end - window.start > _WORTH_COUNTING:
			self.result.total = self.source.count(window.start, window.end)
		while slices.current:
			before = self.result.counters.fetched
			try:
				self.read(Reading(slices.current), slices)
			except TooMuch:
				slices.too_much()
			except BoundsIgnored:
				slices.give_up()
			else:
				read_until = self.finish(slices.current, read_until)
				slices.done(few=2 * (self.result.counters.fetched - before) <= self.sizes.now)
				self.stop_in_time(more=slices.current is not None)

	def read(self, reading: Reading, slices: Slices | None = None) -> None:
		"""Every page of the window; from the first where rows have disappeared since it was interrupted."""
		window, since = reading.window, reading.since or self.result.began
		with self.reading(self.device.from_place(window.start, window.end, reading.place)) as pages:
			for page in pages:
				if slices and page.number == 1:
					slices.check(page)
				if slices is None or slices.is_whole:
					self.result.total = page.count
				position = Checkpoint.at(Place.after(page), window, since)
				self.result.add_page(*self.store(page, position))
				self.go_on(page)

	def finish(self, window: Window, read_until: datetime | None) -> datetime:
		"""Up to when windows have been read by now. A slice within the look-back moves nothing back; nothing goes beyond now.

		An interruption goes on there, also where last_sync is later, since nothing had come.
		"""
		began = self.result.began
		until = max(window.until, min(read_until or window.until, began))
		self.last_sync = self.result.last_sync = max(until, min(self.last_sync or until, began))
		self.site.finish_window(self.last_sync)
		self.remember_windows(until if until < self.last_sync else None)
		return until

	def remember_windows(self, until: datetime | None) -> None:
		"""After last_sync: a crash in between only means that a slice is read again."""
		if self.arrivals and self.arrivals.windows_until != until:
			self.keep_arrivals(replace(self.arrivals, windows_until=until))

	def keep_arrivals(self, found: Arrivals) -> None:
		self.site.keep(found)
		self.arrivals = found

	def look_at_arrivals_first(self) -> None:
		"""Where the order of arrival stands before the first window is read: what comes meanwhile, or after a failure, is news.

		Nothing of it is stored: the windows cover what is there by now.
		"""
		if self.arrivals:
			return
		reader = ArrivalReader(self.device, Arrivals(), self.sizes)
		with self.reading(reader.pages()) as pages:
			for _page in pages:
				pass
		self.keep_arrivals(reader.found)

	def read_arrivals(self) -> None:
		reader = ArrivalReader(self.device, self.arrivals or Arrivals(), self.sizes)
		with self.reading(reader.pages()) as pages:
			for page in pages:
				position = reader.position
				self.result.add_news(*self.store(page, position))
				self.arrivals = position or self.arrivals
				self.go_on(page)
		if reader.found != (self.arrivals or Arrivals()):
			self.keep_arrivals(reader.found)

	def read_past_days(self, known: PastDays, *, read_all: bool) -> None:
		"""`read_all`: the windows of this cycle have covered the past from its beginning."""
		window = self.rules.window
		oldest = window.oldest_wanted.date() if window.oldest_wanted else None
		now = window.clocks.on_device(self.result.began)
		state = known.begun(now.date(), self.rules.past_days, oldest)
		if read_all:
			state = state.without_days()
		for start, end in changed_spans(self.source, state, now, self.site.keep):
			with self.reading(self.device.from_place(start, end, Place())) as pages:
				for page in pages:
					self.result.add_news(*self.store(page, None))
					self.go_on(page)

	def watch_clocks(self, known: ClockWatch | None) -> None:
		offset = self.result.began.astimezone(self.rules.window.clocks.device).utcoffset()
		wrong = self.clock_watch.wrong(offset)
		self.result.wrong_clocks = [str(clock) for clock in wrong]
		self.result.wrong_terminals = [clock.terminal_sn for clock in wrong]
		self.result.clocks_watched = True
		if self.clock_watch != (known or ClockWatch()):
			self.site.keep(self.clock_watch)

	def store(self, page: Page, position: Position | None) -> tuple[list[Fate], Stored]:
		"""The next page is read meanwhile, where there seems to be one and the time is not over."""
		self.page_came = self.now()
		self.note(page)
		if page.has_next and not self.is_over_at(self.page_came):
			self.ahead.begin()
		began = time.monotonic()
		fates = self.decide(page)
		stored = self.site.store_page(fates, position)
		self.result.db_seconds += time.monotonic() - began
		return fates, stored

	def decide(self, page: Page) -> list[Fate]:
		"""What becomes of each row; three queries, whatever the size of the page."""
		rules = PlanRules(
			self.rules.window.clocks,
			self.rules.states,
			self.rules.window.oldest_wanted,
			self.newest_possible(),
		)
		employees = self.site.employees_by_code(codes(page))
		fates = match(page, employees, rules, self.site.known_punches(keys(page)))
		return drop_existing(fates, self.site.existing_check_ins([c.key for c in check_ins(fates)]))

	def newest_possible(self) -> datetime:
		"""What the terminals' clocks show now, or showed before they were set back just now, and a little more."""
		clocks, now = self.rules.window.clocks, self.page_came
		return clocks.on_device(now) + clocks.set_back_between(now - _SET_BACK_LATELY, now) + HARMLESS_LEAD

	def note(self, page: Page) -> None:
		"""The server's clock beside ours, and the terminals' beside the server's."""
		if page.server_time and self.result.clock_offset is None:
			self.result.clock_offset = page.server_time - self.now()
		self.clock_watch = self.clock_watch.saw(page.punches, page.server_time)

	def go_on(self, page: Page) -> None:
		"""Tells who watches. Raises `_OutOfTime` where more is to come and the time to work is over."""
		self.progress.page_stored(self.result)
		self.stop_in_time(more=page.has_next)

	def stop_in_time(self, *, more: bool) -> None:
		if more and self.stop_at and self.is_over_at(self.now()):
			raise _OutOfTime

	def is_over_at(self, instant: datetime) -> bool:
		return self.stop_at is not None and instant >= self.stop_at

	@property
	def device(self) -> SizedPages:
		"""The source as it bears to be read."""
		return SizedPages(self.source, self.sizes)

	@contextmanager
	def reading(self, pages: Iterable[Page]) -> Iterator[ReadAhead]:
		"""The same pages, each to be stored before the next is taken; nobody reads on when it is left."""
		try:
			with ReadAhead(pages) as self.ahead:
				yield self.ahead
		finally:
			self.result.http_seconds += self.ahead.seconds
			self.result.page_size_borne = self.sizes.borne
