from __future__ import annotations

from typing import Any

import pytest

from zkteco_biometric.simulator import Area, Person, Simulator, Store, Variant

from .api import EMPLOYEES, TRANSACTIONS, Api, without

ADJUST = EMPLOYEES + "adjust_area/"
RESYNC = EMPLOYEES + "resync_to_device/"


@pytest.fixture
def office(store: Store) -> Area:
	return store.add_area("10", "Office")


@pytest.fixture
def person(store: Store) -> Person:
	return store.add_person("007", first_name="Employee", last_name="007")


def path_of(person: Person) -> str:
	return f"{EMPLOYEES}{person.id}/"


def areas_of(store: Store, person: Person) -> list[str]:
	found = store.person(person.id)
	assert found is not None
	return found.area_names


def test_a_record_has_the_fields_that_are_used_and_the_one_that_must_not_leak(api: Api, store: Store) -> None:
	person = store.add_person("007", first_name="Employee", last_name="007", device_password="4711")
	assert api.get(path_of(person)).json() == {
		"id": 1,
		"emp_code": "007",
		"first_name": "Employee",
		"last_name": "007",
		"department": {"id": 1, "dept_code": "1", "dept_name": "Department"},
		"position": None,
		"area": [{"id": 2, "area_code": "2", "area_name": "Default Area"}],
		"enable_att": True,
		"attemployee": {"enable_attendance": True},
		"app_status": 0,
		"dev_privilege": 0,
		"device_password": "4711",
	}


def test_people_are_listed_by_code_as_text(api: Api, store: Store) -> None:
	for code in ("10", "9", "A7", "007"):
		store.add_person(code)
	assert [row["emp_code"] for row in api.rows(EMPLOYEES)] == ["007", "10", "9", "A7"]


def test_people_come_in_pages(api: Api, store: Store) -> None:
	for number in range(12):
		store.add_person(f"{number:02}")
	page = api.page(EMPLOYEES, page=2)
	assert (page["count"], len(page["data"]), page["next"]) == (12, 2, None)


def test_a_code_is_compared_exactly(api: Api, store: Store) -> None:
	for code in ("7", "07", "77"):
		store.add_person(code)
	assert [row["emp_code"] for row in api.rows(EMPLOYEES, emp_code="7")] == ["7"]


def test_some_builds_compare_codes_loosely_so_the_first_row_may_be_somebody_else(
	api: Api, sim: Simulator
) -> None:
	sim.variant = Variant(loose_emp_code=True)
	for code in ("7", "07", "77", "8"):
		sim.store.add_person(code)
	assert [row["emp_code"] for row in api.rows(EMPLOYEES, emp_code="7")] == ["07", "7", "77"]


def test_some_builds_ignore_the_code_that_was_asked_for(api: Api, sim: Simulator) -> None:
	sim.variant = Variant(emp_code_filter=False)
	for code in ("7", "8"):
		sim.store.add_person(code)
		sim.store.punch(code, "2024-06-05 08:00:00")
	assert [row["emp_code"] for row in api.rows(EMPLOYEES, emp_code="8")] == ["7", "8"]
	assert [row["emp_code"] for row in api.rows(TRANSACTIONS, emp_code="8")] == ["7", "8"]


@pytest.mark.parametrize(
	("asked", "codes"),
	[
		({"emp_code_icontains": "a"}, ["A7", "a8"]),
		({"first_name": "Ann"}, ["A7"]),
		({"last_name": "Last"}, ["9"]),
		({"department": "1"}, ["9", "A7", "a8"]),
		({"department": "2"}, []),
		({"areas": "1"}, ["a8"]),
		({"areas": "1,2"}, ["9", "A7", "a8"]),
		({"unknown": "x"}, ["9", "A7", "a8"]),
	],
)
def test_people_can_be_filtered(api: Api, store: Store, asked: dict[str, str], codes: list[str]) -> None:
	store.add_person("A7", first_name="Ann")
	store.add_person("a8", areas=["1"])
	store.add_person("9", last_name="Last")
	assert [row["emp_code"] for row in api.rows(EMPLOYEES, **asked)] == codes


def test_a_person_can_be_added(api: Api, store: Store, office: Area) -> None:
	payload = {"emp_code": "0042", "department": 1, "area": [office.id], "first_name": "Employee"}
	response = api.post(EMPLOYEES, payload)
	assert response.status_code == 201
	person = store.person_by_code("0042")
	assert person is not None
	assert (response.json()["id"], response.json()["area"][0]["area_name"]) == (person.id, "Office")


def test_a_new_person_needs_code_department_and_area(api: Api) -> None:
	response = api.post(EMPLOYEES, {"first_name": "Employee"})
	required = ["This field is required."]
	assert response.status_code == 400
	assert response.json() == {"emp_code": required, "department": required, "area": required}


def test_a_code_can_be_used_once(api: Api, person: Person) -> None:
	response = api.post(EMPLOYEES, {"emp_code": person.emp_code, "department": 1, "area": [2]})
	assert response.status_code == 400
	assert response.json() == {"emp_code": ["employee with this emp code already exists."]}


@pytest.mark.parametrize(
	("wrong", "field"),
	[({"area": [99]}, "area"), ({"area": [2, 99]}, "area"), ({"department": 99}, "department")],
)
def test_an_area_or_department_that_does_not_exist_is_named(
	api: Api, person: Person, wrong: dict[str, Any], field: str
) -> None:
	response = api.send("PATCH", path_of(person), json=wrong)
	assert response.status_code == 400
	assert response.json() == {field: ['Invalid pk "99" - object does not exist.']}


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_a_person_that_does_not_exist_is_a_json_404(api: Api, method: str) -> None:
	response = api.send(method, f"{EMPLOYEES}99/", json={})
	assert (response.status_code, response.json()) == (404, {"detail": "Not found."})


def test_put_takes_some_of_the_fields_and_answers_without_the_id(api: Api, person: Person) -> None:
	response = api.send("PUT", path_of(person), json={"first_name": "Other"})
	record = api.get(path_of(person)).json()
	assert response.json() == without(record, "id")
	assert (record["first_name"], record["last_name"]) == ("Other", "007")


def test_patch_takes_some_of_the_fields_and_answers_the_record(api: Api, person: Person) -> None:
	response = api.send("PATCH", path_of(person), json={"last_name": "Other", "app_status": 1})
	record = api.get(path_of(person)).json()
	assert response.json() == record
	assert (record["first_name"], record["last_name"], record["app_status"]) == ("Employee", "Other", 1)


def test_the_code_of_a_person_does_not_change(api: Api, store: Store, person: Person) -> None:
	api.send("PATCH", path_of(person), json={"emp_code": "8"})
	assert store.person_by_code("007") == person


def test_a_field_that_the_record_lacks_is_ignored_silently(api: Api, person: Person) -> None:
	response = api.send("PATCH", path_of(person), json={"is_active": False})
	assert response.status_code == 200
	assert "is_active" not in response.json()


def test_a_flag_of_the_vendors_own_is_shown_and_can_be_changed(api: Api, store: Store) -> None:
	person = store.add_person("8", extra={"is_active": True, "level": "3"})
	assert api.get(path_of(person)).json()["is_active"] is True
	api.send("PATCH", path_of(person), json={"is_active": False, "is_enabled": False})
	record = api.get(path_of(person)).json()
	assert (record["is_active"], record["level"], "is_enabled" in record) == (False, "3", False)
	api.send("PUT", path_of(person), json={"level": "0"})
	assert api.get(path_of(person)).json() == record | {"level": "0"}


def test_a_person_can_be_deleted(api: Api, store: Store, person: Person) -> None:
	response = api.send("DELETE", path_of(person))
	assert (response.status_code, response.content) == (204, b"")
	assert store.people == []


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_person_can_be_moved_to_another_area(
	api: Api, store: Store, person: Person, office: Area, method: str
) -> None:
	api.send(method, path_of(person), json={"area": [office.id]})
	assert areas_of(store, person) == ["Office"]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_nobody_is_without_an_area(api: Api, store: Store, person: Person, method: str) -> None:
	response = api.send(method, path_of(person), json={"area": []})
	assert (response.status_code, response.json()) == (400, {"area": ["This list may not be empty."]})
	assert areas_of(store, person) == ["Default Area"]


def test_areas_have_to_be_a_list(api: Api, person: Person) -> None:
	response = api.send("PATCH", path_of(person), json={"area": 2})
	assert response.status_code == 400
	assert response.json() == {"area": ['Expected a list of items but got type "int".']}


def test_a_text_with_the_id_of_an_area_is_taken(api: Api, store: Store, person: Person, office: Area) -> None:
	api.send("PATCH", path_of(person), json={"area": [str(office.id)]})
	assert areas_of(store, person) == ["Office"]


def test_adjust_area_moves_people(api: Api, store: Store, person: Person, office: Area) -> None:
	other = store.add_person("8")
	response = api.post(ADJUST, {"employees": [person.id, other.id], "areas": [1, office.id]})
	assert response.status_code == 200
	assert areas_of(store, person) == areas_of(store, other) == ["Not Authorized", "Office"]


@pytest.mark.parametrize("employees", [None, [], [99], [1, 99], "1", [[1]], [{"id": 1}]])
@pytest.mark.parametrize("path", [ADJUST, RESYNC])
def test_bulk_calls_want_people_who_exist(api: Api, person: Person, path: str, employees: object) -> None:
	assert person.id == 1
	response = api.post(path, {"employees": employees, "areas": [1]})
	assert response.status_code == 400
	assert "employees" in response.json()


@pytest.mark.parametrize("areas", [None, [], [99], 1])
def test_adjust_area_wants_areas_that_exist(api: Api, store: Store, person: Person, areas: object) -> None:
	response = api.post(ADJUST, {"employees": [person.id], "areas": areas})
	assert response.status_code == 400
	assert "areas" in response.json()
	assert areas_of(store, person) == ["Default Area"]


def test_resync_to_device_takes_note_and_changes_nothing(api: Api, store: Store, person: Person) -> None:
	assert api.post(RESYNC, {"employees": [person.id]}).status_code == 200
	assert store.person(person.id) == person


def test_some_builds_fail_at_adjust_area(api: Api, sim: Simulator, person: Person) -> None:
	sim.variant = Variant(adjust_area="error500")
	response = api.post(ADJUST, {"employees": [person.id], "areas": [1]})
	assert response.status_code == 500
	assert areas_of(sim.store, person) == ["Default Area"]


@pytest.mark.parametrize(
	("habit", "status", "said"),
	[
		("error500", 500, "500 Error"),
		("missing_json", 404, '{"detail": "Not found."}'),
		("missing_html", 200, "Page not found"),
	],
)
@pytest.mark.parametrize(("path", "call"), [(ADJUST, "adjust_area"), (RESYNC, "resync")])
def test_some_builds_lack_a_bulk_call_or_fail_at_it(
	api: Api, sim: Simulator, person: Person, path: str, call: str, habit: str, status: int, said: str
) -> None:
	sim.variant = Variant(**{call: habit})  # type: ignore[arg-type]
	response = api.post(path, {"employees": [person.id], "areas": [1]})
	assert (response.status_code, said in response.text) == (status, True)
	assert sim.store.person(person.id) == person


def test_some_builds_fail_at_a_patch_of_the_area_alone(api: Api, sim: Simulator, person: Person) -> None:
	sim.variant = Variant(patch_area_alone="error500")
	assert api.send("PATCH", path_of(person), json={"area": [1]}).status_code == 500
	assert areas_of(sim.store, person) == ["Default Area"]


def test_there_department_and_area_together_work(api: Api, sim: Simulator, person: Person) -> None:
	sim.variant = Variant(patch_area_alone="error500")
	both = {"department": 1, "area": [1]}
	assert api.send("PATCH", path_of(person), json=both).status_code == 200
	assert areas_of(sim.store, person) == ["Not Authorized"]


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_methods_that_a_path_does_not_have_are_405(api: Api, person: Person, method: str) -> None:
	path = path_of(person) if method == "POST" else EMPLOYEES
	assert api.send(method, path, json={}).status_code == 405


def test_a_body_that_is_no_json_is_a_400(api: Api, person: Person) -> None:
	assert api.send("PATCH", path_of(person), data="{").status_code == 400
