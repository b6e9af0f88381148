"""Once a day: days whose number of punches has changed are read again, and so is what lies ahead."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.clients import TRANSACTIONS, page_requests
from tests.support.cycles import NOON, cycle, expected, rules
from tests.support.fixtures import StartSimulator
from tests.support.memory_site import MemorySite
from tests.support.times import minutes, utc
from zkteco_biometric.cycle.past_days import PastDays
from zkteco_biometric.cycle.plan import Reason
from zkteco_biometric.simulator import Entry, Simulator, Variant, faults

EVERYTHING = rules(sync_from=None)
A_DAY = timedelta(days=1)
BEFORE = utc(2024, 5, 1)


@pytest.fixture
def hidden(start: StartSimulator) -> Simulator:
	"""A server on which late punches cannot be found by their arrival: its upload times never move, its ids neither."""
	return start()


def upload_unseen(sim: Simulator, code: str, when: datetime) -> None:
	"""As by a tool that writes into the server's database: an old upload time, and an id far below the others."""
	taken = {row.id for row in sim.store.transactions}
	free = next(number for number in range(1, 1000) if number not in taken)
	sim.store.punch(code, when, upload_time=datetime(2024, 5, 2), id=free)


def history(sim: Simulator, days: int = 10) -> None:
	"""Two punches a day until the fifth of June, under high ids."""
	for back in range(days):
		for hour in (8, 10):
			at = datetime(2024, 6, 5, hour) - back * A_DAY
			sim.store.punch("7", at, upload_time=at, id=1000 + 2 * (days - back) + hour // 10)


def comparisons(sim: Simulator) -> list[Entry]:
	return [entry for entry in page_requests(sim) if entry.query["page_size"] == "1"]


def test_the_day_after_every_day_is_read_once_and_then_only_counted(sim: Simulator, site: MemorySite) -> None:
	history(sim)
	cycle(sim, site, EVERYTHING)
	cycle(sim, site, EVERYTHING, NOON + A_DAY)
	sim.log.clear()
	cycle(sim, site, EVERYTHING, NOON + 2 * A_DAY)
	assert len(comparisons(sim)) == 8, "seven days, and what lies ahead"
	read_again = [
		entry for entry in page_requests(sim) if entry.query.get("end_time", "").endswith("23:59:59")
	]
	assert [entry.query["start_time"][:10] for entry in read_again if entry not in comparisons(sim)] == [
		"2024-06-06"
	], "only the day that was never read as a past one"


def test_it_happens_once_a_day(sim: Simulator, site: MemorySite) -> None:
	history(sim)
	for hours in (0, 25, 26, 30):
		sim.log.clear()
		cycle(sim, site, EVERYTHING, NOON + timedelta(hours=hours))
	assert comparisons(sim) == []


def test_punches_that_came_in_unseen_are_found_on_the_next_day(hidden: Simulator, site: MemorySite) -> None:
	history(hidden)
	cycle(hidden, site, EVERYTHING)
	cycle(hidden, site, EVERYTHING, NOON + A_DAY)
	upload_unseen(hidden, "8", datetime(2024, 6, 3, 9))
	cycle(hidden, site, EVERYTHING, NOON + 2 * A_DAY)
	assert ("EMP-8", datetime(2024, 6, 3, 9)) in site.check_ins
	assert set(site.check_ins) == expected(hidden)


def test_it_goes_as_far_back_as_it_is_set_to(sim: Simulator, site: MemorySite) -> None:
	history(sim)
	obeyed = rules(sync_from=None, past_days=2)
	cycle(sim, site, obeyed)
	sim.log.clear()
	cycle(sim, site, obeyed, NOON + A_DAY)
	assert [entry.query["start_time"][:10] for entry in comparisons(sim)] == [
		"2024-06-05",
		"2024-06-04",
		"2024-06-06",
	]


def test_it_never_goes_behind_sync_from(sim: Simulator, site: MemorySite) -> None:
	history(sim)
	obeyed = rules(sync_from=utc(2024, 6, 4, 9))
	cycle(sim, site, obeyed)
	sim.log.clear()
	cycle(sim, site, obeyed, NOON + A_DAY)
	assert [entry.query["start_time"][:10] for entry in comparisons(sim)][:2] == ["2024-06-05", "2024-06-04"]
	assert len(comparisons(sim)) == 3
	assert min(time for _, time in site.check_ins) == datetime(2024, 6, 4, 10)


@pytest.mark.parametrize("request_number", range(1, 12))
def test_a_round_that_is_interrupted_goes_on_where_it_was(
	hidden: Simulator, site: MemorySite, request_number: int
) -> None:
	history(hidden)
	cycle(hidden, site, EVERYTHING)
	for back in range(7):
		upload_unseen(hidden, "8", datetime(2024, 6, 5, 9) - back * A_DAY)
	hidden.faults.add(faults.status(500), path=TRANSACTIONS, after=request_number + 2, times=None)
	failed = cycle(hidden, site, EVERYTHING, NOON + A_DAY)
	assert failed.failure
	assert failed.last_sync == NOON + A_DAY, "the windows had been read by then"
	hidden.faults.clear()
	cycle(hidden, site, EVERYTHING, NOON + A_DAY + minutes(5))
	assert set(site.check_ins) == expected(hidden)
	assert site.tables.state.past_days
	assert site.tables.state.past_days.left == ()


def test_punches_that_lie_ahead_wait_from_the_first_cycle_on(sim: Simulator, site: MemorySite) -> None:
	sim.store.punch("7", "2031-01-01 08:00:00", upload_time="2024-06-01 08:00:00")
	sim.store.punch("7", "2024-06-05 08:00:00")
	result = cycle(sim, site, EVERYTHING)
	(pending,) = site.pending.values()
	assert (pending.reason, result.new_pending) == (Reason.IMPOSSIBLE_TIME, 1)
	assert set(site.check_ins) == {("EMP-7", datetime(2024, 6, 5, 8))}


def test_a_server_that_counts_something_else_is_left_alone(start: StartSimulator, site: MemorySite) -> None:
	sim = start(variant=Variant(time_filters=False))
	history(sim)
	cycle(sim, site, EVERYTHING)
	sim.log.clear()
	result = cycle(sim, site, EVERYTHING, NOON + A_DAY)
	assert result.failure is None
	assert len(comparisons(sim)) == 8
	assert len(page_requests(sim)) < 8 + 6


def test_a_day_without_any_punch_is_compared_too(hidden: Simulator, site: MemorySite) -> None:
	history(hidden, days=1)
	cycle(hidden, site, EVERYTHING)
	cycle(hidden, site, EVERYTHING, NOON + A_DAY)
	upload_unseen(hidden, "8", datetime(2024, 6, 2, 9))
	cycle(hidden, site, EVERYTHING, NOON + 2 * A_DAY)
	assert ("EMP-8", datetime(2024, 6, 2, 9)) in site.check_ins


def test_counts_that_nobody_needs_any_more_are_forgotten() -> None:
	state = PastDays(date(2024, 6, 1), (), {"2024-05-20": 3, "2024-05-31": 4, "ahead": 1})
	begun = state.begun(date(2024, 6, 2), 3, None)
	assert begun.counts == {"2024-05-31": 4, "ahead": 1}
	assert begun.left == ("2024-06-01", "2024-05-31", "2024-05-30", "ahead")


DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(
	st.none() | DAYS,
	st.lists(DAYS.map(date.isoformat) | st.just("ahead"), max_size=8),
	st.dictionaries(DAYS.map(date.isoformat), st.integers(0, 10**9), max_size=8),
)
def test_what_is_remembered_survives_being_written_down(
	on: date | None, left: list[str], counts: dict[str, int]
) -> None:
	state = PastDays(on, tuple(left), counts)
	assert PastDays.from_json(state.as_json()) == state
