"""The personnel records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from werkzeug.wrappers import Request, Response

from zkteco_biometric.simulator.answers import ERROR_PAGE, ApiError, html_answer, json_answer, not_found_page
from zkteco_biometric.simulator.models import Person
from zkteco_biometric.simulator.paging import asked_cut, page_answer
from zkteco_biometric.simulator.routes.person_fields import area_ids, changes
from zkteco_biometric.simulator.routes.resource import Resource, json_object, require
from zkteco_biometric.simulator.rows import DEPARTMENT, person_row
from zkteco_biometric.simulator.state import State
from zkteco_biometric.simulator.variant import BulkCall

Fields = dict[str, Any]


def list_people(state: State, request: Request) -> Response:
	"""One page, ordered by code as text."""
	cut = asked_cut(request, state.variant)
	people = [person for person in state.store.people if all(_matches(state, request, person))]
	shown = [person_row(person) for person in people[cut.offset : cut.offset + cut.size]]
	return page_answer(request, state.variant, cut, len(people), shown)


def add_person(state: State, request: Request) -> Response:
	"""Add a person: 201 and the record."""
	payload = json_object(request)
	require(payload, "emp_code", "department", "area")
	fields = changes(state.store, payload)
	code = str(payload["emp_code"])
	if state.store.person_by_code(code):
		raise ApiError(400, {"emp_code": ["employee with this emp code already exists."]})
	return json_answer(person_row(state.store.add_person(code, **fields)), 201)


def show_person(state: State, _request: Request, id: int) -> Response:
	"""The record."""
	return json_answer(person_row(_person(state, id)))


def put_person(state: State, request: Request, id: int) -> Response:
	"""Change the fields that were sent; the answer lacks `id`, as real ones do."""
	record = person_row(_change(state, request, id))
	del record["id"]
	return json_answer(record)


def patch_person(state: State, request: Request, id: int) -> Response:
	"""Change the fields that were sent, unless the build fails at a lone `area`."""
	alone = set(json_object(request)) == {"area"}
	if alone and state.variant.patch_area_alone == "error500":
		return html_answer(ERROR_PAGE, 500)
	return json_answer(person_row(_change(state, request, id)))


def delete_person(state: State, _request: Request, id: int) -> Response:
	"""Forget the person: 204."""
	state.store.delete_person(_person(state, id).id)
	return Response(status=204)


def adjust_area(state: State, request: Request) -> Response:
	"""Give people other areas; the answer is unpublished, so judge by reading them again."""
	if state.variant.adjust_area != "works":
		return _without(state.variant.adjust_area)
	payload = json_object(request)
	people = _named(state, payload)
	areas = area_ids(state.store, payload.get("areas"), "areas")
	for person in people:
		state.store.change_person(person.id, areas=areas)
	return json_answer({"code": 0, "msg": "", "data": []})


def resync_to_device(state: State, request: Request) -> Response:
	"""Take note of the order; the answer is unpublished."""
	if state.variant.resync != "works":
		return _without(state.variant.resync)
	_named(state, json_object(request))
	return json_answer({"code": 0, "msg": "", "data": []})


def _without(habit: BulkCall) -> Response:
	"""What a build answers that fails at a bulk call, or does not have it."""
	if habit == "error500":
		return html_answer(ERROR_PAGE, 500)
	if habit == "missing_html":
		return not_found_page()
	raise ApiError.detail(404, "Not found.")


def _matches(state: State, request: Request, person: Person) -> Iterator[bool]:
	asked = request.args
	if (code := asked.get("emp_code")) and state.variant.emp_code_filter:
		yield code in person.emp_code if state.variant.loose_emp_code else code == person.emp_code
	yield asked.get("emp_code_icontains", "").lower() in person.emp_code.lower()
	yield asked.get("first_name") in (None, "", person.first_name)
	yield asked.get("last_name") in (None, "", person.last_name)
	yield asked.get("department") in (None, "", str(DEPARTMENT["id"]))
	if areas := asked.get("areas"):
		yield any(str(id) in areas.split(",") for id in person.area_ids)


def _person(state: State, id: int) -> Person:
	person = state.store.person(id)
	if person is None:
		raise ApiError.detail(404, "Not found.")
	return person


def _change(state: State, request: Request, id: int) -> Person:
	person = _person(state, id)
	return state.store.change_person(id, **changes(state.store, json_object(request), person))


def _named(state: State, payload: Fields) -> list[Person]:
	ids = payload.get("employees")
	known = [person for person in state.store.people if person.id in ids] if isinstance(ids, list) else []
	if not ids or len(known) < len(ids):
		# Unpublished.
		raise ApiError(400, {"employees": ["Name the ids of known employees."]})
	return known


RESOURCES = (
	Resource("/personnel/api/employees/", {"GET": list_people, "POST": add_person}),
	Resource(
		"/personnel/api/employees/<int:id>/",
		{"GET": show_person, "PUT": put_person, "PATCH": patch_person, "DELETE": delete_person},
	),
	Resource("/personnel/api/employees/adjust_area/", {"POST": adjust_area}),
	Resource("/personnel/api/employees/resync_to_device/", {"POST": resync_to_device}),
)
