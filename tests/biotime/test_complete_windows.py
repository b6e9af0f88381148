"""A window ends when its punches have been seen, whatever the server says of `count` and `next`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.biotime.envelopes import (
	always,
	count_as_text,
	count_of_this_page,
	empty,
	on_page,
	said,
	with_,
	without,
)
from tests.support.clients import DAY, asked_pages, ids, page_requests
from tests.support.fixtures import Connect, StartSimulator
from zkteco_biometric.biotime.errors import ServerError, UnexpectedShape
from zkteco_biometric.biotime.models import Page
from zkteco_biometric.simulator import Simulator, Variant, faults
from zkteco_biometric.simulator.faults import Fault

ROWS = 1234


def fill(sim: Simulator, rows: int = ROWS) -> Simulator:
	sim.store.punches((str(minute % 7), DAY + timedelta(minutes=minute), "0") for minute in range(rows))
	return sim


def read(connect: Connect, sim: Simulator, size: int = 100, first_page: int = 1) -> list[Page]:
	return list(connect(sim).pages(None, None, size, first_page))


def everything(pages: list[Page]) -> bool:
	return set(ids(pages)) == set(range(1, ROWS + 1))


def not_found(body: str = '{"detail": "Invalid page."}') -> Fault:
	return faults.status(404, body=body)


INCOMPLETE: list[tuple[str, tuple[Fault, ...]]] = [
	("no next", (without("next"),)),
	("no next and no count", (without("next", "count"),)),
	("no next, count as text", (without("next"), with_(count=str(ROWS)))),
	("count as text", (with_(count=f" {ROWS} "),)),
	("count as a float", (with_(count=float(ROWS), next=None),)),
	("next null though count says more", (with_(next=None),)),
	("next false though count says more", (with_(next=False),)),
	("next true", (said(lambda page, _: page | {"next": bool(page["next"])}),)),
	(
		"next true, without count",
		(said(lambda page, _: page | {"next": bool(page["next"])}), without("count")),
	),
	(
		"next as a number",
		(said(lambda page, asked: page | {"next": int(asked.args["page"]) + 1}), without("count")),
	),
	("the rows of the page as count", (count_of_this_page(),)),
	("the rows of the page as count, no next", (count_of_this_page(), without("next"))),
	(
		"the rows that are left as count",
		(said(lambda page, asked: page | {"count": ROWS - 100 * (int(asked.args["page"]) - 1)}),),
	),
	("the number of pages as count", (with_(count=13),)),
]


@pytest.mark.parametrize("cap", [None, 100])
@pytest.mark.parametrize("made", [case[1] for case in INCOMPLETE], ids=[case[0] for case in INCOMPLETE])
def test_every_punch_is_read_whatever_the_envelope_says(
	start: StartSimulator, connect: Connect, made: tuple[Fault, ...], cap: int | None
) -> None:
	sim = always(fill(start(variant=Variant(max_page_size=cap))), *made)
	assert everything(read(connect, sim, 500 if cap else 100))
	assert len(page_requests(sim)) <= 20


@pytest.mark.parametrize("first", [2, 5, 12, 13])
@pytest.mark.parametrize("cap", [None, 100])
def test_a_reading_that_begins_later_is_complete_too(
	start: StartSimulator, connect: Connect, first: int, cap: int | None
) -> None:
	for made in (with_(), without("next"), with_(next=None), count_of_this_page()):
		sim = always(fill(start(variant=Variant(max_page_size=cap))), made)
		pages = read(connect, sim, 500 if cap else 100, first)
		assert set(ids(pages)) >= set(range((first - 1) * 100 + 1, ROWS + 1))
		assert len(page_requests(sim)) <= 20


SHORT: list[tuple[str, tuple[Fault, ...]]] = [
	("a JSON 404", (on_page(3, not_found()),)),
	("a JSON 404 of a row", (on_page(3, not_found('{"detail": "Not found."}')),)),
	("a page that is not found", (on_page(3, not_found("<html>Not Found</html>")),)),
	("an empty page with a good next", (on_page(3, empty()),)),
	("an empty page without next", (on_page(3, with_(data=[], next=None)),)),
	("an empty page and count as text", (on_page(3, empty()), count_as_text())),
	("an empty page with a good next, no count", (on_page(3, empty()), without("count"))),
	("next null and then nothing", (on_page(2, with_(next=None)), on_page(3, empty()))),
	("a JSON 404 and no next", (on_page(3, not_found()), without("next"))),
	("an empty first page", (on_page(1, with_(data=[], next=None)), on_page(2, not_found()))),
]


@pytest.mark.parametrize("made", [case[1] for case in SHORT], ids=[case[0] for case in SHORT])
@pytest.mark.parametrize("cap", [None, 100])
def test_a_list_that_ends_early_is_an_error_that_may_pass(
	start: StartSimulator, connect: Connect, made: tuple[Fault, ...], cap: int | None
) -> None:
	sim = always(fill(start(variant=Variant(max_page_size=cap))), *made)
	with pytest.raises(ServerError, match="punches"):
		read(connect, sim, 500 if cap else 100)
	assert len(page_requests(sim)) <= 12


@pytest.mark.parametrize("cap", [None, 100])
@pytest.mark.parametrize("gone", [3, 6])
def test_the_cycle_that_goes_on_there_is_not_taken_in(
	start: StartSimulator, connect: Connect, cap: int | None, gone: int
) -> None:
	sim = always(fill(start(variant=Variant(max_page_size=cap))), on_page(gone, not_found()))
	with pytest.raises(ServerError, match="1234 punches but ended the list"):
		read(connect, sim, 500 if cap else 100, gone - 1)


def test_the_error_says_what_is_missing(sim: Simulator, connect: Connect) -> None:
	always(fill(sim), on_page(3, not_found()))
	with pytest.raises(ServerError, match="there are 1234 punches but ended the list after 200"):
		read(connect, sim)


def test_the_page_before_the_gap_is_handed_over(sim: Simulator, connect: Connect) -> None:
	always(fill(sim), on_page(3, not_found()))
	pages = []
	with pytest.raises(ServerError):
		pages.extend(connect(sim).pages(None, None, 100))
	reading = connect(sim).pages(None, None, 100)
	assert [next(reading).number, next(reading).number] == [1, 2]


def test_a_page_that_was_missing_once_is_read(sim: Simulator, connect: Connect) -> None:
	fill(sim)
	sim.faults.add(faults.status(404, body='{"detail": "Invalid page."}'), path="/iclock/", after=2, times=1)
	assert everything(read(connect, sim))


MISUNDERSTOOD = [
	pytest.param(said(lambda page, asked: page | {"count": ROWS}), id="all punches ever"),
	pytest.param(with_(count="many"), id="text"),
	pytest.param(with_(count=-1), id="negative"),
	pytest.param(with_(count=True), id="true"),
]


@pytest.mark.parametrize("rows", [0, 1, 4, 20, 25])
@pytest.mark.parametrize("made", MISUNDERSTOOD)
def test_a_count_that_means_something_else_does_not_hold_us_up(
	sim: Simulator, connect: Connect, made: Fault, rows: int
) -> None:
	always(fill(sim, rows), made)
	until = datetime(2030, 1, 1)
	assert set(ids(list(connect(sim).pages(DAY, until, 10)))) == set(range(1, rows + 1))
	assert len(page_requests(sim)) <= 8


def test_a_list_that_ends_by_itself_is_believed(sim: Simulator, connect: Connect) -> None:
	"""Pages as long as they were asked for, then a short one, then none: the count includes what we may not see."""
	more = said(lambda page, _: page | {"count": page["count"] and page["count"] + 7})
	always(fill(sim, 25), more)
	assert set(ids(read(connect, sim, 10))) == set(range(1, 26))


def test_a_server_without_pages_is_read_once(sim: Simulator, connect: Connect) -> None:
	def all_at_once(request: Any, answer: Any) -> Any:
		request.args = request.args.copy()
		request.args["page"] = "1"
		return answer(request)

	always(fill(sim, 25), all_at_once, without("next", "count"))
	assert set(ids(read(connect, sim, 100))) == set(range(1, 26))


def test_a_server_without_next_that_ignores_the_page_number_is_found_out(
	sim: Simulator, connect: Connect
) -> None:
	def first(request: Any, answer: Any) -> Any:
		request.args = request.args.copy()
		request.args["page"] = "1"
		return answer(request)

	always(fill(sim, 25), first, without("next", "count"))
	with pytest.raises(UnexpectedShape, match="same page"):
		read(connect, sim, 10)


@pytest.mark.parametrize("missing", [("next",), ("next", "count")])
def test_a_short_window_without_next_costs_few_requests(
	sim: Simulator, connect: Connect, missing: tuple[str, ...]
) -> None:
	always(fill(sim, 3), without(*missing))
	read(connect, sim, 10)
	assert len(asked_pages(sim)) <= 4


def test_rows_deleted_from_a_server_without_next_hide_no_others(sim: Simulator, connect: Connect) -> None:
	always(fill(sim, 50), without("next"))
	pages = []
	for page in connect(sim).pages(None, None, 10):
		pages.append(page)
		if len(pages) == 4:
			for row in sim.store.transactions[:10]:
				sim.store.delete_punch(row.id)
	assert {row.id for row in sim.store.transactions} <= set(ids(pages))
