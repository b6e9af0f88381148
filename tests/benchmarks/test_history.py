"""The punches that the benchmark's server works out are the same as those that a simulator holds."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import Client

from benchmarks.history import STRANGER, History, code_of
from benchmarks.punch_server import PASSWORD, ArithmeticSimulator
from zkteco_biometric.simulator import Simulator

HISTORY = History(people=3, punches=31, stranger_every=10, first_person=5, later=60)
_TIMES = [when for _, when, _ in HISTORY.rows()]


def test_a_day_has_four_punches_of_everybody_and_the_last_day_is_the_one_given() -> None:
	rows = list(HISTORY.rows())
	assert len(rows) == HISTORY.punches
	assert sorted(set(_TIMES)) == _TIMES
	assert rows[1][0] == code_of(6)
	assert _TIMES[-1].date().toordinal() == HISTORY.last_day
	assert len({when.date() for when in _TIMES}) == 3


def test_every_so_many_punches_are_of_nobody() -> None:
	assert [place for place, row in enumerate(HISTORY.rows()) if row[0] == STRANGER] == [0, 10, 20, 30]


def test_later_rounds_share_no_second_with_the_first() -> None:
	later = History(people=3, punches=31, stranger_every=10, first_person=5, later=120)
	assert not set(_TIMES) & {when for _, when, _ in later.rows()}


@pytest.mark.parametrize("start", [None, _TIMES[0], _TIMES[4], _TIMES[7] + timedelta(seconds=1), _TIMES[-1]])
@pytest.mark.parametrize("end", [None, _TIMES[0], _TIMES[9], _TIMES[-1] - timedelta(seconds=1)])
def test_bounds_include_their_own_second(start: datetime | None, end: datetime | None) -> None:
	expected = [
		place
		for place, when in enumerate(_TIMES)
		if (start is None or start <= when) and (end is None or when <= end)
	]
	assert list(HISTORY.within(start, end)) == expected


@pytest.mark.parametrize("ordering", ["", "punch_time", "-punch_time", "-upload_time"])
@pytest.mark.parametrize("bounds", [{}, {"start_time": str(_TIMES[3]), "end_time": str(_TIMES[20])}])
@pytest.mark.parametrize("page", [1, 2, 9])
def test_a_page_is_that_of_a_simulator_which_holds_the_rows(
	ordering: str, bounds: dict[str, str], page: int
) -> None:
	asked = {"page": page, "page_size": 7, "ordering": ordering, **bounds}
	held = Simulator(password=PASSWORD)
	for code, when, state in HISTORY.rows():
		held.store.punch(code, when, state, upload_time=when)
	assert answered(ArithmeticSimulator(HISTORY), asked) == answered(held, asked)


def answered(simulator: Simulator, asked: dict[str, Any]) -> tuple[int, Any]:
	client = Client(simulator)
	log_in = client.post("/jwt-api-token-auth/", json={"username": "admin", "password": PASSWORD})
	token = {"Authorization": f"JWT {json.loads(log_in.data)['token']}"}
	answer = client.get("/iclock/api/transactions/", query_string=asked, headers=token)
	return answer.status_code, json.loads(answer.data)


def test_what_it_cannot_work_out_is_not_answered_wrongly() -> None:
	with pytest.raises(RuntimeError, match="emp_code"):
		answered(ArithmeticSimulator(HISTORY), {"emp_code": code_of(5)})
