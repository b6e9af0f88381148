"""What an import is asked for: rows of the range, codes as typed, days by the terminals' clocks; and its position."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.cycles import MORNING, NOON
from tests.support.times import ZONES, clocks, minutes
from zkteco_biometric.biotime.models import Page, Punch, RejectedRow
from zkteco_biometric.cycle.import_range import (
	ImportPosition,
	ImportRange,
	added_up,
	codes_checked,
	codes_typed,
	on_terminals,
)
from zkteco_biometric.cycle.window import Checkpoint, Window

AN_HOUR = ImportRange(MORNING, MORNING + timedelta(minutes=59))


def test_an_unreadable_row_of_somebody_else_is_left_out() -> None:
	punch = Punch(1, "7", MORNING, "0")
	theirs = RejectedRow("no time", "2", {"emp_code": "17"})
	ours = RejectedRow("no time", "3", {"emp_code": " 7"})
	page = Page(1, (punch,), (theirs, ours, RejectedRow("no object", "", "text")), 3, None)
	part = replace(AN_HOUR, codes=("7",)).part_of(page, "7")
	assert (part.punches, part.rejected) == ((punch,), (ours,))
	assert AN_HOUR.part_of(page, "") == page


@pytest.mark.parametrize("until", [None, datetime(2024, 5, 7)])
@pytest.mark.parametrize("within", [True, False])
def test_a_position_is_read_as_it_was_written(until: datetime | None, within: bool) -> None:
	window = Window(MORNING, MORNING + minutes(5), NOON)
	position = ImportPosition(2, until, Checkpoint(window, 3, 10, 7, NOON) if within else None, 99)
	assert ImportPosition.from_json(position.as_json()) == position


@pytest.mark.parametrize(
	("typed", "codes"),
	[
		("", ()),
		(" , \n ;", ()),
		("007", ("007",)),
		("007, 7\n0\r\nA7;007 ", ("007", "7", "0", "A7")),
		("Ä1,办2", ("Ä1", "办2")),
	],
)
def test_codes_are_taken_as_they_are_typed(typed: str, codes: tuple[str, ...]) -> None:
	assert codes_typed(typed) == codes


@pytest.mark.parametrize("typed", ["1 2", "1\t2", "x" * 51, "1\x00", "1,\x072"])
def test_what_cannot_be_a_code_is_refused_with_the_remedy(typed: str) -> None:
	with pytest.raises(ValueError, match="such as 007"):
		codes_typed(typed)


def test_codes_that_are_given_one_by_one_stay_whole() -> None:
	assert codes_checked(["12,3", " 1;2 ", "", "12,3"]) == ("12,3", "1;2")
	with pytest.raises(ValueError, match="such as 007"):
		codes_checked(["1,2", "1 2"])


def test_too_many_codes_are_refused() -> None:
	assert len(codes_typed(",".join(map(str, range(100))))) == 100
	with pytest.raises(ValueError, match="101 Biometric IDs are too many"):
		codes_typed(",".join(map(str, range(101))))


def test_a_count_that_is_not_known_makes_the_sum_unknown() -> None:
	assert (added_up([1, 2]), added_up([0]), added_up([1, None])) == (3, 0, None)


@pytest.mark.parametrize(
	("device", "site", "shown"),
	[
		("Africa/Nairobi", "Africa/Nairobi", (datetime(2024, 5, 1), datetime(2024, 5, 1, 23, 59, 59))),
		("Africa/Nairobi", "UTC", (datetime(2024, 5, 1, 3), datetime(2024, 5, 2, 2, 59, 59))),
		("UTC", "Asia/Kolkata", (datetime(2024, 4, 30, 18, 30), datetime(2024, 5, 1, 18, 29, 59))),
	],
)
def test_a_day_of_the_site_is_asked_for_by_the_terminals_clocks(
	device: str, site: str, shown: tuple[datetime, datetime]
) -> None:
	assert on_terminals(datetime(2024, 5, 1), datetime(2024, 5, 1, 23, 59, 59), clocks(device, site)) == shown


def test_an_hour_that_the_terminals_show_twice_is_within() -> None:
	berlin = clocks("Europe/Berlin", "UTC")
	start, end = on_terminals(datetime(2024, 10, 27, 0, 50), datetime(2024, 10, 27, 1, 5), berlin)
	assert start <= datetime(2024, 10, 27, 2, 0)
	assert end >= datetime(2024, 10, 27, 2, 59, 59)


@given(
	device=st.sampled_from(ZONES),
	site=st.sampled_from(ZONES),
	start=st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1)),
	length=st.integers(0, 60 * 60 * 72),
	within=st.floats(0, 1),
)
def test_no_moment_of_the_site_s_range_is_outside_of_what_is_asked_for(
	device: str, site: str, start: datetime, length: int, within: float
) -> None:
	zones = clocks(device, site)
	start = start.replace(microsecond=0)
	end = start + timedelta(seconds=length)
	first, last = on_terminals(start, end, zones)
	if device != site:
		from_, until = zones.instant_on_site(start), end.replace(tzinfo=zones.site, fold=1)
		moment = from_ + (until.astimezone(from_.tzinfo) - from_) * within
		assert first <= zones.on_device(moment.replace(microsecond=0)) <= last or moment < from_
