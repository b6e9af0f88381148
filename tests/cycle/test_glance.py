"""One request where nothing has come; and every doubt that makes the device be read."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from werkzeug.wrappers import Request, Response

from tests.support import ticks
from tests.support.clients import TRANSACTIONS, connected
from tests.support.cycles import EMPLOYEES, NOON, expected, rules
from tests.support.fixtures import StartSimulator
from tests.support.memory_site import Crash, MemorySite
from tests.support.times import minutes
from zkteco_biometric.biotime.errors import TimedOut, Unreachable
from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.cycle.run import run_cycle
from zkteco_biometric.simulator import Simulator, Variant, faults

MORNING = datetime(2024, 6, 5, 8)
EVERYTHING = rules(sync_from=None, page_size=100)
LONG_AGO = datetime(2024, 5, 1, 8)


class Clock:
	"""Ours, and the server's, so much behind."""

	def __init__(self) -> None:
		self.now = NOON
		self.behind = timedelta()

	def server(self) -> datetime:
		return self.now - self.behind


CLOCK = Clock()


@pytest.fixture(autouse=True)
def clock() -> Clock:
	CLOCK.__init__()  # type: ignore[misc]
	return CLOCK


@pytest.fixture(params=[True, False], ids=["sorting server", "server that ignores the order"])
def server(request: pytest.FixtureRequest, start: StartSimulator) -> Simulator:
	return start(variant=Variant(ordering=request.param), clock=CLOCK.server)


@pytest.fixture
def sim(start: StartSimulator) -> Simulator:
	return start(clock=CLOCK.server)


@pytest.fixture(params=[0, 1, 12, 20, 21, 45, 160])
def rows(request: pytest.FixtureRequest) -> int:
	return int(request.param)


def punches(sim: Simulator, rows: int) -> None:
	"""Each arrives five seconds after it was made."""
	for number in range(rows):
		at = MORNING + minutes(number)
		sim.store.punch(str(number % 10), at, upload_time=at + timedelta(seconds=5))


def tick(sim: Simulator, site: MemorySite, at: datetime = NOON, **client: object) -> CycleResult:
	CLOCK.now = at
	with connected(sim.url, **client) as source:  # type: ignore[arg-type]
		return ticks.tick(source, site, EVERYTHING, now=lambda: at)


def read(sim: Simulator, site: MemorySite, at: datetime = NOON, **client: object) -> CycleResult:
	CLOCK.now = at
	with connected(sim.url, **client) as source:  # type: ignore[arg-type]
		return run_cycle(source, site, EVERYTHING, now=lambda: at)


def asked(sim: Simulator) -> list[dict[str, str]]:
	return [entry.query for entry in sim.log.matching(TRANSACTIONS)]


def settled(sim: Simulator, site: MemorySite) -> None:
	"""Read twice, so that it shows whether the server sorts, and that windows do not find it by chance."""
	for at in (NOON - minutes(10), NOON - minutes(5)):
		assert read(sim, site, at).failure is None
	sim.log.clear()


def test_an_idle_cycle_is_one_request_and_moves_last_sync(
	server: Simulator, site: MemorySite, rows: int
) -> None:
	punches(server, rows)
	settled(server, site)
	for number in range(3):
		at = NOON + minutes(5 * number)
		result = tick(server, site, at)
		assert (result.glanced, result.is_quiet, result.pages) == (True, True, 0)
		assert (site.last_sync, result.last_sync) == (at, at)
	assert len(asked(server)) == 3


def test_a_small_page_is_asked_for(server: Simulator, site: MemorySite) -> None:
	punches(server, 160)
	settled(server, site)
	tick(server, site)
	(query,) = asked(server)
	assert int(query["page_size"]) <= 20
	assert not {"start_time", "end_time", "ordering"} & query.keys()


def live_punch(sim: Simulator) -> None:
	sim.store.punch("7", NOON.replace(tzinfo=None) - minutes(1), upload_time=NOON.replace(tzinfo=None))


def late_punch(sim: Simulator) -> None:
	sim.store.punch("7", LONG_AGO, upload_time=NOON.replace(tzinfo=None))


def in_the_same_second(sim: Simulator) -> None:
	newest = max((row.upload_time for row in sim.store.transactions), default=MORNING)
	sim.store.punch("7", LONG_AGO, upload_time=newest)


def for_one_that_is_deleted(sim: Simulator) -> None:
	for row in sim.store.transactions[:1]:
		sim.store.delete_punch(row.id)
	live_punch(sim)


def in_the_same_second_for_one_that_is_deleted(sim: Simulator) -> None:
	for row in sim.store.transactions[:1]:
		sim.store.delete_punch(row.id)
	in_the_same_second(sim)


def restored_to_as_many_rows(sim: Simulator) -> None:
	"""A few of the last are lost, and others have got their ids."""
	lost = sim.store.transactions[-3:]
	if lost:
		sim.store.restart_ids(lost[0].id)
	for number in range(len(lost) or 1):
		sim.store.punch("8", LONG_AGO + minutes(number), upload_time=NOON.replace(tzinfo=None))


def restored_from_nothing(sim: Simulator) -> None:
	there = len(sim.store.transactions)
	sim.store.restart_ids(1)
	for number in range(there or 1):
		sim.store.punch("8", LONG_AGO + minutes(number), upload_time=NOON.replace(tzinfo=None))


@pytest.mark.parametrize(
	"comes",
	[
		live_punch,
		late_punch,
		in_the_same_second,
		for_one_that_is_deleted,
		in_the_same_second_for_one_that_is_deleted,
		restored_to_as_many_rows,
		restored_from_nothing,
	],
)
def test_whatever_comes_is_read_at_once(
	server: Simulator, site: MemorySite, rows: int, comes: Callable[[Simulator], None]
) -> None:
	punches(server, rows)
	settled(server, site)
	comes(server)
	assert not tick(server, site).glanced
	assert expected(server) <= set(site.check_ins)


def test_a_punch_after_many_glances_is_read_and_windows_leave_no_gap(
	server: Simulator, site: MemorySite
) -> None:
	punches(server, 45)
	settled(server, site)
	for number in range(20):
		assert tick(server, site, NOON + minutes(15 * number)).glanced
	server.log.clear()
	live_punch(server)
	at = NOON + minutes(305)
	assert not tick(server, site, at).glanced
	(window,) = [query for query in asked(server) if "end_time" in query]
	assert window["start_time"] == "2024-06-05 10:55:00", "from where windows ended, not from the last glance"
	assert expected(server) <= set(site.check_ins)
	assert tick(server, site, at + minutes(5)).glanced
	assert site.tables.state.windows_until == at


def test_what_a_glance_would_overlook_is_read_when_the_device_is_read_next(
	server: Simulator, site: MemorySite
) -> None:
	"""Nobody can make a glance blind from outside here: so the punch comes, and its trace is taken out of what is known."""
	punches(server, 45)
	settled(server, site)
	assert tick(server, site).glanced
	server.store.punch(
		"7", NOON.replace(tzinfo=None) - minutes(30), upload_time=NOON.replace(tzinfo=None), id=999
	)
	state = site.tables.state
	assert state.arrivals
	seen = replace(
		state.arrivals,
		count=46,
		prints=(*state.arrivals.prints[1:], (999, f"7 {NOON.replace(tzinfo=None) - minutes(30)}")),
	)
	site.tables.state = replace(state, arrivals=seen)
	assert not tick(server, site, NOON + timedelta(days=1)).glanced
	assert expected(server) <= set(site.check_ins)


@pytest.mark.parametrize("step", [1, 2, 3, 4])
def test_a_crash_between_the_writes_of_a_glance_leaves_no_gap(
	server: Simulator, site: MemorySite, step: int
) -> None:
	punches(server, 45)
	settled(server, site)
	site.crash_in(step)
	with pytest.raises(Crash):
		tick(server, site)
	assert site.tables.state.windows_until == NOON - minutes(5)


@pytest.mark.parametrize(
	"change",
	[
		lambda state: replace(state, last_sync=None),
		lambda state: replace(state, last_sync=NOON + minutes(1)),
		lambda state: replace(state, arrivals=None),
		lambda state: replace(state, past_days=None),
		lambda state: replace(state, past_days=replace(state.past_days, left=("ahead",))),
		lambda state: replace(state, past_days=replace(state.past_days, on=datetime(2024, 6, 4).date())),
		lambda state: replace(state, arrivals=replace(state.arrivals, count=None)),
		lambda state: replace(state, arrivals=replace(state.arrivals, unfinished=True)),
		lambda state: replace(state, arrivals=replace(state.arrivals, again_from=2)),
		lambda state: replace(state, arrivals=replace(state.arrivals, prints=())),
	],
	ids=[
		"never synced",
		"our clock was set back",
		"arrivals are not known",
		"past days are not known",
		"past days are not done",
		"another day",
		"no count",
		"a reading by id was broken off",
		"a reading of everything was broken off",
		"no ids",
	],
)
def test_what_was_left_or_is_not_known_is_read(
	server: Simulator, site: MemorySite, change: Callable[..., object]
) -> None:
	punches(server, 45)
	settled(server, site)
	site.tables.state = change(site.tables.state)  # type: ignore[assignment]
	assert not tick(server, site).glanced
	assert any("end_time" in query for query in asked(server))


def test_an_interrupted_window_is_read_on(server: Simulator, site: MemorySite) -> None:
	punches(server, 45)
	settled(server, site)
	server.store.punch("7", NOON.replace(tzinfo=None) - minutes(20), upload_time=NOON.replace(tzinfo=None))
	with connected(server.url) as source:
		small = rules(sync_from=None, page_size=10, look_back=minutes(600))
		assert run_cycle(source, site, small, now=lambda: NOON, stop_at=NOON).unfinished
	assert site.checkpoint
	assert not tick(server, site, NOON + minutes(5)).glanced


def test_another_day_brings_an_ordinary_cycle(server: Simulator, site: MemorySite) -> None:
	punches(server, 45)
	settled(server, site)
	assert tick(server, site).glanced
	assert not tick(server, site, NOON + timedelta(hours=12)).glanced
	assert tick(server, site, NOON + timedelta(hours=12, minutes=5)).glanced


def test_a_server_whose_clock_was_set_back_is_read(sim: Simulator, site: MemorySite, clock: Clock) -> None:
	"""What it uploads then stands below the others; and where one was deleted, the number is the same."""
	punches(sim, 45)
	settled(sim, site)
	clock.now, clock.behind = NOON, timedelta(hours=5)
	sim.store.delete_punch(sim.store.transactions[0].id)
	sim.store.punch("7", NOON.replace(tzinfo=None) - minutes(1))
	assert not tick(sim, site).glanced
	assert expected(sim) <= set(site.check_ins)


@pytest.mark.parametrize(
	"spoil",
	[
		lambda row: {**row, "id": None},
		lambda row: {**row, "emp_code": ""},
	],
	ids=["no id", "unreadable"],
)
def test_rows_that_do_not_show_what_they_are_show_nothing(
	server: Simulator, site: MemorySite, spoil: Callable[[dict[str, object]], dict[str, object]]
) -> None:
	punches(server, 45)
	settled(server, site)
	server.faults.add(faults.rows(lambda rows: [spoil(row) for row in rows]), path=TRANSACTIONS)
	assert not tick(server, site).glanced


def test_a_list_in_another_order_shows_nothing(server: Simulator, site: MemorySite) -> None:
	punches(server, 45)
	settled(server, site)
	server.faults.add(faults.rows(lambda rows: rows[::-1]), path=TRANSACTIONS)
	assert not tick(server, site).glanced


@pytest.mark.parametrize("cap", [1, 4])
def test_pages_that_are_capped_hide_nothing(server: Simulator, site: MemorySite, cap: int) -> None:
	punches(server, 45)
	settled(server, site)
	server.variant = replace(server.variant, max_page_size=cap)
	late_punch(server)
	assert not tick(server, site).glanced
	assert expected(server) <= set(site.check_ins)


def test_a_server_without_a_count_is_read(server: Simulator, site: MemorySite) -> None:
	def without_count(request: Request, answer: faults.Answer) -> Response:
		response = answer(request)
		told = json.loads(response.get_data())
		response.set_data(json.dumps({**told, "count": None}))
		return response

	server.faults.add(without_count, path=TRANSACTIONS, times=None)
	punches(server, 45)
	settled(server, site)
	assert not tick(server, site).glanced


def _over_small_pages(fault: faults.Fault) -> faults.Fault:
	def fails(request: Request, answer: faults.Answer) -> Response:
		is_glance = 1 < int(request.args["page_size"]) < 100
		return fault(request, answer) if is_glance else answer(request)

	return fails


@pytest.mark.parametrize("fault", [faults.status(500), faults.html_error(), faults.truncate_json()])
def test_a_glance_that_fails_leaves_it_to_an_ordinary_cycle(
	server: Simulator, site: MemorySite, fault: faults.Fault
) -> None:
	punches(server, 45)
	settled(server, site)
	live_punch(server)
	server.faults.add(_over_small_pages(fault), path=TRANSACTIONS, times=None)
	result = tick(server, site)
	assert (result.glanced, result.failure) == (False, None)
	assert expected(server) <= set(site.check_ins)


def test_a_server_that_cannot_be_reached_fails_as_always(server: Simulator, site: MemorySite) -> None:
	punches(server, 45)
	settled(server, site)
	server.faults.add(faults.reset(), path=TRANSACTIONS, times=None)
	result = tick(server, site)
	assert isinstance(result.failure, Unreachable | TimedOut)
	assert site.tables.state.arrivals
	assert not site.tables.state.arrivals.in_vain, "which says nothing of glances"


def test_without_a_glance_a_cycle_reads_whatever_is_there(server: Simulator, site: MemorySite) -> None:
	punches(server, 45)
	settled(server, site)
	assert not read(server, site).glanced
	assert any("end_time" in query for query in asked(server))


def test_everybody_here_is_known() -> None:
	assert {str(number) for number in range(10)} <= EMPLOYEES.keys()
