"""Reading people, areas and terminals from what the vendor sends."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkteco_biometric.biotime.errors import UnexpectedShape
from zkteco_biometric.biotime.personnel import Area, Terminal, read_area, read_person, read_terminal

RECORD = {
	"id": 7,
	"emp_code": "007",
	"first_name": "Ann",
	"last_name": "Example",
	"department": {"id": 3, "dept_code": "3", "dept_name": "Works"},
	"area": [{"id": 2, "area_code": "2", "area_name": "Office"}],
	"dev_privilege": 14,
	"is_active": True,
	"app_status": 0,
	"hire_date": None,
	"device_password": "4711",
	"self_password": "4712",
	"card_no": "4713",
	"Card": 4714,
	"attemployee": {"enable_attendance": True},
}
TERMINAL = {
	"id": 1,
	"sn": "CLGY1",
	"alias": "Gate",
	"state": 1,
	"area": {"id": 2, "area_code": "2", "area_name": "Office"},
	"last_activity": "2024-06-05 12:00:00",
	"user_count": 12,
	"transaction_count": "34",
}
JSON = st.recursive(
	st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
	lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
	max_leaves=6,
)


def record(**changes: Any) -> dict[str, Any]:
	return RECORD | changes


def test_a_record_is_a_person() -> None:
	person = read_person(RECORD)
	assert (person.id, person.emp_code, person.name) == (7, "007", "Ann Example")
	assert person.areas == (Area(2, "2", "Office"),)
	assert (person.privilege, person.department) == (14, 3)


def test_only_plain_fields_are_kept_and_neither_passwords_nor_cards() -> None:
	assert read_person(RECORD).fields == {
		"id": 7,
		"emp_code": "007",
		"first_name": "Ann",
		"last_name": "Example",
		"dev_privilege": 14,
		"is_active": True,
		"app_status": 0,
		"hire_date": None,
	}
	assert "471" not in repr(read_person(RECORD)) + repr(read_person(RECORD).fields)
	assert "is_active" not in repr(read_person(RECORD))


@pytest.mark.parametrize(
	("names", "name"),
	[
		({"first_name": None, "last_name": None}, ""),
		({"first_name": "Ann", "last_name": ""}, "Ann"),
		({"first_name": " ", "last_name": "Example"}, "Example"),
	],
)
def test_a_name_may_be_missing(names: dict[str, Any], name: str) -> None:
	assert read_person(record(**names)).name == name


@pytest.mark.parametrize(
	("sent", "privilege"),
	[(0, 0), ("0", 0), (14, 14), ("14", 14), (None, 0), ("", None), ("x", None), ([], None)],
)
def test_a_privilege_that_cannot_be_read_is_not_taken_for_none(sent: Any, privilege: int | None) -> None:
	assert read_person(record(dev_privilege=sent)).privilege == privilege


def test_without_a_privilege_somebody_is_a_plain_employee() -> None:
	assert read_person({"id": 7, "emp_code": "7"}).privilege == 0


@pytest.mark.parametrize(
	("sent", "department"), [({"id": 3}, 3), (3, 3), ("3", 3), (None, None), ("Works", None), ({}, None)]
)
def test_a_department_is_an_object_or_its_id(sent: Any, department: int | None) -> None:
	assert read_person(record(department=sent)).department == department


@pytest.mark.parametrize(
	("sent", "areas"),
	[
		(None, ()),
		([], ()),
		([5, "6"], (Area(5, "", ""), Area(6, "", ""))),
		([{"id": "5", "area_code": 5, "area_name": None}], (Area(5, "5", ""),)),
	],
)
def test_areas_are_objects_or_their_ids(sent: Any, areas: tuple[Area, ...]) -> None:
	assert read_person(record(area=sent)).areas == areas


@pytest.mark.parametrize("sent", ["2", {"id": 2}, 2, [{"area_code": "2"}], [None], [[2]], ["Office"]])
def test_areas_that_cannot_be_read_do_not_pass_for_none(sent: Any) -> None:
	with pytest.raises(UnexpectedShape):
		read_person(record(area=sent))


@pytest.mark.parametrize("sent", [None, [], "7", {}, {"id": 7}, {"id": 7, "emp_code": ""}, {"emp_code": "7"}])
def test_what_is_no_person_is_refused(sent: Any) -> None:
	with pytest.raises(UnexpectedShape):
		read_person(sent)


def test_a_record_without_an_id_is_that_of_the_person_asked_for() -> None:
	assert read_person({"emp_code": "7"}, 5).id == 5


@pytest.mark.parametrize("sent", [8, "8", "x", [], {}])
def test_the_record_of_somebody_else_is_refused(sent: Any) -> None:
	with pytest.raises(UnexpectedShape):
		read_person(record(id=sent), 7)


def test_a_row_is_a_terminal() -> None:
	assert read_terminal(TERMINAL) == Terminal(
		1, "CLGY1", "Gate", Area(2, "2", "Office"), "1", datetime(2024, 6, 5, 12), 12, 34
	)


@pytest.mark.parametrize("area", [None, "Office", [], {"area_name": "Office"}])
def test_a_terminal_needs_no_more_than_its_id_and_its_serial_number(area: Any) -> None:
	bare = {"id": 1, "sn": "CLGY1", "area": area, "last_activity": None, "user_count": -1}
	assert read_terminal(bare) == Terminal(1, "CLGY1", "", None, "", None, None, None)


def test_the_area_of_a_terminal_may_be_an_id() -> None:
	assert read_terminal(TERMINAL | {"area": 2}).area == Area(2, "", "")


@pytest.mark.parametrize("sent", [None, 1, {"id": 1}, {"sn": "CLGY1"}, {"id": 1, "sn": " "}])
def test_what_is_no_terminal_is_refused(sent: Any) -> None:
	with pytest.raises(UnexpectedShape):
		read_terminal(sent)


@given(JSON, st.dictionaries(st.sampled_from(sorted(RECORD | TERMINAL)), JSON))
def test_whatever_is_sent_is_read_or_refused(sent: Any, fields: dict[str, Any]) -> None:
	for read in (read_person, read_area, read_terminal):
		for row in (sent, RECORD | fields, TERMINAL | fields):
			try:
				read(row)
			except UnexpectedShape as error:
				assert len(error.message) < 700
