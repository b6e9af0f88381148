"""Records that do not say where a person is, and ids and codes that are somebody else's by now."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from werkzeug.wrappers import Request, Response

from tests.support.device_office import EVENING, HOME, PARKING, Office, hours
from zkteco_biometric.device_users.method import FieldMethod
from zkteco_biometric.device_users.run import ControlSettings
from zkteco_biometric.device_users.states import Outcome
from zkteco_biometric.simulator import faults
from zkteco_biometric.simulator.faults import Answer, Fault

NEXT = timedelta(minutes=4)
FLAG = "ctl_flag"
BY_FIELD = ControlSettings(field=FieldMethod(FLAG, "1", "0"))
RECORD = "/personnel/api/employees/1/"


def without(*names: str) -> Fault:
	"""The record of one person, where these fields are not told."""
	return told_otherwise(lambda record: {name: record[name] for name in record if name not in names})


def told_otherwise(change: Callable[[dict[str, object]], object]) -> Fault:
	def fault(request: Request, answer: Answer) -> Response:
		response = answer(request)
		response.set_data(json.dumps(change(json.loads(response.get_data()))))
		return response

	return fault


NO_AREAS = {
	"none are told": without("area"),
	"null": told_otherwise(lambda record: {**record, "area": None}),
	"an empty list": told_otherwise(lambda record: {**record, "area": []}),
	"another shape": told_otherwise(lambda record: {**record, "area": "2"}),
}


@pytest.fixture
def disabled(office: Office) -> Office:
	office.hire("7")
	office.out("7")
	office.sweep()
	assert office.areas("7") == [PARKING]
	return office


@pytest.fixture
def disabled_by_field(office: Office) -> Office:
	office.site.settings = BY_FIELD
	office.hire("7", extra={FLAG: "yes"})
	office.out("7")
	office.sweep()
	assert office.person("7").extra == {FLAG: 0}
	return office


@pytest.mark.parametrize("blank", NO_AREAS.values(), ids=NO_AREAS)
def test_a_record_that_comes_once_without_areas_forgets_nobody(disabled: Office, blank: Fault) -> None:
	disabled.in_("7")
	disabled.sim.faults.add(blank, path=RECORD)
	result = disabled.sweep(NEXT)
	assert [record.employee for record in result.failed] == ["EMP-7"]
	record = disabled.record("7")
	assert (record.outcome, record.is_held, record.attempts) == (Outcome.FAILED, True, 1)
	assert "areas" in record.error
	disabled.sweep(NEXT)
	assert (disabled.areas("7"), disabled.record("7").former) == ([HOME], None)


def test_a_record_that_comes_for_hours_without_areas_forgets_nobody(disabled: Office) -> None:
	disabled.sim.faults.add(without("area"), path=RECORD, times=None)
	disabled.sweeps(hours(12))
	assert disabled.record("7").is_held
	disabled.sim.faults.clear()
	disabled.sweeps(2 * NEXT)
	assert (disabled.areas("7"), disabled.record("7").former) == ([HOME], None)


def test_a_record_that_comes_once_without_areas_in_the_hourly_look_overrules_nothing(
	disabled: Office,
) -> None:
	disabled.sim.faults.add(without("area"), path=RECORD)
	disabled.sweep(hours(1))
	assert (disabled.record("7").outcome, disabled.record("7").is_held) == (Outcome.FAILED, True)
	disabled.sweep(NEXT)
	record = disabled.record("7")
	assert (record.outcome, record.disabled_on) == (Outcome.CONFIRMED, EVENING)
	assert len(disabled.moves) == 1
	disabled.sweep(hours(7) - NEXT)
	assert disabled.areas("7") == [HOME]


@pytest.mark.parametrize("going", ["out", "in"])
def test_a_record_without_areas_after_a_request_is_no_answer_to_it(office: Office, going: str) -> None:
	"""Looked for by the code; the first of the person's own records is read after the request."""
	office.hire("7")
	office.out("7")
	if going == "in":
		office.sweep()
		office.in_("7")
	office.sim.faults.add(without("area"), path=RECORD, after=int(going == "in"), times=5)
	office.sweep(NEXT)
	assert office.record("7").is_held
	office.sim.faults.clear()
	office.sweeps(6 * NEXT)
	assert office.areas("7") == [HOME if going == "in" else PARKING]
	office.in_("7")
	office.sweeps(6 * NEXT)
	assert (office.areas("7"), office.record("7").former) == ([HOME], None)


def test_a_record_that_comes_once_without_the_field_forgets_nobody(disabled_by_field: Office) -> None:
	office = disabled_by_field
	office.in_("7")
	office.sim.faults.add(without(FLAG), path=RECORD)
	office.sweep(NEXT)
	record = office.record("7")
	assert (record.outcome, record.is_held) == (Outcome.FAILED, True)
	assert FLAG in record.error
	office.sweep(NEXT)
	assert (office.person("7").extra, office.record("7").former) == ({FLAG: "yes"}, None)


def test_a_record_without_areas_matters_not_to_who_is_disabled_by_field(disabled_by_field: Office) -> None:
	disabled_by_field.in_("7")
	disabled_by_field.sim.faults.add(without("area"), path=RECORD)
	disabled_by_field.sweep(NEXT)
	assert disabled_by_field.person("7").extra == {FLAG: "yes"}


def test_who_never_was_in_an_area_is_not_disabled(office: Office) -> None:
	office.hire("7")
	office.out("7")
	office.sim.faults.add(faults.rows(lambda rows: [{**row, "area": []} for row in rows]), path="employees")
	office.sweep()
	assert (office.record("7").outcome, office.writes) == (Outcome.UNSUPPORTED, [])


def test_who_gets_another_code_on_the_server_is_not_taken_for_the_next_one_with_theirs(
	disabled: Office,
) -> None:
	disabled.somebody_changes_code("7", "A7")
	disabled.sim.store.add_person("7")
	disabled.in_("7")
	result = disabled.sweep(NEXT)
	assert [record.employee for record in result.failed] == ["EMP-7"]
	assert "somebody else's" in disabled.record("7").error
	disabled.sweeps(hours(30))
	record = disabled.record("7")
	assert (record.outcome, record.is_held, record.user_id) == (Outcome.FAILED, True, 1)
	assert (disabled.areas("A7"), disabled.areas("7")) == ([PARKING], [HOME])
	assert len(disabled.moves) == 1


def test_the_next_one_with_the_code_is_not_disabled_in_their_place(disabled: Office) -> None:
	disabled.somebody_changes_code("7", "A7")
	disabled.sim.store.add_person("7")
	disabled.sweeps(hours(2))
	disabled.out("7")
	disabled.sweeps(hours(2))
	assert (disabled.areas("A7"), disabled.areas("7")) == ([PARKING], [HOME])
	assert disabled.record("7").is_held


@pytest.mark.parametrize("first", ["server", "site"])
@pytest.mark.parametrize("taken", [True, False])
def test_a_code_that_is_changed_on_the_server_and_at_the_employee_is_followed(
	disabled: Office, first: str, taken: bool
) -> None:
	if first == "server":
		disabled.somebody_changes_code("7", "A7")
		disabled.sweep(hours(1))
		assert (disabled.record("7").outcome, disabled.record("7").is_held) == (Outcome.FAILED, True)
	disabled.site.employees["EMP-7"].emp_code = "A7"
	if first == "site":
		disabled.somebody_changes_code("7", "A7")
	if taken:
		disabled.sim.store.add_person("7")
	disabled.sweeps(hours(1) + NEXT)
	assert (disabled.areas("A7"), disabled.record("7").former) == ([HOME], None)
	if taken:
		assert disabled.areas("7") == [HOME]
	disabled.out("7")
	disabled.sweep(NEXT)
	assert disabled.areas("A7") == [PARKING]


@pytest.mark.parametrize("comes_in", [True, False])
def test_who_is_deleted_and_added_anew_under_their_code_is_let_go(disabled: Office, comes_in: bool) -> None:
	disabled.sim.store.delete_person(1)
	disabled.sim.store.add_person("7")
	if comes_in:
		disabled.in_("7")
	disabled.sweep(hours(1))
	assert (disabled.record("7").former, disabled.areas("7")) == (None, [HOME])
	assert len(disabled.moves) == 1
	disabled.out("7")
	disabled.sweeps(2 * NEXT)
	assert disabled.areas("7") == [PARKING]


@pytest.mark.parametrize("id_is_taken", [True, False])
def test_whose_code_is_found_in_the_parking_area_is_restored_whatever_their_id(
	disabled: Office, id_is_taken: bool
) -> None:
	if id_is_taken:
		disabled.somebody_changes_code("7", "8")
		disabled.somebody_moves("8", 2)
	else:
		disabled.sim.store.delete_person(1)
	disabled.sim.store.add_person("7", areas=[1])
	disabled.in_("7")
	disabled.sweep(NEXT)
	assert (disabled.areas("7"), disabled.record("7").former) == ([HOME], None)
	assert [one.body["employees"] for one in disabled.sim.log.matching("adjust_area/")] == [[1], [2]]


def test_somebody_else_with_the_id_is_never_touched(disabled: Office) -> None:
	"""They are disabled on the server, by whomever, and the one of ours is nowhere."""
	disabled.somebody_changes_code("7", "8")
	disabled.in_("7")
	disabled.sweeps(hours(3))
	assert (disabled.areas("8"), len(disabled.moves)) == ([PARKING], 1)
	assert disabled.record("7").is_held
