from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client

from zkteco_biometric.simulator import Simulator

from .api import AREAS, EMPLOYEES, TRANSACTIONS, Api

PUNCHES = "/simulator/punches"
PERSON_PUNCHES = "/simulator/person-punches"
LATE = "/simulator/late"
FAULTS = "/simulator/faults"
REQUESTS = "/simulator/requests"


def complaint(api: Api, path: str, payload: object) -> str:
	response = api.post(path, payload)
	assert response.status_code == 400, response.text
	return str(response.json()["detail"])


def test_the_page_shows_the_state_and_the_newest_punches_first(stranger: Api, sim: Simulator) -> None:
	sim.store.add_terminal("T1")
	for number in range(25):
		sim.store.punch(f"P{number}", "2024-06-05 08:00:00")
	page = stranger.get("/simulator/").text
	assert "<dd>25</dd>" in page
	assert "2024-06-05 12:00:00" in page
	assert page.index("P24") < page.index("P5")
	assert "P4<" not in page


def test_the_page_of_an_empty_server_is_a_page(stranger: Api) -> None:
	response = stranger.get("/simulator/")
	assert response.headers["Content-Type"] == "text/html; charset=utf-8"
	assert "<dt>Terminals</dt><dd>none</dd>" in response.text


def test_the_page_shows_codes_as_text_and_no_password(stranger: Api, sim: Simulator) -> None:
	sim.store.punch("<script>", "2024-06-05 08:00:00")
	page = stranger.get("/simulator/").text
	assert "<script>" not in page
	assert "&lt;script&gt;" in page
	assert "<dd>admin</dd>" in page


def test_a_punch_can_be_added_at_this_moment(stranger: Api, sim: Simulator) -> None:
	response = stranger.post(PUNCHES, {"emp_code": "007"})
	assert response.status_code == 201
	assert (response.json()["id"], response.json()["punch_time"]) == (1, "2024-06-05 12:00:00")
	assert [row.emp_code for row in sim.store.transactions] == ["007"]


def test_a_punch_can_be_added_with_everything(stranger: Api, sim: Simulator) -> None:
	sim.store.add_terminal("T1")
	sim.store.add_terminal("T2")
	order = {"emp_code": "7", "punch_state": "1", "terminal_sn": "T2", "punch_time": "2024-06-01 08:00:00"}
	row = stranger.post(PUNCHES, order).json()
	assert {name: row[name] for name in order} == order
	assert row["upload_time"] == "2024-06-05 12:00:00"


def test_a_punch_state_may_be_a_number(stranger: Api) -> None:
	assert stranger.post(PUNCHES, {"emp_code": "7", "punch_state": 5}).json()["punch_state"] == "5"


@pytest.mark.parametrize(
	("order", "remedy"),
	[
		({}, "emp_code as a text, such as '007'"),
		({"emp_code": 7}, "emp_code as a text"),
		({"emp_code": "7", "punch_state": "9"}, "use one of 0, 1, 2, 3, 4, 5, 255"),
		({"emp_code": "7", "terminal_sn": "T9"}, "use one of T1, or leave it out"),
		({"emp_code": "7", "punch_time": "noon"}, "write it as 'YYYY-MM-DD HH:MM:SS'"),
		({"emp_code": "7", "punch_time": None}, "write it as"),
		(
			{"emp_code": "7", "state": "0"},
			"Unknown: state. Use emp_code, punch_state, terminal_sn, punch_time.",
		),
	],
)
def test_a_wrong_punch_is_refused_with_the_remedy(
	stranger: Api, sim: Simulator, order: dict[str, Any], remedy: str
) -> None:
	sim.store.add_terminal("T1")
	assert remedy in complaint(stranger, PUNCHES, order)
	assert sim.store.transactions == []


def test_a_person_can_try_to_punch_at_a_terminal_that_holds_them(stranger: Api, sim: Simulator) -> None:
	sim.store.add_terminal("T1")
	sim.store.add_person("007")
	response = stranger.post(PERSON_PUNCHES, {"emp_code": "007", "punch_state": "1"})
	assert (response.status_code, response.json()["accepted"]) == (201, True)
	punch = response.json()["punch"]
	assert (punch["terminal_sn"], punch["punch_time"], punch["punch_state"]) == (
		"T1",
		"2024-06-05 12:00:00",
		"1",
	)
	assert [row.emp_code for row in sim.store.transactions] == ["007"]


def test_a_terminal_that_no_longer_holds_a_person_refuses_until_it_does_again(
	api: Api, sim: Simulator
) -> None:
	sim.store.add_terminal("T1")
	person = sim.store.add_person("007")
	order = {"emp_code": "007", "terminal_sn": "T1", "punch_time": "2024-06-05 08:00:00"}
	accepted = []
	for area in (1, 2):
		api.post(EMPLOYEES + "adjust_area/", {"employees": [person.id], "areas": [area]})
		response = api.post(PERSON_PUNCHES, order)
		accepted.append((response.status_code, response.json()["accepted"], sim.store.punch_count))
	assert accepted == [(200, False, 0), (201, True, 1)]


def test_a_stranger_is_refused_by_the_terminal(stranger: Api, sim: Simulator) -> None:
	sim.store.add_terminal("T1")
	assert stranger.post(PERSON_PUNCHES, {"emp_code": "8"}).json() == {"accepted": False, "punch": None}


@pytest.mark.parametrize(
	("order", "remedy"),
	[
		({}, "emp_code as a text"),
		({"emp_code": "7", "terminal_sn": "T9"}, "use one of T1, or leave it out"),
		({"emp_code": "7", "punch_time": "noon"}, "write it as"),
		({"emp_code": "7", "state": "0"}, "Unknown: state."),
	],
)
def test_a_wrong_try_is_refused_with_the_remedy(
	stranger: Api, sim: Simulator, order: dict[str, Any], remedy: str
) -> None:
	sim.store.add_terminal("T1")
	sim.store.add_person("7")
	assert remedy in complaint(stranger, PERSON_PUNCHES, order)
	assert sim.store.transactions == []


def test_without_a_terminal_nobody_can_try(stranger: Api) -> None:
	assert "add one to the store first" in complaint(stranger, PERSON_PUNCHES, {"emp_code": "7"})


def test_what_a_fault_kept_can_be_carried_out(api: Api, sim: Simulator) -> None:
	api.post(FAULTS, {"fault": "late", "dropped": False})
	api.post(AREAS, {"area_code": "10", "area_name": "Office"})
	assert len(sim.store.areas) == 2
	assert [api.post(LATE, {}).json() for _ in range(2)] == [{"carried_out": 1}, {"carried_out": 0}]
	assert len(sim.store.areas) == 3
	assert "Use nothing" in complaint(api, LATE, {"all": True})


def test_a_fault_can_be_armed_by_name(api: Api) -> None:
	order = {"fault": "status", "code": 503, "retry_after": 7, "path": "transactions", "after": 1, "times": 2}
	response = api.post(FAULTS, order)
	assert (response.status_code, response.json()) == (201, {"waiting": 1})
	answers = [api.get(TRANSACTIONS) for _ in range(4)]
	assert [answer.status_code for answer in answers] == [200, 503, 503, 200]
	assert answers[1].headers["Retry-After"] == "7"


@pytest.mark.parametrize(
	"order",
	[
		{"fault": "html_error"},
		{"fault": "html_error", "applied": True},
		{"fault": "delay", "seconds": 0},
		{"fault": "delay", "seconds": 0.5, "method": None, "times": None},
		{"fault": "unauthorized", "detail": "Invalid token."},
		{"fault": "wrong_shape", "payload": {"anything": [1]}},
		{"fault": "reset", "method": "GET"},
	],
)
def test_right_orders_are_taken(stranger: Api, sim: Simulator, order: dict[str, Any]) -> None:
	assert stranger.post(FAULTS, order).status_code == 201
	assert len(sim.faults) == 1


@pytest.mark.parametrize(
	("order", "remedy"),
	[
		({}, "use one of api_code, delay, html_error"),
		({"fault": "explode"}, "There is no fault 'explode'"),
		({"fault": "status"}, "missing a required argument: 'code'"),
		({"fault": "status", "code": "503"}, "code '503' does not fit status(code: int"),
		({"fault": "status", "code": True}, "code True does not fit"),
		({"fault": "html_error", "applied": 1}, "applied 1 does not fit"),
		({"fault": "delay", "seconds": "long"}, "seconds 'long' does not fit"),
		({"fault": "delay", "seconds": -1}, "seconds -1 does not fit"),
		({"fault": "html_error", "often": 3}, "unexpected keyword argument 'often'"),
		({"fault": "html_error", "times": "3"}, "whole numbers"),
		({"fault": "html_error", "times": 0}, "times >= 1"),
		({"fault": "html_error", "after": -1}, "after >= 0"),
		({"fault": ["html_error"]}, "There is no fault"),
	],
)
def test_wrong_orders_are_refused_with_the_remedy(
	stranger: Api, sim: Simulator, order: dict[str, Any], remedy: str
) -> None:
	assert remedy in complaint(stranger, FAULTS, order)
	assert len(sim.faults) == 0


def test_faults_can_be_called_off(api: Api, sim: Simulator) -> None:
	api.post(FAULTS, {"fault": "html_error", "times": None})
	assert api.send("DELETE", FAULTS).status_code == 204
	assert len(sim.faults) == 0


def test_a_fault_for_every_path_does_not_lock_the_control_out(stranger: Api) -> None:
	stranger.post(FAULTS, {"fault": "status", "code": 500, "times": None})
	assert stranger.get("/simulator/").status_code == 200
	assert stranger.send("DELETE", FAULTS).status_code == 204


def test_requests_are_listed_without_their_secrets(api: Api) -> None:
	api.get(TRANSACTIONS, page=1)
	response = api.get(REQUESTS)
	assert response.json() == [
		{
			"method": "GET",
			"path": TRANSACTIONS,
			"query": {"page": "1"},
			"status": 200,
			"at": "2024-06-05T12:00:00+00:00",
		}
	]
	assert api.headers["Authorization"] not in response.text


@pytest.mark.parametrize("path", [PUNCHES, PERSON_PUNCHES, LATE, FAULTS])
def test_a_form_as_a_foreign_page_could_send_it_is_refused(stranger: Api, sim: Simulator, path: str) -> None:
	response = stranger.send("POST", path, data='{"emp_code": "7", "fault": "html_error"}')
	assert response.status_code == 415
	assert "Content-Type: application/json" in response.json()["detail"]
	assert (sim.store.punch_count, len(sim.faults)) == (0, 0)


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1", "", "unknown"])
@pytest.mark.parametrize("path", ["/simulator/", REQUESTS])
def test_other_machines_cannot_steer(address: str, path: str) -> None:
	response = Client(Simulator()).get(path, environ_base={"REMOTE_ADDR": address})
	assert response.status_code == 403


@pytest.mark.parametrize("address", ["127.0.0.1", "127.1.2.3", "::1"])
def test_this_machine_can_steer(address: str) -> None:
	response = Client(Simulator()).get("/simulator/", environ_base={"REMOTE_ADDR": address})
	assert response.status_code == 200


def test_somebody_behind_a_proxy_on_this_machine_cannot_steer(stranger: Api) -> None:
	stranger.headers = {"X-Forwarded-For": "192.0.2.1"}
	assert stranger.get("/simulator/").status_code == 403


@pytest.mark.parametrize("path", ["/simulator", "/simulator/unknown"])
def test_unknown_control_paths_are_unknown_paths(stranger: Api, path: str) -> None:
	assert "Page not found" in stranger.get(path).text
