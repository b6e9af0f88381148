"""Rows that are deleted while pages are read make no other row disappear."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from werkzeug.wrappers import Request, Response

from tests.support.clients import DAY, asked_pages, connected, ids, page_requests
from zkteco_biometric.biotime.errors import ServerError
from zkteco_biometric.biotime.models import Page
from zkteco_biometric.simulator import Simulator, Variant
from zkteco_biometric.simulator.faults import Answer, Fault

Deletions = dict[int, list[int]]
"""After how many pages that were read, which places of the table are deleted."""


def fill(sim: Simulator, rows: int) -> None:
	sim.store.punches(("7", DAY + timedelta(minutes=minute), "0") for minute in range(rows))


def delete_places(sim: Simulator, places: list[int]) -> None:
	rows = sim.store.transactions
	for place in {place % len(rows) for place in places} if rows else ():
		sim.store.delete_punch(rows[place].id)


def read(sim: Simulator, size: int, deletions: Deletions) -> list[Page]:
	"""All pages, with rows deleted after some of them."""
	pages: list[Page] = []
	with connected(sim.url) as client:
		for page in client.pages(None, None, size):
			pages.append(page)
			delete_places(sim, deletions.get(len(pages), []))
	return pages


def survivors(sim: Simulator) -> set[int]:
	return {row.id for row in sim.store.transactions}


@pytest.mark.parametrize("after", [1, 2, 3, 4])
@pytest.mark.parametrize("number", [1, 3, 9, 10, 11, 20, 25])
def test_rows_deleted_from_the_front_hide_no_others(sim: Simulator, after: int, number: int) -> None:
	fill(sim, 50)
	pages = read(sim, 10, {after: list(range(number))})
	assert survivors(sim) <= set(ids(pages))


@pytest.mark.parametrize("place", [0, 9, 10, 19, 29, 30, 49])
@pytest.mark.parametrize("after", [1, 3, 4])
def test_one_row_deleted_anywhere_hides_no_other(sim: Simulator, place: int, after: int) -> None:
	fill(sim, 50)
	pages = read(sim, 10, {after: [place]})
	assert survivors(sim) <= set(ids(pages))


@pytest.mark.parametrize("left", [0, 1, 10, 11, 20, 25, 39])
def test_pages_that_are_gone_hide_no_rows(sim: Simulator, left: int) -> None:
	fill(sim, 50)
	pages = read(sim, 10, {4: list(range(50 - left))})
	assert survivors(sim) <= set(ids(pages))


def test_two_deletions_one_after_the_other_hide_no_rows(sim: Simulator) -> None:
	fill(sim, 50)
	pages = read(sim, 10, {2: [0, 1], 5: list(range(12))})
	assert survivors(sim) <= set(ids(pages))


@pytest.mark.parametrize("number", [15, 25])
def test_a_server_that_caps_the_page_size_hides_no_rows(number: int) -> None:
	with Simulator(variant=Variant(max_page_size=10)) as sim:
		fill(sim, 60)
		pages = read(sim, 500, {4: list(range(number))})
		assert survivors(sim) <= set(ids(pages))


def test_only_the_pages_that_may_have_changed_are_read_again(sim: Simulator) -> None:
	fill(sim, 100)
	read(sim, 10, {5: [0]})
	assert asked_pages(sim) == [1, 2, 3, 4, 5, 6, 5, 6, 7, 8, 9, 10]


def test_what_slid_forward_comes_before_what_follows(sim: Simulator) -> None:
	fill(sim, 50)
	pages = read(sim, 10, {3: [0, 1]})
	assert [page.number for page in pages] == [1, 2, 3, 3, 4, 5]
	assert list(dict.fromkeys(ids(pages))) == list(range(1, 51))


def test_a_list_that_never_stops_shrinking_ends_in_an_error() -> None:
	with Simulator() as sim:
		fill(sim, 400)
		always = {number: [0] for number in range(1, 1000)}
		with pytest.raises(ServerError, match="keeps changing"):
			read(sim, 2, always)
		assert len(page_requests(sim)) < 300


def deleting(sim: Simulator, deletions: Deletions) -> Fault:
	"""A fault: before some requests, rows disappear."""
	asked = count(1)

	def fault(request: Request, answer: Answer) -> Response:
		delete_places(sim, deletions.get(next(asked), []))
		return answer(request)

	return fault


@example(rows=30, size=5, cap=2, deletions={3: list(range(8)), 4: [0]})
@given(
	rows=st.integers(0, 40),
	size=st.integers(1, 12),
	cap=st.none() | st.integers(1, 6),
	deletions=st.dictionaries(
		st.integers(2, 12), st.lists(st.integers(0, 40), min_size=1, max_size=25), max_size=3
	),
)
@settings(max_examples=50)
def test_no_deletions_before_any_request_hide_a_row(
	rows: int, size: int, cap: int | None, deletions: Deletions
) -> None:
	with Simulator(variant=Variant(max_page_size=cap)) as sim:
		fill(sim, rows)
		sim.faults.add(deleting(sim, deletions), path="/iclock/", times=None)
		pages = read(sim, size, {})
		assert survivors(sim) <= set(ids(pages))
