"""Filters, windows and orderings of the transactions endpoint."""

from __future__ import annotations

import pytest

from zkteco_biometric.simulator import Simulator, Store, Variant

from .api import TRANSACTIONS, Api

NOON = "2024-06-05 12:00:00"


def test_a_code_is_compared_exactly(api: Api, week: Store) -> None:
	assert {row["emp_code"] for row in api.rows(emp_code="7")} == {"7"}
	assert len(api.rows(emp_code="007")) == 12
	assert week.punch_count == 25


def test_some_builds_compare_codes_loosely(api: Api, sim: Simulator, week: Store) -> None:
	sim.variant = Variant(loose_emp_code=True)
	assert len(api.rows(emp_code="7")) == week.punch_count
	assert len(api.rows(emp_code="07")) == 12


def test_rows_can_be_asked_for_by_terminal(api: Api, store: Store) -> None:
	store.add_terminal("T1", alias="Gate")
	store.add_terminal("T2", alias="Door")
	for sn in ("T1", "T2", "T2", "gone"):
		store.punch("4", NOON, terminal_sn=sn)
	assert api.ids(terminal_sn="T2") == [2, 3]
	assert api.ids(terminal_alias="Gate") == [1]
	assert api.ids(terminal_sn="T1", terminal_alias="Door") == []


def test_both_ends_of_a_window_are_inclusive(api: Api, week: Store) -> None:
	assert week.punch_count == 25
	window = {"start_time": "2024-06-03 01:30:00", "end_time": "2024-06-03 03:30:00"}
	assert api.ids(**window) == [2, 3, 4]


def test_a_window_may_have_one_end_only(api: Api, week: Store) -> None:
	assert week.punch_count == 25
	assert api.ids(start_time="2024-06-03 23:30:00") == [24, 25]
	assert api.ids(end_time="2024-06-03 00:30:00") == [1]


def test_a_window_is_about_punch_times_not_upload_times(api: Api, store: Store) -> None:
	store.punch("4", "2024-06-01 08:00:00", upload_time="2024-06-05 08:00:00")
	assert api.ids(start_time="2024-06-02 00:00:00") == []
	assert api.ids(start_time="2024-06-01 00:00:00", end_time="2024-06-02 00:00:00") == [1]


def test_a_day_alone_means_its_midnight(api: Api, week: Store) -> None:
	assert week.punch_count == 25
	assert api.ids(start_time="2024-06-04") == [25]


@pytest.mark.parametrize("name", ["start_time", "end_time"])
@pytest.mark.parametrize("text", ["yesterday", "2024-13-01 00:00:00", "05.06.2024", "1717588800"])
def test_a_time_that_is_none_is_a_400(api: Api, name: str, text: str) -> None:
	response = api.get(TRANSACTIONS, **{name: text})
	assert (response.status_code, response.json()) == (400, {name: ["Enter a valid date/time."]})


def test_some_builds_ignore_windows_silently(api: Api, sim: Simulator, week: Store) -> None:
	sim.variant = Variant(time_filters=False)
	assert api.page(start_time="2030-01-01 00:00:00")["count"] == week.punch_count


def test_filters_add_up_and_count_says_how_many_match(api: Api, week: Store) -> None:
	assert week.punch_count == 25
	page = api.page(emp_code="007", end_time="2024-06-03 08:00:00", page_size=2)
	assert page["count"] == 4
	assert [row["id"] for row in page["data"]] == [2, 4]


@pytest.mark.parametrize("unknown", ["offset", "since", "punch_time__gte", "id__gt", "employee"])
def test_parameters_that_nobody_knows_are_ignored_silently(api: Api, week: Store, unknown: str) -> None:
	assert api.page(**{unknown: "24"})["count"] == week.punch_count


@pytest.fixture
def shuffled(store: Store) -> Store:
	"""Ids 1, 2, 3; by punch time 2, 3, 1; by upload time 3, 1, 2."""
	store.punch("4", "2024-06-03 03:00:00", upload_time="2024-06-04 02:00:00")
	store.punch("4", "2024-06-03 01:00:00", upload_time="2024-06-04 03:00:00")
	store.punch("4", "2024-06-03 02:00:00", upload_time="2024-06-04 01:00:00")
	return store


@pytest.mark.parametrize(
	("ordering", "ids"),
	[
		("punch_time", [2, 3, 1]),
		("-punch_time", [1, 3, 2]),
		("upload_time", [3, 1, 2]),
		("-upload_time", [2, 1, 3]),
		("-id", [1, 2, 3]),
		("emp_code", [1, 2, 3]),
		("", [1, 2, 3]),
		("-", [1, 2, 3]),
	],
)
def test_some_orderings_are_honoured_and_all_others_ignored(
	api: Api, shuffled: Store, ordering: str, ids: list[int]
) -> None:
	assert shuffled.punch_count == 3
	assert api.ids(ordering=ordering) == ids


def test_some_builds_ignore_every_ordering(api: Api, sim: Simulator, shuffled: Store) -> None:
	assert shuffled is sim.store
	sim.variant = Variant(ordering=False)
	assert api.ids(ordering="-punch_time") == [1, 2, 3]
