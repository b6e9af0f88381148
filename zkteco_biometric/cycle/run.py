"""One sync cycle, readable aloud."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from zkteco_biometric.biotime.errors import BioTimeError
from zkteco_biometric.biotime.models import Page
from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.cycle.log_types import PunchStates
from zkteco_biometric.cycle.plan import Fate, PlanRules, check_ins, codes, drop_existing, match
from zkteco_biometric.cycle.ports import HRSite, NobodyWatches, Progress, PunchSource, Superseded, SyncState
from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.cycle.window import Checkpoint, Reading, Window, WindowRules, windows_to_read


@dataclass(frozen=True)
class CycleRules:
	"""The settings of a device that a cycle obeys."""

	window: WindowRules
	states: PunchStates = field(default_factory=PunchStates)


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
	cycle = _Cycle(source, site, rules, now, progress or NobodyWatches(), stop_at, CycleResult(began=now()))
	try:
		source.ensure_token()
		cycle.read_what_is_new(site.sync_state())
	except BioTimeError as error:
		cycle.result.failure = error
	except _OutOfTime:
		cycle.result.unfinished = True
	except Superseded:
		cycle.result.superseded = True
	return cycle.result


class _OutOfTime(Exception):
	"""The page in hand is stored, more are waiting, and the time to work is over."""


@dataclass
class _Cycle:
	source: PunchSource
	site: HRSite
	rules: CycleRules
	now: Callable[[], datetime]
	progress: Progress
	stop_at: datetime | None
	result: CycleResult

	def read_what_is_new(self, state: SyncState) -> None:
		for reading in windows_to_read(
			self.rules.window, state.last_sync, state.checkpoint, self.result.began
		):
			self.read(reading)
			self.site.finish_window(reading.window.until)
			self.result.last_sync = reading.window.until

	def read(self, reading: Reading) -> None:
		"""Every page of the window; from the first where rows have disappeared since it was interrupted."""
		window, size = reading.window, self.rules.window.page_size
		for page in self.source.pages(window.start, window.end, size, reading.first_page):
			if reading.must_start_over(page):
				return self.read(Reading(window))
			self.store(page, window)
			if page.has_next and self.stop_at and self.now() >= self.stop_at:
				raise _OutOfTime
		return None

	def store(self, page: Page, window: Window) -> None:
		self.note(page)
		fates = self.decide(page, window)
		checkpoint = Checkpoint(window, page.number + 1, self.rules.window.page_size, page.count)
		stored = self.site.store_page(fates, checkpoint)
		self.result.add_page(fates, stored)
		self.progress.page_stored(self.result)

	def decide(self, page: Page, window: Window) -> list[Fate]:
		"""What becomes of each row; two queries, whatever the size of the page."""
		window_rules = self.rules.window
		plan_rules = PlanRules(window_rules.clocks, self.rules.states, window_rules.oldest_wanted, window.end)
		fates = match(page, self.site.employees_by_code(codes(page)), plan_rules)
		return drop_existing(fates, self.site.existing_check_ins([c.key for c in check_ins(fates)]))

	def note(self, page: Page) -> None:
		"""The server's total, for a person who watches, and its clock beside ours."""
		if page.count is not None:
			self.result.total = page.count
		if page.server_time and self.result.clock_offset is None:
			self.result.clock_offset = page.server_time - self.now()
