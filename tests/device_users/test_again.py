"""What did not succeed, or nobody knows of: read first, tried again later, told to the terminals in the end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.device_memory import Died
from tests.support.device_office import EVENING, HOME, PARKING, Office, hours
from tests.support.times import minutes
from zkteco_biometric.device_users.states import Outcome
from zkteco_biometric.device_users.steps import SETTLES_IN
from zkteco_biometric.simulator import Area, Variant, faults

NEXT = timedelta(minutes=4)


@pytest.mark.parametrize("moment", [2, 3])
def test_after_a_crash_before_or_after_the_request_the_person_is_read_first(
	office: Office, moment: int
) -> None:
	"""The second moment is after the intent is stored, the third before the result is."""
	office.hire("7")
	office.out("7")
	office.site.dies_in(moment)
	with pytest.raises(Died):
		office.sweep()
	office.sweep(NEXT)
	assert office.areas("7") == [PARKING]
	assert office.moves == ["adjust_area [1]"]
	assert office.record("7").outcome is Outcome.CONFIRMED
	office.in_("7")
	office.sweeps(SETTLES_IN + NEXT)
	assert (office.areas("7"), office.record("7").former) == ([HOME], None)


@pytest.mark.parametrize("going", ["out", "in"])
def test_after_a_crash_between_request_and_result_the_terminals_are_told_again(
	office: Office, going: str
) -> None:
	"""The process may have died before it told them."""
	office.hire("7")
	office.out("7")
	if going == "in":
		office.sweep()
		office.in_("7")
	office.sim.log.clear()
	office.site.dies_in(3)
	with pytest.raises(Died):
		office.sweep()
	told = office.resyncs
	office.sweeps(SETTLES_IN + 2 * NEXT)
	assert office.resyncs == told + 1


def test_what_is_carried_out_late_is_told_to_the_terminals_once_it_is_seen(office: Office) -> None:
	office.hire("7")
	office.out("7")
	office.sweep()
	office.in_("7")
	office.sim.faults.add(faults.late(dropped=True), path="adjust_area")
	office.sim.log.clear()
	office.sweep()
	office.sim.carry_out_late()
	office.sweeps(SETTLES_IN + 2 * NEXT)
	assert (office.areas("7"), office.record("7").former) == ([HOME], None)
	assert office.resyncs == 1


@pytest.mark.parametrize("dropped", [True, False])
def test_a_request_that_is_carried_out_after_the_person_came_back_keeps_nobody_out(
	office: Office, dropped: bool
) -> None:
	office.hire("7")
	office.out("7")
	office.sim.variant = Variant(adjust_area="missing_html", patch_area_alone="works")
	office.sim.faults.add(faults.late(dropped), method="PATCH", times=None)
	office.sweep()
	office.sim.faults.clear()
	office.in_("7")
	office.sweep(NEXT)
	assert office.areas("7") == [HOME]
	assert office.record("7").is_held
	office.now += SETTLES_IN - NEXT - minutes(1)
	office.sim.carry_out_late()
	office.sweep(minutes(1) + NEXT)
	assert office.areas("7") == [HOME]
	office.sweep(SETTLES_IN)
	assert (office.areas("7"), office.record("7").former) == ([HOME], None)


def test_what_is_late_is_not_forgotten_because_somebody_else_enables_the_person(
	office: Office, side: Area
) -> None:
	office.hire("7")
	office.out("7")
	office.sim.faults.add(faults.late(dropped=True), path="adjust_area")
	office.sweep()
	office.sweep(minutes(2))
	assert office.areas("7") == [PARKING]
	office.somebody_moves("7", side)
	office.out("7")
	office.sweep(minutes(2))
	office.in_("7")
	office.sweep(minutes(2))
	office.sim.carry_out_late()
	office.sweeps(2 * SETTLES_IN)
	assert office.areas("7") == ["Side"]


def test_failures_are_tried_again_ever_later_and_at_the_way_back_in_any_case(office: Office) -> None:
	office.hire("7")
	office.out("7")
	office.sim.faults.add(faults.status(503), path="personnel", times=None)
	due = []
	for _ in range(8):
		office.sweep()
		due.append((office.record("7").due_at or office.now) - office.now)
		office.now += due[-1]
	assert due == [minutes(number) for number in (1, 2, 4, 8, 16, 32, 60, 60)]
	office.now = EVENING + hours(8) - minutes(10)
	office.sweep()
	assert office.record("7").due_at == EVENING + hours(8)


def test_enabling_somebody_is_tried_in_every_round(disabled: Office) -> None:
	disabled.sim.faults.add(faults.status(503), path="personnel", times=None)
	disabled.in_("7")
	disabled.sweeps(hours(2))
	assert disabled.record("7").attempts >= 25
	disabled.sim.faults.clear()
	disabled.sweeps(minutes(8))
	assert disabled.areas("7") == [HOME, "Side"]


def test_while_it_is_not_time_to_try_again_nothing_is_asked(office: Office) -> None:
	office.hire("7")
	office.out("7")
	office.sim.faults.add(faults.status(400, body="{}"), method="POST", path="adjust")
	office.sim.faults.add(faults.status(400, body="{}"), method="PATCH", times=None)
	office.sweep()
	asked = len(office.sim.log.entries)
	office.sweep(timedelta(seconds=30))
	assert len(office.sim.log.entries) == asked
	assert office.record("7").outcome is Outcome.FAILED


def test_terminals_that_could_not_be_told_are_told_in_later_rounds(disabled: Office) -> None:
	disabled.sim.faults.add(faults.status(503), path="resync_to_device", times=3)
	disabled.in_("7")
	disabled.sim.log.clear()
	disabled.sweep()
	assert disabled.areas("7") == [HOME, "Side"]
	assert disabled.record("7").is_held
	disabled.sweeps(minutes(40))
	assert (disabled.resyncs, len(disabled.moves)) == (4, 1)
	assert disabled.record("7").former is None


def test_terminals_are_told_also_after_many_failures_of_other_kinds(disabled: Office) -> None:
	disabled.sim.faults.add(faults.status(503), path="personnel", times=None)
	disabled.in_("7")
	disabled.sweeps(hours(1))
	disabled.sim.faults.clear()
	disabled.sim.faults.add(faults.status(503), path="resync_to_device")
	disabled.sim.log.clear()
	disabled.sweeps(minutes(40))
	assert disabled.areas("7") == [HOME, "Side"]
	assert disabled.resyncs == 2


def test_a_server_that_never_takes_the_order_for_its_terminals_is_not_asked_for_ever(
	disabled: Office,
) -> None:
	disabled.sim.variant = Variant(resync="error500")
	disabled.in_("7")
	disabled.sim.log.clear()
	disabled.sweeps(hours(2))
	record = disabled.record("7")
	assert (record.outcome, record.is_held) == (Outcome.REQUESTED, True)
	assert "terminals" in record.error
	disabled.sweeps(hours(6))
	assert 80 <= disabled.resyncs <= 100
	assert (disabled.areas("7"), disabled.record("7").former) == ([HOME, "Side"], None)
	assert disabled.record("7").outcome is Outcome.FAILED
