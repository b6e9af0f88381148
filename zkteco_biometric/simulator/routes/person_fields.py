"""The fields of a personnel record that a request may set."""

from __future__ import annotations

from typing import Any

from zkteco_biometric.simulator.answers import ApiError
from zkteco_biometric.simulator.models import Person
from zkteco_biometric.simulator.rows import DEPARTMENT
from zkteco_biometric.simulator.store import Store

_PLAIN = {
	"first_name": "first_name",
	"last_name": "last_name",
	"dev_privilege": "privilege",
	"enable_att": "enable_att",
	"app_status": "app_status",
	"device_password": "device_password",
}


def changes(store: Store, payload: dict[str, Any], person: Person | None = None) -> dict[str, Any]:
	"""What the payload asks to change; fields that the record does not have are ignored silently.

	:raises ApiError: 400, the area or the department does not exist.
	"""
	fields = {own: payload[name] for name, own in _PLAIN.items() if name in payload}
	if person and person.extra:
		fields["extra"] = {name: payload.get(name, value) for name, value in person.extra.items()}
	if payload.get("department", DEPARTMENT["id"]) not in (DEPARTMENT["id"], str(DEPARTMENT["id"])):
		raise _unknown("department", payload["department"])
	if "area" in payload:
		fields["areas"] = area_ids(store, payload["area"], "area")
	return fields


def area_ids(store: Store, asked: Any, field: str) -> list[int]:
	"""The ids of areas that a request names.

	:raises ApiError: 400, there are none, or one does not exist. A person has at least one area; the words
		for an empty list are unpublished, so they are the framework's.
	"""
	if not isinstance(asked, list):
		raise ApiError(400, {field: [f'Expected a list of items but got type "{type(asked).__name__}".']})
	if not asked:
		raise ApiError(400, {field: ["This list may not be empty."]})
	known = {str(area.id): area.id for area in store.areas}
	for id in asked:
		if str(id) not in known:
			raise _unknown(field, id)
	return [known[str(id)] for id in asked]


def _unknown(field: str, id: object) -> ApiError:
	return ApiError(400, {field: [f'Invalid pk "{id}" - object does not exist.']})
