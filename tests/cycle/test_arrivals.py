"""What arrives late is found, whatever its punch time, and whichever order the server keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.wrappers import Request, Response

from tests.support.clients import TRANSACTIONS, connected, page_requests
from tests.support.cycles import EMPLOYEES, NOON, cycle, expected, fill, rules
from tests.support.fixtures import StartSimulator
from tests.support.memory_site import MemorySite
from tests.support.times import minutes
from zkteco_biometric.cycle.arrivals import NEWEST_FIRST, ArrivalReader, Arrivals
from zkteco_biometric.cycle.page_sizes import PageSizes
from zkteco_biometric.cycle.result import Counters
from zkteco_biometric.cycle.sized_pages import SizedPages
from zkteco_biometric.simulator import Entry, Simulator, Variant, faults

UPLOADED = datetime(2024, 6, 5, 12)
LONG_AGO = datetime(2024, 5, 1, 8)
EVERYTHING = rules(sync_from=None)


@pytest.fixture(params=[True, False], ids=["sorting server", "server that ignores the order"])
def server(request: pytest.FixtureRequest, start: StartSimulator) -> Simulator:
	return start(variant=Variant(ordering=request.param))


def live(sim: Simulator, rows: int, start: datetime = datetime(2024, 6, 5, 8)) -> None:
	"""Punches that arrive five seconds after they were made."""
	for number in range(rows):
		at = start + minutes(number)
		sim.store.punch(str(number % 10), at, upload_time=at + timedelta(seconds=5))


def late(sim: Simulator, rows: int, uploaded: datetime = UPLOADED, first: datetime = LONG_AGO) -> None:
	"""A backlog of a terminal that was offline, oldest first, a few rows a second."""
	for number in range(rows):
		sim.store.punch(
			str(number % 10),
			first + minutes(number),
			upload_time=uploaded + timedelta(seconds=number // 5),
		)


def arrival_requests(sim: Simulator) -> list[Entry]:
	return [entry for entry in page_requests(sim) if not {"start_time", "end_time"} & entry.query.keys()]


def test_punches_that_arrive_weeks_late_become_check_ins(server: Simulator, site: MemorySite) -> None:
	live(server, 35)
	cycle(server, site, EVERYTHING)
	late(server, 7)
	result = cycle(server, site, EVERYTHING, NOON + minutes(5))
	assert result.counters == Counters(created=7)
	assert set(site.check_ins) == expected(server)
	assert site.last_sync == NOON + minutes(5)


def test_a_backlog_of_many_pages_is_found_whole(server: Simulator, site: MemorySite) -> None:
	live(server, 35)
	cycle(server, site, EVERYTHING)
	late(server, 57)
	assert cycle(server, site, EVERYTHING, NOON + minutes(5)).counters == Counters(created=57)
	assert set(site.check_ins) == expected(server)


def test_what_is_before_sync_from_stays_out(server: Simulator, site: MemorySite) -> None:
	live(server, 5)
	cycle(server, site, rules())
	late(server, 3)
	assert cycle(server, site, rules(), NOON + minutes(5)).counters.created == 0


@pytest.mark.parametrize("page", range(1, 7))
def test_a_backlog_that_is_interrupted_is_found_by_the_next_cycle(
	server: Simulator, site: MemorySite, page: int
) -> None:
	live(server, 15)
	cycle(server, site, EVERYTHING)
	late(server, 43)
	windows = 1
	server.faults.add(faults.status(500), path=TRANSACTIONS, after=windows + page - 1, times=None)
	assert cycle(server, site, EVERYTHING, NOON + minutes(5)).failure
	server.faults.clear()
	assert cycle(server, site, EVERYTHING, NOON + minutes(10)).failure is None
	assert set(site.check_ins) == expected(server)


def test_an_idle_look_costs_one_request_where_the_server_sorts(sim: Simulator, site: MemorySite) -> None:
	live(sim, 350, start=datetime(2024, 6, 5, 6))
	obeyed = rules(sync_from=None, page_size=100)
	cycle(sim, site, obeyed)
	sim.log.clear()
	cycle(sim, site, obeyed, NOON + minutes(5))
	cycle(sim, site, obeyed, NOON + minutes(10))
	assert [entry.query["ordering"] for entry in arrival_requests(sim)] == [NEWEST_FIRST] * 2


def test_an_order_that_is_ignored_is_noticed_once_and_remembered(
	start: StartSimulator, site: MemorySite
) -> None:
	sim = start(variant=Variant(ordering=False))
	live(sim, 35)
	cycle(sim, site, EVERYTHING)
	assert site.tables.state.arrivals
	assert site.tables.state.arrivals.sorts is False
	sim.log.clear()
	cycle(sim, site, EVERYTHING, NOON + minutes(5))
	assert all("ordering" not in entry.query for entry in arrival_requests(sim))


def test_rows_of_one_moment_prove_no_order(start: StartSimulator, site: MemorySite) -> None:
	sim = start(variant=Variant(ordering=False))
	late(sim, 35, uploaded=UPLOADED - timedelta(days=1))
	for row in sim.store.transactions:
		sim.store.delete_punch(row.id)
		sim.store.punch(row.emp_code, row.punch_time, upload_time=UPLOADED - timedelta(days=1))
	cycle(sim, site, EVERYTHING)
	sim.store.punch("7", LONG_AGO - timedelta(days=3), upload_time=UPLOADED)
	cycle(sim, site, EVERYTHING, NOON + minutes(5))
	assert set(site.check_ins) == expected(sim)


def test_a_lower_id_that_becomes_visible_after_a_higher_one_is_found(
	server: Simulator, site: MemorySite
) -> None:
	live(server, 30)
	server.store.punch("7", UPLOADED, upload_time=UPLOADED, id=40)
	cycle(server, site, EVERYTHING)
	server.store.punch("8", LONG_AGO, upload_time=UPLOADED - timedelta(seconds=3), id=39)
	cycle(server, site, EVERYTHING, NOON + minutes(5))
	assert set(site.check_ins) == expected(server)


@pytest.mark.parametrize("kept", [0, 1, 12, 34])
def test_ids_that_start_again_are_noticed_and_everything_is_read(
	server: Simulator, site: MemorySite, kept: int
) -> None:
	"""A restored server: later punches are gone and their ids given to others, some of them old."""
	live(server, 35)
	cycle(server, site, EVERYTHING)
	server.store.restart_ids(kept + 1)
	late(server, 20, uploaded=datetime(2024, 6, 1), first=LONG_AGO)
	late(server, 20, first=LONG_AGO + timedelta(days=1))
	cycle(server, site, EVERYTHING, NOON + minutes(5))
	assert expected(server) <= set(site.check_ins)


def test_a_server_that_was_restored_and_is_shorter_now_is_read_from_the_beginning(
	server: Simulator, site: MemorySite
) -> None:
	live(server, 60)
	cycle(server, site, EVERYTHING)
	server.store.restart_ids(1)
	late(server, 25, uploaded=datetime(2024, 6, 1))
	cycle(server, site, EVERYTHING, NOON + minutes(5))
	assert expected(server) <= set(site.check_ins)
	arrivals = site.tables.state.arrivals
	assert arrivals
	assert (arrivals.highest_id, arrivals.again_from, arrivals.count) == (25, None, 25)


@pytest.mark.parametrize("page", range(1, 9))
def test_reading_everything_again_goes_on_where_it_was_interrupted(
	server: Simulator, site: MemorySite, page: int
) -> None:
	live(server, 60)
	cycle(server, site, EVERYTHING)
	server.store.restart_ids(1)
	late(server, 45, uploaded=datetime(2024, 6, 1))
	server.faults.add(faults.status(500), path=TRANSACTIONS, after=page, times=None)
	cycle(server, site, EVERYTHING, NOON + minutes(5))
	server.faults.clear()
	again = cycle(server, site, EVERYTHING, NOON + minutes(10))
	assert again.failure is None
	assert expected(server) <= set(site.check_ins)
	assert site.tables.state.arrivals
	assert site.tables.state.arrivals.again_from is None


def test_deleting_the_newest_rows_is_no_restored_server(server: Simulator, site: MemorySite) -> None:
	live(server, 160)
	cycle(server, site, EVERYTHING)
	for row in server.store.transactions[-5:]:
		server.store.delete_punch(row.id)
	server.log.clear()
	cycle(server, site, EVERYTHING, NOON + minutes(5))
	assert len(arrival_requests(server)) < 10, "not the sixteen pages of everything"
	late(server, 3)
	cycle(server, site, EVERYTHING, NOON + minutes(10))
	assert expected(server) <= set(site.check_ins)


def test_a_server_clock_that_is_set_back_hides_nothing(server: Simulator, site: MemorySite) -> None:
	live(server, 35)
	cycle(server, site, EVERYTHING)
	late(server, 4, uploaded=UPLOADED - timedelta(hours=5))
	cycle(server, site, EVERYTHING, NOON + minutes(5))
	assert set(site.check_ins) == expected(server)


def test_pages_that_are_shorter_than_asked_for_hide_nothing(start: StartSimulator, site: MemorySite) -> None:
	sim = start(variant=Variant(ordering=False, max_page_size=4))
	live(sim, 35)
	cycle(sim, site, EVERYTHING)
	late(sim, 9)
	sim.log.clear()
	cycle(sim, site, EVERYTHING, NOON + minutes(5))
	assert set(site.check_ins) == expected(sim)
	assert len(arrival_requests(sim)) < 11, "not every page"


def test_a_server_without_upload_times_is_read_by_id(sim: Simulator, site: MemorySite) -> None:
	sim.faults.add(
		faults.rows(lambda rows: [{**row, "upload_time": None} for row in rows]),
		path=TRANSACTIONS,
		times=None,
	)
	live(sim, 35)
	cycle(sim, site, EVERYTHING)
	late(sim, 7)
	cycle(sim, site, EVERYTHING, NOON + minutes(5))
	assert set(site.check_ins) == expected(sim)


def test_a_server_that_fails_over_the_order_is_read_by_id(sim: Simulator, site: MemorySite) -> None:
	def fails_over_an_order(request: Request, answer: faults.Answer) -> Response:
		return faults.status(500)(request, answer) if "ordering" in request.args else answer(request)

	sim.faults.add(fails_over_an_order, path=TRANSACTIONS, times=None)
	live(sim, 35)
	assert cycle(sim, site, EVERYTHING).failure is None
	late(sim, 7)
	assert cycle(sim, site, EVERYTHING, NOON + minutes(5)).failure is None
	assert set(site.check_ins) == expected(sim)
	assert sum("ordering" in entry.query for entry in page_requests(sim)) <= 5, "the repeats of one request"


def test_it_is_remembered_only_when_every_page_is_stored(sim: Simulator, site: MemorySite) -> None:
	live(sim, 5)
	cycle(sim, site, EVERYTHING)
	before = site.tables.state.arrivals
	late(sim, 43)
	sim.faults.add(faults.status(500), path=TRANSACTIONS, after=3, times=None)
	cycle(sim, site, EVERYTHING, NOON + minutes(5))
	assert before
	assert site.tables.state.arrivals == replace(before, unfinished=True)


def test_what_is_known_already_is_not_counted_again(server: Simulator, site: MemorySite) -> None:
	fill(server, 35)
	first = cycle(server, site, rules())
	assert first.counters == Counters(created=35)
	again = cycle(server, site, rules(look_back=minutes(0)), NOON + minutes(1))
	assert (again.counters, again.pages) == (Counters(), 1)
	assert again.is_quiet


@given(
	st.none()
	| st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda t: t.replace(microsecond=0)),
	st.none() | st.integers(0, 10**9),
	st.lists(st.tuples(st.integers(0, 10**12), st.text(max_size=5)), max_size=20),
	st.none() | st.booleans(),
	st.none() | st.integers(1, 10**6),
)
def test_what_is_remembered_survives_being_written_down(
	newest: datetime | None,
	count: int | None,
	prints: list[tuple[int, str]],
	sorts: bool | None,
	again_from: int | None,
) -> None:
	known = Arrivals(newest, count, tuple(prints), sorts, again_from)
	assert Arrivals.from_json(known.as_json()) == known


BATCHES = st.lists(st.tuples(st.integers(0, 25), st.integers(0, 12)), min_size=1, max_size=5)


@given(BATCHES, st.integers(1, 9), st.booleans(), st.sampled_from([None, 2, 7]))
@settings(max_examples=60)
def test_a_reading_contains_all_that_has_arrived_since_the_one_before(
	batches: list[tuple[int, int]], page_size: int, ordering: bool, cap: int | None
) -> None:
	"""Rows come in batches and some of those that were read are deleted: what a reading yields has every new id."""
	known, uploaded = Arrivals(), UPLOADED
	with (
		Simulator(variant=Variant(ordering=ordering, max_page_size=cap)) as sim,
		connected(sim.url) as client,
	):
		for number, (rows, deleted) in enumerate(batches):
			before = {row.id for row in sim.store.transactions}
			for id in sorted(before)[-deleted:] if deleted else []:
				sim.store.delete_punch(id)
			uploaded += minutes(5)
			late(sim, rows, uploaded)
			sizes = PageSizes(page_size)
			reader = ArrivalReader(SizedPages(client, sizes), known, sizes)
			seen = {punch.id for page in reader.pages() for punch in page.punches}
			known = reader.found
			if number:
				assert {row.id for row in sim.store.transactions} - before <= seen


def test_every_known_person_is_an_employee_here() -> None:
	assert {str(number) for number in range(10)} <= EMPLOYEES.keys()
