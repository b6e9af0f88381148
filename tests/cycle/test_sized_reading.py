"""Cycles and imports against a server that does not bear pages of the size that is set."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import pytest
from werkzeug.wrappers import Request, Response

from tests.support.clients import TRANSACTIONS, connected, page_requests
from tests.support.cycles import MORNING, NOON, break_windows, cycle, expected, fill, rules, window_requests
from tests.support.fixtures import StartSimulator
from tests.support.memory_site import MemorySite
from tests.support.times import minutes
from zkteco_biometric.biotime.errors import ServerError, TimedOut
from zkteco_biometric.biotime.transport import TimeOuts
from zkteco_biometric.cycle.arrivals import Arrivals
from zkteco_biometric.cycle.import_range import ImportRange
from zkteco_biometric.cycle.importing import run_import
from zkteco_biometric.cycle.result import Counters
from zkteco_biometric.cycle.run import CycleRules
from zkteco_biometric.cycle.window import WindowRules
from zkteco_biometric.simulator import Simulator, Variant, faults


def sized(page_size: int = 400, borne: int | None = None) -> CycleRules:
	obeyed = rules(page_size=page_size)
	window = obeyed.window
	return CycleRules(
		WindowRules(window.clocks, window.look_back, window.sync_from, page_size, borne), obeyed.states
	)


def punch_often(sim: Simulator, rows: int, start: datetime = MORNING) -> None:
	"""Uploaded as they are punched: what a window leaves out is not found by arrival at once."""
	for number in range(rows):
		at = start + number * timedelta(seconds=5)
		sim.store.punch(str(number % 10), at, str(number // 10 % 2), upload_time=at)


def asked(sim: Simulator) -> list[tuple[int, int]]:
	"""Page and size of what windows asked for."""
	return [(int(one.query["page"]), int(one.query["page_size"])) for one in window_requests(sim)]


def test_a_server_that_fails_above_a_size_is_read_below_it(sim: Simulator, site: MemorySite) -> None:
	punch_often(sim, 850)
	sim.faults.add(faults.too_large(150), path=TRANSACTIONS, times=None)
	result = cycle(sim, site, sized())
	assert result.failure is None
	assert set(site.check_ins) == expected(sim)
	assert result.counters == Counters(created=850)
	assert result.page_size_borne == 100
	assert {size for _, size in asked(sim)} == {100}, "the first look, by arrival, has shown it"


def test_the_next_cycle_begins_with_what_is_borne(sim: Simulator, site: MemorySite) -> None:
	punch_often(sim, 120)
	sim.faults.add(faults.too_large(150), path=TRANSACTIONS, times=None)
	borne = cycle(sim, site, sized()).page_size_borne
	sim.log.clear()
	again = cycle(sim, site, sized(borne=borne), NOON + minutes(5))
	assert again.failure is None
	assert again.page_size_borne == 100
	assert {int(one.query["page_size"]) for one in page_requests(sim)} <= {1, 100}
	assert all(one.status == 200 for one in page_requests(sim))


def test_a_server_that_is_well_again_gets_the_size_that_is_set(sim: Simulator, site: MemorySite) -> None:
	punch_often(sim, 2_000)
	result = cycle(sim, site, sized(borne=100))
	assert result.failure is None
	assert [size for _, size in asked(sim)][-1] == 400
	assert result.page_size_borne is None
	assert result.counters.created == 2_000
	assert set(site.check_ins) == expected(sim)


@pytest.mark.parametrize("code", [500, 502, 504])
def test_what_fails_once_in_the_middle_goes_on_at_the_same_row(
	sim: Simulator, site: MemorySite, code: int
) -> None:
	punch_often(sim, 1_000)
	break_windows(sim, faults.status(code), after=1, times=2)
	result = cycle(sim, site, sized())
	assert result.counters == Counters(created=1_000)
	assert asked(sim)[:5] == [(1, 400), (2, 400), (2, 400), (3, 200), (4, 200)]


def test_a_time_out_is_not_waited_for_twice(sim: Simulator, site: MemorySite) -> None:
	punch_often(sim, 500)
	break_windows(sim, faults.delay(5), after=1, times=1)
	result = cycle(sim, site, sized(), time_outs=TimeOuts(read=0.3))
	assert result.failure is None
	assert asked(sim)[:3] == [(1, 400), (2, 400), (3, 200)]
	assert set(site.check_ins) == expected(sim)


def test_a_server_that_is_dead_costs_each_size_one_time_out(sim: Simulator, site: MemorySite) -> None:
	punch_often(sim, 500)
	break_windows(sim, faults.delay(5), times=None)
	result = cycle(sim, site, sized(), time_outs=TimeOuts(read=0.1))
	assert isinstance(result.failure, TimedOut)
	assert asked(sim) == [(1, 400), (1, 200), (1, 100), (1, 50)]


def test_a_server_that_fails_for_hours_is_asked_a_few_times(sim: Simulator, site: MemorySite) -> None:
	punch_often(sim, 500)
	break_windows(sim, faults.status(500), times=None)
	assert isinstance(cycle(sim, site, sized()).failure, ServerError)
	assert asked(sim) == [(1, 400)] * 2 + [(1, 200)] * 2 + [(1, 100)] * 2 + [(1, 50)] * 4


def test_what_is_overloaded_for_everybody_is_no_matter_of_size(sim: Simulator, site: MemorySite) -> None:
	punch_often(sim, 500)
	break_windows(sim, faults.status(503), times=None)
	result = cycle(sim, site, sized())
	assert isinstance(result.failure, ServerError)
	assert asked(sim) == [(1, 400)] * 4
	assert result.page_size_borne is None


def test_a_cycle_that_is_interrupted_after_shrinking_goes_on_at_the_same_row(
	sim: Simulator, site: MemorySite
) -> None:
	punch_often(sim, 1_000)
	break_windows(sim, faults.status(500), after=1, times=None)
	failed = cycle(sim, site, sized())
	assert failed.failure
	assert (site.checkpoint and site.checkpoint.page, failed.page_size_borne) == (2, 50)
	sim.faults.clear()
	sim.log.clear()
	good = cycle(sim, site, sized(borne=failed.page_size_borne), NOON + minutes(5))
	assert good.failure is None
	assert asked(sim)[0] == (1, 50), "a page of 400 early"
	assert set(site.check_ins) == expected(sim)
	assert good.counters.created == 600


def test_an_interrupted_reading_of_smaller_pages_goes_on_in_them(sim: Simulator, site: MemorySite) -> None:
	punch_often(sim, 1_000)
	break_windows(sim, faults.status(503), after=5, times=None)
	assert cycle(sim, site, sized(borne=100)).failure
	assert site.checkpoint
	assert (site.checkpoint.page_size, site.checkpoint.is_even) == (200, True)
	reached = (site.checkpoint.page - 2) * site.checkpoint.page_size
	sim.faults.clear()
	sim.log.clear()
	cycle(sim, site, sized(borne=50), NOON + minutes(5))
	assert asked(sim)[0] == (reached // 50 + 1, 50)
	assert set(site.check_ins) == expected(sim)


@pytest.mark.parametrize("cap", [40, 100, 300])
@pytest.mark.parametrize("fails_at", [0, 1, 3])
def test_a_limit_of_the_servers_own_is_not_taken_for_weakness(
	start: StartSimulator, site: MemorySite, cap: int, fails_at: int
) -> None:
	sim = start(variant=Variant(max_page_size=cap))
	punch_often(sim, 950)
	break_windows(sim, faults.status(500), after=fails_at, times=2)
	result = cycle(sim, site, sized())
	assert result.failure is None
	assert set(site.check_ins) == expected(sim)
	assert result.counters.created == 950


@pytest.mark.parametrize("floor", [100, 130, 400])
@pytest.mark.parametrize("fails_at", [0, 1, 3])
@pytest.mark.parametrize("page_size", [100, 400])
def test_a_server_that_does_not_send_as_few_rows_as_it_is_asked_for_loses_none(
	start: StartSimulator, site: MemorySite, floor: int, fails_at: int, page_size: int
) -> None:
	sim = start(variant=Variant(min_page_size=floor))
	punch_often(sim, 2_100)
	break_windows(sim, faults.status(500), after=fails_at, times=2)
	result = cycle(sim, site, sized(page_size))
	assert result.failure is None
	assert set(site.check_ins) == expected(sim)
	assert result.counters.created == 2_100


def test_what_was_interrupted_in_large_pages_goes_on_whole_where_small_ones_are_ignored(
	start: StartSimulator, site: MemorySite
) -> None:
	sim = start(variant=Variant(min_page_size=400))
	punch_often(sim, 2_900)
	break_windows(sim, faults.status(503), after=3, times=None)
	assert cycle(sim, site, sized()).failure
	assert site.checkpoint
	assert (site.checkpoint.page, site.checkpoint.is_even) == (4, True)
	sim.faults.clear()
	assert cycle(sim, site, sized(borne=200), NOON + minutes(5)).failure is None
	assert set(site.check_ins) == expected(sim)


def test_a_day_that_is_read_again_is_read_whole_where_small_pages_are_ignored(
	start: StartSimulator, site: MemorySite
) -> None:
	sim = start(variant=Variant(min_page_size=400))
	punch_often(sim, 10)
	cycle(sim, site, sized())
	punch_often(sim, 2_900, NOON.replace(tzinfo=None, hour=18))
	days = count()

	def fails_once_in_large_pages(request: Request, answer: faults.Answer) -> Response:
		is_third = request.args.get("page") == "3" and request.args.get("page_size") == "400"
		is_met = is_third and "start_time" in request.args and next(days) < 2
		return (faults.status(500) if is_met else lambda *_: answer(request))(request, answer)

	sim.faults.add(fails_once_in_large_pages, path=TRANSACTIONS, times=None)
	result = cycle(sim, site, sized(), NOON + timedelta(days=1))
	assert result.failure is None
	assert next(days) >= 2
	assert set(site.check_ins) == expected(sim)


@pytest.mark.parametrize("floor", [1, 400])
def test_an_import_in_pages_that_grow_between_its_turns_counts_each_punch_once(
	start: StartSimulator, site: MemorySite, floor: int
) -> None:
	sim = start(variant=Variant(min_page_size=floor))
	punch_often(sim, 1_900)
	wanted = ImportRange(NOON.replace(tzinfo=None, hour=0), NOON.replace(tzinfo=None, hour=12))
	break_windows(sim, faults.status(503), after=4, times=None)
	with connected(sim.url) as source:
		first = run_import(source, site, sized(borne=100), wanted, now=lambda: NOON)
	sim.faults.clear()
	with connected(sim.url) as source:
		second = run_import(
			source, site, sized(), wanted, site.tables.importing, now=lambda: NOON + minutes(5)
		)
	assert (bool(first.failure), second.failure) == (True, None)
	assert first.counters + second.counters == Counters(created=1_900)


def test_an_import_that_begins_again_where_small_pages_are_ignored_counts_each_punch_once(
	start: StartSimulator, site: MemorySite
) -> None:
	sim = start(variant=Variant(min_page_size=400))
	punch_often(sim, 1_900)
	wanted = ImportRange(NOON.replace(tzinfo=None, hour=0), NOON.replace(tzinfo=None, hour=12))
	break_windows(sim, faults.status(500), after=3, times=2)
	with connected(sim.url) as source:
		result = run_import(source, site, sized(), wanted, now=lambda: NOON)
	assert result.failure is None
	assert result.counters == Counters(created=1_900)
	assert set(site.check_ins) == expected(sim)


def test_an_import_shrinks_and_goes_on_and_counts_each_punch_once(sim: Simulator, site: MemorySite) -> None:
	punch_often(sim, 1_000)
	wanted = ImportRange(NOON.replace(tzinfo=None, hour=0), NOON.replace(tzinfo=None, hour=12))
	break_windows(sim, faults.status(503), after=3, times=None)
	total = Counters()
	with connected(sim.url) as source:
		first = run_import(source, site, sized(), wanted, now=lambda: NOON)
	assert first.failure
	total += first.counters
	sim.faults.clear()
	break_windows(sim, faults.too_large(150), times=None)
	with connected(sim.url) as source:
		second = run_import(
			source, site, sized(), wanted, site.tables.importing, now=lambda: NOON + minutes(5)
		)
	total += second.counters
	assert (second.failure, second.page_size_borne) == (None, 100)
	assert total == Counters(created=1_000)
	assert set(site.check_ins) == expected(sim)


def test_what_arrives_is_read_in_smaller_pages_too(sim: Simulator, site: MemorySite) -> None:
	punch_often(sim, 300)
	cycle(sim, site, sized())
	fill(sim, 300, start=NOON.replace(tzinfo=None) - timedelta(hours=17), every=timedelta(seconds=7))

	def fails_in_large_pages(request: Request, answer: faults.Answer) -> Response:
		by_arrival = "end_time" not in request.args and "start_time" not in request.args
		return (faults.too_large(150) if by_arrival else lambda *_: answer(request))(request, answer)

	sim.faults.add(fails_in_large_pages, path=TRANSACTIONS, times=None)
	result = cycle(sim, site, sized(), NOON + minutes(5))
	assert (result.failure, result.page_size_borne) == (None, 100)
	assert set(site.check_ins) == expected(sim)


def test_a_reading_of_everything_goes_on_early_rather_than_late_in_other_sizes() -> None:
	known = Arrivals(again_from=5, again_size=200)
	assert [known.again_in(size) for size in (100, 200, 400)] == [5, 5, 3]
	assert Arrivals(again_from=5).again_in(400) == 5
	assert Arrivals().again_in(400) is None
	assert Arrivals.from_json(known.as_json()) == known
