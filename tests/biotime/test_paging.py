"""Pages of punches from a server: every variant of it gives every punch, once and in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.clients import DAY, asked_pages, ids, logins, page_requests, punches
from tests.support.fixtures import Connect, StartSimulator
from zkteco_biometric.biotime.errors import ServerError, UnexpectedShape
from zkteco_biometric.biotime.models import Page
from zkteco_biometric.biotime.pages import PageQuery
from zkteco_biometric.simulator import Simulator, Variant, faults


def fill(sim: Simulator, rows: int) -> None:
	sim.store.punches((str(minute % 7), DAY + timedelta(minutes=minute), "0") for minute in range(rows))


def read(connect: Connect, sim: Simulator, size: int = 10, **window: Any) -> list[Page]:
	span = {"start": None, "end": None} | window
	return list(connect(sim).pages(span["start"], span["end"], size))


def test_an_empty_server_has_one_empty_page(sim: Simulator, connect: Connect) -> None:
	(page,) = read(connect, sim)
	assert (page.fetched, page.count, page.has_next, page.past_end) == (0, 0, False, False)


@pytest.mark.parametrize("rows", [1, 9, 10, 11, 20, 95])
def test_every_punch_comes_once_and_in_order(sim: Simulator, connect: Connect, rows: int) -> None:
	fill(sim, rows)
	pages = read(connect, sim)
	assert ids(pages) == list(range(1, rows + 1))
	assert [page.number for page in pages] == list(range(1, -(-rows // 10) + 1))
	assert {page.count for page in pages} == {rows}


def test_a_page_is_asked_for_by_both_names_of_its_size(sim: Simulator, connect: Connect) -> None:
	fill(sim, 3)
	read(connect, sim, 500)
	assert page_requests(sim)[0].query == {"page": "1", "page_size": "500", "limit": "500"}


def test_the_window_is_asked_for_and_inclusive(sim: Simulator, connect: Connect) -> None:
	fill(sim, 60)
	pages = read(connect, sim, 10, start=DAY + timedelta(minutes=5), end=DAY + timedelta(minutes=30))
	assert ids(pages) == list(range(6, 32))
	assert page_requests(sim)[0].query["start_time"] == "2024-06-05 00:05:00"
	assert page_requests(sim)[0].query["end_time"] == "2024-06-05 00:30:00"


def test_a_window_may_be_open_at_either_end(sim: Simulator, connect: Connect) -> None:
	fill(sim, 20)
	assert ids(read(connect, sim, start=DAY + timedelta(minutes=15))) == [16, 17, 18, 19, 20]
	assert ids(read(connect, sim, end=DAY + timedelta(minutes=4))) == [1, 2, 3, 4, 5]


def test_the_language_is_english(sim: Simulator, connect: Connect) -> None:
	read(connect, sim)
	assert page_requests(sim)[0].headers["Accept-Language"] == "en"


def test_a_punch_is_read_whole(sim: Simulator, connect: Connect) -> None:
	sim.store.add_terminal("SIM0000000001", alias="gate")
	sim.store.punch("007", "2024-06-05 08:00:01", "4", upload_time="2024-06-05 08:00:09")
	(punch,) = punches(read(connect, sim))
	assert (punch.id, punch.emp_code, punch.time, punch.state, punch.terminal_sn, punch.terminal_alias) == (
		1,
		"007",
		datetime(2024, 6, 5, 8, 0, 1),
		"4",
		"SIM0000000001",
		"gate",
	)
	assert punch.upload_time == datetime(2024, 6, 5, 8, 0, 9)


VARIANTS = [
	Variant(envelope="results"),
	Variant(page_size_param="page_size"),
	Variant(page_size_param="limit"),
	Variant(max_page_size=7),
	Variant(max_page_size=3, next_keeps_filters=False),
	Variant(punch_state="int"),
	Variant(next_host="http://127.0.0.1:8081"),
	Variant(next_host="https://elsewhere.invalid"),
	Variant(next_null="null-string"),
	Variant(next_keeps_filters=False),
	Variant(
		next_keeps_filters=False, next_null="null-string", envelope="results", next_host="http://10.0.0.1"
	),
	Variant(time_filters=True, ordering=False, coordinates=True),
	Variant(jwt=False, envelope="results"),
]


@pytest.mark.parametrize("variant", VARIANTS, ids=repr)
def test_every_variant_gives_the_same_punches(
	start: StartSimulator, connect: Connect, variant: Variant
) -> None:
	sim = start(variant=variant)
	fill(sim, 55)
	pages = read(connect, sim, 10, start=DAY + timedelta(minutes=10), end=DAY + timedelta(minutes=40))
	assert ids(pages) == list(range(11, 42))
	assert {punch.state for punch in punches(pages)} == {"0"}
	assert all(entry.query["start_time"] == "2024-06-05 00:10:00" for entry in page_requests(sim))


def test_next_that_names_another_host_is_not_followed_there(start: StartSimulator, connect: Connect) -> None:
	other = start()
	sim = start(variant=Variant(next_host=other.url))
	fill(sim, 30)
	assert len(ids(read(connect, sim))) == 30
	assert other.log.entries == []
	assert asked_pages(sim) == [1, 2, 3]


def test_a_server_that_caps_the_page_size_gives_more_pages(start: StartSimulator, connect: Connect) -> None:
	sim = start(variant=Variant(max_page_size=10))
	fill(sim, 100)
	assert ids(read(connect, sim, 500)) == list(range(1, 101))
	assert asked_pages(sim) == list(range(1, 11))


def always_the_first_page(request: Any, answer: Any) -> Any:
	"""A fault: the page number is ignored."""
	request.args = request.args.copy()
	request.args["page"] = "1"
	return answer(request)


def test_a_server_that_ignores_the_page_number_is_found_out(sim: Simulator, connect: Connect) -> None:
	fill(sim, 30)
	sim.faults.add(always_the_first_page, path="/iclock/", times=None)
	with pytest.raises(UnexpectedShape):
		read(connect, sim)
	assert len(page_requests(sim)) == 2


def fixed_number_ahead(rows: list[dict[str, Any]]) -> list[Any]:
	return [{**row, "id": number, "emp_code": "7"} for number, row in enumerate(rows)]


def test_a_server_that_repeats_its_rows_is_found_out(sim: Simulator, connect: Connect) -> None:
	for _ in range(30):
		sim.store.punch("7", DAY, upload_time=DAY)
	sim.faults.add(faults.rows(fixed_number_ahead), path="/iclock/", times=None)
	with pytest.raises(UnexpectedShape, match="same page"):
		read(connect, sim)


def test_a_server_that_takes_no_heed_of_the_window_gives_everything(
	start: StartSimulator, connect: Connect
) -> None:
	sim = start(variant=Variant(time_filters=False))
	fill(sim, 25)
	assert len(ids(read(connect, sim, 10, start=DAY + timedelta(days=1)))) == 25


def test_reading_may_begin_at_a_later_page(sim: Simulator, connect: Connect) -> None:
	fill(sim, 35)
	pages = list(connect(sim).pages(None, None, 10, first_page=3))
	assert ids(pages) == list(range(21, 36))
	assert asked_pages(sim) == [3, 4]


@pytest.mark.parametrize("first", [2, 5, 900])
def test_reading_may_begin_past_the_end(sim: Simulator, connect: Connect, first: int) -> None:
	fill(sim, 10)
	(page,) = connect(sim).pages(None, None, 10, first_page=first)
	assert (page.past_end, page.number, page.fetched) == (True, first, 0)
	assert asked_pages(sim) == [first]


def test_a_page_past_the_end_can_be_asked_for(sim: Simulator, connect: Connect) -> None:
	assert connect(sim).page(PageQuery(2, 10)).past_end


def test_a_next_that_leads_past_the_end_ends_the_reading(sim: Simulator, connect: Connect) -> None:
	fill(sim, 30)
	client = connect(sim)
	for _ in client.pages(None, None, 10):
		for row in sim.store.transactions[20:]:
			sim.store.delete_punch(row.id)
	assert asked_pages(sim)[-1] <= 3


def lying_next(request: Any, answer: Any) -> Any:
	"""A fault: every page names a next one, also the last."""
	response = answer(request)
	if response.status_code == 200:
		body = response.get_json()
		body["next"] = f"http://h/?page={int(request.args['page']) + 1}"
		response.set_data(__import__("json").dumps(body))
	return response


def test_a_server_whose_last_page_names_another_is_read_to_its_end(sim: Simulator, connect: Connect) -> None:
	fill(sim, 30)
	sim.faults.add(lying_next, path="/iclock/", times=None)
	assert set(ids(read(connect, sim))) == set(range(1, 31))
	assert len(page_requests(sim)) <= 8


def test_only_the_page_that_is_wanted_is_asked_for(sim: Simulator, connect: Connect) -> None:
	fill(sim, 50)
	reading: Iterator[Page] = connect(sim).pages(None, None, 10)
	assert page_requests(sim) == logins(sim) == []
	for number in range(1, 6):
		assert next(reading).number == number
		assert asked_pages(sim) == list(range(1, number + 1))
	assert next(reading, None) is None
	assert len(page_requests(sim)) == 5


def test_a_failure_in_the_middle_leaves_the_pages_before_it(sim: Simulator, connect: Connect) -> None:
	fill(sim, 50)
	sim.faults.add(faults.status(500), path="/iclock/", after=3, times=None)
	pages: list[Page] = []
	with pytest.raises(ServerError):
		pages.extend(connect(sim).pages(None, None, 10))
	assert ids(pages) == list(range(1, 31))
	assert asked_pages(sim) == [1, 2, 3, 4, 4, 4, 4]


def test_a_transient_failure_in_the_middle_is_not_seen(sim: Simulator, connect: Connect) -> None:
	fill(sim, 50)
	sim.faults.add(faults.html_error(), path="/iclock/", after=2, times=2)
	sim.faults.add(faults.reset(), path="/iclock/", after=4, times=1)
	assert ids(read(connect, sim)) == list(range(1, 51))


def test_late_rows_between_two_pages_are_read_too(sim: Simulator, connect: Connect) -> None:
	fill(sim, 20)
	reading = connect(sim).pages(None, None, 10)
	pages = [next(reading)]
	fill(sim, 5)
	pages += reading
	assert ids(pages) == list(range(1, 26))


@pytest.mark.parametrize("late", [1, 9, 10, 11, 25])
def test_rows_that_become_visible_late_make_nothing_fail(sim: Simulator, connect: Connect, late: int) -> None:
	for number in range(101, 131):
		sim.store.punch("7", DAY + timedelta(minutes=number), id=number)
	reading = connect(sim).pages(None, None, 10)
	pages = [next(reading)]
	for number in range(1, late + 1):
		sim.store.punch("7", DAY + timedelta(minutes=number), id=number)
	pages += reading
	assert set(ids(pages)) >= set(range(101, 131))
