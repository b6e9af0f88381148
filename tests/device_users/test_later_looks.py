"""When a person is looked at again: after an hour, after a clock was wrong, and how long terminals are told."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.device_memory import Died
from tests.support.device_office import EVENING, HOME, PARKING, Office, hours
from tests.support.times import minutes
from zkteco_biometric.device_users.decision import ControlRules
from zkteco_biometric.device_users.states import Outcome, Status
from zkteco_biometric.device_users.steps import SETTLES_IN
from zkteco_biometric.simulator import Area, Variant, faults

NEXT = timedelta(minutes=4)
AHEAD = hours(20)


@pytest.fixture
def side(office: Office) -> Area:
	return office.sim.store.add_area("10", "Side")


@pytest.fixture
def disabled(office: Office) -> Office:
	"""Code 7 is disabled for two days, unless they check in."""
	office.site.rules = ControlRules(hours=hours(48))
	office.hire("7")
	office.out("7")
	office.sweep()
	assert office.areas("7") == [PARKING]
	return office


def asked(office: Office) -> int:
	return len(office.sim.log.entries)


def test_who_is_disabled_is_looked_at_after_an_hour_and_not_before(disabled: Office) -> None:
	before = asked(disabled)
	result = disabled.sweep(hours(1) - timedelta(seconds=1))
	assert (asked(disabled), result.asked) == (before, False)
	result = disabled.sweep(timedelta(seconds=1))
	assert (asked(disabled), result.asked) == (before + 1, True)
	assert disabled.sim.log.entries[-1].method == "GET"
	disabled.sweep(hours(1) - timedelta(seconds=1))
	assert asked(disabled) == before + 1
	record = disabled.record("7")
	assert (record.disabled_on, record.way_back) == (EVENING, EVENING + hours(48))


def test_who_gets_rights_while_disabled_is_enabled_within_an_hour(disabled: Office) -> None:
	disabled.sim.store.change_person(1, privilege=14)
	disabled.sweeps(hours(1) - minutes(1))
	assert disabled.areas("7") == [PARKING]
	disabled.sweep(minutes(1))
	assert (disabled.areas("7"), disabled.record("7").former) == ([HOME], None)
	assert "rights" in disabled.record("7").why
	before = asked(disabled)
	disabled.sweeps(hours(3))
	assert asked(disabled) == before


def test_whom_somebody_else_moves_is_let_go_of_within_an_hour(disabled: Office, side: Area) -> None:
	disabled.somebody_moves("7", side)
	disabled.sweeps(hours(1) - minutes(1))
	assert disabled.record("7").is_held
	disabled.sweep(minutes(1))
	record = disabled.record("7")
	assert (record.outcome, record.former, disabled.areas("7")) == (
		Outcome.CHANGED_ELSEWHERE,
		None,
		["Side"],
	)
	before = asked(disabled)
	disabled.sweeps(hours(3))
	assert (asked(disabled), disabled.areas("7")) == (before, ["Side"])


def test_a_clock_that_is_set_back_is_no_reason_not_to_look(disabled: Office) -> None:
	disabled.sweep(AHEAD)
	before = asked(disabled)
	disabled.sweep(minutes(5) - AHEAD)
	assert asked(disabled) == before + 1
	disabled.sweeps(minutes(55))
	assert asked(disabled) == before + 1


def test_a_clock_that_ran_ahead_while_the_device_failed_does_not_postpone_the_check_in(
	disabled: Office,
) -> None:
	disabled.in_("7", -minutes(1))
	disabled.sim.faults.add(faults.status(503), path="personnel", times=None)
	disabled.now += AHEAD
	disabled.sweeps(hours(1))
	due_at = disabled.record("7").due_at
	assert due_at is not None
	assert due_at > EVENING + AHEAD
	disabled.sim.faults.clear()
	disabled.sweep(minutes(5) - AHEAD)
	assert (disabled.areas("7"), disabled.record("7").former) == ([HOME], None)


def test_a_clock_that_ran_ahead_while_the_device_failed_does_not_postpone_the_way_back(
	office: Office,
) -> None:
	"""The way back is over by the wrong clock, and comes by the right one."""
	office.hire("7")
	office.out("7")
	office.sweep()
	office.sim.faults.add(faults.status(503), path="personnel", times=None)
	office.now += AHEAD
	office.sweeps(hours(1))
	office.sim.faults.clear()
	office.now = EVENING + hours(8)
	office.sweep()
	assert (office.areas("7"), office.record("7").former) == ([HOME], None)


def test_after_a_clock_that_ran_ahead_the_next_out_counts_at_once(office: Office) -> None:
	office.site.rules = ControlRules(hours=hours(48), oldest=hours(48))
	office.hire("7")
	office.out("7")
	office.sim.faults.add(faults.status(503), path="personnel", times=None)
	office.now += AHEAD
	office.sweeps(hours(2))
	office.sim.faults.clear()
	office.now = EVENING + hours(1)
	office.out("7")
	office.sweep()
	assert office.areas("7") == [PARKING]


@pytest.mark.parametrize("dies", [True, False])
def test_who_was_asked_for_by_a_clock_that_ran_ahead_is_let_go_of_when_it_is_settled(
	disabled: Office, dies: bool
) -> None:
	disabled.in_("7", -minutes(1))
	disabled.now += AHEAD
	if dies:
		disabled.site.dies_in(3)
		with pytest.raises(Died):
			disabled.sweep()
	else:
		disabled.sim.faults.add(faults.html_error(applied=True), path="adjust_area")
		disabled.sim.faults.add(faults.reset(), path="employees/1/", method="GET", after=1, times=4)
		disabled.sweep()
	assert disabled.record("7").unsure_since == EVENING + AHEAD
	assert disabled.areas("7") == [HOME]
	disabled.now = EVENING + minutes(5)
	disabled.sweep()
	record = disabled.record("7")
	assert (record.is_held, record.unsure_since, record.due_at) == (
		True,
		disabled.now,
		disabled.now + SETTLES_IN,
	)
	disabled.sweep(SETTLES_IN)
	assert (disabled.record("7").former, disabled.areas("7")) == (None, [HOME])


def test_what_was_sent_by_a_clock_that_ran_ahead_may_come_late_and_keeps_nobody_out(office: Office) -> None:
	office.hire("7")
	office.out("7", -AHEAD)
	office.now += AHEAD
	office.sim.variant = Variant(adjust_area="missing_html")
	office.sim.faults.add(faults.late(dropped=True), method="PATCH")
	office.sweep()
	assert office.areas("7") == [HOME]
	office.site.delete_check_ins("EMP-7")
	office.now = EVENING
	office.sweep()
	office.now += SETTLES_IN - minutes(1)
	office.sim.carry_out_late()
	assert office.areas("7") == [PARKING]
	office.sweep(minutes(1))
	assert office.areas("7") == [HOME]
	office.sweeps(SETTLES_IN + NEXT)
	assert (office.areas("7"), office.record("7").former) == ([HOME], None)


@pytest.fixture
def untold(disabled: Office) -> Office:
	"""Code 7 is enabled, and no terminal has been told for hours."""
	disabled.sim.variant = Variant(resync="error500")
	disabled.in_("7")
	disabled.sim.log.clear()
	disabled.sweeps(hours(5))
	assert disabled.areas("7") == [HOME]
	assert disabled.record("7").is_held
	return disabled


def test_an_order_for_the_terminals_that_is_never_taken_ends_as_a_failure_that_says_what_to_do(
	untold: Office,
) -> None:
	untold.sweeps(hours(2))
	record = untold.record("7")
	assert (record.outcome, record.status, record.former) == (Outcome.FAILED, Status.ENABLED, None)
	assert "terminals" in record.error
	assert "synchronise" in record.remedy
	assert (len(untold.moves), untold.areas("7")) == (1, [HOME])
	told = untold.resyncs
	untold.sweeps(hours(3))
	assert untold.resyncs == told
	untold.out("7")
	untold.sweep()
	assert (untold.areas("7"), untold.record("7").remedy) == ([PARKING], "")


def test_the_round_in_which_the_order_for_the_terminals_is_given_up_names_the_person(untold: Office) -> None:
	failed = []
	while untold.record("7").is_held:
		failed = untold.sweep(NEXT).failed
	assert [record.employee for record in failed] == ["EMP-7"]


def test_an_order_for_the_terminals_that_is_taken_after_hours_ends_well(untold: Office) -> None:
	untold.sim.variant = Variant()
	told = untold.resyncs
	untold.sweep(NEXT)
	record = untold.record("7")
	assert (record.outcome, record.former, record.error) == (Outcome.CONFIRMED, None, "")
	assert untold.resyncs == told + 1


def test_for_who_is_disabled_the_terminals_are_told_a_few_times_only(office: Office) -> None:
	office.sim.variant = Variant(resync="error500")
	office.hire("7")
	office.out("7")
	office.sweeps(hours(7))
	assert office.record("7").outcome is Outcome.CONFIRMED
	assert office.resyncs == 6
