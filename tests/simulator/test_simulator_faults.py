from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import requests
from werkzeug.wrappers import Request, Response

from zkteco_biometric.simulator import Simulator, faults
from zkteco_biometric.simulator.faults import Answer, Fault

from .api import AREAS, EMPLOYEES, JWT_LOGIN, TERMINALS, TRANSACTIONS, Api


@pytest.fixture(autouse=True)
def three_punches(sim: Simulator) -> None:
	sim.store.punches([("7", f"2024-06-05 0{hour}:00:00", "0") for hour in range(3)])


def add_area(api: Api) -> requests.Response:
	return api.post(AREAS, {"area_code": "10", "area_name": "Office"})


def has_office(sim: Simulator) -> bool:
	return any(area.name == "Office" for area in sim.store.areas)


def is_fine(api: Api, path: str = TRANSACTIONS) -> bool:
	response = api.get(path)
	return response.ok and "json" in response.headers["Content-Type"] and "data" in response.json()


def test_the_error_page_is_200_html_of_167_bytes(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.html_error())
	response = api.get(TRANSACTIONS)
	assert (response.status_code, len(response.content)) == (200, 167)
	assert response.headers["Content-Type"] == "text/html; charset=utf-8"
	assert "500 Error" in response.text


def test_the_error_page_may_hide_that_nothing_was_done(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.html_error())
	assert "500 Error" in add_area(api).text
	assert not has_office(sim)


def test_the_error_page_may_hide_that_all_was_done(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.html_error(applied=True))
	assert "500 Error" in add_area(api).text
	assert has_office(sim)


def test_the_error_page_may_hide_that_all_is_still_to_be_done(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.late())
	assert "500 Error" in add_area(api).text
	assert not has_office(sim)
	assert [sim.carry_out_late(), sim.carry_out_late()] == [1, 0]
	assert has_office(sim)


def test_a_dropped_connection_may_hide_it_too(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.late(dropped=True))
	with pytest.raises(requests.ConnectionError):
		add_area(api)
	assert not has_office(sim)
	assert sim.carry_out_late() == 1
	assert has_office(sim)


def test_what_is_late_is_carried_out_in_its_order(api: Api, sim: Simulator) -> None:
	person = sim.store.add_person("7")
	sim.faults.add(faults.late(), path=EMPLOYEES, times=2)
	for name in ("First", "Second"):
		api.send("PATCH", f"{EMPLOYEES}{person.id}/", json={"first_name": name})
	assert sim.carry_out_late() == 2
	changed = sim.store.person(person.id)
	assert changed is not None
	assert changed.first_name == "Second"


def test_what_is_late_is_refused_where_its_token_has_ended(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.late())
	add_area(api)
	sim.expire_tokens()
	assert sim.carry_out_late() == 1
	assert not has_office(sim)


def test_the_page_not_found_is_200_html(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.html_not_found())
	response = api.get(TRANSACTIONS)
	assert response.status_code == 200
	assert "Page not found" in response.text


def test_the_log_in_page_is_200_html(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.login_page())
	response = api.get(TRANSACTIONS)
	assert response.status_code == 200
	assert "<form" in response.text


def test_a_redirect_to_the_log_in_ends_at_its_page(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.redirect_to_login())
	response = api.send("GET", TRANSACTIONS, allow_redirects=True)
	(redirect,) = response.history
	assert (redirect.status_code, redirect.headers["Location"]) == (302, f"/login/?next={TRANSACTIONS}")
	assert response.status_code == 200
	assert "<form" in response.text


def test_a_redirect_can_lead_anywhere(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.redirect("https://elsewhere.example/"))
	response = api.get(TRANSACTIONS)
	assert (response.status_code, response.headers["Location"]) == (302, "https://elsewhere.example/")


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_a_status_comes_with_a_page(api: Api, sim: Simulator, code: int) -> None:
	sim.faults.add(faults.status(code))
	response = api.get(TRANSACTIONS)
	assert (response.status_code, "Retry-After" in response.headers) == (code, False)
	assert str(code) in response.text


def test_a_status_may_say_when_to_try_again(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.status(429, retry_after=7))
	assert api.get(TRANSACTIONS).headers["Retry-After"] == "7"


def test_a_status_may_have_a_body_of_its_own(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.status(503, body="closed"))
	assert api.get(TRANSACTIONS).text == "closed"


def test_unauthorized_says_why(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.unauthorized())
	sim.faults.add(faults.unauthorized("User account is disabled."))
	answers = [api.get(TRANSACTIONS) for _ in range(2)]
	assert [answer.status_code for answer in answers] == [401, 401]
	assert [answer.json()["detail"] for answer in answers] == [
		"Signature has expired.",
		"User account is disabled.",
	]


def test_a_missing_licence_is_a_403(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.licence_missing())
	assert api.get(TRANSACTIONS).status_code == 403


def test_a_delay_gives_the_right_answer_late(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.delay(0.1))
	began = time.monotonic()
	assert is_fine(api)
	assert time.monotonic() - began >= 0.1


def test_a_client_that_does_not_wait_runs_into_its_time_out(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.delay(60))
	with pytest.raises(requests.ReadTimeout):
		api.send("GET", TRANSACTIONS, timeout=0.05)
	assert is_fine(api)


def test_a_delay_does_not_outlive_the_server(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.delay(60))
	with pytest.raises(requests.ReadTimeout):
		api.send("POST", AREAS, json={"area_code": "10", "area_name": "Office"}, timeout=0.05)
	sim.stop()
	deadline = time.monotonic() + 2
	while not has_office(sim) and time.monotonic() < deadline:
		time.sleep(0.005)
	assert has_office(sim)


def test_a_reset_closes_the_connection_without_an_answer(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.reset())
	with pytest.raises(requests.ConnectionError):
		add_area(api)
	assert not has_office(sim)
	assert is_fine(api)


def test_a_reset_may_come_after_the_work_was_done(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.reset(applied=True))
	with pytest.raises(requests.ConnectionError):
		add_area(api)
	assert has_office(sim)


def test_a_truncated_answer_ends_before_its_length(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.truncate())
	with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
		api.get(TRANSACTIONS)


def test_truncated_json_is_a_whole_answer_with_half_a_text(api: Api, sim: Simulator) -> None:
	whole = api.get(TRANSACTIONS).content
	sim.faults.add(faults.truncate_json(0.25))
	response = api.get(TRANSACTIONS)
	assert response.content == whole[: len(whole) // 4]
	assert response.headers["Content-Length"] == str(len(whole) // 4)
	with pytest.raises(requests.JSONDecodeError):
		response.json()


def test_an_answer_may_call_itself_json_and_be_none(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.not_json())
	response = api.get(TRANSACTIONS)
	assert response.headers["Content-Type"] == "application/json"
	with pytest.raises(requests.JSONDecodeError):
		response.json()


@pytest.mark.parametrize("payload", [[], None, "text", 7, {"data": None}, {"token": ""}])
def test_an_answer_may_have_any_shape(api: Api, sim: Simulator, payload: object) -> None:
	sim.faults.add(faults.wrong_shape(payload))
	assert api.get(TRANSACTIONS).json() == payload


def test_an_error_may_stand_in_the_code_of_a_200(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.api_code(-1, "busy"))
	response = api.get(TRANSACTIONS)
	page = response.json()
	assert (response.status_code, page["code"], page["msg"], page["data"]) == (200, -1, "busy", [])


def test_rows_of_a_page_can_be_spoilt(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.rows(lambda rows: [*rows[:1], None, {**rows[2], "punch_time": "never"}]))
	spoilt = api.rows()
	assert [spoilt[0]["id"], spoilt[1], spoilt[2]["punch_time"]] == [1, None, "never"]


def test_rows_leave_answers_without_rows_as_they_are(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.rows(lambda _rows: []))
	assert api.get(TRANSACTIONS, page=99).json() == {"detail": "Invalid page."}


def test_rows_know_both_envelopes(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.chain(faults.rows(lambda _rows: ["changed"]), faults.wrong_shape({"results": [1]})))
	assert api.get(TRANSACTIONS).json() == {"results": ["changed"]}


def test_a_chain_does_both(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.chain(faults.delay(0.05), faults.status(503)))
	began = time.monotonic()
	assert api.get(TRANSACTIONS).status_code == 503
	assert time.monotonic() - began >= 0.05


def test_a_fault_strikes_once_unless_told_otherwise(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.status(500))
	assert [is_fine(api) for _ in range(3)] == [False, True, True]


def test_a_fault_strikes_as_often_as_told(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.status(500), times=2)
	assert [is_fine(api) for _ in range(3)] == [False, False, True]


def test_a_fault_may_strike_for_ever_and_be_called_off(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.status(500), times=None)
	assert not any(is_fine(api) for _ in range(5))
	sim.faults.clear()
	assert is_fine(api)


def test_a_fault_lets_requests_pass_first(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.status(500), after=2)
	assert [is_fine(api) for _ in range(4)] == [True, True, False, True]


def test_a_fault_only_counts_and_strikes_its_own_path(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.status(500), path="transactions", after=1)
	answers = [is_fine(api, path) for path in (TRANSACTIONS, TERMINALS, TRANSACTIONS, TRANSACTIONS)]
	assert answers == [True, True, False, True]


def test_a_fault_may_wait_for_a_method(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.status(500), method="post")
	assert is_fine(api)
	assert add_area(api).status_code == 500


def test_a_log_in_can_fail_too(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.status(502), path=JWT_LOGIN)
	assert is_fine(api)
	assert api.log_in().status_code == 502


def test_faults_for_the_same_requests_strike_one_after_the_other(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.status(500), times=2)
	sim.faults.add(faults.status(502))
	assert [api.get(TRANSACTIONS).status_code for _ in range(4)] == [500, 500, 502, 200]


def test_after_counts_requests_that_another_fault_strikes(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.status(500))
	sim.faults.add(faults.status(502), after=2)
	assert [api.get(TRANSACTIONS).status_code for _ in range(4)] == [500, 200, 502, 200]


@pytest.mark.parametrize("never", [{"after": -1}, {"times": 0}, {"times": -1}])
def test_a_fault_that_would_never_strike_is_refused(sim: Simulator, never: dict[str, int]) -> None:
	with pytest.raises(ValueError, match="times >= 1"):
		sim.faults.add(faults.status(500), **never)  # type: ignore[arg-type]


def test_the_length_says_how_many_faults_wait(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.status(500))
	sim.faults.add(faults.status(500), times=None)
	assert len(sim.faults) == 2
	api.get(TRANSACTIONS)
	assert len(sim.faults) == 1


def test_a_fault_is_any_function_of_request_and_answer(api: Api, sim: Simulator) -> None:
	def mark(request: Request, answer: Answer) -> Response:
		response = answer(request)
		response.headers["X-Seen"] = request.path
		return response

	sim.faults.add(mark)
	assert api.get(TRANSACTIONS).headers["X-Seen"] == TRANSACTIONS


@pytest.mark.parametrize("make", faults.BY_NAME.values(), ids=faults.BY_NAME.keys())
def test_every_fault_that_has_a_name_spoils_or_delays_one_answer(
	api: Api, sim: Simulator, make: Callable[..., Fault]
) -> None:
	needed: dict[str, list[object]] = {
		"redirect": ["/"],
		"status": [500],
		"delay": [0],
		"wrong_shape": [[]],
		"too_large": [9],
	}
	sim.faults.add(make(*needed.get(make.__name__, [])))
	try:
		answered = is_fine(api)
	except (requests.RequestException, TypeError):
		answered = False
	assert answered == (make.__name__ in ("delay", "api_code"))
	assert is_fine(api)
