"""A pass over many people: without a socket, since they are many."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.device_memory import Died
from tests.support.device_office import EVENING, HOME, PARKING, Office
from tests.support.quick_client import quick_client
from tests.support.times import minutes
from zkteco_biometric.biotime.errors import ServerError
from zkteco_biometric.device_users.states import Outcome
from zkteco_biometric.simulator import Simulator, faults

NEXT = timedelta(minutes=4)
CODES = [str(number) for number in range(100, 145)]
FEW = CODES[:22]
"""One person, a batch, and one more."""


@pytest.fixture
def office() -> Office:
	sim = Simulator()
	return Office(sim, quick_client(sim, lambda: None))


def crowd(office: Office, codes: list[str] = CODES) -> None:
	for code in codes:
		office.hire(code)
		office.out(code)


def test_a_device_that_fails_is_left_alone_after_one_person_and_a_batch_and_the_others_stay_due(
	office: Office,
) -> None:
	crowd(office)
	office.sim.faults.add(faults.status(503), path="personnel", times=None)
	result = office.sweep()
	assert isinstance(result.failure, ServerError)
	assert (result.is_complete, len(result.failed)) == (False, 21)
	assert [office.site.record(f"EMP-{code}") for code in CODES[21:]] == [None] * len(CODES[21:])
	office.sim.faults.clear()
	office.sweeps(minutes(12))
	assert all(office.areas(code) == [PARKING] for code in CODES)
	assert len(office.moves) == len(CODES)


def test_of_those_whom_a_failing_device_keeps_from_being_enabled_each_is_named(office: Office) -> None:
	crowd(office)
	office.sweep()
	for code in CODES:
		office.in_(code, -NEXT)
	office.sim.faults.add(faults.status(503), path="personnel", times=None)
	result = office.sweep(NEXT)
	assert not result.is_complete
	assert len(result.failed) == len(CODES)
	assert all(office.record(code).outcome is Outcome.FAILED for code in CODES)
	office.sim.faults.clear()
	office.sweeps(minutes(8))
	assert all(office.areas(code) == [HOME] for code in CODES)


def test_one_person_who_cannot_be_read_stops_nobody_else(office: Office) -> None:
	crowd(office)
	office.sim.faults.add(faults.wrong_shape({"data": "?"}), path="/personnel/api/employees/", after=4)
	result = office.sweep()
	assert result.failure is None
	assert result.is_complete
	assert len(result.failed) == 1
	assert sum(office.areas(code) == [PARKING] for code in CODES) == len(CODES) - 1


def test_a_pass_ends_in_time_and_the_next_one_goes_on(office: Office) -> None:
	crowd(office)
	assert office.sweep(stop_at=EVENING).unfinished
	assert office.moves == []
	assert office.sweep(stop_at=EVENING + minutes(1)).is_complete
	assert len(office.moves) == len(CODES)


def test_every_persons_intent_is_stored_before_and_the_outcome_after(office: Office) -> None:
	crowd(office)
	seen: list[tuple[int, int]] = []
	for moment in range(1, 13):
		office.site.meanwhile[moment] = lambda: seen.append((len(office.site.held), len(office.moves)))
	office.sweep()
	assert seen[:8] == [(0, 0), (1, 0), (1, 1), (1, 1), (1, 1), (21, 1), (21, 21), (21, 21)]
	assert [what for what, _ in office.site.calls] == ["intend", "remember"] * 4


@pytest.mark.parametrize("moment", range(1, 13))
def test_a_crash_at_any_moment_loses_nobody(office: Office, moment: int) -> None:
	crowd(office, FEW)
	office.site.dies_in(moment)
	with pytest.raises(Died):
		office.sweep()
	office.sweep(NEXT)
	assert all(office.areas(code) == [PARKING] for code in FEW)
	assert len(office.moves) == len(FEW)
	office.site.enable_everyone(office.now)
	office.site.dies_in(moment)
	with pytest.raises(Died):
		office.sweep(NEXT)
	office.sweeps(minutes(20))
	assert all(office.areas(code) == [HOME] for code in FEW)
	assert office.site.held == []


def test_what_was_about_to_begin_is_void_where_somebody_enables_everyone_meanwhile(office: Office) -> None:
	crowd(office)
	office.site.meanwhile[5] = lambda: office.site.enable_everyone(office.now)
	result = office.sweep()
	assert (result.superseded, result.is_complete) == (True, False)
	assert len(office.moves) == 1
	office.sweeps(minutes(20))
	assert all(office.areas(code) == [HOME] for code in CODES)
	assert office.site.held == []
