"""A device that does not answer, one person who cannot be read, and errors of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from socket import create_server
from typing import Any

import pytest

from tests.support.device_office import HOME, PARKING, Office
from tests.support.fixtures import Connect
from tests.support.quick_client import quick_client
from zkteco_biometric.biotime.errors import TimedOut, Unreachable
from zkteco_biometric.biotime.token_pool import TokenPool
from zkteco_biometric.biotime.transport import ONE_ATTEMPT, TimeOuts
from zkteco_biometric.device_users.asking import Ways
from zkteco_biometric.device_users.decision import Facts
from zkteco_biometric.device_users.lanes import Lanes
from zkteco_biometric.device_users.ports import Candidate, People
from zkteco_biometric.device_users.run import PassResult
from zkteco_biometric.device_users.states import DeviceUser, Former, Kind, Outcome, Status
from zkteco_biometric.device_users.visit import Step, Unforeseen, carry_out, look
from zkteco_biometric.simulator import Simulator, faults

NEXT = timedelta(minutes=4)
CODES = [str(number) for number in range(100, 123)]
"""One person, a batch, and two more."""

SECRET = "Ann Other, 4711"


class Breaking:
	"""The people of a device, where one method breaks over one person as only our own code could."""

	def __init__(self, people: People, method: str, person_id: int) -> None:
		self._people = people
		self._method = method
		self._person_id = person_id

	def __getattr__(self, name: str) -> Any:
		method: Callable[..., Any] = getattr(self._people, name)

		def breaks(id: int, *more: Any) -> Any:
			if id == self._person_id:
				raise KeyError(SECRET)
			return method(id, *more)

		return breaks if name == self._method else method


class Counting:
	"""The people of a device, and how many requests were made of them."""

	def __init__(self, people: People) -> None:
		self._people = people
		self.asked: list[str] = []

	def __getattr__(self, name: str) -> Any:
		self.asked.append(name)
		return getattr(self._people, name)


def offices(sim: Simulator, connect: Connect, lanes: int, **client: Any) -> Office:
	"""With a client that gives up at once for every lane."""
	pool = TokenPool()
	return Office(sim, *(connect(sim, pool=pool, retry=ONE_ATTEMPT, **client) for _ in range(lanes)))


def crowd(office: Office) -> None:
	for code in CODES:
		office.hire(code)
		office.out(code)


def sweep_in_peace(office: Office, after: timedelta = timedelta()) -> None:
	"""By a quick client, since it is not what is tested."""
	office.sim.faults.clear()
	sweep(office, [quick_client(office.sim, lambda: None)], after)


def everybody_comes_in(office: Office) -> None:
	"""After they have been disabled."""
	crowd(office)
	sweep_in_peace(office)
	assert all(office.areas(code) == [PARKING] for code in CODES)
	for code in CODES:
		office.in_(code)
	office.sim.log.clear()


def sweep(office: Office, people: list[Any], after: timedelta = timedelta()) -> PassResult:
	office.now += after
	return office.site.sweep(Lanes(people), office.clock, ways=office.ways)


def asked_for_people(office: Office) -> int:
	return sum("/employees/" in entry.path for entry in office.sim.log.entries)


lanes = pytest.mark.parametrize("lanes", [1, 3])


@lanes
@pytest.mark.parametrize("method", ["person", "adjust_area"])
@pytest.mark.parametrize("who", [0, 7], ids=["the first", "one in the middle"])
def test_an_error_of_ours_over_one_person_keeps_nobody_else_from_being_enabled(
	sim: Simulator, connect: Connect, lanes: int, method: str, who: int
) -> None:
	office = offices(sim, connect, lanes)
	everybody_comes_in(office)
	unlucky = CODES[who]
	broken = [Breaking(client, method, office.person(unlucky).id) for client in office.clients]
	result = sweep(office, broken, NEXT)
	assert result.failure is None
	assert (result.is_complete, result.counts["enabled"]) == (True, len(CODES) - 1)
	assert [record.emp_code for record in result.failed] == [unlucky]
	assert [code for code in CODES if office.areas(code) != [HOME]] == [unlucky]
	record = office.record(unlucky)
	assert (record.outcome, record.is_held) == (Outcome.FAILED, True)
	assert "KeyError" in record.error
	assert SECRET not in f"{record}{record.error}{record.remedy}{record.why}"
	assert "makers" in record.remedy
	sweep_in_peace(office, NEXT)
	assert office.areas(unlucky) == [HOME]


def test_an_error_of_ours_over_one_person_is_told_by_its_kind_alone(office: Office) -> None:
	person = office.hire("7")
	held = DeviceUser("EMP-7", "7", user_id=1, former=Former(Kind.AREA, areas=(2,), parking=1))
	client = office.clients[0]
	seen = look(Breaking(client, "person", 1), Candidate(Facts("EMP-7", "7"), held))
	assert isinstance(seen.error, Unforeseen)
	assert (seen.error.code, seen.error.needs_a_person) == ("unforeseen", False)
	assert seen.error.message.endswith("KeyError.")
	read = client.person(person.id)
	written = carry_out(Breaking(client, "adjust_area", 1), Step(held, read), Ways())
	assert (written.person, written.unsure) == (None, True)
	assert isinstance(written.error, Unforeseen)
	assert SECRET not in written.error.message


def test_after_an_error_of_ours_over_a_request_nobody_knows_what_comes_of_it(
	sim: Simulator, connect: Connect
) -> None:
	office = offices(sim, connect, 1)
	office.hire("7")
	office.out("7")
	result = sweep(office, [Breaking(office.clients[0], "adjust_area", 1)])
	record = office.record("7")
	assert (record.outcome, record.is_held, record.unsure_since) == (Outcome.FAILED, True, office.now)
	assert (result.failure, len(result.failed)) == (None, 1)
	sweep_in_peace(office, NEXT)
	assert office.areas("7") == [PARKING]


def test_one_person_alone_with_an_unreadable_record_is_no_failure_of_the_device(office: Office) -> None:
	office.hire("7")
	office.out("7")
	office.sim.faults.add(faults.wrong_shape({"data": "?"}), path="/employees/")
	result = office.sweep()
	assert (result.failure, result.trouble, result.is_complete) == (None, None, True)
	assert [record.emp_code for record in result.failed] == ["7"]
	sweep_in_peace(office, NEXT)
	assert office.areas("7") == [PARKING]


def test_the_first_one_with_an_unreadable_record_does_not_stop_the_others(office: Office) -> None:
	crowd(office)
	office.sim.faults.add(faults.wrong_shape({"data": "?"}), path="/employees/")
	result = office.sweep()
	assert (result.failure, result.is_complete, len(result.failed)) == (None, True, 1)
	assert result.counts["disabled"] == len(CODES) - 1


def test_records_that_are_all_unreadable_are_a_failure_of_the_device(office: Office) -> None:
	crowd(office)
	office.sim.faults.add(faults.wrong_shape({"data": "?"}), path="/employees/", times=None)
	result = office.sweep()
	assert result.failure is not None
	assert (result.failure.code, result.unfinished, len(result.failed)) == ("unexpected_shape", True, 21)


@pytest.fixture
def refusing() -> Iterator[str]:
	"""A URL at which nobody listens."""
	with closing(create_server(("127.0.0.1", 0))) as port:
		url = f"http://127.0.0.1:{port.getsockname()[1]}"
	yield url


@lanes
def test_a_device_that_refuses_connections_costs_one_person(
	office: Office, connect: Connect, refusing: str, lanes: int
) -> None:
	crowd(office)
	nobody = [Counting(connect(refusing, retry=ONE_ATTEMPT)) for _ in range(lanes)]
	result = sweep(office, nobody)
	assert isinstance(result.failure, Unreachable)
	assert (result.unfinished, len(result.failed), len(office.site._rows)) == (True, 1, 1)
	assert sum(len(client.asked) for client in nobody) == 1
	sweep_in_peace(office, NEXT)
	assert all(office.areas(code) == [PARKING] for code in CODES)


def test_a_device_that_refuses_connections_fails_everybody_who_should_be_enabled(
	office: Office, connect: Connect, refusing: str
) -> None:
	everybody_comes_in(office)
	nobody = Counting(connect(refusing, retry=ONE_ATTEMPT))
	result = sweep(office, [nobody], NEXT)
	assert len(nobody.asked) == 1
	assert {record.emp_code for record in result.failed} == set(CODES)
	assert all(office.record(code).unsure_since is None for code in CODES)
	sweep_in_peace(office, NEXT)
	assert all(office.areas(code) == [HOME] for code in CODES)


@lanes
def test_a_device_that_never_answers_costs_one_time_out(sim: Simulator, connect: Connect, lanes: int) -> None:
	office = offices(sim, connect, lanes, time_outs=TimeOuts(read=0.3))
	crowd(office)
	[client.areas() for client in office.clients]
	sim.log.clear()
	sim.faults.add(faults.delay(60), times=None)
	result = office.sweep()
	assert isinstance(result.failure, TimedOut)
	assert (result.unfinished, len(result.failed), len(sim.log.entries)) == (True, 1, 1)


@lanes
@pytest.mark.parametrize("answered", [4, 8])
def test_a_device_that_stops_answering_while_people_are_looked_at_is_asked_a_few_times_more(
	sim: Simulator, connect: Connect, lanes: int, answered: int
) -> None:
	office = offices(sim, connect, lanes)
	everybody_comes_in(office)
	sim.faults.add(faults.reset(), path="/employees/", after=answered, times=None)
	result = office.sweep(NEXT)
	assert asked_for_people(office) - answered <= 4 + lanes
	assert isinstance(result.failure, Unreachable)
	enabled = [code for code in CODES if office.areas(code) == [HOME]]
	assert {record.emp_code for record in result.failed} == set(CODES) - set(enabled)
	assert all(office.record(code).unsure_since is None for code in CODES)
	sweep_in_peace(office, NEXT)
	assert all(office.areas(code) == [HOME] for code in CODES)
	assert office.site.held == []


@lanes
def test_a_device_that_stops_answering_requests_is_asked_a_few_times_more_and_the_others_are_not_unsure(
	sim: Simulator, connect: Connect, lanes: int
) -> None:
	"""Each that is not answered costs two: the request, and the look at what came of it."""
	office = offices(sim, connect, lanes)
	crowd(office)
	# The first person takes four, the next twenty are looked at.
	answered = 24
	sim.faults.add(faults.reset(), path="/employees/", after=answered, times=None)
	result = office.sweep()
	assert asked_for_people(office) - answered <= 2 * (4 + lanes)
	assert {record.emp_code for record in result.failed} == set(CODES[1:21])
	assert (isinstance(result.failure, Unreachable), result.is_complete) == (True, False)
	unsure = [code for code in CODES if _is_unsure(office, code)]
	assert 4 <= len(unsure) <= 4 + lanes
	assert len(office.moves) == 1 + len(unsure)
	sweep_in_peace(office, NEXT)
	assert all(office.areas(code) == [PARKING] for code in CODES)


def _is_unsure(office: Office, code: str) -> bool:
	record = office.site.record(f"EMP-{code}")
	return record is not None and record.unsure_since is not None


@lanes
def test_single_requests_that_are_not_answered_do_not_make_a_device_silent(
	sim: Simulator, connect: Connect, lanes: int
) -> None:
	office = offices(sim, connect, lanes)
	everybody_comes_in(office)
	for number in range(10, 40, 4):
		sim.faults.add(faults.reset(), path="/employees/", method="GET", after=number)
	result = office.sweep(NEXT)
	assert (result.failure, result.is_complete) == (None, True)
	assert len(result.failed) <= 8
	sweep_in_peace(office, NEXT)
	assert all(office.areas(code) == [HOME] for code in CODES)


def test_areas_that_are_never_told_cost_a_few_time_outs(sim: Simulator, connect: Connect) -> None:
	"""People are read as ever; who is to be disabled waits for the areas."""
	office = offices(sim, connect, 1)
	crowd(office)
	sim.faults.add(faults.reset(), path="/areas/", times=None)
	result = office.sweep()
	assert sim.log.count("/areas/") <= 4
	assert (office.writes, office.site.held) == ([], [])
	assert all(record.status is Status.DISABLED for record in result.failed)
	sweep_in_peace(office, NEXT)
	assert all(office.areas(code) == [PARKING] for code in CODES)
