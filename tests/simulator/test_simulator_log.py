from __future__ import annotations

import pytest
import requests

from zkteco_biometric.simulator import Simulator, faults

from .api import AREAS, JWT_LOGIN, TERMINALS, TRANSACTIONS, Api, SettableClock


def test_every_request_is_noted_with_its_answer(api: Api, sim: Simulator, clock: SettableClock) -> None:
	api.get(TRANSACTIONS, page=1, emp_code="007")
	(entry,) = sim.log.entries
	assert (entry.method, entry.path, entry.status, entry.at) == ("GET", TRANSACTIONS, 200, clock.now)
	assert entry.query == {"page": "1", "emp_code": "007"}


def test_headers_are_kept_to_be_checked(api: Api, sim: Simulator) -> None:
	api.headers["Accept-Language"] = "en"
	api.get(TRANSACTIONS)
	(entry,) = sim.log.entries
	assert entry.headers["Accept-Language"] == "en"
	assert entry.headers["Authorization"] == api.headers["Authorization"]


def test_what_was_sent_is_kept_to_be_checked(api: Api, sim: Simulator) -> None:
	api.post(AREAS, {"area_code": "10", "area_name": "Office"})
	assert sim.log.entries[0].body == {"area_code": "10", "area_name": "Office"}


def test_passwords_are_not_kept(stranger: Api, sim: Simulator) -> None:
	stranger.log_in()
	(entry,) = sim.log.matching(JWT_LOGIN)
	assert entry.body is None


def test_the_repr_of_an_entry_shows_neither_headers_nor_body(api: Api, sim: Simulator) -> None:
	api.post(AREAS, {"area_code": "10", "area_name": "Office"})
	shown = repr(sim.log.entries)
	assert api.headers["Authorization"] not in shown
	assert "Office" not in shown


def test_unknown_paths_and_refused_requests_are_noted_too(stranger: Api, sim: Simulator) -> None:
	stranger.get("/nowhere/")
	stranger.get(TRANSACTIONS)
	assert [(entry.path, entry.status) for entry in sim.log.entries] == [
		("/nowhere/", 200),
		(TRANSACTIONS, 401),
	]


def test_the_status_is_that_of_the_fault(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.status(503))
	api.get(TRANSACTIONS)
	assert sim.log.entries[0].status == 503


def test_without_an_answer_there_is_no_status(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.reset())
	with pytest.raises(requests.ConnectionError):
		api.get(TRANSACTIONS)
	assert [entry.status for entry in sim.log.entries] == [None]


def test_a_request_is_noted_before_it_is_answered(api: Api, sim: Simulator) -> None:
	sim.faults.add(faults.delay(60))
	with pytest.raises(requests.ReadTimeout):
		api.send("GET", TRANSACTIONS, timeout=0.05)
	assert [entry.status for entry in sim.log.entries] == [None]


def test_the_log_can_be_searched_by_the_end_of_the_path(api: Api, sim: Simulator) -> None:
	for path in (TRANSACTIONS, TERMINALS, TRANSACTIONS):
		api.get(path)
	assert sim.log.count("transactions/") == 2
	assert [entry.path for entry in sim.log.matching("/api/terminals/")] == [TERMINALS]
	assert sim.log.count("") == 3


def test_the_log_can_be_searched_by_method(api: Api, sim: Simulator) -> None:
	api.get(AREAS)
	api.post(AREAS, {})
	assert (sim.log.count(AREAS, "GET"), sim.log.count(AREAS, "POST"), sim.log.count(AREAS)) == (1, 1, 2)
	assert sim.log.count(AREAS, "PUT") == 0


def test_the_log_can_be_cleared(api: Api, sim: Simulator) -> None:
	api.get(AREAS)
	sim.log.clear()
	assert sim.log.entries == []


def test_the_list_of_entries_is_a_copy(api: Api, sim: Simulator) -> None:
	before = sim.log.entries
	api.get(AREAS)
	assert before == []
	before.append(sim.log.entries[0])
	assert sim.log.count(AREAS) == 1


def test_control_routes_are_not_in_the_log(stranger: Api, sim: Simulator) -> None:
	stranger.get("/simulator/")
	assert sim.log.entries == []
