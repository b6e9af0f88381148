from __future__ import annotations

import pytest

from zkteco_biometric.simulator import Store

from .api import AREAS, TERMINALS, Api

UPLOAD = TERMINALS + "upload_transaction/"


def test_there_is_a_parking_area_and_a_default_area_from_the_start(api: Api) -> None:
	assert api.rows(AREAS) == [
		{"id": 1, "area_code": "1", "area_name": "Not Authorized"},
		{"id": 2, "area_code": "2", "area_name": "Default Area"},
	]


def test_an_area_can_be_added(api: Api, store: Store) -> None:
	response = api.post(AREAS, {"area_code": "10", "area_name": "Office"})
	assert response.status_code == 201
	assert response.json() == {"id": 3, "area_code": "10", "area_name": "Office"}
	assert [area.name for area in store.areas][-1] == "Office"


def test_an_area_needs_a_code_and_a_name(api: Api) -> None:
	response = api.post(AREAS, {"area_code": "10"})
	assert (response.status_code, response.json()) == (400, {"area_name": ["This field is required."]})


def test_the_code_of_an_area_can_be_used_once(api: Api) -> None:
	response = api.post(AREAS, {"area_code": "1", "area_name": "Again"})
	assert response.status_code == 400
	assert response.json() == {"area_code": ["area with this area code already exists."]}


@pytest.mark.parametrize("asked", [{"area_code": "2"}, {"area_name": "Default Area"}])
def test_areas_can_be_filtered(api: Api, asked: dict[str, str]) -> None:
	assert api.ids(AREAS, **asked) == [2]


def test_areas_come_in_pages(api: Api) -> None:
	page = api.page(AREAS, page_size=1)
	assert (page["count"], len(page["data"])) == (2, 1)
	assert page["next"].endswith("/personnel/api/areas/?page_size=1&page=2")


def test_a_terminal_is_shown_with_what_it_holds(api: Api, store: Store) -> None:
	store.add_terminal("T1", alias="Gate", ip_address="192.0.2.7")
	store.add_person("7")
	store.add_person("8", areas=["1"])
	store.punch("7", "2024-06-05 08:00:00", upload_time="2024-06-05 08:00:03")
	assert api.rows(TERMINALS) == [
		{
			"id": 1,
			"sn": "T1",
			"ip_address": "192.0.2.7",
			"alias": "Gate",
			"state": "1",
			"terminal_tz": 0,
			"area": {"id": 2, "area_code": "2", "area_name": "Default Area"},
			"last_activity": "2024-06-05 08:00:03",
			"user_count": 1,
			"transaction_count": 1,
		}
	]


def test_a_terminal_that_never_called_has_no_last_activity(api: Api, store: Store) -> None:
	store.add_terminal("T1")
	assert api.rows(TERMINALS)[0]["last_activity"] is None


@pytest.mark.parametrize(("asked", "ids"), [({"sn": "T2"}, [2]), ({"alias": "Gate"}, [1]), ({"sn": "T"}, [])])
def test_terminals_can_be_filtered(api: Api, store: Store, asked: dict[str, str], ids: list[int]) -> None:
	store.add_terminal("T1", alias="Gate")
	store.add_terminal("T2", alias="Door")
	assert api.ids(TERMINALS, **asked) == ids


def test_terminals_can_be_asked_for_missing_punches(api: Api, store: Store) -> None:
	terminal = store.add_terminal("T1")
	assert api.post(UPLOAD, {"terminals": [terminal.id]}).status_code == 200


@pytest.mark.parametrize("terminals", [None, [], [99], "1", [[1]]])
def test_only_terminals_that_exist_can_be_asked(api: Api, store: Store, terminals: object) -> None:
	store.add_terminal("T1")
	response = api.post(UPLOAD, {"terminals": terminals})
	assert response.status_code == 400
	assert "terminals" in response.json()


@pytest.mark.parametrize(
	"path",
	[
		"/",
		"/iclock/api/transactions",
		"/iclock/api//transactions/",
		"/iclock/api/terminals/clear_command/",
		"/personnel/api/employees/x/",
		"/jwt-api-token-refresh/",
	],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_answers_200_and_a_page(stranger: Api, path: str, method: str) -> None:
	response = stranger.send(method, path)
	assert response.status_code == 200
	assert response.headers["Content-Type"] == "text/html; charset=utf-8"
	assert "Page not found" in response.text


def test_a_terminal_goes_offline_and_is_taken_away(api: Api, store: Store) -> None:
	for sn in ("SN1", "SN2"):
		store.add_terminal(sn)
	store.change_terminal("SN1", state="3")
	assert [row["state"] for row in api.rows(TERMINALS)] == ["3", "1"]
	store.delete_terminal("SN1")
	store.add_terminal("SN3")
	assert [(row["id"], row["sn"]) for row in api.rows(TERMINALS)] == [(2, "SN2"), (3, "SN3")]
