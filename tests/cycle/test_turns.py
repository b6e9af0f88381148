"""Where many devices are due at once: how many a tick takes, and who comes first."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.profiles import examples
from tests.support.times import minutes
from zkteco_biometric.cycle.schedule import Frequency, Plan
from zkteco_biometric.cycle.turns import ALL_WITHIN, FEWEST, in_turn, most_at_once

NOON = datetime(2024, 6, 5, 12)
LONG_AGO = datetime(2024, 1, 1)
TICK = minutes(4)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def plan(frequency: Frequency, since: datetime | None, cron: str = "", **more: object) -> Plan:
	return Plan(frequency, cron, since, LONG_AGO, **more)  # type: ignore[arg-type]


def fleet(count: int, frequency: Frequency, since: datetime | None, **more: object) -> dict[str, Plan]:
	return {f"{frequency.value} {number:04}": plan(frequency, since, **more) for number in range(count)}  # type: ignore[arg-type]


@pytest.mark.parametrize("count", [1, 5, FEWEST])
def test_few_devices_are_all_taken_at_once(count: int) -> None:
	assert most_at_once(fleet(count, Frequency.MONTHLY, None).values(), TICK, NOON) >= count


def test_devices_for_every_tick_are_all_taken_at_every_tick() -> None:
	assert most_at_once(fleet(1000, Frequency.ALL, NOON).values(), TICK, NOON) >= 1000


def test_a_thousand_that_are_due_at_once_are_spread_over_half_an_hour() -> None:
	for frequency in (Frequency.HOURLY, Frequency.DAILY, Frequency.MONTHLY):
		most = most_at_once(fleet(1000, frequency, None).values(), TICK, NOON)
		assert 1000 / most <= ALL_WITHIN / TICK
		assert most <= 250, "no stampede"


def test_where_ticks_are_far_apart_nobody_waits_for_another_one() -> None:
	assert most_at_once(fleet(1000, Frequency.DAILY, None).values(), HOUR, NOON) >= 1000


def test_a_cron_expression_counts_as_often_as_it_comes_true() -> None:
	every_tick = fleet(300, Frequency.CRON, NOON, cron="*/4 * * * *")
	daily = fleet(300, Frequency.CRON, NOON, cron="0 6 * * *")
	assert most_at_once(every_tick.values(), TICK, NOON) >= 300
	assert most_at_once(daily.values(), TICK, NOON) < 100


def test_who_has_waited_for_longest_comes_first_and_those_for_every_tick_before() -> None:
	due = {
		"a": plan(Frequency.DAILY, NOON - DAY - 2 * HOUR),
		"b": plan(Frequency.HOURLY, NOON - 9 * HOUR),
		"c": plan(Frequency.ALL, NOON - TICK),
		"d": plan(Frequency.DAILY, None),
		"e": plan(Frequency.DAILY, NOON - 3 * DAY, failures=1, last_attempt=NOON - minutes(6)),
	}
	assert in_turn(due, TICK, NOON) == ["c", "d", "b", "a", "e"]


def test_a_device_that_fails_counts_as_often_as_it_is_tried() -> None:
	failing = plan(Frequency.DAILY, NOON - DAY, failures=2, last_attempt=NOON)
	assert failing.period(NOON) == minutes(10)
	assert replace(failing, failures=0).period(NOON) == DAY


FREQUENCIES = st.sampled_from(
	[
		(Frequency.ALL, ""),
		(Frequency.HOURLY, ""),
		(Frequency.DAILY, ""),
		(Frequency.WEEKLY, ""),
		(Frequency.CRON, "*/15 * * * *"),
		(Frequency.CRON, "0 * * * *"),
		(Frequency.CRON, "30 6 * * 1-5"),
	]
)
FLEETS = st.lists(
	st.tuples(FREQUENCIES, st.integers(1, 120), st.none() | st.integers(0, 3 * 24 * 60)),
	min_size=1,
	max_size=4,
)


@given(FLEETS, st.integers(1, 10))
@examples(tests=40, nightly=1_000)
def test_every_device_has_its_turn_within_half_an_hour_and_nobody_for_every_tick_waits(
	groups: list[tuple[tuple[Frequency, str], int, int | None]], tick_minutes: int
) -> None:
	"""Some hours of ticks, in which whoever is taken is read at once."""
	tick = minutes(tick_minutes)
	plans = {
		f"{group} {number}": plan(frequency, None if age is None else NOON - minutes(age), cron)
		for group, ((frequency, cron), count, age) in enumerate(groups)
		for number in range(count)
	}
	due_since: dict[str, datetime] = {}
	now = NOON
	while now < NOON + minutes(90):
		due = {device: one for device, one in plans.items() if one.is_due(now)}
		taken = in_turn(due, tick, now)[: most_at_once(plans.values(), tick, now)]
		for device in due:
			waited = now - due_since.setdefault(device, now)
			assert waited <= ALL_WITHIN + tick, f"{device} waits since {due_since[device]}"
			assert device in taken or plans[device].period(now) > tick
		for device in taken:
			plans[device] = replace(plans[device], since=now)
			del due_since[device]
		now += tick
