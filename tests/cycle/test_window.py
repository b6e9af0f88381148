"""What a cycle asks for: every punch falls into the window of some cycle."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.support.times import ZONES, clocks, minutes, utc
from zkteco_biometric.cycle.page_sizes import Place
from zkteco_biometric.cycle.window import (
	Checkpoint,
	Reading,
	Window,
	WindowRules,
	interrupted,
	last_sync_in_another_zone,
	next_window,
)

BEGAN = utc(2024, 6, 5, 12)
RIYADH = WindowRules(clocks("Asia/Riyadh"))


def test_the_look_back_is_an_hour_and_a_page_500_rows_by_default() -> None:
	assert (RIYADH.look_back, RIYADH.page_size, RIYADH.sync_from) == (minutes(60), 500, None)


@pytest.mark.parametrize(
	("last_sync", "sync_from", "look_back", "start"),
	[
		(None, None, 60, None),
		(None, utc(2024, 6, 1), 60, datetime(2024, 6, 1, 3)),
		(utc(2024, 6, 5, 11), None, 60, datetime(2024, 6, 5, 13)),
		(utc(2024, 6, 5, 11), None, 0, datetime(2024, 6, 5, 14)),
		(utc(2024, 6, 5, 11), utc(2024, 6, 1), 60, datetime(2024, 6, 5, 13)),
		(utc(2024, 6, 5, 11), utc(2024, 6, 5, 10, 30), 60, datetime(2024, 6, 5, 13, 30)),
		(utc(2024, 6, 5, 12), None, 60, datetime(2024, 6, 5, 14)),
		(utc(2024, 6, 5, 20), None, 60, datetime(2024, 6, 5, 14)),
		(utc(2024, 6, 5, 20), None, 0, datetime(2024, 6, 5, 15)),
		(utc(2023, 6, 5, 11), None, 60 * 24, datetime(2023, 6, 4, 14)),
	],
)
def test_a_window_begins_before_the_last_sync_and_ends_where_the_cycle_began(
	last_sync: datetime | None, sync_from: datetime | None, look_back: int, start: datetime | None
) -> None:
	rules = WindowRules(clocks("Asia/Riyadh"), minutes(look_back), sync_from)
	assert next_window(rules, last_sync, BEGAN) == Window(start, datetime(2024, 6, 5, 15), BEGAN)


@pytest.mark.parametrize("last_sync", [None, utc(2024, 6, 5, 11)])
def test_before_sync_from_nothing_is_asked_for(last_sync: datetime | None) -> None:
	rules = WindowRules(clocks("Asia/Riyadh"), sync_from=BEGAN + minutes(1))
	assert next_window(rules, last_sync, BEGAN) is None


def test_the_oldest_wanted_is_the_terminals_wall_clock() -> None:
	assert WindowRules(clocks("Asia/Riyadh"), sync_from=utc(2024, 6, 1)).oldest_wanted == datetime(
		2024, 6, 1, 3
	)
	assert RIYADH.oldest_wanted is None


def test_the_hour_that_the_clocks_show_twice_is_asked_for_from_its_beginning() -> None:
	rules = WindowRules(clocks("Europe/Berlin"), minutes(10))
	window = next_window(rules, utc(2024, 10, 27, 0, 50), utc(2024, 10, 27, 1, 5))
	assert window == Window(
		datetime(2024, 10, 27, 1, 40), datetime(2024, 10, 27, 2, 5), utc(2024, 10, 27, 1, 5)
	)


def test_a_gap_in_the_clocks_makes_no_difference() -> None:
	rules = WindowRules(clocks("Europe/Berlin"), minutes(10))
	window = next_window(rules, utc(2024, 3, 31, 0, 50), utc(2024, 3, 31, 1, 5))
	assert window == Window(datetime(2024, 3, 31, 1, 40), datetime(2024, 3, 31, 3, 5), utc(2024, 3, 31, 1, 5))


def test_a_set_back_is_not_forgotten_when_the_clocks_have_been_put_forward_again() -> None:
	rules = WindowRules(clocks("Europe/Berlin"), minutes(0))
	window = next_window(rules, utc(2024, 10, 27, 0, 50), utc(2025, 6, 1))
	assert window is not None
	assert window.start is not None
	assert window.start <= datetime(2024, 10, 27, 2, 0)


OLD = Window(datetime(2024, 6, 5, 8), datetime(2024, 6, 5, 14), utc(2024, 6, 5, 11))


@pytest.mark.parametrize(("page", "first"), [(1, 1), (2, 1), (3, 2), (90, 89)])
def test_an_interrupted_window_goes_on_a_page_early(page: int, first: int) -> None:
	reading = interrupted(RIYADH, Checkpoint(OLD, page, 500), BEGAN)
	assert reading == Reading(OLD, Place(first, 500, is_even=False))


@pytest.mark.parametrize(
	("checkpoint", "began"),
	[
		(Checkpoint(OLD, 4, 100), BEGAN),
		(Checkpoint(OLD, 4, 500), OLD.until + timedelta(hours=24, seconds=1)),
		(Checkpoint(OLD, 4, 500), OLD.until - timedelta(seconds=1)),
	],
)
def test_a_checkpoint_that_no_longer_fits_is_not_used(checkpoint: Checkpoint, began: datetime) -> None:
	assert interrupted(RIYADH, checkpoint, began) is None


def test_a_checkpoint_of_another_time_zone_is_not_used() -> None:
	assert interrupted(WindowRules(clocks("Asia/Kolkata")), Checkpoint(OLD, 4, 500), BEGAN) is None


def test_a_checkpoint_is_good_for_a_day() -> None:
	reading = interrupted(RIYADH, Checkpoint(OLD, 4, 500), OLD.until + timedelta(hours=24))
	assert reading
	assert reading.window == OLD


INSTANTS = st.one_of(
	st.datetimes(datetime(2010, 1, 1), datetime(2036, 1, 1)),
	# Close to clock changes.
	st.sampled_from(
		[
			datetime(2024, 10, 27, 1),
			datetime(2024, 3, 31, 1),
			datetime(2024, 11, 3, 6),
			datetime(2024, 3, 10, 7),
			datetime(2024, 4, 6, 15),
			datetime(2024, 10, 31, 21),
			datetime(2024, 3, 10, 2),
			datetime(2024, 4, 14, 2),
		]
	),
).map(lambda instant: instant.replace(microsecond=0, tzinfo=timezone.utc))
STEPS = st.lists(
	st.integers(1, 60 * 200) | st.integers(1, 3600 * 30) | st.integers(1, 86400 * 400), min_size=2, max_size=8
)


@example("Europe/Berlin", utc(2024, 10, 27, 0, 30), [1200, 86400 * 200], 0, 2100)
@example("Antarctica/Troll", utc(2024, 10, 27, 0), [3000, 1200, 1200, 7200], 0, 3600)
@given(st.sampled_from(ZONES), INSTANTS, STEPS, st.integers(0, 180), st.integers(0, 86400 * 800))
@settings(max_examples=600)
def test_every_punch_falls_into_the_window_of_some_cycle(
	zone: str, first: datetime, steps: list[int], look_back: int, punched_after: int
) -> None:
	"""Two hours after the last punch at the latest: so far may the clocks be set back in between."""
	rules = WindowRules(clocks(zone), minutes(look_back), sync_from=first - timedelta(days=1))
	instants = [first]
	for step in steps:
		instants.append(instants[-1] + timedelta(seconds=step))
	span = (instants[-1] - first) // timedelta(seconds=1)
	punched = first + timedelta(seconds=punched_after % (span + 1))
	last_sync, windows = None, []
	for began in [*instants, instants[-1] + timedelta(hours=2, seconds=1)]:
		window = next_window(rules, last_sync, began)
		if window:
			windows.append(window)
			last_sync = window.until
	wall = rules.clocks.on_device(punched)
	floor = rules.oldest_wanted
	assert floor is not None
	later = [window for window in windows if window.until >= punched and window.start]
	assert wall < floor or any(window.start <= wall <= window.end for window in later)


@given(
	st.sampled_from(ZONES),
	st.none() | INSTANTS,
	st.none() | INSTANTS,
	INSTANTS,
	st.integers(0, 10_000),
)
@settings(max_examples=400)
def test_a_window_never_ends_before_it_starts_nor_starts_before_sync_from(
	zone: str,
	last_sync: datetime | None,
	sync_from: datetime | None,
	began: datetime,
	look_back: int,
) -> None:
	rules = WindowRules(clocks(zone), minutes(look_back), sync_from)
	window = next_window(rules, last_sync, began)
	if window:
		assert window.until == began
		assert window.end == rules.clocks.on_device(began)
		assert window.start is None or window.start <= window.end
		assert sync_from is None or window.start >= rules.oldest_wanted


@given(st.sampled_from(ZONES), INSTANTS, INSTANTS)
def test_no_interrupted_window_goes_on_before_it_ended(zone: str, until: datetime, began: datetime) -> None:
	rules = WindowRules(clocks(zone))
	old = Window(None, rules.clocks.on_device(until), until)
	reading = interrupted(rules, Checkpoint(old, 3, 500), began)
	assert (reading is not None) == (until <= began <= until + timedelta(hours=24))


@pytest.mark.parametrize(
	("before", "after", "expected"),
	[
		("UTC", "Africa/Nairobi", "2026-03-02 09:00"),
		("Africa/Nairobi", "UTC", "2026-03-02 12:00"),
		("Africa/Nairobi", "Africa/Nairobi", "2026-03-02 12:00"),
	],
)
def test_a_corrected_zone_leaves_no_gap_on_the_terminals_clocks(
	before: str, after: str, expected: str
) -> None:
	last_sync = datetime(2026, 3, 2, 12, tzinfo=timezone.utc)
	moved = last_sync_in_another_zone(last_sync, clocks(before), clocks(after))
	assert f"{moved:%Y-%m-%d %H:%M}" == expected
