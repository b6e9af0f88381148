"""The areas."""

from __future__ import annotations

from werkzeug.wrappers import Request, Response

from zkteco_biometric.simulator.answers import ApiError, json_answer
from zkteco_biometric.simulator.paging import asked_cut, page_answer
from zkteco_biometric.simulator.routes.resource import Resource, json_object, require
from zkteco_biometric.simulator.rows import area_row
from zkteco_biometric.simulator.state import State


def list_areas(state: State, request: Request) -> Response:
	"""One page, ordered by id."""
	cut = asked_cut(request, state.variant)
	areas = [
		area
		for area in state.store.areas
		if request.args.get("area_code", area.code) == area.code
		and request.args.get("area_name", area.name) == area.name
	]
	shown = [area_row(area) for area in areas[cut.offset : cut.offset + cut.size]]
	return page_answer(request, state.variant, cut, len(areas), shown)


def add_area(state: State, request: Request) -> Response:
	"""Add an area: 201."""
	payload = json_object(request)
	require(payload, "area_code", "area_name")
	try:
		area = state.store.add_area(str(payload["area_code"]), str(payload["area_name"]))
	except ValueError as error:
		# Unpublished: worded after the answer of the people's path.
		raise ApiError(400, {"area_code": ["area with this area code already exists."]}) from error
	return json_answer(area_row(area), 201)


RESOURCES = (Resource("/personnel/api/areas/", {"GET": list_areas, "POST": add_area}),)
