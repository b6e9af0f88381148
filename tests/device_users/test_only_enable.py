"""While nobody may be disabled, and who has left: what holds people, and what does not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.support.device_office import EVENING, HOME, PARKING, Office, hours
from tests.support.times import minutes
from zkteco_biometric.device_users.decision import ControlRules, Facts, decide
from zkteco_biometric.device_users.method import ControlUnsupported
from zkteco_biometric.device_users.run import ControlSettings
from zkteco_biometric.device_users.states import (
	IN,
	OUT,
	CheckInSeen,
	DeviceUser,
	Former,
	Kind,
	Outcome,
	Status,
)
from zkteco_biometric.device_users.steps import SETTLES_IN
from zkteco_biometric.simulator import faults

NEXT = timedelta(minutes=4)
ANYBODY = ControlSettings()
NOBODY = ControlSettings(only_enable="The scheduler of this site does not run.")
KEEP_LEFT = ControlRules(keep_left=True)


def test_while_nobody_may_be_disabled_who_checks_out_waits(office: Office) -> None:
	office.site.settings = NOBODY
	office.hire("7")
	office.out("7")
	result = office.sweep()
	assert isinstance(result.trouble, ControlUnsupported)
	assert (result.trouble.message, result.can_disable) == (NOBODY.only_enable, False)
	assert "scheduler" in result.trouble.remedy
	assert (result.failure, result.failed, result.is_complete, result.asked) == (None, [], True, False)
	record = office.record("7")
	assert (record.status, record.outcome, record.former) == (Status.ENABLED, Outcome.WAITING, None)
	assert record.due_at == EVENING + minutes(5)
	assert record.why == NOBODY.only_enable
	office.sweeps(hours(3))
	assert (office.areas("7"), office.sim.log.entries) == ([HOME], [])
	assert office.record("7").outcome is Outcome.WAITING


def test_once_people_may_be_disabled_again_who_waits_is(office: Office) -> None:
	office.site.settings = NOBODY
	office.hire("7")
	office.out("7")
	office.sweeps(hours(1))
	office.site.settings = ANYBODY
	result = office.sweep(minutes(5))
	assert (office.areas("7"), result.trouble, result.can_disable) == ([PARKING], None, True)
	assert office.record("7").way_back == EVENING + hours(8)


def test_who_waits_until_the_way_back_is_over_is_never_disabled(office: Office) -> None:
	office.site.settings = NOBODY
	office.hire("7")
	office.out("7")
	office.sweeps(hours(8) + NEXT)
	assert office.record("7").outcome is Outcome.CONFIRMED
	office.site.settings = ANYBODY
	office.sweeps(hours(1))
	assert office.areas("7") == [HOME]


@pytest.mark.parametrize("comes_in", [True, False])
def test_while_nobody_may_be_disabled_who_is_stays_so_and_comes_back_in_time(
	office: Office, comes_in: bool
) -> None:
	office.hire("7")
	office.out("7")
	office.sweep()
	office.site.settings = NOBODY
	office.sweeps(hours(8) - minutes(1))
	assert (office.areas("7"), office.record("7").outcome) == ([PARKING], Outcome.CONFIRMED)
	if comes_in:
		office.in_("7")
	office.sweep(timedelta() if comes_in else minutes(1))
	assert (office.areas("7"), office.record("7").former) == ([HOME], None)


def test_while_nobody_may_be_disabled_another_out_disables_for_no_second_time(office: Office) -> None:
	office.hire("7")
	office.out("7")
	office.sweep()
	office.somebody_moves("7", 2)
	office.site.settings = NOBODY
	office.out("7", -minutes(1))
	office.sweeps(hours(2))
	assert (office.areas("7"), len(office.moves)) == ([HOME], 1)


def test_while_nobody_may_be_disabled_a_request_that_was_not_carried_out_is_not_repeated(
	office: Office,
) -> None:
	office.hire("7")
	office.out("7")
	office.sim.faults.add(faults.reset(), path="adjust_area")
	office.sweep()
	assert office.record("7").is_held
	office.site.settings = NOBODY
	office.sweeps(hours(1))
	assert (office.areas("7"), len(office.moves)) == ([HOME], 1)
	office.site.settings = ANYBODY
	office.sweeps(SETTLES_IN)
	assert office.areas("7") == [PARKING]


def test_while_nobody_may_be_disabled_who_was_being_enabled_is_not_disabled_by_another_out(
	office: Office,
) -> None:
	office.hire("7")
	office.out("7")
	office.sweep()
	office.in_("7", -minutes(1))
	office.sim.faults.add(faults.html_error(applied=True), path="adjust_area")
	office.sim.faults.add(faults.reset(), path="employees/1/", method="GET", after=1, times=4)
	office.sweep(minutes(2))
	assert (office.areas("7"), office.record("7").is_held) == ([HOME], True)
	office.site.settings = NOBODY
	office.out("7")
	office.sweeps(hours(1))
	assert office.areas("7") == [HOME]


def test_while_nobody_may_be_disabled_nothing_is_said_where_nobody_would_be(office: Office) -> None:
	office.site.settings = NOBODY
	office.hire("7")
	office.in_("7")
	result = office.sweep()
	assert (result.trouble, result.can_disable) == (None, None)


HELD = DeviceUser(
	"EMP-7",
	"7",
	status=Status.DISABLED,
	outcome=Outcome.FAILED,
	former=Former(Kind.AREA, areas=(2,), parking=1),
)


@pytest.mark.parametrize("log_type", [IN, "", None])
@pytest.mark.parametrize("status", list(Status))
def test_who_has_left_stays_disabled_only_where_it_was_read_on_the_device(
	log_type: str | None, status: Status
) -> None:
	newest = None if log_type is None else CheckInSeen("C-1", EVENING, log_type)
	facts = Facts("EMP-7", "7", newest=newest, left=True)
	held = replace(HELD, status=status)
	assert decide(facts, held, KEEP_LEFT, EVENING).status is Status.ENABLED
	read = replace(held, disabled_on=EVENING - hours(1))
	assert decide(facts, read, KEEP_LEFT, EVENING).status is status


def test_who_has_left_is_not_held_for_ever_by_a_request_of_long_ago(office: Office) -> None:
	office.site.rules = KEEP_LEFT
	office.hire("7")
	office.out("7")
	office.sim.faults.add(faults.reset(), path="employees", method="POST", times=None)
	office.sim.faults.add(faults.reset(), path="employees", method="PATCH", times=None)
	office.sweep()
	office.site.employees["EMP-7"].left = True
	assert office.record("7").is_held
	office.in_("7", -NEXT)
	office.sweeps(SETTLES_IN + 2 * NEXT)
	record = office.record("7")
	assert (office.areas("7"), record.status, record.disabled_on) == ([HOME], Status.ENABLED, None)
	office.sim.faults.clear()
	office.sweeps(2 * NEXT)
	assert (office.areas("7"), office.record("7").former) == ([HOME], None)


def test_an_out_that_is_too_old_by_now_holds_nobody_who_has_left_and_never_was_disabled() -> None:
	out = CheckInSeen("C-1", EVENING, OUT)
	facts = Facts("EMP-7", "7", newest=out, left=True)
	held = replace(HELD, check_in=out)
	rules = ControlRules(keep_left=True, oldest=hours(12))
	assert decide(facts, held, rules, EVENING + hours(12)).status is Status.DISABLED
	assert decide(facts, held, rules, EVENING + hours(13)).status is Status.ENABLED
	read = replace(held, disabled_on=EVENING)
	assert decide(facts, read, rules, EVENING + hours(13)).status is Status.DISABLED
