"""One person on one device, from visit to visit: what is found there, what is asked for, and what is remembered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.support.device_office import EVENING, HOME, PARKING, Office, hours
from tests.support.times import minutes
from zkteco_biometric.device_users.decision import ControlRules, Shift
from zkteco_biometric.device_users.method import FieldMethod
from zkteco_biometric.device_users.run import ControlSettings
from zkteco_biometric.device_users.states import DeviceUser, Former, Kind, Outcome, Status
from zkteco_biometric.simulator import Variant

NEXT = timedelta(minutes=4)
BY_FIELD = ControlSettings(field=FieldMethod("ctl_flag", "1", "0"))


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
