"""An import reads what was asked for and nothing else, goes on wherever it stopped, and leaves the device's state alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.clients import connected, page_requests
from tests.support.cycles import EMPLOYEES, MORNING, NOON, cycle, fill, rules
from tests.support.memory_site import Crash, Key, MemorySite
from tests.support.times import minutes, utc
from zkteco_biometric.biotime.errors import LicenceWithoutApi, ServerError
from zkteco_biometric.cycle.import_range import (
	ImportRange,
)
from zkteco_biometric.cycle.importing import run_import
from zkteco_biometric.cycle.plan import Reason
from zkteco_biometric.cycle.ports import Cancelled, Position, Superseded
from zkteco_biometric.cycle.result import Counters, CycleResult
from zkteco_biometric.cycle.run import CycleRules
from zkteco_biometric.simulator import Simulator, Variant, faults

TRANSACTIONS = "transactions"
A_MONTH = ImportRange(datetime(2024, 5, 1), datetime(2024, 5, 31, 23, 59, 59))
AN_HOUR = ImportRange(MORNING, MORNING + timedelta(minutes=59))


def run(
	sim: Simulator,
	site: MemorySite,
	wanted: ImportRange,
	obeyed: CycleRules | None = None,
	at: datetime = NOON,
	**options: Any,
) -> CycleResult:
	"""As a site does it: with the position that it kept."""
	now = options.pop("now", lambda: at)
	with connected(sim.url) as source:
		return run_import(source, site, obeyed or rules(), wanted, site.tables.importing, now=now, **options)


def fill_month(sim: Simulator, codes: str = "123") -> None:
	"""Twice a day for each code, in May 2024."""
	for day in range(31):
		for hour in (8, 17):
			for code in codes:
				sim.store.punch(code, datetime(2024, 5, 1, hour, int(code)) + timedelta(days=day), "0")


def check_ins_of(sim: Simulator, wanted: ImportRange) -> set[Key]:
	"""What the range comes to, by the simulator's own rows."""
	rows = (row for row in sim.store.transactions if wanted.start <= row.punch_time <= wanted.end)
	chosen = (row for row in rows if not wanted.codes or row.emp_code in wanted.codes)
	return {(EMPLOYEES[row.emp_code], row.punch_time) for row in chosen if row.emp_code in EMPLOYEES}


def adds_up(result: CycleResult) -> bool:
	counted = result.counters
	return counted.fetched == counted.created + counted.duplicate + counted.pending + counted.ignored


# What is read


def test_every_punch_of_the_range_becomes_a_check_in(sim: Simulator, site: MemorySite) -> None:
	fill_month(sim)
	result = run(sim, site, A_MONTH)
	assert result.failure is None
	assert set(site.check_ins) == check_ins_of(sim, A_MONTH)
	assert result.counters.created == 186
	assert adds_up(result)
	assert result.total == 186


def test_both_ends_of_the_range_are_within_and_nothing_beside_it(sim: Simulator, site: MemorySite) -> None:
	for second in (-1, 0, 1):
		sim.store.punch("1", A_MONTH.start + timedelta(seconds=second))
		sim.store.punch("2", A_MONTH.end + timedelta(seconds=second))
	run(sim, site, A_MONTH)
	start, end = A_MONTH.start, A_MONTH.end
	a_second = timedelta(seconds=1)
	assert sorted(site.check_ins) == [
		("EMP-1", start),
		("EMP-1", start + a_second),
		("EMP-2", end - a_second),
		("EMP-2", end),
	]


def test_a_range_of_one_second_is_read(sim: Simulator, site: MemorySite) -> None:
	sim.store.punch("1", MORNING)
	sim.store.punch("2", MORNING + timedelta(seconds=1))
	run(sim, site, ImportRange(MORNING, MORNING))
	assert list(site.check_ins) == [("EMP-1", MORNING)]


def test_sync_from_does_not_limit_a_range_that_a_person_names(sim: Simulator, site: MemorySite) -> None:
	fill_month(sim)
	result = run(sim, site, A_MONTH, rules(sync_from=utc(2024, 6, 1)))
	assert (result.counters.created, result.counters.ignored) == (186, 0)


def test_a_time_that_has_not_come_waits_as_in_a_sync(sim: Simulator, site: MemorySite) -> None:
	sim.store.punch("1", datetime(2024, 6, 5, 13))
	result = run(sim, site, ImportRange(datetime(2024, 6, 5), datetime(2024, 6, 5, 23)))
	assert (result.counters.created, result.counters.pending) == (0, 1)
	assert [one.reason for one in site.pending.values()] == [Reason.IMPOSSIBLE_TIME]


def test_a_server_that_ignores_the_bounds_brings_nothing_from_outside(
	sim: Simulator, site: MemorySite
) -> None:
	sim.variant = Variant(time_filters=False)
	fill_month(sim)
	fill(sim, 30)
	run(sim, site, A_MONTH)
	assert set(site.check_ins) == check_ins_of(sim, A_MONTH)


# Codes


@pytest.mark.parametrize("variant", [Variant(), Variant(loose_emp_code=True)])
def test_only_the_chosen_codes_are_imported(sim: Simulator, site: MemorySite, variant: Variant) -> None:
	sim.variant = variant
	fill_month(sim)
	for code in ("007", "7", "17"):
		sim.store.punch(code, datetime(2024, 5, 3, 9))
	wanted = replace(A_MONTH, codes=("7", "2"))
	result = run(sim, site, wanted)
	assert set(site.check_ins) == check_ins_of(sim, wanted)
	assert result.counters.created == 63
	assert site.pending == {}


def test_a_server_that_ignores_the_code_brings_nobody_else(sim: Simulator, site: MemorySite) -> None:
	fill_month(sim)
	wanted = replace(A_MONTH, codes=("2",))
	with connected(sim.url) as source:
		original = source.pages
		source.pages = lambda *args, emp_code="", **kwargs: original(*args, **kwargs)  # type: ignore[method-assign]
		run_import(source, site, rules(), wanted, now=lambda: NOON)
	assert set(site.check_ins) == check_ins_of(sim, wanted)


def test_codes_that_are_done_are_not_read_again(sim: Simulator, site: MemorySite) -> None:
	fill_month(sim)
	wanted = replace(A_MONTH, codes=("1", "2", "3"))
	sim.faults.add(faults.status(500), path=TRANSACTIONS, after=14, times=None)
	assert isinstance(run(sim, site, wanted).failure, ServerError)
	assert site.tables.importing
	assert site.tables.importing.turns_done == 1
	sim.faults.clear()
	sim.log.clear()
	assert run(sim, site, wanted).failure is None
	assert {request.query.get("emp_code") for request in page_requests(sim)} == {"2", "3"}
	assert set(site.check_ins) == check_ins_of(sim, wanted)


# Going on


def test_twice_doubles_nothing(sim: Simulator, site: MemorySite) -> None:
	fill_month(sim)
	run(sim, site, A_MONTH)
	site.tables.importing = None
	again = run(sim, site, A_MONTH)
	assert again.counters.created == 0
	assert again.counters.duplicate >= 186
	assert len(site.check_ins) == 186


@pytest.mark.parametrize("after", range(0, 22))
def test_a_failure_at_any_request_goes_on_and_ends_with_the_same(
	sim: Simulator, site: MemorySite, after: int
) -> None:
	fill_month(sim)
	wanted = replace(A_MONTH, codes=("1", "3")) if after % 2 else A_MONTH
	sim.faults.add(faults.licence_missing(), path=TRANSACTIONS, after=after, times=1)
	failed = run(sim, site, wanted)
	assert set(site.check_ins) <= check_ins_of(sim, wanted)
	assert isinstance(failed.failure, LicenceWithoutApi)
	assert not _is_done(site, wanted)
	assert run(sim, site, wanted).failure is None
	assert _is_done(site, wanted)
	assert set(site.check_ins) == check_ins_of(sim, wanted)


@pytest.mark.parametrize("steps", range(1, 120, 7))
def test_a_crash_at_any_step_goes_on_and_ends_with_the_same(
	sim: Simulator, site: MemorySite, steps: int
) -> None:
	fill_month(sim)
	site.crash_in(steps)
	with pytest.raises(Crash):
		run(sim, site, A_MONTH, rules(page_size=20))
	run(sim, site, A_MONTH, rules(page_size=20))
	assert set(site.check_ins) == check_ins_of(sim, A_MONTH)


@pytest.mark.parametrize("page_size", [1, 7])
def test_an_hour_that_is_interrupted_after_each_page_goes_on_there(
	sim: Simulator, site: MemorySite, page_size: int
) -> None:
	fill(sim, 60)
	pages = -(-60 // page_size)
	counted = Counters()
	for _ in range(pages):
		turn = _TwoPages()
		result = run(
			sim, site, AN_HOUR, rules(page_size=page_size), now=turn, progress=turn, stop_at=NOON + minutes(2)
		)
		assert result.unfinished == (not _is_done(site, AN_HOUR))
		counted += result.counters
	assert not result.unfinished
	assert counted == Counters(created=60)
	assert set(site.check_ins) == check_ins_of(sim, AN_HOUR)


def test_it_stops_in_time_also_between_slices_that_fit_on_a_page(sim: Simulator, site: MemorySite) -> None:
	fill_month(sim)
	result = run(sim, site, A_MONTH, stop_at=NOON)
	assert result.unfinished
	assert 0 < len(site.check_ins) < 186
	assert site.tables.importing is not None
	assert site.tables.importing.until is not None


def test_a_slice_that_is_done_is_not_read_again_whatever_has_become_of_its_page(
	sim: Simulator, site: MemorySite
) -> None:
	fill_month(sim)
	run(sim, site, A_MONTH, stop_at=NOON)
	done = site.tables.importing
	assert done
	assert done.until
	sim.log.clear()
	run(sim, site, A_MONTH, rules(page_size=3), at=NOON + timedelta(days=30))
	starts = [request.query["start_time"] for request in page_requests(sim)]
	assert min(starts) == str(done.until)
	assert set(site.check_ins) == check_ins_of(sim, A_MONTH)


def test_it_goes_on_with_the_total_that_was_counted_when_it_began(sim: Simulator, site: MemorySite) -> None:
	fill_month(sim)
	told: list[int | None] = []

	class Watch:
		def page_stored(self, result: CycleResult) -> None:
			told.append(result.total)

	run(sim, site, A_MONTH, stop_at=NOON)
	sim.store.punch("4", datetime(2024, 5, 30))
	run(sim, site, A_MONTH, progress=Watch())
	assert set(told) == {186}


def test_a_person_s_stop_keeps_what_was_stored_and_can_be_taken_back(
	sim: Simulator, site: MemorySite
) -> None:
	fill_month(sim)
	stopped = _Stopping(site, after=5, error=Cancelled)
	result = run(sim, stopped, A_MONTH)
	assert (result.cancelled, result.superseded, result.failure) == (True, False, None)
	assert 0 < len(stopped.check_ins) < 186
	stopped.left = 1000
	assert not run(sim, stopped, A_MONTH).cancelled
	assert set(stopped.check_ins) == check_ins_of(sim, A_MONTH)


def test_other_settings_of_the_device_end_it(sim: Simulator, site: MemorySite) -> None:
	fill_month(sim)
	result = run(sim, _Stopping(site, after=5, error=Superseded), A_MONTH)
	assert (result.cancelled, result.superseded) == (False, True)


# The device's own state


def test_neither_last_sync_nor_any_position_of_the_device_moves(sim: Simulator, site: MemorySite) -> None:
	fill_month(sim)
	fill(sim, 35)
	sim.faults.add(faults.status(500), path=TRANSACTIONS, after=2, times=4)
	cycle(sim, site, rules())
	before = site.tables.state
	assert before.checkpoint
	sim.faults.clear()
	run(sim, site, A_MONTH)
	run(sim, site, replace(A_MONTH, codes=("1",)))
	assert site.tables.state == before
	assert cycle(sim, site, rules(), NOON + minutes(15)).failure is None
	assert site.last_sync == NOON + minutes(15)


def test_a_device_that_was_never_synced_stays_so(sim: Simulator, site: MemorySite) -> None:
	fill_month(sim)
	run(sim, site, A_MONTH)
	assert site.last_sync is None
	assert site.checkpoint is None


class _TwoPages:
	"""A clock by which the time to work is over after two pages; the first is one that was stored before."""

	def __init__(self) -> None:
		self._at = NOON

	def __call__(self) -> datetime:
		return self._at

	def page_stored(self, result: CycleResult) -> None:
		self._at += minutes(1)


class _Stopping(MemorySite):
	"""A site on which a person intervenes after so many commits."""

	def __init__(self, like: MemorySite, after: int, error: type[Superseded]) -> None:
		super().__init__(like.employees)
		self.left, self._error = after, error

	def store_page(self, fates: Any, position: Position | None) -> Any:
		self._look()
		return super().store_page(fates, position)

	def keep(self, position: Position) -> None:
		self._look()
		super().keep(position)

	def _look(self) -> None:
		self.left -= 1
		if not self.left:
			raise self._error


def _is_done(site: MemorySite, wanted: ImportRange) -> bool:
	position = site.tables.importing
	return position is not None and position.turns_done == len(wanted.turns)
