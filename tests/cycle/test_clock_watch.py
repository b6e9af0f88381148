"""Terminals whose clock is wrong, told from backlogs and from clocks that are right."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.punches import punch
from zkteco_biometric.biotime.models import Punch
from zkteco_biometric.cycle.clock_watch import ClockWatch, Terminal, WrongClock

NOON = datetime(2024, 6, 5, 12)
A_SECOND = timedelta(seconds=1)
A_MINUTE = timedelta(minutes=1)
SEEN_IN_THE_FIELD = timedelta(days=102, hours=9, minutes=53, seconds=31)


def arrived(upload_time: datetime | None, ahead: timedelta, sn: str = "SN1", alias: str = "Gate") -> Punch:
	"""A punch that arrived then from a terminal whose clock is so far ahead of the server's."""
	time = (upload_time or NOON) + ahead
	return replace(punch(time=time), upload_time=upload_time, terminal_sn=sn, terminal_alias=alias)


def live(
	ahead: timedelta,
	number: int = 8,
	*,
	start: datetime = NOON,
	every: timedelta = 5 * A_MINUTE,
	sn: str = "SN1",
) -> list[Punch]:
	"""Punches that arrived one after another, each as soon as it was made."""
	return [arrived(start + n * every, ahead, sn) for n in range(number)]


def wrong(*pages: Iterable[Punch]) -> list[WrongClock]:
	watch = ClockWatch()
	for page in pages:
		watch = watch.saw(page)
	return watch.wrong()


def offsets(*pages: Iterable[Punch]) -> list[timedelta]:
	return [clock.ahead for clock in wrong(*pages)]


class TestAWrongClock:
	def test_is_one_whose_live_punches_all_come_with_the_same_large_offset(self) -> None:
		(clock,) = wrong(live(-SEEN_IN_THE_FIELD))
		assert (clock.terminal_sn, clock.alias, clock.ahead) == ("SN1", "Gate", -SEEN_IN_THE_FIELD)
		assert str(clock) == (
			"The clock of terminal SN1 (Gate) is 102 days 9 hours 53 minutes behind the server's. Set the terminal's "
			"clock and time zone, best by a time server; the times of its punches are wrong by as much."
		)

	def test_may_be_ahead(self) -> None:
		(clock,) = wrong(live(timedelta(hours=1, seconds=20)))
		assert "terminal SN1 (Gate) is 1 hour ahead of the server's" in str(clock)

	@pytest.mark.parametrize(
		("pages", "found"), [([8], 1), ([5], 1), ([4], 0), ([3, 2], 1), ([1] * 5, 1), ([], 0)]
	)
	def test_shows_in_five_live_punches_on_however_many_pages(self, pages: list[int], found: int) -> None:
		punches = iter(live(timedelta(days=1), 8))
		assert len(wrong(*([next(punches) for _ in range(number)] for number in pages))) == found

	def test_shows_only_after_ten_minutes(self) -> None:
		assert offsets(live(timedelta(days=1), 5, every=timedelta(seconds=149))) == []
		assert offsets(live(timedelta(days=1), 5, every=timedelta(seconds=150))) == [timedelta(days=1)]

	def test_shows_although_uploads_take_now_more_and_now_less_long(self) -> None:
		slow = [arrived(NOON + n * 5 * A_MINUTE, -timedelta(hours=2, seconds=n % 3 * 45)) for n in range(8)]
		assert offsets(slow) == [-timedelta(hours=2, seconds=45)]

	@pytest.mark.parametrize("side", [-1, 1])
	@pytest.mark.parametrize(
		("minutes", "seconds", "found"), [(0, 0, 0), (0, 7, 0), (5, 0, 0), (5, 1, 1), (60, 0, 1)]
	)
	def test_is_wrong_by_more_than_five_minutes(
		self, side: int, minutes: int, seconds: int, found: int
	) -> None:
		assert len(wrong(live(side * timedelta(minutes=minutes, seconds=seconds)))) == found

	def test_that_drifts_a_little_is_as_far_off_as_in_the_middle(self) -> None:
		drifting = [arrived(NOON + n * 5 * A_MINUTE, timedelta(hours=1, seconds=10 * n)) for n in range(5)]
		assert offsets(drifting) == [timedelta(hours=1, seconds=20)]

	def test_shows_although_a_backlog_arrives_in_between(self) -> None:
		backlog = [arrived(NOON + 12 * A_MINUTE, -timedelta(days=3, minutes=n)) for n in range(2)]
		assert offsets([*live(timedelta(days=1), 6), *backlog]) == [timedelta(days=1)]
		assert offsets([*live(timedelta(days=1), 4), *backlog]) == []


class TestABacklog:
	def test_that_arrives_in_one_second_says_nothing(self) -> None:
		assert wrong([arrived(NOON, -timedelta(days=3)) for _ in range(8)]) == []
		assert wrong([arrived(NOON, -timedelta(days=3, minutes=n)) for n in range(8)]) == []

	def test_that_arrives_in_a_few_seconds_says_nothing(self) -> None:
		rows = [arrived(NOON + n // 3 * 10 * A_MINUTE, -timedelta(days=3)) for n in range(12)]
		assert wrong(rows) == []

	def test_that_arrives_row_by_row_shrinks(self) -> None:
		uploads = [arrived(NOON + n * 2 * A_MINUTE, -timedelta(days=3) + n * 20 * A_MINUTE) for n in range(8)]
		assert wrong(uploads) == []

	def test_that_is_uploaded_as_fast_as_it_was_punched_is_soon_over(self) -> None:
		assert wrong(live(-timedelta(hours=3), 8, every=timedelta(seconds=80))) == []


class TestAClockThatWasSetRight:
	def test_is_not_told_of_from_its_first_good_punch_on(self) -> None:
		before = live(timedelta(days=1))
		after = live(timedelta(), 8, start=NOON + timedelta(hours=1))
		assert [len(wrong(before, after[:good])) for good in range(9)] == [1, *[0] * 8]

	def test_is_told_of_again_where_it_was_set_wrong_again(self) -> None:
		good = live(timedelta(), start=NOON + timedelta(hours=1))
		again = live(-timedelta(hours=2), start=NOON + timedelta(hours=2))
		assert offsets(live(timedelta(days=1)), good, again) == [-timedelta(hours=2)]


class TestWhatIsRemembered:
	def test_is_kept_apart_for_each_terminal(self) -> None:
		mixed = zip(live(timedelta(days=1), sn="SN2"), live(timedelta(), sn="SN1"), strict=True)
		found = wrong([one for pair in mixed for one in pair], live(-timedelta(hours=3), sn="SN0"))
		assert [(clock.terminal_sn, clock.ahead) for clock in found] == [
			("SN0", -timedelta(hours=3)),
			("SN2", timedelta(days=1)),
		]

	def test_is_nothing_of_rows_without_a_terminal_or_an_upload_time(self) -> None:
		assert ClockWatch().saw(live(timedelta(days=1), sn="")) == ClockWatch()
		assert ClockWatch().saw([arrived(None, timedelta(days=1))]) == ClockWatch()
		assert ClockWatch().saw([]) == ClockWatch()

	def test_does_not_depend_on_the_order_in_which_a_page_comes(self) -> None:
		page = live(timedelta(days=1))
		assert ClockWatch().saw(reversed(page)) == ClockWatch().saw(page)

	def test_are_the_last_eight(self) -> None:
		watch = ClockWatch().saw(live(timedelta(), 20))
		assert [at for at, _ in watch.terminals["SN1"].samples] == [
			NOON + n * 5 * A_MINUTE for n in range(12, 20)
		]

	def test_stays_as_it_is_when_pages_are_read_again(self) -> None:
		page = live(timedelta(days=1), 12)
		watch = ClockWatch().saw(page)
		assert watch.saw(page) == watch.saw(page[:3]) == watch.saw(page[-1:]) == watch

	def test_has_the_name_that_a_terminal_has_now(self) -> None:
		renamed = [replace(one, terminal_alias="Back door") for one in live(timedelta(days=1))]
		(clock,) = wrong(live(timedelta(days=1), start=NOON - timedelta(hours=1)), renamed)
		assert "terminal SN1 (Back door) is" in str(clock)

	def test_needs_no_name(self) -> None:
		nameless = [replace(one, terminal_alias="") for one in live(timedelta(days=1))]
		assert str(wrong(nameless)[0]).startswith("The clock of terminal SN1 is 1 day ahead")

	def test_is_of_five_hundred_terminals_those_that_sent_last(self) -> None:
		watch = ClockWatch().saw(arrived(NOON + n * A_SECOND, timedelta(), f"SN{n}") for n in range(500))
		watch = watch.saw([arrived(NOON + timedelta(hours=1), timedelta(), "SN0")])
		watch = watch.saw([arrived(NOON + timedelta(hours=2), timedelta(), "new")])
		assert len(watch.terminals) == 500
		assert {"SN0", "new"} <= watch.terminals.keys()
		assert "SN1" not in watch.terminals

	def test_is_not_changed_by_looking_further(self) -> None:
		watch = ClockWatch().saw(live(timedelta(days=1)))
		before = watch.as_json()
		watch.saw(live(timedelta(), start=NOON + timedelta(days=1)))
		assert watch.as_json() == before


@pytest.mark.parametrize(
	("offset", "spoken"),
	[
		(timedelta(minutes=6), "6 minutes ahead of"),
		(timedelta(hours=1, minutes=1, seconds=59), "1 hour 1 minute ahead of"),
		(-timedelta(days=1), "1 day behind"),
		(-timedelta(days=2, minutes=30), "2 days 30 minutes behind"),
	],
)
def test_an_offset_is_told_in_words(offset: timedelta, spoken: str) -> None:
	assert f"The clock of terminal SN1 (Gate) is {spoken} the server's." in str(
		WrongClock("SN1", "Gate", offset)
	)


OFFSETS = st.timedeltas(timedelta(days=-9000), timedelta(days=9000)).map(
	lambda offset: timedelta(offset.days, offset.seconds)
)
GAPS = st.lists(st.integers(151, 100_000), min_size=4, max_size=20)


@given(OFFSETS, GAPS)
def test_a_constant_offset_of_live_punches_is_told_exactly_where_it_matters(
	offset: timedelta, gaps: list[int]
) -> None:
	moments = [NOON + timedelta(seconds=sum(gaps[:number])) for number in range(len(gaps) + 1)]
	assert offsets([arrived(moment, offset) for moment in moments]) == (
		[offset] if abs(offset) > 5 * A_MINUTE else []
	)


@given(OFFSETS, st.integers(23, 10_000), GAPS)
def test_an_offset_that_shrinks_is_never_a_wrong_clock(offset: timedelta, by: int, gaps: list[int]) -> None:
	moments = [NOON + timedelta(seconds=sum(gaps[:number])) for number in range(len(gaps) + 1)]
	shrinking = (offset + number * timedelta(seconds=by) for number in range(len(moments)))
	assert wrong([arrived(*one) for one in zip(moments, shrinking, strict=True)]) == []


PUNCHES = st.lists(
	st.builds(
		arrived,
		st.none()
		| st.datetimes(datetime(2020, 1, 1), datetime(2020, 1, 2)).map(lambda t: t.replace(microsecond=0)),
		OFFSETS,
		st.sampled_from(["", "SN1", "SN2", "Ünïcode\x00"]),
		st.text(),
	),
	max_size=30,
)


@given(PUNCHES, PUNCHES)
def test_what_is_kept_is_what_was_seen(first: list[Punch], second: list[Punch]) -> None:
	watch = ClockWatch().saw(first)
	kept = ClockWatch.from_json(watch.as_json())
	assert kept == watch
	assert kept.saw(second) == watch.saw(second)
	assert list(kept.saw(second).terminals) == list(watch.saw(second).terminals)


@given(PUNCHES)
def test_samples_are_in_the_order_of_arrival_and_no_more_than_eight(punches: list[Punch]) -> None:
	for terminal in ClockWatch().saw(punches).terminals.values():
		moments = [at for at, _ in terminal.samples]
		assert moments == sorted(moments)
		assert 1 <= len(moments) <= 8


def test_nothing_is_said_of_a_terminal_that_has_sent_nothing() -> None:
	assert Terminal("Gate").ahead() is None
