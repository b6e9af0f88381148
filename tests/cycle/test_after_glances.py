"""What follows glances: cycles that are broken off again and again get on, and what a glance has seen is looked for."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count

import pytest
from werkzeug.wrappers import Request, Response

from tests.support.clients import TRANSACTIONS, connected, page_requests
from tests.support.cycles import EMPLOYEES, NOON, break_windows, expected, rules, window_requests
from tests.support.fixtures import StartSimulator
from tests.support.memory_site import Crash, MemorySite
from tests.support.ticks import tick
from tests.support.times import minutes
from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.cycle.run import run_cycle
from zkteco_biometric.simulator import Simulator, Variant, faults

EVERYTHING = rules(sync_from=None, page_size=100)
EARLY = datetime(2024, 6, 5, 1)
A_MINUTE = minutes(1)
WEEKS_LATER = NOON + timedelta(days=21)


class Clock:
	now = NOON


@pytest.fixture
def clock() -> Clock:
	return Clock()


@pytest.fixture
def sim(start: StartSimulator, clock: Clock) -> Simulator:
	return start(clock=lambda: clock.now)


def fill(sim: Simulator, rows: int, start: datetime = EARLY, every: timedelta = A_MINUTE) -> None:
	for number in range(rows):
		at = start + number * every
		sim.store.punch(str(number % 10), at, upload_time=at)


def read(
	sim: Simulator, site: MemorySite, clock: Clock, at: datetime, seconds: int | None = None
) -> CycleResult:
	"""Each look at our clock takes a second, where it may take only so many."""
	clock.now, ticks = at, count()
	with connected(sim.url) as source:
		if seconds is None:
			return tick(source, site, EVERYTHING, now=lambda: at)
		stop_at = at + timedelta(seconds=seconds)
		return tick(
			source, site, EVERYTHING, now=lambda: at + timedelta(seconds=next(ticks)), stop_at=stop_at
		)


def rested(sim: Simulator, site: MemorySite, clock: Clock, rows: int = 45) -> None:
	"""Read to its end, and nothing has come since."""
	fill(sim, rows)
	for at in (NOON - minutes(10), NOON - minutes(5)):
		clock.now = at
		with connected(sim.url) as source:
			assert run_cycle(source, site, EVERYTHING, now=lambda at=at: at).failure is None  # type: ignore[misc]
	assert read(sim, site, clock, NOON).glanced
	sim.log.clear()


def come_for_weeks(sim: Simulator) -> None:
	for day in range(1, 21):
		fill(sim, 80, datetime(2024, 6, 5, 8) + timedelta(days=day))


def test_cycles_that_fail_between_slices_get_on_to_the_end(
	sim: Simulator, site: MemorySite, clock: Clock
) -> None:
	rested(sim, site, clock)
	come_for_weeks(sim)
	read_to = [NOON]
	for number in range(10):
		sim.faults.clear()
		break_windows(sim, faults.status(503), after=6, times=None)
		assert read(sim, site, clock, WEEKS_LATER + minutes(number)).failure
		read_to.append(site.tables.state.windows_until or NOON)
		if expected(sim) <= set(site.check_ins):
			break
		assert read_to[-1] > read_to[-2]
	assert expected(sim) == set(site.check_ins)


def test_cycles_whose_time_is_over_between_slices_get_on_to_the_end(
	sim: Simulator, site: MemorySite, clock: Clock
) -> None:
	rested(sim, site, clock)
	come_for_weeks(sim)
	for number in range(12):
		before = len(site.check_ins)
		if not read(sim, site, clock, WEEKS_LATER + minutes(10 * number), seconds=14).unfinished:
			break
		assert len(site.check_ins) > before or expected(sim) == set(site.check_ins)
	assert expected(sim) == set(site.check_ins)


def test_cycles_that_die_between_slices_get_on_to_the_end(
	sim: Simulator, site: MemorySite, clock: Clock
) -> None:
	rested(sim, site, clock)
	come_for_weeks(sim)
	for number in range(40):
		before = len(site.check_ins)
		site.crash_in(250)
		with suppress(Crash):
			read(sim, site, clock, WEEKS_LATER + minutes(number))
			break
		assert len(site.check_ins) > before
	assert expected(sim) == set(site.check_ins)


@pytest.mark.parametrize("step", range(1, 16))
def test_a_death_around_the_end_of_a_slice_leaves_no_gap(
	sim: Simulator, site: MemorySite, clock: Clock, step: int
) -> None:
	rested(sim, site, clock)
	fill(sim, 4, datetime(2024, 6, 6, 8))
	fill(sim, 4, datetime(2024, 6, 7, 8))
	site.crash_in(step)
	with suppress(Crash):
		read(sim, site, clock, NOON + timedelta(days=4))
	site.crash_at = None
	assert read(sim, site, clock, NOON + timedelta(days=4, minutes=5)).failure is None
	assert expected(sim) == set(site.check_ins)


def test_last_sync_never_goes_back(sim: Simulator, site: MemorySite, clock: Clock) -> None:
	"""Glances all day, and the first reading of the next day fails after its first slice: the others are still to be read."""
	rested(sim, site, clock)
	for hour in range(1, 12):
		assert read(sim, site, clock, NOON + timedelta(hours=hour)).glanced
	shown = site.last_sync
	long = replace(EVERYTHING, window=replace(EVERYTHING.window, look_back=timedelta(hours=20)))
	break_windows(sim, faults.status(503), after=1, times=None)
	clock.now = NOON + timedelta(hours=13)
	with connected(sim.url) as source:
		assert tick(source, site, long, now=lambda: clock.now).failure
	assert site.last_sync == shown
	until = site.tables.state.windows_until
	assert until
	assert shown
	assert NOON - minutes(5) < until < shown


def test_a_burst_that_is_read_page_by_page_leaves_nothing_unfinished(
	sim: Simulator, site: MemorySite, clock: Clock
) -> None:
	rested(sim, site, clock, rows=300)
	fill(sim, 240, datetime(2024, 6, 5, 12), timedelta(seconds=1))
	for number in range(2):
		at = NOON + minutes(5 + 5 * number)
		assert read(sim, site, clock, at).failure is None
		assert site.tables.state.arrivals
		assert not site.tables.state.arrivals.unfinished
	assert read(sim, site, clock, NOON + minutes(15)).glanced


def deleted_and_late(sim: Simulator) -> None:
	"""As many as before; what came stands somewhere in the list by upload time."""
	sim.store.delete_punch(sim.store.transactions[0].id)
	sim.store.punch("7", datetime(2024, 4, 1, 8), upload_time=datetime(2024, 6, 5, 1, 30))


def test_an_id_that_only_a_glance_has_seen_is_looked_for_by_id(
	sim: Simulator, site: MemorySite, clock: Clock
) -> None:
	rested(sim, site, clock, rows=300)
	deleted_and_late(sim)
	assert not read(sim, site, clock, NOON + minutes(5)).glanced
	assert expected(sim) <= set(site.check_ins)
	assert read(sim, site, clock, NOON + minutes(10)).glanced


def test_it_is_looked_for_also_where_the_cycle_after_the_glance_fails(
	sim: Simulator, site: MemorySite, clock: Clock
) -> None:
	rested(sim, site, clock, rows=300)
	deleted_and_late(sim)
	break_windows(sim, faults.status(503), times=None)
	assert read(sim, site, clock, NOON + minutes(5)).failure
	sim.faults.clear()
	with connected(sim.url) as source:
		run_cycle(source, site, EVERYTHING, now=lambda: NOON + minutes(10))
	assert expected(sim) <= set(site.check_ins)


def test_news_as_they_are_every_day_are_read_by_upload_time(
	sim: Simulator, site: MemorySite, clock: Clock
) -> None:
	rested(sim, site, clock, rows=300)
	fill(sim, 3, datetime(2024, 6, 5, 11, 58), timedelta(seconds=1))
	assert not read(sim, site, clock, NOON + minutes(5)).glanced
	unbounded = [entry.query for entry in page_requests(sim) if "end_time" not in entry.query]
	assert [query.get("ordering") for query in unbounded] == [None, "-upload_time"], (
		"a glance, and the newest"
	)


def fails_far_down(request: Request, answer: faults.Answer) -> Response:
	far = int(request.args.get("page", "1")) > 10
	return faults.status(500)(request, answer) if far else answer(request)


@pytest.mark.parametrize("cap", [None, 10])
def test_a_server_that_bears_no_glances_is_spared_them_until_the_next_day(
	start: StartSimulator, site: MemorySite, clock: Clock, cap: int | None
) -> None:
	sim = start(clock=lambda: clock.now)
	rested(sim, site, clock, rows=445)
	if cap:
		sim.variant = Variant(max_page_size=cap)
	else:
		sim.faults.add(fails_far_down, path=TRANSACTIONS, times=None)
	asked = []
	for number in range(6):
		sim.log.clear()
		assert not read(sim, site, clock, NOON + minutes(5 + 5 * number)).glanced
		asked.append(_is_asked_for_a_glance(sim))
	assert asked == [True, True, True, False, False, False]
	sim.variant = Variant()
	sim.faults.clear()
	for number, glanced in enumerate((False, True)):
		assert read(sim, site, clock, NOON + timedelta(days=1, minutes=5 * number)).glanced == glanced
	assert site.tables.state.arrivals
	assert not site.tables.state.arrivals.in_vain


def _is_asked_for_a_glance(sim: Simulator) -> bool:
	return any(1 < int(entry.query["page_size"]) < 50 for entry in page_requests(sim))


def test_everything_is_read_by_windows_here(sim: Simulator, site: MemorySite, clock: Clock) -> None:
	"""Or these would show nothing: slices of a day, many of them."""
	rested(sim, site, clock)
	come_for_weeks(sim)
	assert read(sim, site, clock, WEEKS_LATER).failure is None
	assert len(window_requests(sim)) > 15
	assert {str(number) for number in range(10)} <= EMPLOYEES.keys()
