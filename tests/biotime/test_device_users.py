"""Who is on the server and where: people, areas, terminals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.clients import logins
from tests.support.fixtures import Connect, StartSimulator
from zkteco_biometric.biotime import lists
from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.device_users import AREAS, EMPLOYEES, TERMINALS
from zkteco_biometric.biotime.errors import (
	AccessDenied,
	BioTimeError,
	HtmlInsteadOfJson,
	NotBioTime,
	ServerError,
	UnexpectedShape,
)
from zkteco_biometric.biotime.personnel import Area
from zkteco_biometric.biotime.transport import ONE_ATTEMPT
from zkteco_biometric.simulator import Simulator, Variant, faults

Read = Callable[[BioTimeClient], Any]
READS: dict[str, Read] = {
	"a person": lambda client: client.person(1),
	"a code": lambda client: client.person_with_code("7"),
	"the areas": lambda client: client.areas(),
	"the terminals": lambda client: client.terminals(),
}
LISTS = {name: read for name, read in READS.items() if name != "a person"}


def add_people(sim: Simulator, *codes: str) -> None:
	for code in codes:
		sim.store.add_person(code, device_password="4711")


def test_a_person_is_found_by_id(sim: Simulator, connect: Connect) -> None:
	sim.store.add_person("007", first_name="Ann", last_name="Example", device_password="4711", privilege=14)
	person = connect(sim).person(1)
	assert person is not None
	assert (person.id, person.emp_code, person.name) == (1, "007", "Ann Example")
	assert (person.areas, person.privilege, person.department) == ((Area(2, "2", "Default Area"),), 14, 1)
	assert "4711" not in repr(person) + repr(person.fields)


def test_nobody_has_an_unknown_id(sim: Simulator, connect: Connect) -> None:
	assert connect(sim).person(99) is None


@pytest.mark.parametrize("body", ["", "<html>no such page</html>"])
def test_a_404_without_json_is_no_answer_about_a_person(sim: Simulator, connect: Connect, body: str) -> None:
	sim.faults.add(faults.status(404, body=body), path=EMPLOYEES)
	with pytest.raises(NotBioTime):
		connect(sim).person(1)


@pytest.mark.parametrize(
	("sent", "error"),
	[
		({"id": 2, "emp_code": "7"}, UnexpectedShape),
		({"id": 1}, UnexpectedShape),
		([], UnexpectedShape),
		({"code": 1, "id": 1, "emp_code": "7", "device_password": "4711"}, ServerError),
	],
)
def test_an_answer_that_is_not_the_person_is_refused(
	sim: Simulator, connect: Connect, sent: Any, error: type[BioTimeError]
) -> None:
	sim.faults.add(faults.wrong_shape(sent), path=EMPLOYEES, times=None)
	with pytest.raises(error) as caught:
		connect(sim).person(1)
	assert "4711" not in caught.value.message


def test_a_record_without_an_id_is_the_persons(sim: Simulator, connect: Connect) -> None:
	sim.faults.add(faults.wrong_shape({"emp_code": "7"}), path=EMPLOYEES)
	person = connect(sim).person(5)
	assert person is not None
	assert person.id == 5


@pytest.mark.parametrize(
	"variant", [Variant(), Variant(loose_emp_code=True), Variant(emp_code_filter=False, envelope="results")]
)
def test_a_code_is_compared_as_text_whatever_the_server_matches(
	start: StartSimulator, connect: Connect, variant: Variant
) -> None:
	sim = start(variant=variant)
	add_people(sim, "0007", "77", "07", "7", "17", "a7", "A7")
	client = connect(sim)
	found = [client.person_with_code(code) for code in ("7", "07", "007", "A7", " 7 ", "8")]
	assert [person and person.emp_code for person in found] == ["7", "07", None, "A7", "7", None]


def test_an_empty_code_is_nobodys(sim: Simulator, connect: Connect) -> None:
	add_people(sim, "7")
	assert connect(sim).person_with_code(" ") is None
	assert sim.log.entries == []


@pytest.mark.parametrize(
	"habits",
	[
		{},
		{"next_null": "null-string"},
		{"next_host": "http://127.0.0.1:1", "next_keeps_filters": False},
		{"envelope": "results", "page_size_param": "limit"},
	],
)
def test_a_person_on_a_later_page_is_found(
	start: StartSimulator, connect: Connect, habits: dict[str, Any]
) -> None:
	sim = start(variant=Variant(emp_code_filter=False, max_page_size=10, **habits))
	add_people(sim, *(f"{number:03}" for number in range(35)))
	person = connect(sim).person_with_code("034")
	assert person is not None
	assert person.emp_code == "034"
	assert sim.log.count(EMPLOYEES) == 4


def test_one_request_does_where_the_server_filters(sim: Simulator, connect: Connect) -> None:
	add_people(sim, *(f"{number:03}" for number in range(35)))
	connect(sim).person_with_code("034")
	(entry,) = sim.log.matching(EMPLOYEES)
	assert entry.query == {"emp_code": "034", "page": "1", "page_size": "500", "limit": "500"}


def same_code(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
	return [row | {"emp_code": "7"} for row in rows]


def test_two_people_with_the_same_code_are_told_apart_by_a_person(sim: Simulator, connect: Connect) -> None:
	add_people(sim, "7", "77")
	sim.variant = Variant(loose_emp_code=True)
	sim.faults.add(faults.rows(same_code), path=EMPLOYEES)
	with pytest.raises(UnexpectedShape) as caught:
		connect(sim).person_with_code("7")
	assert "2 people with the code 7: ids 1, 2." in caught.value.message
	assert "code of their own" in caught.value.remedy


def test_a_row_that_comes_twice_is_one_person(sim: Simulator, connect: Connect) -> None:
	add_people(sim, "7")
	sim.faults.add(faults.rows(lambda rows: rows * 2), path=EMPLOYEES)
	assert connect(sim).person_with_code("7") is not None


def test_a_code_may_come_as_a_number_and_other_rows_may_be_broken(sim: Simulator, connect: Connect) -> None:
	add_people(sim, "7")
	sim.faults.add(
		faults.rows(lambda rows: [None, {"id": 3}, *[row | {"emp_code": 7} for row in rows]]), path=EMPLOYEES
	)
	person = connect(sim).person_with_code("7")
	assert person is not None
	assert (person.id, person.emp_code) == (1, "7")


@pytest.mark.parametrize("size", [None, 1, 3])
def test_all_areas_are_read(start: StartSimulator, connect: Connect, size: int | None) -> None:
	sim = start(variant=Variant(max_page_size=size))
	for number in range(5):
		sim.store.add_area(f"1{number}", f"Area {number}")
	areas = connect(sim).areas()
	assert areas == [Area(area.id, area.code, area.name) for area in sim.store.areas]
	assert len(areas) == 7


@pytest.mark.parametrize("size", [None, 2])
def test_all_terminals_are_read(start: StartSimulator, connect: Connect, size: int | None) -> None:
	sim = start(variant=Variant(max_page_size=size))
	for number in range(5):
		sim.store.add_terminal(f"T{number}", alias=f"Gate {number}")
	add_people(sim, "7")
	sim.store.punch("7", "2024-06-05 08:00:00", terminal_sn="T0", upload_time="2024-06-05 08:00:05")
	terminals = connect(sim).terminals()
	assert [(terminal.id, terminal.sn) for terminal in terminals] == [(n + 1, f"T{n}") for n in range(5)]
	first = terminals[0]
	assert (first.alias, first.state, first.area) == ("Gate 0", "1", Area(2, "2", "Default Area"))
	assert (first.user_count, first.transaction_count) == (1, 1)
	assert str(first.last_activity) == "2024-06-05 08:00:05"
	assert terminals[1].last_activity is None


def test_a_server_may_have_no_terminals(sim: Simulator, connect: Connect) -> None:
	assert connect(sim).terminals() == []


def envelope(rows: list[Any], **fields: Any) -> faults.Fault:
	return faults.wrong_shape({"data": rows, **fields})


def area_rows(first: int, last: int) -> list[dict[str, Any]]:
	return [{"id": id, "area_code": str(id), "area_name": ""} for id in range(first, last + 1)]


@pytest.mark.parametrize(
	("pages", "ids"),
	[
		([envelope(area_rows(1, 3))], [1, 2, 3]),
		([envelope(area_rows(1, 3), next=None)], [1, 2, 3]),
		([envelope(area_rows(1, 3), count=3)], [1, 2, 3]),
		(
			[envelope(area_rows(1, 3), count=5, next=None), envelope(area_rows(4, 5), count=5)],
			[1, 2, 3, 4, 5],
		),
		([envelope(area_rows(1, 3), next="?page=2"), envelope([], next=None)], [1, 2, 3]),
		([envelope([], count=0)], []),
	],
)
def test_a_list_ends_where_it_can_be_believed(
	sim: Simulator, connect: Connect, pages: list[faults.Fault], ids: list[int]
) -> None:
	for page in pages:
		sim.faults.add(page, path=AREAS)
	sim.faults.add(faults.status(404, body='{"detail": "Invalid page."}'), path=AREAS, times=None)
	assert [area.id for area in connect(sim).areas()] == ids


def test_a_server_that_knows_no_pages_sends_all_its_rows_again(sim: Simulator, connect: Connect) -> None:
	sim.faults.add(envelope(area_rows(1, 3)), path=AREAS, times=None)
	assert len(connect(sim).areas()) == 3
	assert sim.log.count(AREAS) == 2


@pytest.mark.parametrize(
	("name", "path"), [("a code", EMPLOYEES), ("the areas", AREAS), ("the terminals", TERMINALS)]
)
def test_a_page_that_comes_again_and_again_is_found_out(
	sim: Simulator, connect: Connect, name: str, path: str
) -> None:
	sim.faults.add(envelope(area_rows(1, 3), count=9, next="http://x/?page=2"), path=path, times=None)
	with pytest.raises(UnexpectedShape, match="same page again and again"):
		LISTS[name](connect(sim))
	assert sim.log.count(path) == 2


def test_a_list_without_an_end_is_found_out(
	sim: Simulator, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr(lists, "MOST_PAGES", 20)

	def more(request: Any, answer: faults.Answer) -> Any:
		number = int(request.args["page"])
		return envelope(area_rows(number, number), next=f"?page={number + 1}")(request, answer)

	sim.faults.add(more, path=AREAS, times=None)
	with pytest.raises(UnexpectedShape, match="do not end: 20 were read"):
		connect(sim).areas()
	assert sim.log.count(AREAS) == 20


@pytest.mark.parametrize("rows", [0, 3])
def test_a_list_that_is_shorter_than_its_count_is_not_taken_for_the_whole(
	sim: Simulator, connect: Connect, rows: int
) -> None:
	sim.faults.add(envelope(area_rows(1, rows), count=9, next=None), path=AREAS)
	sim.faults.add(envelope([], count=9, next=None), path=AREAS)
	with pytest.raises(ServerError, match=f"9 areas but ended the list after {rows}"):
		connect(sim, retry=ONE_ATTEMPT).areas()


def test_who_was_found_is_found_though_the_count_is_that_of_everybody(
	sim: Simulator, connect: Connect
) -> None:
	found = [{"id": 1, "emp_code": "7"}]
	sim.faults.add(envelope(found, count=500, next=None), path=EMPLOYEES)
	sim.faults.add(faults.status(404, body='{"detail": "Invalid page."}'), path=EMPLOYEES)
	person = connect(sim).person_with_code("7")
	assert person is not None
	assert person.id == 1


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
	("fault", "error"),
	[
		(faults.status(404, body='{"detail": "Not found."}'), NotBioTime),
		(faults.status(400, body='{"page": ["no"]}'), UnexpectedShape),
		(faults.wrong_shape([1]), UnexpectedShape),
		(faults.wrong_shape({"data": {}}), UnexpectedShape),
		(faults.html_not_found(), NotBioTime),
		(faults.html_error(), HtmlInsteadOfJson),
	],
)
def test_what_is_no_list_is_an_error(
	sim: Simulator, connect: Connect, name: str, fault: faults.Fault, error: type[BioTimeError]
) -> None:
	sim.faults.add(fault, path="/api/", times=None)
	with pytest.raises(error):
		LISTS[name](connect(sim))


@pytest.mark.parametrize("name", READS)
def test_a_transient_failure_is_asked_for_again(sim: Simulator, connect: Connect, name: str) -> None:
	add_people(sim, "7")
	sim.faults.add(faults.html_error(), path="/api/")
	sim.faults.add(faults.reset(), path="/api/")
	READS[name](connect(sim))
	assert len(sim.log.entries) == 1 + 3


@pytest.mark.parametrize("name", READS)
def test_a_token_that_has_ended_costs_one_log_in(sim: Simulator, connect: Connect, name: str) -> None:
	client = connect(sim)
	client.ensure_token()
	sim.expire_tokens()
	READS[name](client)
	assert len(logins(sim)) == 2


@pytest.mark.parametrize("name", READS)
def test_a_token_that_is_always_refused_is_an_error(sim: Simulator, connect: Connect, name: str) -> None:
	sim.faults.add(faults.unauthorized(), path="/api/", times=None)
	with pytest.raises(AccessDenied):
		READS[name](connect(sim))
	assert (len(logins(sim)), len(sim.log.entries)) == (2, 4)
