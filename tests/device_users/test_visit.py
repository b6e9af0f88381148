"""One person on one device, from visit to visit: what is found there, what is asked for, and what is remembered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.device_memory import Died
from tests.support.device_office import EVENING, HOME, PARKING, Office, hours
from tests.support.times import minutes
from zkteco_biometric.device_users.decision import ControlRules, Shift
from zkteco_biometric.device_users.method import FieldMethod
from zkteco_biometric.device_users.run import ControlSettings
from zkteco_biometric.device_users.states import DeviceUser, Former, Kind, Outcome, Status
from zkteco_biometric.device_users.steps import SETTLES_IN
from zkteco_biometric.simulator import Area, Variant, faults

NEXT = timedelta(minutes=4)
BY_FIELD = ControlSettings(field=FieldMethod("ctl_flag", "1", "0"))


@pytest.fixture
def side(office: Office) -> Area:
	return office.sim.store.add_area("10", "Side")


@pytest.fixture
def disabled(office: Office, side: Area) -> Office:
	"""Code 7 of the default area and Side has checked out and is disabled."""
	office.hire("7", areas=[2, side])
	office.out("7")
	office.sweep()
	assert office.areas("7") == [PARKING]
	return office


def test_who_checks_out_is_disabled_and_what_was_there_is_remembered(disabled: Office) -> None:
	record = disabled.record("7")
	assert record.former == Former(
		Kind.AREA, areas=(2, 3), area_names=(HOME, "Side"), parking=1, resync_due=False
	)
	assert (record.status, record.outcome) == (Status.DISABLED, Outcome.CONFIRMED)
	assert record.way_back == record.due_at == EVENING + hours(8)
	assert (record.disabled_on, record.user_id, record.attempts) == (EVENING, 1, 0)
	assert disabled.site.calls == [("intend", ["EMP-7"]), ("remember", ["EMP-7"])]


def test_who_checks_in_elsewhere_is_enabled_and_forgotten(disabled: Office) -> None:
	disabled.in_("7")
	disabled.sweep(NEXT)
	assert disabled.areas("7") == [HOME, "Side"]
	record = disabled.record("7")
	assert (record.status, record.outcome, record.former) == (Status.ENABLED, Outcome.CONFIRMED, None)
	assert (record.due_at, record.disabled_on, record.unsure_since) == (None, None, None)


def test_at_the_way_back_the_person_is_enabled_without_any_check_in(disabled: Office) -> None:
	disabled.sweep(hours(8) - minutes(1))
	assert disabled.areas("7") == [PARKING]
	disabled.sweep(minutes(1))
	assert disabled.areas("7") == [HOME, "Side"]


def test_the_same_out_disables_once_whatever_happens_to_the_rules(disabled: Office) -> None:
	disabled.sweep(hours(8))
	disabled.site.rules = ControlRules(hours=hours(12))
	disabled.site._changed["EMP-7"] = 1
	disabled.sweep(NEXT)
	assert disabled.areas("7") == [HOME, "Side"]


def test_who_is_disabled_and_at_rest_is_looked_at_once_an_hour(disabled: Office) -> None:
	asked = len(disabled.sim.log.entries)
	disabled.sweeps(minutes(55))
	assert len(disabled.sim.log.entries) == asked
	disabled.sweeps(hours(6))
	assert [entry.method for entry in disabled.sim.log.entries[asked:]] == ["GET"] * 6


def test_a_shift_that_is_changed_changes_the_way_back_without_a_request(disabled: Office) -> None:
	asked = len(disabled.sim.log.entries)
	disabled.site.rules = ControlRules(hours=hours(2))
	disabled.sweep(NEXT)
	assert disabled.record("7").way_back == disabled.record("7").due_at == EVENING + hours(2)
	assert len(disabled.sim.log.entries) == asked


def test_a_code_is_matched_exactly_where_the_server_searches_loosely(office: Office) -> None:
	office.sim.variant = Variant(loose_emp_code=True)
	for code in ("17", "7", "70"):
		office.hire(code)
	office.out("7")
	office.sweep()
	assert [office.areas(code) for code in ("17", "7", "70")] == [[HOME], [PARKING], [HOME]]


def test_a_code_that_is_only_part_of_others_is_nobodys(office: Office) -> None:
	office.sim.variant = Variant(loose_emp_code=True)
	office.hire("17")
	office.site.employ("EMP-7", "7")
	office.out("7")
	result = office.sweep()
	assert office.areas("17") == [HOME]
	assert office.record("7").outcome is Outcome.UNMANAGED
	assert "code 7" in office.record("7").why
	assert (result.counts["unmanaged"], office.writes) == (1, [])


def test_an_employee_without_a_code_is_nobody_on_the_device(office: Office) -> None:
	office.site.employ("EMP-", "")
	office.out("")
	office.sweep()
	assert office.record("").outcome is Outcome.UNMANAGED
	assert office.writes == []


def test_the_id_that_was_entered_saves_the_search(office: Office) -> None:
	person = office.hire("7")
	office.site.employees["EMP-7"].user_id = person.id
	office.out("7")
	office.sweep()
	assert office.areas("7") == [PARKING]
	assert [entry for entry in office.sim.log.entries if "emp_code" in entry.query] == []


def test_an_id_that_is_somebody_elses_by_now_is_not_trusted(office: Office) -> None:
	other = office.hire("8")
	office.hire("7")
	office.site.employees["EMP-7"].user_id = other.id
	office.out("7")
	office.sweep()
	assert (office.areas("7"), office.areas("8")) == ([PARKING], [HOME])
	assert office.record("7").user_id == office.person("7").id


def test_two_people_with_the_code_are_too_many(office: Office) -> None:
	office.hire("7")
	office.out("7")
	twice = [{"id": id, "emp_code": "7", "area": [{"id": 2}]} for id in (1, 2)]
	page = {"count": 2, "next": None, "previous": None, "msg": "", "code": 0, "data": twice}
	office.sim.faults.add(faults.wrong_shape(page), path="/personnel/api/employees/")
	office.sweep()
	assert (office.record("7").outcome, office.writes) == (Outcome.FAILED, [])


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


def test_a_former_parking_area_is_the_one_that_people_come_back_from(disabled: Office) -> None:
	disabled.sim.store.add_area("99", "Limbo")
	disabled.site.switch(disabled.now, settings=ControlSettings(parking_area="Limbo"))
	disabled.in_("7")
	disabled.sweep(NEXT)
	assert disabled.areas("7") == [HOME, "Side"]


def test_a_former_method_is_the_one_by_which_people_come_back(office: Office) -> None:
	office.hire("7", extra={"ctl_flag": True})
	before = office.person("7")
	office.site.settings = BY_FIELD
	office.out("7")
	office.sweep()
	assert office.person("7").extra == {"ctl_flag": 0}
	office.site.settings = ControlSettings()
	office.in_("7")
	office.sweep(NEXT)
	assert office.person("7") == before


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


def test_an_out_in_the_middle_of_a_shift_waits_for_its_end(office: Office) -> None:
	office.hire("7", shifts=(Shift(EVENING - hours(1), EVENING + hours(1)),))
	office.out("7")
	office.sweep()
	assert (office.record("7").outcome, office.record("7").due_at) == (Outcome.WAITING, EVENING + hours(1))
	assert office.sim.log.entries == []
	office.sweeps(hours(1))
	assert office.areas("7") == [PARKING]


def test_who_is_given_back_late_and_has_checked_out_in_a_shift_again_is_disabled_at_its_end(
	office: Office,
) -> None:
	office.hire("7", shifts=(Shift(EVENING + hours(2), EVENING + hours(6)),))
	office.out("7")
	office.sweep()
	assert office.areas("7") == [PARKING]
	office.now += hours(3)
	office.sim.variant = Variant(resync="error500")
	office.in_("7")
	office.sweep()
	office.now += minutes(1)
	office.out("7")
	office.sweeps(hours(1))
	office.sim.variant = Variant()
	office.sweeps(hours(2) - minutes(2))
	assert (office.areas("7"), office.record("7").outcome) == ([HOME], Outcome.WAITING)
	office.sweeps(minutes(2))
	assert office.areas("7") == [PARKING]


@pytest.mark.parametrize(("value", "wanted"), [(True, 0), (1, 0), ("1", 0)])
def test_by_field_a_person_is_disabled_and_comes_back_with_the_value_they_had(
	office: Office, value: Any, wanted: Any
) -> None:
	office.site.settings = BY_FIELD
	office.hire("7", extra={"ctl_flag": value, "other": "x"})
	before = office.person("7")
	office.out("7")
	office.sweep()
	assert office.person("7").extra == {"ctl_flag": wanted, "other": "x"}
	office.in_("7")
	office.sweep(NEXT)
	assert office.person("7") == before
	assert office.areas("7") == [HOME]


def test_a_record_without_the_field_is_unsupported_and_nothing_is_sent(office: Office) -> None:
	office.site.settings = BY_FIELD
	office.hire("7")
	office.out("7")
	result = office.sweep()
	assert (office.record("7").outcome, office.writes) == (Outcome.UNSUPPORTED, [])
	assert result.counts["unsupported"] == 1
	assert office.record("7").remedy


def test_a_record_needs_no_former_to_be_settled(office: Office) -> None:
	office.hire("7")
	office.site.put(DeviceUser("EMP-7", "7", status=Status.DISABLED, outcome=Outcome.FAILED, due_at=EVENING))
	office.in_("7")
	office.sweep()
	record = office.record("7")
	assert (record.status, record.outcome, record.due_at) == (Status.ENABLED, Outcome.CONFIRMED, None)
	assert office.sim.log.entries == []
