"""Reading by arrival on servers that are slow, or that fail over one kind of list: it gets on, and it blocks nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count

import pytest
from werkzeug.wrappers import Request, Response

from tests.cycle.test_arrivals import EVERYTHING, LONG_AGO, UPLOADED, late, live
from tests.support.clients import TRANSACTIONS, connected, page_requests
from tests.support.cycles import NOON, cycle, expected
from tests.support.fixtures import StartSimulator
from tests.support.memory_site import MemorySite
from tests.support.times import minutes
from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.cycle.run import run_cycle
from zkteco_biometric.simulator import Simulator, Variant, faults


def short_cycle(sim: Simulator, site: MemorySite, begins: datetime, seconds: int) -> CycleResult:
	"""Each look at the clock takes a second, and the cycle may take so many."""
	ticks = count()
	with connected(sim.url) as source:
		return run_cycle(
			source,
			site,
			EVERYTHING,
			now=lambda: begins + timedelta(seconds=next(ticks)),
			stop_at=begins + timedelta(seconds=seconds),
		)


@pytest.mark.parametrize("ordering", [True, False])
def test_a_backlog_that_takes_longer_than_a_cycle_may_work_is_read_to_its_end(
	start: StartSimulator, site: MemorySite, ordering: bool
) -> None:
	sim = start(variant=Variant(ordering=ordering))
	live(sim, 35)
	cycle(sim, site, EVERYTHING)
	late(sim, 400)
	cycles, created = 0, [len(site.check_ins)]
	while short_cycle(sim, site, NOON + minutes(5 + cycles), seconds=40).unfinished:
		cycles += 1
		created.append(len(site.check_ins))
		assert cycles < 20, "it goes on where it was"
	assert cycles > 1, "one cycle is not enough"
	assert created == sorted(created)
	assert set(site.check_ins) == expected(sim)
	assert site.tables.state.arrivals
	assert not site.tables.state.arrivals.unfinished


def test_a_lower_id_with_an_old_upload_time_that_becomes_visible_late_is_found(
	sim: Simulator, site: MemorySite
) -> None:
	"""The number of rows has grown, and nothing at the top of the list explains it."""
	live(sim, 60)
	sim.store.punch("7", UPLOADED, upload_time=UPLOADED, id=100)
	cycle(sim, site, EVERYTHING)
	sim.store.punch("8", LONG_AGO, upload_time=UPLOADED - timedelta(hours=3), id=80)
	cycle(sim, site, EVERYTHING, NOON + minutes(5))
	assert set(site.check_ins) == expected(sim)


def fail_without_bounds(sim: Simulator, *, ordered_only: bool = False) -> None:
	"""As a server that times out on lists of everything."""

	def fails(request: Request, answer: faults.Answer) -> Response:
		meets = "ordering" in request.args if ordered_only else "end_time" not in request.args
		return faults.status(504)(request, answer) if meets else answer(request)

	sim.faults.add(fails, path=TRANSACTIONS, times=None)


def test_a_server_that_fails_over_lists_of_everything_is_read_by_punch_time_from_the_first_cycle_on(
	sim: Simulator, site: MemorySite
) -> None:
	live(sim, 35)
	fail_without_bounds(sim)
	failed = cycle(sim, site, EVERYTHING)
	assert failed.failure
	assert failed.last_sync == site.last_sync == NOON
	assert set(site.check_ins) == expected(sim)


def test_the_days_are_compared_also_where_arrivals_cannot_be_read(sim: Simulator, site: MemorySite) -> None:
	live(sim, 35)
	cycle(sim, site, EVERYTHING)
	fail_without_bounds(sim)
	late(sim, 5, first=datetime(2024, 6, 3, 8))
	tomorrow = NOON + timedelta(days=1)
	assert cycle(sim, site, EVERYTHING, tomorrow).failure
	assert set(site.check_ins) == expected(sim)


def test_an_order_that_worked_and_fails_now_is_done_without(sim: Simulator, site: MemorySite) -> None:
	live(sim, 35)
	cycle(sim, site, EVERYTHING)
	assert site.tables.state.arrivals
	assert site.tables.state.arrivals.sorts
	fail_without_bounds(sim, ordered_only=True)
	late(sim, 7)
	assert cycle(sim, site, EVERYTHING, NOON + minutes(5)).failure is None
	assert set(site.check_ins) == expected(sim)
	sim.faults.clear()
	sim.log.clear()
	cycle(sim, site, EVERYTHING, NOON + minutes(10))
	assert any("ordering" in entry.query for entry in page_requests(sim)), "it is tried again"
