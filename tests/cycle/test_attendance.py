"""How far attendance may follow the punches."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.times import ZONES, clocks, utc
from zkteco_biometric.cycle.attendance import begin_of_shift, forward, reach, read_up_to
from zkteco_biometric.cycle.clocks import WallClocks

NOON = datetime(2024, 6, 5, 12)
EARLIER = datetime(2024, 6, 5, 11, 30)
WALLS = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1))
A_DAY = timedelta(days=1)


def hours(number: float) -> timedelta:
	return timedelta(hours=number)


# Devices and holds


@pytest.mark.parametrize(
	("devices", "holds", "point"),
	[
		([NOON], [], NOON),
		([NOON, EARLIER], [], EARLIER),
		([NOON, EARLIER], [NOON + hours(1)], EARLIER),
		([NOON, EARLIER], [NOON, EARLIER - hours(9)], EARLIER - hours(9)),
		([NOON, None], [], None),
		([None], [EARLIER], None),
		([], [], None),
		([], [EARLIER], None),
		([NOON + timedelta(microseconds=900_000)], [], NOON),
	],
)
def test_attendance_follows_as_far_as_every_device_was_read_and_nothing_holds_it(
	devices: list[datetime | None], holds: list[datetime], point: datetime | None
) -> None:
	assert reach(devices, holds) == point


@given(st.lists(st.none() | WALLS, max_size=4), st.lists(WALLS, max_size=4))
def test_it_is_never_later_than_a_device_or_a_hold_and_always_in_whole_seconds(
	devices: list[datetime | None], holds: list[datetime]
) -> None:
	point = reach(devices, holds)
	assert (point is None) == (not devices or None in devices)
	if point is not None:
		assert all(read is not None and point <= read for read in devices)
		assert all(point <= hold for hold in holds)
		assert point.microsecond == 0
		assert min([*filter(None, devices), *holds]) - point < timedelta(seconds=1)


@pytest.mark.parametrize(
	("current", "point", "moved"),
	[
		(None, NOON, NOON),
		(EARLIER, NOON, NOON),
		(NOON, NOON, None),
		(NOON, EARLIER, None),
		(NOON, None, None),
		(None, None, None),
	],
)
def test_it_moves_forward_or_stays(
	current: datetime | None, point: datetime | None, moved: datetime | None
) -> None:
	assert forward(current, point) == moved


@given(WALLS, st.lists(st.none() | WALLS, max_size=3), st.lists(WALLS, max_size=3))
def test_it_never_moves_back(
	current: datetime, devices: list[datetime | None], holds: list[datetime]
) -> None:
	moved = forward(current, reach(devices, holds))
	assert moved is None or moved > current


# The shift of a waiting punch

NIGHT = hours(21)
EVENING_BEFORE = timedelta(minutes=-30)


@pytest.mark.parametrize(
	("opens", "punch", "begin"),
	[
		(hours(8), datetime(2024, 6, 5, 8), datetime(2024, 6, 5, 8)),
		(hours(8), datetime(2024, 6, 5, 17, 30), datetime(2024, 6, 5, 8)),
		(hours(8), datetime(2024, 6, 5, 7, 59, 59), datetime(2024, 6, 4, 8)),
		(NIGHT, datetime(2024, 6, 5, 21, 30), datetime(2024, 6, 5, 21)),
		(NIGHT, datetime(2024, 6, 6, 6, 30), datetime(2024, 6, 5, 21)),
		(NIGHT, datetime(2024, 6, 6, 12), datetime(2024, 6, 5, 21)),
		(EVENING_BEFORE, datetime(2024, 6, 5, 23, 45), datetime(2024, 6, 5, 23, 30)),
		(EVENING_BEFORE, datetime(2024, 6, 6, 9), datetime(2024, 6, 5, 23, 30)),
		(EVENING_BEFORE, datetime(2024, 6, 5, 23, 29), datetime(2024, 6, 4, 23, 30)),
		(hours(0), datetime(2024, 6, 6), datetime(2024, 6, 6)),
	],
)
def test_a_punch_holds_from_when_its_shift_begins_to_take_check_ins(
	opens: timedelta, punch: datetime, begin: datetime
) -> None:
	assert begin_of_shift(punch, opens) == begin


@given(WALLS, st.integers(0, 1439), st.integers(1, 1439), st.integers(0, 720), st.integers(0, 720))
def test_no_shift_that_a_punch_falls_in_is_over_before_that(
	punch: datetime, start: int, length: int, early: int, late: int
) -> None:
	"""Every such shift ends after the hold; HRMS wants them shorter than a day, with what it takes before and after."""
	late = min(late, 1439 - length)
	early = min(early, 1439 - length - late)
	opens = timedelta(minutes=start - early)
	hold = begin_of_shift(punch, opens)
	assert hold <= punch < hold + A_DAY
	midnight = punch.replace(hour=0, minute=0, second=0, microsecond=0)
	for days in range(-2, 3):
		begin = midnight + days * A_DAY + opens
		end = midnight + days * A_DAY + timedelta(minutes=start + length + late)
		if begin <= punch <= end:
			assert hold == begin
			assert not end < hold


# Clocks


@pytest.mark.parametrize(
	("last_sync", "zones", "read"),
	[
		(utc(2024, 6, 5, 12), clocks(), NOON),
		(utc(2024, 6, 5, 9), clocks("Asia/Riyadh", "Asia/Riyadh"), NOON),
		(utc(2024, 6, 5, 12), clocks("Asia/Riyadh", "UTC"), NOON),
		(utc(2024, 10, 26, 10), clocks("Europe/Berlin", "Europe/Berlin"), datetime(2024, 10, 26, 12)),
		(utc(2024, 10, 27, 0, 30), clocks("Europe/Berlin", "Europe/Berlin"), datetime(2024, 10, 27, 1, 30)),
		(utc(2024, 10, 27, 5), clocks("Europe/Berlin", "Europe/Berlin"), datetime(2024, 10, 27, 6)),
		(utc(2024, 3, 31, 2), clocks("Europe/Berlin", "Europe/Berlin"), datetime(2024, 3, 31, 4)),
	],
)
def test_the_last_sync_counts_at_the_site_s_wall_clock(
	last_sync: datetime, zones: WallClocks, read: datetime
) -> None:
	assert read_up_to(last_sync, zones) == read


@given(
	st.sampled_from(ZONES),
	st.sampled_from(ZONES),
	st.datetimes(datetime(2024, 1, 1), datetime(2024, 12, 31)),
	st.integers(0, 48 * 60),
)
def test_no_punch_after_a_sync_is_written_down_before_what_was_read(
	device: str, site: str, synced: datetime, later: int
) -> None:
	assert_nothing_comes_before(clocks(device, site), utc(*synced.timetuple()[:6]), timedelta(minutes=later))


@pytest.mark.parametrize("device", ZONES)
@pytest.mark.parametrize("site", ZONES)
def test_not_even_where_clocks_are_set_back(device: str, site: str) -> None:
	zones = clocks(device, site)
	for instant in {*set_backs(device), *set_backs(site)}:
		for minutes in range(-210, 211, 30):
			for later in range(0, 240, 30):
				synced = instant + timedelta(minutes=minutes)
				assert_nothing_comes_before(zones, synced, timedelta(minutes=later))


@lru_cache
def set_backs(zone: str) -> list[datetime]:
	"""The hours of 2024, UTC, in which the zone's clock is set back."""
	hours_of_2024 = [utc(2024, 1, 1) + hours(number) for number in range(366 * 24)]
	zones = clocks(zone, zone)
	return [hour for hour in hours_of_2024 if zones.set_back_between(hour - hours(1), hour)]


def assert_nothing_comes_before(zones: WallClocks, synced: datetime, later: timedelta) -> None:
	punched = zones.to_site(zones.on_device(synced + later))
	assert read_up_to(synced, zones) <= punched


@given(st.sampled_from(ZONES), st.datetimes(datetime(2024, 1, 1), datetime(2024, 12, 31)))
def test_a_device_counts_as_read_up_to_its_last_sync_or_a_little_earlier(zone: str, synced: datetime) -> None:
	zones = clocks(zone, zone)
	instant = utc(*synced.timetuple()[:6])
	assert timedelta() <= zones.on_site(instant) - read_up_to(instant, zones) <= hours(2)
