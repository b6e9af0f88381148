"""When a device is due."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.times import minutes
from zkteco_biometric.cycle.schedule import Frequency, Plan, back_off, check_cron

SET_UP = datetime(2024, 6, 1, 9, 7)
NOON = datetime(2024, 6, 5, 12)
QUARTERS = "*/15 * * * *"


def plan(frequency: Frequency, since: datetime | None = NOON, **more: object) -> Plan:
	return Plan(frequency, str(more.pop("cron", QUARTERS)), since, SET_UP, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
	("frequency", "since", "due"),
	[
		(Frequency.ALL, NOON, NOON),
		(Frequency.HOURLY, NOON, datetime(2024, 6, 5, 13)),
		(Frequency.DAILY, NOON, datetime(2024, 6, 6, 12)),
		(Frequency.WEEKLY, NOON, datetime(2024, 6, 12, 12)),
		(Frequency.MONTHLY, NOON, datetime(2024, 7, 5, 12)),
		(Frequency.MONTHLY, datetime(2024, 1, 31, 8), datetime(2024, 2, 29, 8)),
		(Frequency.MONTHLY, datetime(2023, 1, 31, 8), datetime(2023, 2, 28, 8)),
		(Frequency.MONTHLY, datetime(2024, 2, 29, 8), datetime(2024, 3, 29, 8)),
		(Frequency.MONTHLY, datetime(2024, 12, 31, 8), datetime(2025, 1, 31, 8)),
		(Frequency.DAILY, datetime(2024, 2, 28, 8), datetime(2024, 2, 29, 8)),
		(Frequency.DAILY, datetime(2024, 12, 31, 8), datetime(2025, 1, 1, 8)),
		(Frequency.CRON, NOON, datetime(2024, 6, 5, 12, 15)),
		(Frequency.CRON, NOON + timedelta(seconds=1), datetime(2024, 6, 5, 12, 15)),
		(Frequency.CRON, NOON + minutes(14.9), datetime(2024, 6, 5, 12, 15)),
	],
)
def test_a_device_is_due_its_time_after_the_last_sync(
	frequency: Frequency, since: datetime, due: datetime
) -> None:
	asked = plan(frequency, since)
	assert asked.next_sync() == due
	assert asked.is_due(due)
	assert asked.is_due(due + timedelta(days=400))
	assert frequency is Frequency.ALL or not asked.is_due(due - timedelta(seconds=31))


@pytest.mark.parametrize("frequency", [one for one in Frequency if one is not Frequency.CRON])
def test_a_device_that_was_never_read_is_due_at_once(frequency: Frequency) -> None:
	assert plan(frequency, None).next_sync() is None
	assert plan(frequency, None).is_due(SET_UP)


def test_a_cron_expression_counts_from_when_the_device_was_entered() -> None:
	assert plan(Frequency.CRON, None).next_sync() == datetime(2024, 6, 1, 9, 15)
	assert not plan(Frequency.CRON, None).is_due(datetime(2024, 6, 1, 9, 14, 59))


@pytest.mark.parametrize(
	("cron", "due"),
	[
		("0 6 * * *", datetime(2024, 6, 6, 6)),
		("30 12 * * *", datetime(2024, 6, 5, 12, 30)),
		("0 6-20 * * 1-6", datetime(2024, 6, 5, 13)),
		("0 0 29 2 *", datetime(2028, 2, 29)),
		("0 0 * * 0", datetime(2024, 6, 9)),
		("0 0 * * 7", datetime(2024, 6, 9)),
		("0 0 1 * *", datetime(2024, 7, 1)),
		("0 0 31 * *", datetime(2024, 7, 31)),
		("*/15 6-20 * * 1-6", datetime(2024, 6, 5, 12, 15)),
	],
)
def test_a_cron_expression_names_the_next_time(cron: str, due: datetime) -> None:
	check_cron(cron)
	assert plan(Frequency.CRON, cron=cron).next_sync() == due


def test_the_frequencies_are_what_people_choose() -> None:
	assert [one.value for one in Frequency] == ["All", "Hourly", "Daily", "Weekly", "Monthly", "Custom Cron"]


@pytest.mark.parametrize(
	("failures", "wait"), [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (6, 60), (100, 60), (10_000, 60)]
)
def test_a_failing_device_is_left_alone_longer_and_longer(failures: int, wait: int) -> None:
	assert back_off(failures) == minutes(wait)


@pytest.mark.parametrize(
	("frequency", "since", "due"),
	[
		(Frequency.ALL, NOON, NOON + minutes(130)),
		(Frequency.HOURLY, NOON, NOON + minutes(130)),
		(Frequency.DAILY, NOON, NOON + timedelta(days=1)),
		(Frequency.ALL, None, NOON + minutes(130)),
		(Frequency.CRON, NOON, NOON + minutes(130)),
	],
)
def test_after_a_failure_the_later_of_both_times_counts(
	frequency: Frequency, since: datetime | None, due: datetime
) -> None:
	asked = plan(frequency, since, failures=2, last_attempt=NOON + minutes(120))
	assert asked.next_sync() == due
	assert not asked.is_due(due - timedelta(seconds=31))
	assert asked.is_due(due)


def test_an_attempt_without_failures_does_not_matter() -> None:
	assert plan(Frequency.HOURLY, last_attempt=NOON + minutes(50)).next_sync() == NOON + minutes(60)
	assert plan(Frequency.HOURLY, failures=3).next_sync() == NOON + minutes(60)


@pytest.mark.parametrize(
	"expression",
	[
		"",
		"*",
		"* * * *",
		"* * * * * *",
		"@hourly",
		"60 * * * *",
		"* 24 * * *",
		"* * 0 * *",
		"* * * 13 *",
		"* * * * 8",
		"*/0 * * * *",
		"a b c d e",
		"every five minutes or so",
		"H * * * *",
		"R R * * *",
		"0 0 30 2 *",
		"0 0 31 4,6 *",
		"-1 * * * *",
	],
)
def test_what_is_no_cron_expression_is_refused_with_an_example(expression: str) -> None:
	with pytest.raises(ValueError, match=r"(?s)five fields.*\*/15 6-20 \* \* 1-6"):
		check_cron(expression)


@pytest.mark.parametrize("expression", ["* * * * *", "*/5 * * * *", "0 9,13,18 * * mon-fri", " 0 6 * * * "])
def test_a_cron_expression_is_accepted(expression: str) -> None:
	check_cron(expression)


FIELD = st.text(alphabet="0123456789*/,-LlR#h@ amonjan", max_size=6)


@given(
	st.lists(FIELD, min_size=5, max_size=5).map(" ".join),
	st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)),
)
@settings(max_examples=400)
def test_what_is_accepted_always_has_a_next_time(expression: str, since: datetime) -> None:
	try:
		check_cron(expression)
	except ValueError:
		return
	due = Plan(Frequency.CRON, expression, since, SET_UP).next_sync()
	assert due is not None
	assert due > since


@given(
	st.sampled_from([one for one in Frequency if one is not Frequency.CRON]),
	st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)),
	st.integers(0, 50),
	st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1)),
)
def test_once_due_a_device_stays_due(
	frequency: Frequency, since: datetime | None, failures: int, last_attempt: datetime | None
) -> None:
	asked = Plan(frequency, "", since, SET_UP, failures, last_attempt)
	due = asked.next_sync() or SET_UP
	assert asked.is_due(due)
	assert asked.is_due(due + timedelta(days=1))


def test_a_daily_sync_does_not_slip_by_a_tick_every_day() -> None:
	began = datetime(2026, 3, 2, 0, 0, 7)
	plan = Plan(Frequency.DAILY, "", since=began, set_up=began)
	assert plan.is_due(datetime(2026, 3, 3, 0, 0, 1))
	assert not plan.is_due(datetime(2026, 3, 2, 23, 59))


@pytest.mark.parametrize("frequency", [Frequency.ALL, Frequency.HOURLY, Frequency.MONTHLY])
def test_a_clock_that_was_set_back_holds_nothing_up(frequency: Frequency) -> None:
	now = datetime(2026, 3, 2, 8)
	later = datetime(2026, 4, 2, 8)
	assert Plan(frequency, "", since=later, set_up=now).is_due(now)
	assert Plan(frequency, "", since=None, set_up=now, failures=9, last_attempt=later).is_due(now)
