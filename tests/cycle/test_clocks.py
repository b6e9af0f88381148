"""Wall clocks of terminals and of the site, clock changes included."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.times import ZONES, clocks, utc
from zkteco_biometric.cycle.clocks import utc_now

WALL = st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 31)).map(
	lambda wall: wall.replace(microsecond=0)
)


def test_now_is_aware_and_in_whole_seconds() -> None:
	now = utc_now()
	assert now.utcoffset() == timedelta(0)
	assert now.microsecond == 0
	assert abs(datetime.now(timezone.utc) - now) < timedelta(seconds=5)


@pytest.mark.parametrize(
	("device", "site", "punched", "written"),
	[
		("Asia/Riyadh", "UTC", datetime(2024, 6, 5, 8), datetime(2024, 6, 5, 5)),
		("UTC", "Asia/Riyadh", datetime(2024, 6, 5, 8), datetime(2024, 6, 5, 11)),
		("Asia/Riyadh", "Asia/Kolkata", datetime(2024, 6, 5, 23), datetime(2024, 6, 6, 1, 30)),
		("Europe/Berlin", "UTC", datetime(2024, 1, 5, 8), datetime(2024, 1, 5, 7)),
		("Europe/Berlin", "UTC", datetime(2024, 7, 5, 8), datetime(2024, 7, 5, 6)),
		("Asia/Kathmandu", "UTC", datetime(2024, 7, 5, 0, 0, 1), datetime(2024, 7, 4, 18, 15, 1)),
	],
)
def test_a_punch_is_written_down_at_the_sites_wall_clock(
	device: str, site: str, punched: datetime, written: datetime
) -> None:
	assert clocks(device, site).to_site(punched) == written


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
	"punched",
	[
		datetime(2024, 3, 31, 2, 30),
		datetime(2024, 10, 27, 2, 30),
		datetime(2024, 3, 10, 2, 30),
		datetime(2024, 6, 5, 8),
		datetime(1, 1, 1),
		datetime(9999, 12, 31, 23, 59, 59),
	],
)
def test_the_same_zone_changes_nothing(zone: str, punched: datetime) -> None:
	assert clocks(zone, zone).to_site(punched) == punched


@pytest.mark.parametrize(
	("punched", "written"),
	[
		(datetime(2024, 3, 31, 1, 59, 59), datetime(2024, 3, 31, 0, 59, 59)),
		(datetime(2024, 3, 31, 2, 0), datetime(2024, 3, 31, 1, 0)),
		(datetime(2024, 3, 31, 2, 30), datetime(2024, 3, 31, 1, 30)),
		(datetime(2024, 3, 31, 3, 0), datetime(2024, 3, 31, 1, 0)),
	],
)
def test_a_time_that_does_not_exist_counts_on_from_before_the_change(
	punched: datetime, written: datetime
) -> None:
	assert clocks("Europe/Berlin", "UTC").to_site(punched) == written


@pytest.mark.parametrize(
	("punched", "written"),
	[
		(datetime(2024, 10, 27, 1, 59, 59), datetime(2024, 10, 26, 23, 59, 59)),
		(datetime(2024, 10, 27, 2, 0), datetime(2024, 10, 27, 0, 0)),
		(datetime(2024, 10, 27, 2, 59, 59), datetime(2024, 10, 27, 0, 59, 59)),
		(datetime(2024, 10, 27, 3, 0), datetime(2024, 10, 27, 2, 0)),
	],
)
def test_a_time_that_exists_twice_is_the_first(punched: datetime, written: datetime) -> None:
	assert clocks("Europe/Berlin", "UTC").to_site(punched) == written


def test_an_hour_that_the_site_leaves_out_or_repeats_is_its_wall_clock() -> None:
	to_berlin = clocks("UTC", "Europe/Berlin")
	assert to_berlin.to_site(datetime(2024, 3, 31, 1)) == datetime(2024, 3, 31, 3)
	assert to_berlin.to_site(datetime(2024, 10, 27, 0, 30)) == datetime(2024, 10, 27, 2, 30)
	assert to_berlin.to_site(datetime(2024, 10, 27, 1, 30)) == datetime(2024, 10, 27, 2, 30)


@pytest.mark.parametrize(
	("device", "site", "punched"),
	[
		("UTC", "Asia/Riyadh", datetime(9999, 12, 31, 23)),
		("Asia/Riyadh", "UTC", datetime(1, 1, 1)),
	],
)
def test_the_end_of_the_calendar_is_a_value_error(device: str, site: str, punched: datetime) -> None:
	with pytest.raises(ValueError, match="cannot be converted"):
		clocks(device, site).to_site(punched)


@given(st.sampled_from(ZONES), st.sampled_from(ZONES), st.datetimes())
@settings(max_examples=300)
def test_any_punch_has_a_naive_time_on_the_site_or_is_a_value_error(
	device: str, site: str, punched: datetime
) -> None:
	punched = punched.replace(microsecond=0, fold=0)
	try:
		written = clocks(device, site).to_site(punched)
	except ValueError:
		assert punched.year in (1, 9999)
	else:
		assert (written.tzinfo, written.fold) == (None, 0)
		assert abs(written - punched) < timedelta(days=2)


@given(st.sampled_from(ZONES), st.sampled_from(ZONES), WALL)
@settings(max_examples=300)
def test_a_time_that_exists_once_survives_both_ways(device: str, site: str, punched: datetime) -> None:
	written = clocks(device, site).to_site(punched)
	back = clocks(site, device).to_site(written)
	unclear = [
		wall.replace(tzinfo=ZoneInfo(zone), fold=0).utcoffset()
		!= wall.replace(tzinfo=ZoneInfo(zone), fold=1).utcoffset()
		for wall, zone in ((punched, device), (written, site))
	]
	assert back == punched or any(unclear)


def test_an_instant_is_shown_by_each_clock_naively() -> None:
	both = clocks("Asia/Riyadh", "Europe/Berlin")
	instant = utc(2024, 10, 27, 1, 30)
	assert both.on_device(instant) == datetime(2024, 10, 27, 4, 30)
	assert both.on_site(instant) == datetime(2024, 10, 27, 2, 30)
	assert both.on_site(instant).fold == 0


@given(st.sampled_from(ZONES), st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1)))
@settings(max_examples=300)
def test_what_the_site_wrote_down_can_be_read_again(zone: str, instant: datetime) -> None:
	here = clocks("UTC", zone)
	aware = instant.replace(microsecond=0, tzinfo=timezone.utc)
	read = here.instant_on_site(here.on_site(aware))
	assert read.utcoffset() == timedelta(0)
	assert here.on_site(read) == here.on_site(aware)
	assert read <= aware


@pytest.mark.parametrize(
	("zone", "start", "end", "back"),
	[
		("Europe/Berlin", utc(2024, 10, 27, 0), utc(2024, 10, 27, 2), timedelta(hours=1)),
		("Europe/Berlin", utc(2024, 3, 31, 0), utc(2024, 3, 31, 2), timedelta(0)),
		("Europe/Berlin", utc(2024, 6, 1), utc(2024, 6, 2), timedelta(0)),
		("Australia/Lord_Howe", utc(2024, 4, 6, 12), utc(2024, 4, 6, 18), timedelta(minutes=30)),
		("Antarctica/Troll", utc(2024, 10, 27, 0), utc(2024, 10, 27, 2), timedelta(hours=2)),
		("Asia/Riyadh", utc(2024, 1, 1), utc(2024, 12, 1), timedelta(0)),
	],
)
def test_how_far_the_clocks_were_set_back(zone: str, start: datetime, end: datetime, back: timedelta) -> None:
	assert clocks(zone).set_back_between(start, end) == back
