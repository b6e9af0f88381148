"""Cycles that fail or are interrupted: what was stored stays, and the next one goes on there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from werkzeug.wrappers import Request, Response

from tests.support.clients import page_requests
from tests.support.cycles import (
	EMPLOYEES,
	NOON,
	break_windows,
	cycle,
	expected,
	fill,
	pages_of_last_cycle,
	rules,
	window_requests,
)
from tests.support.memory_site import MemorySite
from tests.support.times import minutes
from zkteco_biometric.biotime.errors import (
	BioTimeError,
	LicenceWithoutApi,
	ServerError,
	Unreachable,
	WrongCredentials,
)
from zkteco_biometric.cycle.result import Counters
from zkteco_biometric.simulator import Simulator, faults
from zkteco_biometric.simulator.faults import Answer


@pytest.mark.parametrize(
	("fault", "error"),
	[
		(faults.status(500), ServerError),
		(faults.reset(), Unreachable),
		(faults.licence_missing(), LicenceWithoutApi),
	],
)
@pytest.mark.parametrize("page", [1, 2, 3, 4])
def test_a_failure_at_any_page_keeps_what_was_stored_and_the_next_cycle_goes_on_there(
	sim: Simulator, site: MemorySite, page: int, fault: faults.Fault, error: type[BioTimeError]
) -> None:
	fill(sim, 35)
	break_windows(sim, fault, after=page - 1, times=None)
	failed = cycle(sim, site, rules())
	assert isinstance(failed.failure, error)
	assert (failed.last_sync, site.last_sync) == (None, None)
	assert len(site.check_ins) == failed.counters.created == (page - 1) * 10
	sim.faults.clear()
	sim.log.clear()

	good = cycle(sim, site, rules(), NOON + minutes(15))
	resumed = [1, 2, 3, 4] if page == 1 else [*range(page - 1, 5), 1]
	assert pages_of_last_cycle(sim) == resumed
	assert good.failure is None
	assert site.last_sync == NOON + minutes(15)
	undisturbed = MemorySite(EMPLOYEES)
	cycle(sim, undisturbed, rules())
	assert site.check_ins == undisturbed.check_ins
	assert set(site.check_ins) == expected(sim)


def test_a_failure_leaves_an_earlier_last_sync_where_it_was(sim: Simulator, site: MemorySite) -> None:
	cycle(sim, site, rules())
	fill(sim, 30, start=NOON.replace(tzinfo=None), every=timedelta(seconds=1))
	break_windows(sim, faults.status(500), after=2, times=None)
	failed = cycle(sim, site, rules(), NOON + minutes(5))
	assert (site.last_sync, failed.last_sync) == (NOON, None)
	assert len(site.check_ins) == 20


def test_a_failing_log_in_asks_for_no_page(sim: Simulator, site: MemorySite) -> None:
	result = cycle(sim, site, rules(), password="not-the-word")
	assert isinstance(result.failure, WrongCredentials)
	assert (page_requests(sim), site.queries, sim.rejected_logins) == ([], [], 1)


def test_an_interrupted_window_keeps_its_end_and_is_followed_by_a_fresh_one(
	sim: Simulator, site: MemorySite
) -> None:
	fill(sim, 30)
	break_windows(sim, faults.status(500), after=1, times=None)
	cycle(sim, site, rules())
	sim.faults.clear()
	sim.log.clear()
	sim.store.punch("7", "2024-06-05 12:30:00")
	result = cycle(sim, site, rules(), NOON + minutes(40))
	ends = [entry.query["end_time"] for entry in window_requests(sim)]
	assert ends == ["2024-06-05 12:00:00"] * 3 + ["2024-06-05 12:40:00"]
	assert window_requests(sim)[-1].query["start_time"] == "2024-06-05 11:00:00"
	assert set(site.check_ins) == expected(sim)
	assert result.counters == Counters(created=21, duplicate=10)


def test_a_failure_after_the_interrupted_window_keeps_that_window(sim: Simulator, site: MemorySite) -> None:
	fill(sim, 30)
	break_windows(sim, faults.status(500), after=2, times=None)
	cycle(sim, site, rules())
	sim.faults.clear()
	break_windows(sim, faults.status(500), after=2, times=None)
	result = cycle(sim, site, rules(), NOON + minutes(40))
	assert isinstance(result.failure, ServerError)
	assert (result.last_sync, site.last_sync) == (NOON, NOON)


def test_a_checkpoint_whose_pages_are_gone_starts_over(sim: Simulator, site: MemorySite) -> None:
	fill(sim, 60)
	break_windows(sim, faults.status(500), after=5, times=None)
	cycle(sim, site, rules())
	sim.faults.clear()
	sim.log.clear()
	for row in sim.store.transactions[:45]:
		sim.store.delete_punch(row.id)
	result = cycle(sim, site, rules(), NOON + minutes(15))
	assert result.failure is None
	assert pages_of_last_cycle(sim) == [5, 1, 2, 1]
	assert expected(sim) <= set(site.check_ins)


@pytest.mark.parametrize("deleted", [15, 25])
def test_rows_deleted_between_two_cycles_hide_no_others(
	sim: Simulator, site: MemorySite, deleted: int
) -> None:
	fill(sim, 100)
	break_windows(sim, faults.status(500), after=5, times=None)
	cycle(sim, site, rules())
	sim.faults.clear()
	for row in sim.store.transactions[:deleted]:
		sim.store.delete_punch(row.id)
	cycle(sim, site, rules(), NOON + minutes(15))
	assert expected(sim) <= set(site.check_ins)


def test_a_few_rows_deleted_between_two_cycles_hide_no_others(sim: Simulator, site: MemorySite) -> None:
	fill(sim, 100)
	break_windows(sim, faults.status(500), after=5, times=None)
	cycle(sim, site, rules())
	sim.faults.clear()
	for row in sim.store.transactions[:10]:
		sim.store.delete_punch(row.id)
	cycle(sim, site, rules(), NOON + minutes(15))
	assert expected(sim) <= set(site.check_ins)


@pytest.mark.parametrize("deleted", [1, 9, 10])
def test_a_failure_while_deleted_rows_are_made_up_for_hides_no_others(
	sim: Simulator, site: MemorySite, deleted: int
) -> None:
	fill(sim, 100)

	answers = iter([True])

	def delete_some_then_fail(request: Request, answer: Answer) -> Response:
		if not next(answers, False):
			return faults.status(500)(request, answer)
		for row in sim.store.transactions[:deleted]:
			sim.store.delete_punch(row.id)
		return answer(request)

	break_windows(sim, delete_some_then_fail, after=5, times=None)
	assert cycle(sim, site, rules()).failure
	sim.faults.clear()
	cycle(sim, site, rules(), NOON + minutes(15))
	assert expected(sim) <= set(site.check_ins)


def test_another_page_size_starts_over(sim: Simulator, site: MemorySite) -> None:
	fill(sim, 60)
	break_windows(sim, faults.status(500), after=4, times=None)
	cycle(sim, site, rules())
	sim.faults.clear()
	sim.log.clear()
	cycle(sim, site, rules(page_size=7), NOON + minutes(15))
	assert pages_of_last_cycle(sim) == list(range(1, 10))
	assert set(site.check_ins) == expected(sim)
