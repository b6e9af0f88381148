"""A long window in slices: nothing left out, nothing endless, never more at once than a day unless it fits on a page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.times import ZONES, clocks, utc
from zkteco_biometric.cycle.slices import Slices
from zkteco_biometric.cycle.window import Window

A_DAY = timedelta(days=1)
END = datetime(2024, 6, 5, 12)
FIRST_POSSIBLE = datetime(2000, 1, 1)


def window(start: datetime | None, end: datetime = END, zone: str = "UTC") -> Window:
	return Window(start, end, clocks(zone).instant_on_device(end))


@dataclass
class Reading:
	"""What a reader asked for: every slice, which of them it stored, and which although they did not fit on a page."""

	asked: list[Window] = field(default_factory=list)
	stored: list[Window] = field(default_factory=list)
	forced: list[Window] = field(default_factory=list)


def read(wanted: Window, fits: Callable[[Window], bool], zone: str = "UTC", *, few: bool = True) -> Reading:
	"""As a cycle reads: what does not fit on a page is cut down unless it must be read, all else is stored."""
	slices, reading = Slices(wanted, clocks(zone)), Reading()
	while one := slices.current:
		reading.asked.append(one)
		if not fits(one) and not slices.is_whole and not slices.must_be_read:
			slices.too_much()
			continue
		reading.stored.append(one)
		if not fits(one):
			reading.forced.append(one)
		slices.done(few)
	return reading


def holding(*times: datetime) -> Callable[[Window], bool]:
	"""Whether a slice of a device with punches of these times has one at most: all that fits on a page."""

	def fits(one: Window) -> bool:
		return sum((one.start or time) <= time <= one.end for time in times) <= 1

	return fits


def nothing_fits(_: Window) -> bool:
	return False


def everything_fits(_: Window) -> bool:
	return True


@pytest.mark.parametrize("length", [timedelta(), timedelta(seconds=1), timedelta(hours=3), A_DAY])
def test_a_window_of_a_day_at_most_is_asked_for_as_it_is(length: timedelta) -> None:
	wanted = window(END - length)
	slices = Slices(wanted, clocks())
	assert slices.is_whole
	assert read(wanted, nothing_fits).asked == [wanted]


def test_a_window_of_a_second_more_is_cut_after_a_day() -> None:
	start = END - A_DAY - timedelta(seconds=1)
	slices = Slices(window(start), clocks())
	assert slices.current == Window(start, END - timedelta(seconds=1), utc(2024, 6, 5, 11, 59, 59))
	assert not slices.is_whole


def test_where_much_was_punched_every_slice_is_a_day() -> None:
	reading = read(window(END - 5 * A_DAY), nothing_fits, few=False)
	assert [(one.start, one.end) for one in reading.stored] == [
		(END - day * A_DAY, END - (day - 1) * A_DAY) for day in (5, 4, 3, 2, 1)
	]
	assert reading.asked == reading.stored


def test_where_little_was_punched_slices_grow_and_no_longer_than_512_days() -> None:
	asked = read(window(datetime(2015, 1, 1)), everything_fits).asked
	lengths = [(one.end - one.start).days for one in asked if one.start]
	assert lengths[:11] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512]
	assert max(lengths) == 512


def test_what_is_not_few_lets_slices_be_as_long_as_they_are() -> None:
	asked = read(window(END - 4 * A_DAY), everything_fits, few=False).asked
	assert [one.end - one.start for one in asked if one.start] == [A_DAY] * 4


def test_too_much_halves_a_slice_down_to_a_day_and_no_further() -> None:
	slices = Slices(window(END - 40 * A_DAY), clocks())
	for _ in range(3):
		slices.done(few=True)
	lengths = []
	while slices.current and slices.current.start:
		lengths.append((slices.current.end - slices.current.start).days)
		if slices.must_be_read:
			break
		slices.too_much()
	assert lengths == [8, 4, 2, 1]


def test_a_rest_of_a_day_at_most_is_not_asked_for_twice() -> None:
	asked = read(window(END - timedelta(days=7, hours=12)), holding(END, END)).asked
	assert [one.end - one.start for one in asked if one.start] == [A_DAY, 2 * A_DAY, 4 * A_DAY, A_DAY / 2]


def test_what_does_not_fit_is_forced_only_where_a_day_holds_it() -> None:
	crowded = datetime(2024, 2, 3, 8)
	reading = read(window(datetime(2023, 1, 1)), holding(crowded, crowded, END))
	(forced,) = reading.forced
	assert forced.start and forced.end - forced.start == A_DAY
	assert forced.start <= crowded <= forced.end


def test_an_empty_device_costs_two_requests_where_the_window_has_no_beginning() -> None:
	asked = read(window(None), everything_fits).asked
	assert [(one.start, one.end) for one in asked] == [(None, END - A_DAY), (END - A_DAY, END)]


def test_without_a_beginning_it_is_searched_backwards_in_growing_steps() -> None:
	first = END - 10 * A_DAY
	asked = read(window(None), holding(first, first + A_DAY, END - 3 * A_DAY)).asked
	searched = [one.end for one in asked if one.start is None]
	assert searched == [END - A_DAY, END - 2 * A_DAY, END - 4 * A_DAY, END - 8 * A_DAY, END - 16 * A_DAY]


def test_the_search_ends_before_the_first_possible_year() -> None:
	reading = read(window(None), nothing_fits, few=False)
	assert (reading.stored[0].start, reading.stored[0].end) == (None, FIRST_POSSIBLE)
	assert reading.forced[0] == reading.stored[0]
	assert len(reading.asked) - len(reading.stored) < 40


@pytest.mark.parametrize("end", [datetime(1999, 6, 1), FIRST_POSSIBLE])
def test_a_window_from_before_all_is_whole(end: datetime) -> None:
	wanted = window(None, end)
	assert read(wanted, nothing_fits).asked == [wanted]


def test_a_slice_ends_at_the_instant_when_the_terminals_show_its_end() -> None:
	(first, *_) = read(window(END - 3 * A_DAY, zone="Asia/Kolkata"), everything_fits, "Asia/Kolkata").stored
	assert (first.end, first.until) == (datetime(2024, 6, 3, 12), utc(2024, 6, 3, 6, 30))


def test_a_slice_that_would_end_in_an_hour_that_the_clocks_leave_out_ends_after_it() -> None:
	wanted = window(datetime(2024, 3, 30, 2, 30), datetime(2024, 4, 2), "Europe/Berlin")
	(first, second, *_) = read(wanted, everything_fits, "Europe/Berlin").stored
	assert (first.end, first.until) == (datetime(2024, 3, 31, 3, 30), utc(2024, 3, 31, 1, 30))
	assert second.start == first.end


def test_a_window_that_ends_just_after_a_left_out_hour_ends_where_it_should() -> None:
	wanted = Window(datetime(2024, 3, 30, 2, 30), datetime(2024, 3, 31, 3, 10), utc(2024, 3, 31, 1, 10))
	assert read(wanted, nothing_fits, "Europe/Berlin").stored == [wanted]


class TestGivingUp:
	def test_covers_all_where_nothing_is_stored(self) -> None:
		for start in (None, END - 30 * A_DAY):
			slices = Slices(window(start), clocks())
			slices.give_up()
			assert slices.is_whole
			assert slices.current == window(start)
			slices.done(few=False)
			assert slices.current is None

	def test_covers_the_rest(self) -> None:
		slices = Slices(window(END - 30 * A_DAY), clocks())
		slices.done(few=True)
		slices.give_up()
		assert slices.current == window(END - 29 * A_DAY)

	def test_after_the_search_for_a_beginning_covers_what_comes_after_it(self) -> None:
		slices = Slices(window(None), clocks())
		slices.too_much()
		slices.done(few=True)
		slices.give_up()
		assert slices.current == window(END - 2 * A_DAY)


def near_a_clock_change(time: datetime) -> datetime:
	return time.replace(month=3, day=30, hour=2)


ENDS = st.datetimes(datetime(1999, 12, 1), datetime(2004, 1, 1)).map(
	lambda time: time.replace(microsecond=0, fold=0)
)
LENGTHS = st.none() | st.timedeltas(timedelta(), timedelta(days=400)).map(
	lambda length: timedelta(days=length.days, seconds=length.seconds)
)
ANSWERS = st.lists(
	st.sampled_from(["too much", "few", "many"]) | st.sampled_from(["few", "give up"]),
	min_size=1,
	max_size=30,
)


@given(ENDS | ENDS.map(near_a_clock_change), LENGTHS, st.sampled_from(ZONES), ANSWERS)
@example(datetime(2024, 4, 2), timedelta(days=2, hours=21, minutes=30), "Europe/Berlin", ["few"])
@example(datetime(2024, 3, 31, 3, 10), timedelta(hours=24, minutes=40), "Europe/Berlin", ["many"])
@example(datetime(2024, 4, 2), timedelta(days=2, hours=21, minutes=30), "Europe/Berlin", ["too much"])
@example(datetime(2003, 1, 1), None, "UTC", ["too much"])
@settings(max_examples=300)
def test_whatever_comes_of_them_slices_cover_the_window_without_a_gap_and_end(
	end: datetime, length: timedelta | None, zone: str, answers: list[str]
) -> None:
	began = clocks(zone).instant_on_device(end)
	wanted = Window(None if length is None else end - length, clocks(zone).on_device(began), began)
	slices, stored, asked = Slices(wanted, clocks(zone)), [], 0
	while one := slices.current:
		answer = answers[asked % len(answers)]
		asked += 1
		if slices.must_be_read and not slices.is_whole:
			assert is_a_day_at_most(one, zone)
		if answer == "give up" and not slices.is_whole:
			slices.give_up()
		elif answer == "too much" and not slices.is_whole and not slices.must_be_read:
			slices.too_much()
		else:
			stored.append(one)
			slices.done(answer == "few")
	days = (wanted.end - (wanted.start or min(wanted.end, FIRST_POSSIBLE))) // A_DAY
	assert asked <= 3 * days + 20
	assert (stored[0].start, stored[-1].end, stored[-1].until) == (wanted.start, wanted.end, wanted.until)
	for before, after in pairwise(stored):
		assert after.start == before.end < after.end
		assert before.until < after.until
	assert all(clocks(zone).on_device(one.until) == one.end for one in stored)


def is_a_day_at_most(one: Window, zone: str) -> bool:
	"""On the clocks, or by the time that passes; what ends before any terminal existed may begin whenever it likes."""
	if one.start is None:
		return one.end <= FIRST_POSSIBLE
	return min(one.end - one.start, one.until - clocks(zone).instant_on_device(one.start)) <= A_DAY
