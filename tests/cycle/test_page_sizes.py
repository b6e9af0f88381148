"""The size of a page follows what the server bears, and every row is read once whatever that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.profiles import examples
from tests.support.punches import punch
from zkteco_biometric.biotime.errors import BioTimeError, ServerError, TimedOut, Unreachable
from zkteco_biometric.biotime.models import Page
from zkteco_biometric.cycle.page_sizes import FEWEST, QUICK, SLOW, PageSizes, Place, sizes_within
from zkteco_biometric.cycle.sized_pages import SizedPages

TOO_HEAVY = ServerError("no", may_be_its_size=True)
LATE = TimedOut("late")


def full(size: int) -> Page:
	return Page(1, tuple(punch(id=number) for number in range(size)), (), None, "", asked=size)


@pytest.mark.parametrize(
	("most", "sizes"),
	[
		(1, (1,)),
		(50, (50,)),
		(99, (99,)),
		(100, (100, 50)),
		(500, (500, 250, 125)),
		(1000, (1000, 500, 250, 125)),
		(300, (300, 150, 75)),
		(999, (999, 333, 111)),
		(997, (996, 498, 249, 83)),
		(499, (498, 249, 83)),
		(514, (513, 171, 57)),
		(199, (199,)),
		(10_000, (10_000, 5_000, 2_500, 1_250, 625, 125)),
	],
)
def test_each_size_divides_the_one_before_and_none_is_tiny(most: int, sizes: tuple[int, ...]) -> None:
	assert sizes_within(most) == sizes


@given(st.integers(1, 10_000))
def test_sizes_fit_into_each_other(most: int) -> None:
	sizes = sizes_within(most)
	assert most - 20 < sizes[0] <= most
	assert sizes[-1] <= 200, "whatever is set, there is something small to fall back on"
	assert all(larger % smaller == 0 and smaller >= FEWEST for larger, smaller in pairwise(sizes))


@pytest.mark.parametrize(
	("borne", "begins"), [(None, 500), (500, 500), (900, 500), (250, 250), (200, 125), (1, 125)]
)
def test_a_reading_begins_with_what_was_borne_and_never_with_more_than_is_set(
	borne: int | None, begins: int
) -> None:
	assert PageSizes(500, borne).now == begins


def test_failures_shrink_it_to_a_floor() -> None:
	sizes = PageSizes(500)
	seen = [sizes.now]
	for _ in range(4):
		sizes.failed(sizes.now, TOO_HEAVY)
		seen.append(sizes.now)
	assert seen == [500, 250, 125, 125, 125]
	assert sizes.borne == 125


def test_a_page_that_fails_in_a_size_from_before_makes_the_next_ones_no_larger() -> None:
	sizes = PageSizes(500, 125)
	sizes.failed(500, TOO_HEAVY)
	assert sizes.now == 125


def test_quick_pages_let_it_grow_back_and_no_further() -> None:
	sizes = PageSizes(500, 125)
	seen = []
	for _ in range(10):
		sizes.answered(full(sizes.now), QUICK)
		seen.append(sizes.now)
	assert seen == [125, 125, 125, 250, 250, 250, 250, 500, 500, 500]
	assert sizes.borne is None


def test_it_grows_the_more_slowly_the_more_often_that_was_in_vain() -> None:
	sizes, needed = PageSizes(500), []
	for _ in range(6):
		sizes.failed(500, TOO_HEAVY)
		pages = 0
		while sizes.now < 500:
			sizes.answered(full(sizes.now), 0.1)
			pages += 1
		needed.append(pages)
	assert needed == [8, 16, 32, 64, 64, 64]


def test_a_slow_page_shrinks_it_and_a_middling_one_changes_nothing() -> None:
	sizes = PageSizes(500)
	sizes.answered(full(500), SLOW)
	assert sizes.now == 500
	sizes.answered(full(500), SLOW + 0.1)
	assert sizes.now == 250
	for _ in range(100):
		sizes.answered(full(250), QUICK + 0.1)
	assert sizes.now == 250


def test_a_slow_answer_with_few_rows_says_nothing_of_the_size() -> None:
	sizes = PageSizes(500)
	sizes.answered(Page(1, (punch(),), (), 1, None, asked=500), 40)
	assert sizes.now == 500


def test_quick_answers_with_few_rows_do_not_let_it_grow() -> None:
	sizes = PageSizes(500, 125)
	for _ in range(50):
		sizes.answered(Page(1, (punch(),), (), 1, None, asked=125), 0.1)
	assert sizes.now == 125


def test_what_can_be_asked_for_in_smaller_pages_is_not_repeated_for_long() -> None:
	sizes = PageSizes(500)
	assert [sizes.is_hasty(size) for size in (500, 250, 125)] == [True, True, False]
	assert not PageSizes(10).is_hasty(10)


def test_after_time_outs_of_larger_ones_the_smallest_is_not_waited_for_again_and_again() -> None:
	sizes = PageSizes(500)
	sizes.failed(500, LATE)
	sizes.failed(250, LATE)
	assert sizes.is_hasty(125)
	sizes.answered(full(125), 1)
	assert not sizes.is_hasty(125)


class TestPlace:
	def test_a_page_is_as_many_smaller_ones_as_go_into_it(self) -> None:
		assert Place(4, 500, 7).in_pages_of(250) == Place(7, 250, 7, is_reckoned=True)
		assert Place(4, 500).in_pages_of(125) == Place(13, 125, is_reckoned=True)

	def test_larger_pages_begin_where_one_of_them_begins(self) -> None:
		assert Place(7, 250).in_pages_of(500) == Place(4, 500)
		assert Place(8, 250).in_pages_of(500) == Place(8, 250)

	def test_the_first_page_is_the_first_in_every_size(self) -> None:
		assert Place().in_pages_of(125) == Place(1, 125)
		assert Place(1, 500, is_even=False).in_pages_of(125) == Place(1, 125, is_even=False)

	def test_where_the_server_has_a_limit_of_its_own_a_place_is_known_in_its_pages_only(self) -> None:
		capped = Page(3, tuple(punch(id=number) for number in range(100)), (), 900, "", asked=500)
		place = Place.after(capped)
		assert place == Place(4, 500, 900, is_even=False)
		assert place.in_pages_of(250) is place


@dataclass
class Device:
	"""Rows 0 to `rows`, and what comes of each request: "ok", "slow" or an error.

	`cap` and `floor`: the server's own limits. `counts`, `links`: whether it says how many rows there are, and links to more.
	"""

	rows: int
	outcome: Callable[[int, int], str | BioTimeError]
	cap: int = 10**9
	floor: int = 1
	counts: bool = True
	links: bool = True
	now: float = 0.0
	asked: list[tuple[int, int]] = field(default_factory=list)

	def pages(
		self,
		_start: datetime | None,
		_end: datetime | None,
		page_size: int,
		first_page: int = 1,
		**_how: object,
	) -> Iterator[Page]:
		number = first_page
		while True:
			self.asked.append((number, page_size))
			come = self.outcome(len(self.asked) - 1, page_size)
			if isinstance(come, BioTimeError):
				raise come
			self.now += 11 if come == "slow" else 0.1
			size = max(self.floor, min(page_size, self.cap))
			rows = range(min(self.rows, (number - 1) * size), min(self.rows, number * size))
			has_next = number * size < self.rows
			yield Page(
				number,
				tuple(punch(id=row) for row in rows),
				(),
				self.rows if self.counts else None,
				(f"page={number + 1}" if self.links else "") if has_next else None,
				asked=page_size,
			)
			if not has_next:
				return
			number += 1

	def read(self, sizes: PageSizes, place: Place | None = None) -> list[int]:
		pages = SizedPages(self, sizes, clock=lambda: self.now).from_place(None, None, place or Place())  # type: ignore[arg-type]
		return [one.id for page in pages for one in page.punches if one.id is not None]


OUTCOMES = st.lists(
	st.sampled_from(["ok", "ok", "ok", "ok", "slow", TOO_HEAVY, LATE]), min_size=1, max_size=60
)


@given(st.integers(0, 3_000), st.sampled_from([60, 100, 400, 500, 997, 1000]), OUTCOMES)
@examples(tests=400, nightly=4_000)
def test_whatever_fails_or_is_slow_every_row_is_read_in_order_and_once(
	rows: int, most: int, outcomes: list[str | BioTimeError]
) -> None:
	"""Where reading ends over a failure, the next one goes on at the place that the last page has left."""
	device = Device(rows, lambda number, _size: outcomes[number] if number < len(outcomes) else "ok")
	read: list[int] = []
	place, borne = Place(), None
	for _cycle in range(len(outcomes) + 2):
		sizes = PageSizes(most, borne)
		pages = SizedPages(device, sizes, clock=lambda: device.now).from_place(None, None, place)  # type: ignore[arg-type]
		try:
			for one in pages:
				read += [row.id for row in one.punches if row.id is not None]
				place = Place.after(one)
			break
		except BioTimeError:
			borne = sizes.borne
	assert read == list(range(rows))
	assert all(size in sizes_within(most) for _, size in device.asked)


@given(st.integers(0, 2_000), st.sampled_from([30, 60, 100, 125, 200]), OUTCOMES)
@examples(tests=200, nightly=2_000)
def test_on_a_server_with_a_limit_of_its_own_no_row_is_left_out(
	rows: int, cap: int, outcomes: list[str | BioTimeError]
) -> None:
	device = Device(rows, lambda number, _size: outcomes[number] if number < len(outcomes) else "ok", cap)
	read: list[int] = []
	place = Place()
	for _cycle in range(len(outcomes) + 2):
		pages = SizedPages(device, PageSizes(500), clock=lambda: device.now).from_place(None, None, place)  # type: ignore[arg-type]
		try:
			for one in pages:
				read += [row.id for row in one.punches if row.id is not None]
				place = Place.after(one)
			break
		except BioTimeError:
			continue
	assert read == list(range(rows))


@given(
	st.integers(0, 2_000),
	st.sampled_from([30, 60, 100, 130, 200, 250, 500, 600]),
	st.sampled_from([10**9, 600, 250, 60]),
	st.sampled_from([None, 500, 250, 125]),
	st.booleans(),
	st.booleans(),
	OUTCOMES,
)
@examples(tests=600, nightly=6_000)
def test_on_a_server_that_sends_more_rows_than_it_is_asked_for_no_row_is_left_out(
	rows: int,
	floor: int,
	cap: int,
	borne: int | None,
	counts: bool,
	links: bool,
	outcomes: list[str | BioTimeError],
) -> None:
	"""A floor as high as the cap: it ignores the size. A reading that fails goes on a page early, in whatever size is borne."""
	device = Device(rows, _one_by_one(outcomes), cap, floor, counts, links)
	read: list[int] = []
	place = Place()
	for _cycle in range(len(outcomes) + 2):
		sizes = PageSizes(500, borne)
		pages = SizedPages(device, sizes, clock=lambda: device.now).from_place(None, None, place)  # type: ignore[arg-type]
		try:
			for one in pages:
				read += [row.id for row in one.punches if row.id is not None]
				assert set(read) == set(range(len(set(read)))), (
					"nothing was left out before what has been read"
				)
				place = Place.after(one)
			break
		except BioTimeError:
			place, borne = place.page_before, sizes.borne
	assert set(read) == set(range(rows))


def _one_by_one(outcomes: list[str | BioTimeError]) -> Callable[[int, int], str | BioTimeError]:
	return lambda number, _size: outcomes[number] if number < len(outcomes) else "ok"


@pytest.mark.parametrize("rows", [950, 650, 630, 700])
@pytest.mark.parametrize(("counts", "links"), [(True, True), (False, True), (True, False), (False, False)])
def test_a_server_that_ignores_smaller_sizes_is_read_from_its_first_page(
	rows: int, counts: bool, links: bool
) -> None:
	device = Device(rows, lambda number, _size: TOO_HEAVY if number == 3 else "ok", 10**9, 100, counts, links)
	assert set(device.read(PageSizes(100))) == set(range(rows))
	assert device.asked[3:5] == [(4, 100), (7, 50)]
	assert (1, 50) in device.asked


@pytest.mark.parametrize(("counts", "links"), [(True, True), (False, True), (True, False), (False, False)])
def test_a_last_page_that_fails_is_read_in_smaller_ones_without_the_pages_before(
	counts: bool, links: bool
) -> None:
	device = Device(320, lambda number, _size: TOO_HEAVY if number == 3 else "ok", counts=counts, links=links)
	assert device.read(PageSizes(100)) == list(range(320))
	assert device.asked[4] == (7, 50)
	assert device.asked[5:] == ([] if counts else [(1, 50)]), "one page where the last one does not show it"


def test_a_server_that_links_to_nothing_and_fails_above_a_size_is_read_to_its_end() -> None:
	device = Device(30_000, lambda _number, size: TOO_HEAVY if size > 50 else "ok", counts=False, links=False)
	assert device.read(PageSizes(100)) == list(range(30_000))


def test_a_server_that_fails_above_a_size_is_read_below_it() -> None:
	device = Device(4_000, lambda _number, size: TOO_HEAVY if size > 200 else "ok")
	sizes = PageSizes(500)
	assert device.read(sizes) == list(range(4_000))
	assert device.asked[:4] == [(1, 500), (1, 250), (1, 125), (2, 125)]
	assert sum(size > 200 for _, size in device.asked) == 3, "one more try after sixteen, in vain"


def test_a_server_that_is_well_again_is_asked_for_whole_pages_where_one_begins() -> None:
	device = Device(5_000, lambda number, _size: TOO_HEAVY if number == 3 else "ok")
	sizes = PageSizes(500)
	assert device.read(sizes) == list(range(5_000))
	assert device.asked[3:5] == [(4, 500), (7, 250)]
	assert device.asked[-1] == (10, 500)
	assert sizes.borne is None


def test_what_is_no_matter_of_size_is_raised_as_it_is() -> None:
	refused = Unreachable("refused")
	device = Device(900, lambda number, _size: refused if number == 1 else "ok")
	sizes = PageSizes(500)
	with pytest.raises(Unreachable):
		device.read(sizes)
	assert (device.asked, sizes.borne) == ([(1, 500), (2, 500)], None)


def test_rows_that_disappear_while_the_size_changes_hide_no_others() -> None:
	device = Device(2_000, lambda _number, _size: "ok")

	def lose_some(number: int, _size: int) -> str | BioTimeError:
		if number != 2:
			return "ok"
		device.rows -= 300
		return TOO_HEAVY

	device.outcome = lose_some
	assert set(device.read(PageSizes(500))) >= set(range(1_700))
	assert device.asked[3:5] == [(5, 250), (1, 250)]


def test_a_place_in_larger_pages_goes_on_in_the_size_that_is_borne() -> None:
	device = Device(2_000, lambda _number, _size: "ok")
	assert device.read(PageSizes(500, 125), Place(3, 500, 2_000))[0] == 1_000
	assert device.asked[0] == (9, 125)
