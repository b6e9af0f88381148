"""Disabling and enabling a person on a server, whatever that server is like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from tests.support.device_office import GATE, HOME, PARKING, Office
from zkteco_biometric.biotime.errors import NotBioTime, TryAgain, Unreachable
from zkteco_biometric.device_users.asking import Way, Ways, Written, disable, restore, tell_terminals
from zkteco_biometric.device_users.method import (
	AreaMethod,
	ControlUnsupported,
	FieldMethod,
	Place,
	as_sent,
	check_control_field,
	find_parking,
	is_disabled,
	place_of,
	same,
)
from zkteco_biometric.device_users.ports import People
from zkteco_biometric.device_users.states import Former, Kind
from zkteco_biometric.simulator import Variant, faults
from zkteco_biometric.simulator.faults import Answer

HOME_ID = 2
WRITES = "personnel/api/employees/"
FLAG = FieldMethod("ctl_flag", "1", "0")


@pytest.fixture
def people(office: Office) -> People:
	return office.clients[0]


@pytest.fixture
def parking(people: People) -> AreaMethod:
	return find_parking(people, PARKING)


Change = Callable[..., Written]


def changed(
	office: Office, change: Change, former: Former, code: str = "7", ways: Ways | None = None
) -> Written:
	people = office.clients[0]
	person = people.person_with_code(code)
	assert person is not None
	return change(people, person, former, ways or Ways())


def former_of(office: Office, method: AreaMethod | FieldMethod, code: str = "7") -> Former:
	person = office.clients[0].person_with_code(code)
	assert person is not None
	return method.former_of(person)


def test_a_person_is_moved_to_the_parking_area_and_back_to_the_very_areas_they_had(
	office: Office, parking: AreaMethod
) -> None:
	side = office.sim.store.add_area("10", "Side")
	office.hire("7", areas=[side, HOME_ID], device_password="4711")
	before, former = office.person("7"), former_of(office, parking)
	assert changed(office, disable, former).error is None
	assert office.areas("7") == [PARKING]
	assert changed(office, restore, former).error is None
	assert office.person("7") == before
	assert office.moves == ["adjust_area [1]", f"adjust_area [{side.id}, {HOME_ID}]"]
	assert office.resyncs == 2


@pytest.mark.parametrize(
	("variant", "moves", "best"),
	[
		(Variant(adjust_area="error500"), ["adjust_area [1]", "PATCH area=[1]"], Way.PATCH_AREA),
		(
			Variant(adjust_area="error500", patch_area_alone="error500"),
			["adjust_area [1]", "PATCH area=[1]", "PATCH area=[1] department=1"],
			Way.PATCH_WITH_DEPARTMENT,
		),
		(Variant(adjust_area="missing_json"), ["adjust_area [1]", "PATCH area=[1]"], Way.PATCH_AREA),
		(Variant(adjust_area="missing_html"), ["adjust_area [1]", "PATCH area=[1]"], Way.PATCH_AREA),
	],
)
def test_where_one_way_of_moving_people_fails_the_next_is_taken_and_remembered(
	office: Office, parking: AreaMethod, variant: Variant, moves: list[str], best: Way
) -> None:
	office.hire("7")
	office.hire("8")
	office.sim.variant = variant
	ways = Ways()
	assert changed(office, disable, former_of(office, parking), ways=ways).error is None
	assert office.areas("7") == [PARKING]
	assert (office.moves, ways.best) == (moves, best)
	assert changed(office, disable, former_of(office, parking, "8"), "8", ways).error is None
	assert office.moves == [*moves, moves[-1]]


def test_an_error_page_that_hides_a_done_change_is_found_out_by_reading(
	office: Office, parking: AreaMethod
) -> None:
	office.hire("7")
	office.sim.faults.add(faults.html_error(applied=True), path="adjust_area")
	written = changed(office, disable, former_of(office, parking))
	assert (written.error, written.unsure) == (None, True)
	assert office.moves == ["adjust_area [1]"]


def test_an_error_page_behind_which_nothing_changed_leads_to_the_next_way(
	office: Office, parking: AreaMethod
) -> None:
	office.hire("7")
	office.sim.faults.add(faults.html_error(), path="adjust_area")
	written = changed(office, disable, former_of(office, parking))
	assert (written.error, written.unsure) == (None, True)
	assert office.moves == ["adjust_area [1]", "PATCH area=[1]"]


@pytest.mark.parametrize("applied", [True, False])
def test_after_an_answer_that_never_came_nothing_else_is_sent(
	office: Office, parking: AreaMethod, applied: bool
) -> None:
	office.hire("7")
	office.sim.faults.add(faults.reset(applied=applied), path="adjust_area")
	written = changed(office, disable, former_of(office, parking))
	assert office.moves == ["adjust_area [1]"]
	assert written.unsure
	assert (written.error is None) is applied
	assert applied or isinstance(written.error, Unreachable)


def test_where_the_person_cannot_be_read_afterwards_nothing_is_taken_for_granted(
	office: Office, parking: AreaMethod
) -> None:
	office.hire("7")
	former = former_of(office, parking)
	person = office.clients[0].person_with_code("7")
	assert person is not None
	office.sim.faults.add(faults.status(503), path=f"{WRITES}{person.id}/", times=None)
	written = disable(office.clients[0], person, former, Ways())
	assert isinstance(written.error, TryAgain)
	assert (written.person, written.unsure) == (None, True)
	assert office.areas("7") == [PARKING]


def test_a_request_that_is_carried_out_late_is_said_to_be_possible(
	office: Office, parking: AreaMethod
) -> None:
	office.hire("7")
	office.sim.faults.add(faults.late(dropped=True), path="adjust_area")
	written = changed(office, disable, former_of(office, parking))
	assert (written.error is None, written.unsure) == (False, True)
	office.sim.carry_out_late()
	assert office.areas("7") == [PARKING]


def test_what_the_terminals_were_not_told_is_to_be_told_again(office: Office, parking: AreaMethod) -> None:
	office.hire("7")
	office.sim.faults.add(faults.status(503), path="resync_to_device")
	written = changed(office, disable, former_of(office, parking))
	assert (written.error, written.resync_due) == (None, True)
	assert tell_terminals(office.clients[0], 1)


@pytest.mark.parametrize("resync", ["missing_json", "missing_html"])
def test_a_server_that_has_no_order_for_its_terminals_tells_them_by_itself(
	office: Office, parking: AreaMethod, resync: Any
) -> None:
	office.hire("7")
	office.sim.variant = Variant(resync=resync)
	written = changed(office, disable, former_of(office, parking))
	assert (written.error, written.resync_due) == (None, False)


def test_of_former_areas_those_that_are_left_are_given_back(office: Office, parking: AreaMethod) -> None:
	side = office.sim.store.add_area("10", "Side")
	office.hire("7", areas=[side, HOME_ID])
	former = former_of(office, parking)
	changed(office, disable, former)
	office.somebody_deletes_area(side)
	written = changed(office, restore, former)
	assert written.error is None
	assert office.areas("7") == [HOME]
	assert "Side" in written.note


def test_a_server_that_fails_at_areas_that_are_gone_gets_those_that_are_left(
	office: Office, parking: AreaMethod
) -> None:
	side = office.sim.store.add_area("10", "Side")
	office.hire("7", areas=[side, HOME_ID])
	former = former_of(office, parking)
	changed(office, disable, former)
	office.somebody_deletes_area(side)

	def fails(request: Request, answer: Answer) -> Response:
		response = answer(request)
		return Response(status=500) if response.status_code == 400 else response

	office.sim.faults.add(fails, path="employees", times=None)
	assert changed(office, restore, former).error is None
	assert office.areas("7") == [HOME]


def test_where_all_former_areas_are_gone_a_person_has_to_choose(office: Office, parking: AreaMethod) -> None:
	side = office.sim.store.add_area("10", "Side")
	office.hire("7", areas=[side])
	former = former_of(office, parking)
	changed(office, disable, former)
	office.somebody_deletes_area(side)
	written = changed(office, restore, former)
	assert isinstance(written.error, ControlUnsupported)
	assert "Side" in written.error.message


def test_who_is_in_no_area_cannot_be_disabled_since_there_would_be_no_way_back(
	office: Office, parking: AreaMethod, people: People
) -> None:
	office.hire("7")
	person = people.person_with_code("7")
	assert person is not None
	with pytest.raises(ControlUnsupported, match="no area"):
		parking.former_of(replace(person, areas=()))


@pytest.mark.parametrize("wanted", [PARKING, "1"])
def test_the_parking_area_is_found_by_name_or_code(people: People, wanted: str) -> None:
	assert find_parking(people, wanted).parking.name == PARKING


def test_a_name_comes_before_a_code(office: Office, people: People) -> None:
	named = office.sim.store.add_area("99", "1")
	assert find_parking(people, "1").parking.id == named.id


def test_a_parking_area_that_does_not_exist_is_said_so(people: People) -> None:
	with pytest.raises(ControlUnsupported, match="no area Nowhere"):
		find_parking(people, "Nowhere")


def test_an_area_with_terminals_is_no_parking_area(people: People) -> None:
	with pytest.raises(ControlUnsupported, match=GATE):
		find_parking(people, HOME)


@pytest.mark.parametrize(
	("value", "enabled", "disabled"), [(True, "1", "0"), (1, "true", "false"), ("1", "1", "0")]
)
def test_a_field_is_set_and_set_back_to_the_very_value_it_had(
	office: Office, value: Any, enabled: str, disabled: str
) -> None:
	office.hire("7", extra={"ctl_flag": value})
	before, method = office.person("7"), FieldMethod("ctl_flag", enabled, disabled)
	former = Former.from_json(former_of(office, method).as_json())
	assert changed(office, disable, former).error is None
	assert same(office.person("7").extra["ctl_flag"], disabled)
	assert changed(office, restore, former).error is None
	assert office.person("7") == before
	assert type(office.person("7").extra["ctl_flag"]) is type(value)
	assert [entry.body for entry in office.writes if entry.method == "PATCH"] == [
		{"ctl_flag": as_sent(disabled)},
		{"ctl_flag": value},
	]


def test_a_value_that_the_server_does_not_take_back_becomes_the_enabled_one(office: Office) -> None:
	office.hire("7", extra={"ctl_flag": "odd"})
	former = former_of(office, FLAG)
	changed(office, disable, former)
	refusal = faults.status(400, body='{"ctl_flag": ["\\"odd\\" is not a valid choice."]}')
	office.sim.faults.add(refusal, method="PATCH")
	assert changed(office, restore, former).error is None
	assert office.person("7").extra["ctl_flag"] == 1


def test_a_server_that_ignores_the_field_is_found_out(office: Office) -> None:
	office.hire("7", extra={"ctl_flag": 1})
	former = former_of(office, FLAG)
	office.sim.faults.add(faults.wrong_shape({"emp_code": "7"}), method="PATCH")
	written = changed(office, disable, former)
	assert isinstance(written.error, ControlUnsupported)
	assert not written.unsure


def test_a_record_without_the_field_is_said_so(office: Office) -> None:
	office.hire("7")
	with pytest.raises(ControlUnsupported, match="no field ctl_flag"):
		former_of(office, FLAG)


def test_a_server_that_turns_into_a_web_page_is_not_asked_on(office: Office, parking: AreaMethod) -> None:
	office.hire("7")
	former = former_of(office, parking)
	person = office.clients[0].person_with_code("7")
	assert person is not None
	office.sim.faults.add(faults.login_page(), times=None)
	written = disable(office.clients[0], person, former, Ways())
	assert written.error is not None
	assert written.unsure
	assert not isinstance(written.error, NotBioTime) or written.person is None


AREA = Former(Kind.AREA, areas=(2, 3), area_names=("Default Area", "Side"), parking=1)
VALUE = Former(Kind.FIELD, field="ctl_flag", value="yes", disabled_value="0", enabled_value="1")


@pytest.mark.parametrize(
	("areas", "place"),
	[
		([1], Place.DISABLED),
		([3, 2], Place.AS_BEFORE),
		([2], Place.ELSEWHERE),
		([1, 2], Place.ELSEWHERE),
		([4], Place.ELSEWHERE),
	],
)
def test_a_person_is_where_they_were_or_where_we_put_them_or_elsewhere(
	office: Office, people: People, areas: list[int], place: Place
) -> None:
	for code in ("10", "11"):
		office.sim.store.add_area(code, code)
	office.hire("7", areas=areas)
	person = people.person(1)
	assert person is not None
	assert place_of(person, AREA) is place
	assert is_disabled(person, AreaMethod(replace(person.areas[0], id=1))) is (areas == [1])


@pytest.mark.parametrize(
	("value", "place"),
	[
		(0, Place.DISABLED),
		(False, Place.DISABLED),
		("false", Place.DISABLED),
		("Yes ", Place.AS_BEFORE),
		("1", Place.ELSEWHERE),
		(None, Place.ELSEWHERE),
	],
)
def test_values_are_told_apart_by_what_they_mean(
	office: Office, people: People, value: Any, place: Place
) -> None:
	office.hire("7", extra={"ctl_flag": value})
	person = people.person(1)
	assert person is not None
	assert place_of(person, VALUE) is place
	assert is_disabled(person, FLAG) is (place is Place.DISABLED)


@pytest.mark.parametrize(
	("text", "sent"),
	[("true", True), ("False", False), ("7", 7), ("-1", -1), ("07", "07"), (" A ", "A"), ("", "")],
)
def test_a_value_is_sent_as_what_it_looks_like(text: str, sent: Any) -> None:
	assert as_sent(text) == sent
	assert type(as_sent(text)) is type(sent)


@pytest.mark.parametrize(
	("field", "enabled", "disabled"),
	[
		("area", "1", "2"),
		("dev_privilege", "0", "14"),
		("device_password", "a", "b"),
		("FingerPrint", "1", "0"),
		("emp_code", "1", "2"),
		("a field", "1", "0"),
		("", "1", "0"),
		("flag", "1", ""),
		("flag", "", "0"),
		("flag", "1", "true"),
	],
)
def test_fields_that_are_never_touched_and_values_that_cannot_work_are_refused(
	field: str, enabled: str, disabled: str
) -> None:
	with pytest.raises(ValueError, match=r"\."):
		check_control_field(field, enabled, disabled)


def test_a_flag_with_two_values_is_fine() -> None:
	check_control_field("ctl_flag", "1", "0")


def test_what_was_there_before_is_told_in_words() -> None:
	assert (str(AREA), str(VALUE)) == ("Default Area, Side", 'ctl_flag = "yes"')
	assert str(replace(AREA, area_names=())) == "2, 3"
