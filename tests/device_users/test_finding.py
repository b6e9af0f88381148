"""Who of a device is which employee: by id and by exact code, never by the first row of a loose search."""

from __future__ import annotations

from tests.support.device_office import HOME, PARKING, Office
from zkteco_biometric.device_users.states import Outcome
from zkteco_biometric.simulator import Variant, faults


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
