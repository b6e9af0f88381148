"""What is asked for a page, and what is read from its envelope."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from zkteco_biometric.biotime.answers import Json
from zkteco_biometric.biotime.errors import BioTimeError, NotBioTime, UnexpectedShape
from zkteco_biometric.biotime.models import Page
from zkteco_biometric.biotime.pager import Pager
from zkteco_biometric.biotime.pages import PageQuery, read_page

ROW = {"id": 1, "emp_code": "7", "punch_time": "2024-06-05 08:00:00", "punch_state": "0"}
QUERY = PageQuery(2, 10)


def page_of(data: Any, status: int = 200, query: PageQuery = QUERY, **headers: str) -> Page:
	return read_page(Json(status, data, CaseInsensitiveDict(headers)), query)


def envelope(**changes: Any) -> dict[str, Any]:
	return {
		"count": 25,
		"next": "http://h/?page=3",
		"previous": None,
		"msg": "",
		"code": 0,
		"data": [ROW],
	} | changes


def test_a_query_without_a_window_asks_for_a_page_only() -> None:
	assert PageQuery(1, 500).parameters() == {"page": "1", "page_size": "500", "limit": "500"}


def test_a_window_is_asked_for_in_whole_seconds() -> None:
	query = PageQuery(3, 500, datetime(2024, 6, 5, 7, 8, 9, 999_999), datetime(2024, 6, 5, 23, 59, 59))
	assert query.parameters() == {
		"page": "3",
		"page_size": "500",
		"limit": "500",
		"start_time": "2024-06-05 07:08:09",
		"end_time": "2024-06-05 23:59:59",
	}


def test_what_the_server_adds_never_replaces_what_we_ask() -> None:
	query = PageQuery(3, 500, extra=(("page", "9"), ("limit", "1"), ("cursor", "abc")))
	assert query.parameters() == {"page": "3", "page_size": "500", "limit": "500", "cursor": "abc"}


@pytest.mark.parametrize("name", ["data", "results"])
def test_rows_are_found_under_either_name(name: str) -> None:
	page = page_of({"count": 1, "next": None, "previous": None, name: [ROW]})
	assert [punch.id for punch in page.punches] == [1]


@pytest.mark.parametrize("data", [None, "rows", 5, {}, {"0": ROW}])
def test_an_answer_without_a_list_of_rows_is_an_unexpected_shape(data: Any) -> None:
	with pytest.raises(UnexpectedShape, match="no list"):
		page_of(envelope(data=data))


@pytest.mark.parametrize("data", [None, [], [ROW], "text", 5, True])
def test_an_answer_that_is_no_object_is_an_unexpected_shape(data: Any) -> None:
	with pytest.raises(UnexpectedShape):
		page_of(data)


@pytest.mark.parametrize("status", [201, 400])
def test_a_refused_request_is_an_unexpected_shape(status: int) -> None:
	with pytest.raises(UnexpectedShape, match="valid date"):
		page_of({"start_time": ["Enter a valid date/time."]}, status)


@pytest.mark.parametrize(
	("count", "told"),
	[
		(25, 25),
		(0, 0),
		(None, None),
		("25", 25),
		(" 25 ", 25),
		(25.0, 25),
		("many", None),
		("", None),
		("-1", None),
		("٣", None),
		("9" * 5000, None),
		(-1, None),
		(True, None),
		(2.5, None),
		(float("inf"), None),
		(float("nan"), None),
		([], None),
	],
)
def test_the_count_is_a_whole_number_or_none(count: Any, told: int | None) -> None:
	assert page_of(envelope(count=count)).count == told


@pytest.mark.parametrize(
	("link", "query"),
	[
		("http://127.0.0.1:8081/iclock/api/transactions/?page=3&limit=10", "page=3&limit=10"),
		("/iclock/api/transactions/?page=3", "page=3"),
		("?page=3", "page=3"),
		("http://h/", ""),
		("http://[broken/?page=3", ""),
		(None, None),
		("", None),
		("null", None),
		("Null", None),
		("None", None),
		(" null ", None),
		(5, ""),
		(True, ""),
		(False, None),
		(0, None),
		({}, None),
	],
)
def test_only_the_query_of_next_is_taken(link: Any, query: str | None) -> None:
	page = page_of(envelope(next=link))
	assert (page.next_query, page.has_next) == (query, query is not None)


@pytest.mark.parametrize("link", [None, True, 5])
def test_a_page_without_rows_and_without_a_link_is_the_last(link: Any) -> None:
	assert not page_of(envelope(data=[], next=link)).has_next


def test_a_page_without_rows_may_name_a_next_one() -> None:
	assert page_of(envelope(data=[])).has_next


@pytest.mark.parametrize("rows", [1, 10])
@pytest.mark.parametrize("count", [25, 2, None])
def test_without_any_next_there_may_be_more_until_a_page_is_empty(count: int | None, rows: int) -> None:
	body = envelope(count=count, data=[ROW] * rows)
	del body["next"]
	assert page_of(body).has_next
	assert not page_of(body | {"data": []}).has_next


@pytest.mark.parametrize("first", [None, {}, "rows"])
def test_the_first_list_is_taken(first: Any) -> None:
	assert page_of(envelope(data=first, results=[ROW])).fetched == 1
	assert page_of(envelope(data=[ROW], results=first)).fetched == 1


@pytest.mark.parametrize("body", [{"data": None}, {"results": None}, {"data": None, "results": None}])
def test_no_rows_and_a_count_of_zero_is_an_empty_page(body: Any) -> None:
	page = page_of({"count": 0, "next": None, "code": 0, **body})
	assert (page.fetched, page.count, page.has_next, page.past_end) == (0, 0, False, False)


def test_a_bad_row_never_stops_a_page() -> None:
	page = page_of(envelope(data=[ROW, None, ROW | {"punch_time": "x"}, ROW | {"id": 4}]))
	assert [punch.id for punch in page.punches] == [1, 4]
	assert [refused.transaction_id for refused in page.rejected] == ["", "1"]
	assert page.fetched == 4


def test_the_servers_clock_is_noted() -> None:
	page = page_of(envelope(), Date="Wed, 05 Jun 2024 12:00:00 GMT")
	assert page.server_time == datetime(2024, 6, 5, 12, tzinfo=timezone.utc)
	assert page_of(envelope()).server_time is None


@pytest.mark.parametrize("body", [None, {"detail": "Not found."}])
@pytest.mark.parametrize("number", [2, 90])
def test_whatever_404_a_later_page_answers_it_is_past_the_end(number: int, body: Any) -> None:
	assert page_of(body, 404, PageQuery(number, 10)).past_end


@pytest.mark.parametrize("body", [{"detail": "Invalid page."}, {"detail": "That page contains no results"}])
@pytest.mark.parametrize("number", [1, 2, 90])
def test_a_page_past_the_end_is_empty_and_says_so(number: int, body: Any) -> None:
	page = page_of(body, 404, PageQuery(number, 10))
	assert (page.past_end, page.fetched, page.has_next, page.number) == (True, 0, False, number)


@pytest.mark.parametrize("body", [None, {"detail": "Not found."}])
def test_a_first_page_that_is_not_found_is_not_biotime(body: Any) -> None:
	with pytest.raises(NotBioTime):
		page_of(body, 404, PageQuery(1, 10))


@given(
	st.dictionaries(
		st.sampled_from(["count", "next", "data", "results"]),
		st.none() | st.integers() | st.text(max_size=20) | st.lists(st.none() | st.just(ROW), max_size=3),
	),
	st.sampled_from([200, 400, 404]),
	st.integers(1, 3),
)
@settings(max_examples=500)
def test_any_json_is_a_page_or_a_biotime_error(data: Any, status: int, number: int) -> None:
	query = PageQuery(number, 2)
	try:
		page = page_of(data, status, query)
		following = Pager(query).after(page)
	except BioTimeError:
		return
	assert following is None or following.number > number or number > 1


def follow(next_query: str | None, number: int = 2) -> PageQuery | None:
	query = PageQuery(number, 10, datetime(2024, 6, 5), datetime(2024, 6, 6))
	return Pager(query).after(page_of(envelope(next=next_query and f"http://h/?{next_query}"), query=query))


def test_the_next_page_is_the_one_that_the_server_names() -> None:
	following = follow("page=3")
	assert following is not None
	assert following.number == 3


@pytest.mark.parametrize("told", ["offset=20", "page=", "page=x", "page=-3", "page=" + "9" * 40, "page=٣"])
def test_without_a_readable_number_the_next_page_is_one_further(told: str) -> None:
	following = follow(told)
	assert following is not None
	assert following.number == 3


@pytest.mark.parametrize("told", ["page=2", "page=1", "page=0"])
def test_a_next_page_that_is_not_further_is_an_unexpected_shape(told: str) -> None:
	with pytest.raises(UnexpectedShape, match="follows page 2"):
		follow(told)


def test_the_filters_stay_whatever_next_says() -> None:
	following = follow("page=3&page_size=1&start_time=1999-01-01&cursor=a%20b")
	assert following is not None
	assert following.parameters() == {
		"page": "3",
		"page_size": "10",
		"limit": "10",
		"start_time": "2024-06-05 00:00:00",
		"end_time": "2024-06-06 00:00:00",
		"cursor": "a b",
	}


def test_at_the_end_there_is_nothing_to_ask() -> None:
	assert follow(None) is not None, "the count says more"
	first = PageQuery(1, 10)
	assert Pager(first).after(page_of(envelope(count=1, next=None), query=first)) is None
