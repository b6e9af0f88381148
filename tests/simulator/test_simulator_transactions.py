from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from zkteco_biometric.simulator import Simulator, Store, Variant

from .api import TRANSACTIONS, Api, without

NOON = "2024-06-05 12:00:00"


def test_an_empty_server_answers_an_empty_page(api: Api) -> None:
	expected: dict[str, object] = {
		"count": 0,
		"next": None,
		"previous": None,
		"msg": "",
		"code": 0,
		"data": [],
	}
	assert api.page() == expected


def test_a_row_of_a_known_person_has_the_recorded_fields(api: Api, store: Store) -> None:
	store.add_terminal("CLGY1", alias="zpad")
	person = store.add_person("4", first_name="Employee", last_name="004")
	store.punch("4", "2024-06-05 23:59:39", "0", upload_time="2024-09-16 10:44:07")
	assert api.rows() == [
		{
			"id": 1,
			"emp": person.id,
			"emp_code": "4",
			"first_name": "Employee",
			"last_name": "004",
			"department": "Department",
			"position": None,
			"punch_time": "2024-06-05 23:59:39",
			"punch_state": "0",
			"punch_state_display": "Check In",
			"verify_type": 1,
			"verify_type_display": "Fingerprint",
			"work_code": "0",
			"gps_location": None,
			"area_alias": "Default Area",
			"terminal_sn": "CLGY1",
			"temperature": 0.0,
			"is_mask": "-",
			"terminal_alias": "zpad",
			"upload_time": "2024-09-16 10:44:07",
		}
	]


def test_a_row_of_an_unknown_person_keeps_the_code_and_nothing_else(api: Api, store: Store) -> None:
	store.punch("A7", NOON)
	(row,) = api.rows()
	assert row["emp_code"] == "A7"
	assert {row[name] for name in ("emp", "first_name", "last_name", "department")} == {None}


def test_a_person_who_was_deleted_leaves_rows_without_emp(api: Api, store: Store) -> None:
	person = store.add_person("4")
	store.punch("4", NOON)
	store.delete_person(person.id)
	assert [(row["emp"], row["emp_code"]) for row in api.rows()] == [(None, "4")]


def test_a_manual_row_has_no_serial_number(api: Api, store: Store) -> None:
	store.add_terminal("T1")
	store.punch("4", NOON, terminal_sn="")
	(row,) = api.rows()
	assert (row["terminal_sn"], row["terminal_alias"], row["area_alias"]) == ("", None, "")


def test_the_upload_time_is_the_wall_clock_of_the_server() -> None:
	clock = datetime.fromisoformat("2024-06-05T20:00:00.750+00:00")
	with Simulator(clock=lambda: clock, time_zone="Asia/Kolkata") as sim:
		api = Api(sim)
		api.use_jwt()
		sim.store.punch("4", NOON)
		assert api.rows()[0]["upload_time"] == "2024-06-06 01:30:00"


@pytest.mark.parametrize(
	("state", "shown", "display"),
	[
		("0", "0", "Check In"),
		("1", "1", "Check Out"),
		("2", "2", "Break Out"),
		("3", "3", "Break In"),
		("4", "4", "Overtime In"),
		("5", "5", "Overtime Out"),
		("255", "255", "Unknown"),
		(1, "1", "Check Out"),
		("", "", "Unknown"),
		(None, None, "Unknown"),
	],
)
def test_punch_states_are_strings(
	api: Api, store: Store, state: str | int | None, shown: str | None, display: str
) -> None:
	store.punch("4", NOON, state)
	(row,) = api.rows()
	assert (row["punch_state"], row["punch_state_display"]) == (shown, display)


@pytest.mark.parametrize(("state", "shown"), [("0", 0), ("255", 255), (1, 1), ("", ""), (None, None)])
def test_some_builds_have_whole_numbers_for_punch_states(
	api: Api, sim: Simulator, state: str | int | None, shown: str | int | None
) -> None:
	sim.variant = Variant(punch_state="int")
	sim.store.punch("4", NOON, state)
	assert api.rows()[0]["punch_state"] == shown


def test_coordinates_are_there_only_where_the_build_has_them(api: Api, sim: Simulator) -> None:
	sim.store.punch("4", NOON, longitude=13.4, latitude=52.5)
	sim.store.punch("4", NOON)
	assert "longitude" not in api.rows()[0]
	sim.variant = Variant(coordinates=True)
	assert [(row["longitude"], row["latitude"]) for row in api.rows()] == [(13.4, 52.5), (None, None)]


def test_text_is_not_escaped_to_ascii(api: Api, store: Store) -> None:
	store.add_person("4", first_name="Ämployee")
	store.punch("4", NOON)
	assert "Ämployee" in api.get(TRANSACTIONS).text


def test_a_page_has_ten_rows_unless_asked_otherwise(api: Api, week: Store) -> None:
	page = api.page()
	assert page["count"] == week.punch_count
	assert [row["id"] for row in page["data"]] == list(range(1, 11))


@pytest.mark.parametrize("name", ["page_size", "limit"])
def test_both_names_of_the_page_size_work(api: Api, week: Store, name: str) -> None:
	assert week.punch_count == 25
	assert len(api.page(**{name: 7})["data"]) == 7


def test_page_size_is_the_stronger_of_both_names(api: Api, week: Store) -> None:
	assert week.punch_count == 25
	assert len(api.page(page_size=3, limit=7)["data"]) == 3


@pytest.mark.parametrize(("honoured", "ignored"), [("page_size", "limit"), ("limit", "page_size")])
def test_some_builds_know_one_name_only(
	api: Api, sim: Simulator, week: Store, honoured: str, ignored: str
) -> None:
	assert week is sim.store
	sim.variant = Variant(page_size_param=honoured)  # type: ignore[arg-type]
	assert len(api.page(**{honoured: 7, ignored: 3})["data"]) == 7
	assert len(api.page(**{ignored: 3})["data"]) == 10


@pytest.mark.parametrize("size", ["x", "0", "-5", "", "1.5", "٣"])
def test_a_page_size_that_is_none_means_the_default(api: Api, week: Store, size: str) -> None:
	assert week.punch_count == 25
	assert len(api.page(page_size=size)["data"]) == 10


def test_some_builds_cap_the_page_size_silently(api: Api, sim: Simulator, week: Store) -> None:
	assert week is sim.store
	sim.variant = Variant(max_page_size=4)
	assert len(api.page(page_size=1000)["data"]) == 4
	assert len(api.page(page_size=3)["data"]) == 3


def test_some_builds_send_no_small_pages(api: Api, sim: Simulator, week: Store) -> None:
	assert week is sim.store
	sim.variant = Variant(min_page_size=10)
	assert [len(api.page(page_size=size)["data"]) for size in (3, 10, 12)] == [10, 10, 12]
	assert api.page(page_size=5, page=3)["next"] is None


def test_some_builds_ignore_the_page_size(api: Api, sim: Simulator, week: Store) -> None:
	assert week is sim.store
	sim.variant = Variant(min_page_size=7, max_page_size=7)
	assert {len(api.page(page_size=size)["data"]) for size in (3, 7, 12)} == {7}


def test_the_pages_together_hold_every_row_once(api: Api, week: Store) -> None:
	ids = [row["id"] for number in (1, 2, 3) for row in api.page(page=number)["data"]]
	assert ids == [row.id for row in week.transactions]


@pytest.mark.parametrize("number", [4, 100, 0, -1, "x", ""])
def test_a_page_past_the_end_is_a_404(api: Api, week: Store, number: object) -> None:
	assert week.punch_count == 25
	response = api.get(TRANSACTIONS, page=number)
	assert (response.status_code, response.json()) == (404, {"detail": "Invalid page."})


def test_a_page_that_ends_exactly_at_the_end_has_no_next(api: Api, week: Store) -> None:
	assert week.punch_count == 25
	assert api.page(page=5, page_size=5)["next"] is None
	assert api.get(TRANSACTIONS, page=6, page_size=5).status_code == 404


def test_links_are_absolute_and_repeat_the_filters(api: Api, sim: Simulator, week: Store) -> None:
	assert week is sim.store
	page = api.page(page=2, page_size=5, emp_code="007")
	link = urlsplit(page["next"])
	assert f"{link.scheme}://{link.netloc}" == sim.url
	assert link.path == TRANSACTIONS
	assert parse_qs(link.query) == {"page": ["3"], "page_size": ["5"], "emp_code": ["007"]}
	assert "page=1" in page["previous"]


def test_following_next_leads_through_every_page(api: Api, sim: Simulator, week: Store) -> None:
	ids, path = [], TRANSACTIONS + "?page_size=4"
	while path:
		page = api.page(path)
		ids += [row["id"] for row in page["data"]]
		path = (page["next"] or "").removeprefix(sim.url)
	assert ids == [row.id for row in week.transactions]


def test_links_name_the_host_that_was_asked(api: Api, week: Store) -> None:
	assert week.punch_count == 25
	api.headers = {**api.headers, "Host": "biotime.example:8081"}
	assert api.page()["next"].startswith("http://biotime.example:8081/iclock/")


def test_behind_a_proxy_links_name_an_inside_host(api: Api, sim: Simulator, week: Store) -> None:
	assert week is sim.store
	sim.variant = Variant(next_host="http://127.0.0.1:8081")
	assert api.page()["next"] == "http://127.0.0.1:8081/iclock/api/transactions/?page=2"


def test_some_builds_write_a_missing_link_as_a_text(api: Api, sim: Simulator) -> None:
	sim.variant = Variant(next_null="null-string")
	page = api.page()
	assert (page["next"], page["previous"]) == ("null", "null")


def test_some_builds_drop_the_filters_from_their_links(api: Api, sim: Simulator, week: Store) -> None:
	assert week is sim.store
	sim.variant = Variant(next_keeps_filters=False)
	assert urlsplit(api.page(page_size=5, emp_code="7")["next"]).query == "page=2"


def test_some_builds_call_the_rows_results(api: Api, sim: Simulator, week: Store) -> None:
	assert week is sim.store
	sim.variant = Variant(envelope="results")
	page = api.page()
	assert "data" not in page
	assert len(page["results"]) == 10


def test_rows_come_in_the_order_of_their_ids(api: Api, store: Store) -> None:
	store.punch("4", NOON, id=10)
	store.punch("4", NOON, id=7)
	store.punch("4", NOON)
	assert api.ids() == [7, 10, 11]


def test_a_row_that_is_deleted_between_two_pages_shifts_the_second(api: Api, week: Store) -> None:
	first = api.ids(page_size=5)
	week.delete_punch(first[0])
	assert api.ids(page_size=5, page=2) == [7, 8, 9, 10, 11]


def test_transactions_cannot_be_posted(api: Api) -> None:
	response = api.post(TRANSACTIONS, {})
	assert (response.status_code, response.json()) == (405, {"detail": 'Method "POST" not allowed.'})


def test_the_variant_may_change_while_the_server_runs(api: Api, sim: Simulator, week: Store) -> None:
	before = api.rows()
	sim.variant = replace(sim.variant, coordinates=True)
	assert [without(row, "longitude", "latitude") for row in api.rows()] == before
	assert len(before) == week.punch_count
