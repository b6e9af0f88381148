"""Rights, and what somebody else does on the server: whom that concerns is never disabled, or left as they are."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.support.device_memory import Died
from tests.support.device_office import HOME, PARKING, Office, hours
from tests.support.times import minutes
from zkteco_biometric.device_users.method import FieldMethod
from zkteco_biometric.device_users.run import ControlSettings
from zkteco_biometric.device_users.states import Outcome
from zkteco_biometric.device_users.steps import SETTLES_IN
from zkteco_biometric.simulator import Area, faults

NEXT = timedelta(minutes=4)
BY_FIELD = ControlSettings(field=FieldMethod("ctl_flag", "1", "0"))


def test_who_has_rights_on_the_device_is_never_disabled(office: Office) -> None:
	office.hire("7", privilege=14)
	office.out("7")
	office.sweep()
	assert (office.record("7").outcome, office.writes) == (Outcome.UNMANAGED, [])


def test_who_gets_rights_before_the_request_is_sent_is_not_disabled(office: Office) -> None:
	office.hire("7")
	office.out("7")
	office.site.dies_in(2)
	with pytest.raises(Died):
		office.sweep()
	office.sim.store.change_person(1, privilege=14)
	office.sweep(NEXT)
	office.sweeps(SETTLES_IN + NEXT)
	assert (office.areas("7"), office.moves) == ([HOME], [])
	assert office.record("7").former is None


def test_who_gets_rights_while_a_request_is_uncertain_is_given_back(office: Office) -> None:
	office.hire("7")
	office.out("7")
	office.site.dies_in(3)
	with pytest.raises(Died):
		office.sweep()
	assert office.areas("7") == [PARKING]
	office.sim.store.change_person(1, privilege=14)
	office.sweep(NEXT)
	assert office.areas("7") == [HOME]
	office.sweeps(SETTLES_IN + NEXT)
	assert (office.areas("7"), office.record("7").former) == ([HOME], None)


def test_who_is_in_the_parking_area_already_is_not_ours(office: Office) -> None:
	office.hire("7", areas=[1])
	office.out("7")
	office.sweep()
	assert (office.record("7").outcome, office.record("7").former) == (Outcome.CHANGED_ELSEWHERE, None)
	office.site.enable_everyone(office.now)
	office.sweeps(hours(9))
	assert (office.areas("7"), office.writes) == ([PARKING], [])


def test_whom_somebody_has_moved_meanwhile_stays_there(disabled: Office, side: Area) -> None:
	disabled.somebody_moves("7", side)
	disabled.in_("7")
	disabled.sweep(NEXT)
	assert disabled.areas("7") == ["Side"]
	assert (disabled.record("7").outcome, disabled.record("7").former) == (Outcome.CHANGED_ELSEWHERE, None)


def test_whom_somebody_has_enabled_meanwhile_is_left_so_until_the_next_out(
	disabled: Office, side: Area
) -> None:
	disabled.somebody_moves("7", side)
	disabled.sweeps(minutes(30))
	assert disabled.areas("7") == ["Side"]
	disabled.out("7")
	disabled.sweeps(minutes(8))
	assert disabled.areas("7") == [PARKING]
	disabled.in_("7")
	disabled.sweep(NEXT)
	assert disabled.areas("7") == ["Side"]


def test_the_next_out_counts_also_where_the_server_fails_when_it_comes(disabled: Office, side: Area) -> None:
	disabled.somebody_moves("7", side)
	disabled.now += minutes(30)
	disabled.out("7")
	disabled.sim.faults.add(faults.status(503), path="personnel", times=None)
	disabled.sweep()
	disabled.sim.faults.clear()
	disabled.sweeps(minutes(8))
	assert disabled.areas("7") == [PARKING]


def test_a_value_that_somebody_writes_otherwise_before_we_ask_is_the_one_that_comes_back(
	office: Office,
) -> None:
	office.site.settings = BY_FIELD
	office.hire("7", extra={"ctl_flag": True})
	office.out("7")
	office.sim.faults.add(faults.reset(), method="PATCH")
	office.sweep()
	office.sim.store.change_person(1, extra={"ctl_flag": "1"})
	office.sweep(NEXT)
	assert office.person("7").extra == {"ctl_flag": 0}
	office.in_("7")
	office.sweeps(SETTLES_IN + NEXT)
	assert office.person("7").extra == {"ctl_flag": "1"}


def test_where_somebody_moves_a_person_before_we_do_that_is_what_comes_back(
	office: Office, side: Area
) -> None:
	office.hire("7")
	office.out("7")
	office.sim.faults.add(faults.reset(), path="adjust_area")
	office.sweep()
	office.somebody_moves("7", side)
	office.sweep(NEXT)
	assert office.areas("7") == [PARKING]
	office.in_("7")
	office.sweeps(SETTLES_IN + NEXT)
	assert office.areas("7") == ["Side"]


def test_of_former_areas_those_that_are_left_are_given_back_and_the_others_named(
	disabled: Office, side: Area
) -> None:
	disabled.somebody_deletes_area(side)
	disabled.in_("7")
	disabled.sweep(NEXT)
	assert disabled.areas("7") == [HOME]
	assert "Side" in disabled.record("7").why
	assert disabled.record("7").former is None


def test_who_is_deleted_on_the_device_while_disabled_is_reported(disabled: Office) -> None:
	disabled.sim.store.delete_person(1)
	disabled.in_("7")
	result = disabled.sweep(NEXT)
	assert [record.employee for record in result.failed] == ["EMP-7"]
	assert disabled.record("7").former is not None
	assert "BioTime server" in disabled.record("7").remedy


def test_who_is_added_again_on_the_device_is_found_by_the_code(disabled: Office) -> None:
	disabled.sim.store.delete_person(1)
	disabled.sim.store.add_person("7")
	disabled.in_("7")
	disabled.sweep(NEXT)
	assert (disabled.areas("7"), disabled.record("7").former) == ([HOME], None)


def test_a_code_that_is_changed_while_disabled_is_followed_back(disabled: Office) -> None:
	disabled.site.employees["EMP-7"].emp_code = "8"
	disabled.sim.store.add_person("8")
	disabled.sweep(NEXT)
	assert (disabled.areas("7"), disabled.areas("8")) == ([HOME, "Side"], [HOME])
	assert disabled.record("7").former is None
