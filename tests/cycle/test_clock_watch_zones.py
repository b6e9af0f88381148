"""A server in another zone than its terminals is no wrong clock; clocks that were set back, and terminals that are gone."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from tests.cycle.test_clock_watch import A_MINUTE, NOON, live
from zkteco_biometric.cycle.clock_watch import ClockWatch

HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)


def seen(
	ahead: timedelta, server_is_ahead: timedelta = timedelta(), delay: timedelta = A_MINUTE
) -> ClockWatch:
	"""Live punches that are read `delay` after the last one arrived at a server whose zone is so far ahead of UTC."""
	punches = live(ahead)
	arrived = max(one.upload_time for one in punches if one.upload_time)
	return ClockWatch().saw(punches, aware(arrived - server_is_ahead + delay))


def aware(utc: datetime) -> datetime:
	return utc.replace(tzinfo=timezone.utc)


@pytest.mark.parametrize("hours", [-8.0, -3.5, 1.0, 5.75, 12.0])
def test_a_difference_that_the_server_s_zone_explains_is_no_wrong_clock(hours: float) -> None:
	"""The terminals are in UTC, the server is so many hours ahead, and so are its upload times."""
	apart = timedelta(hours=hours)
	watch = seen(-apart, apart)
	assert watch.wrong(timedelta()) == []
	assert [clock.ahead for clock in watch.wrong()] == [-apart], "where the zone is not asked for"


def test_a_clock_may_be_wrong_beside_the_zone() -> None:
	(clock,) = seen(-3 * HOUR + 20 * A_MINUTE, 3 * HOUR).wrong(timedelta())
	assert clock.ahead == 20 * A_MINUTE


@pytest.mark.parametrize("offset", [timedelta(), 3 * HOUR])
def test_an_hour_that_no_zone_explains_is_a_wrong_clock(offset: timedelta) -> None:
	"""A terminal that missed a clock change, beside a server in its own zone."""
	(clock,) = seen(HOUR, offset).wrong(offset)
	assert clock.ahead == HOUR


def test_what_is_read_late_makes_no_clock_wrong() -> None:
	"""After forty minutes the server's zone looks 45 minutes off; the difference from the terminals is none all the same."""
	assert seen(timedelta(), delay=40 * A_MINUTE).wrong(timedelta()) == []


def test_the_server_s_zone_is_that_of_today_and_yesterday() -> None:
	watch = seen(timedelta(), HOUR)
	assert len(watch.server_leads) == 1
	later = watch.saw(live(timedelta(), start=NOON + 3 * A_DAY), aware(NOON + 3 * A_DAY))
	assert list(later.server_leads) == [(NOON + 3 * A_DAY).date().isoformat()]


def test_a_server_clock_that_was_far_ahead_and_is_set_right_does_not_stop_the_watch() -> None:
	ahead = live(timedelta(), start=NOON + 40 * A_DAY)
	watch = ClockWatch().saw(ahead, aware(NOON + 40 * A_DAY))
	watch = watch.saw(live(HOUR, start=NOON), aware(NOON + HOUR)).saw(
		live(HOUR, start=NOON + HOUR), aware(NOON + 2 * HOUR)
	)
	assert [clock.ahead for clock in watch.wrong()] == [HOUR]


def test_a_terminal_that_is_gone_is_forgotten_after_a_month() -> None:
	watch = ClockWatch().saw(live(HOUR), aware(NOON + HOUR))
	assert watch.wrong()
	assert watch.saw([], aware(NOON + 29 * A_DAY)).wrong()
	assert watch.saw([], aware(NOON + 31 * A_DAY)) == ClockWatch()


def test_what_is_known_of_the_server_survives_being_written_down() -> None:
	watch = seen(HOUR, 3 * HOUR)
	assert ClockWatch.from_json(watch.as_json()) == watch
