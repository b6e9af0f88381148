"""Working time: days, hours over midnight, holidays."""

from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.support.profiles import examples
from zkteco_biometric.notices.working_hours import WorkingHours

HOUR = timedelta(hours=1)
MONDAY = datetime(2026, 6, 1)
WEEK = WorkingHours(frozenset(range(5)), time(8), time(17))
NIGHTS = WorkingHours(frozenset({4}), time(22), time(6))

minutes = st.integers(0, 14 * 24 * 60).map(lambda minute: MONDAY + timedelta(minutes=minute))
clock_times = st.integers(0, 23).map(time)
hours = st.builds(
	WorkingHours,
	st.frozensets(st.integers(0, 6)),
	clock_times,
	clock_times,
	st.frozensets(st.integers(0, 14).map(lambda day: date(2026, 6, 1) + timedelta(days=day)), max_size=3),
)


def test_only_hours_of_work_count() -> None:
	friday_evening, monday = MONDAY + timedelta(days=4, hours=16), MONDAY + timedelta(days=7, hours=8)
	assert WEEK.reach(friday_evening, monday, HOUR)
	assert not WEEK.reach(friday_evening, monday, HOUR + timedelta(minutes=1))
	assert WEEK.reach(friday_evening, monday + HOUR, 2 * HOUR)


def test_nobody_is_silent_on_monday_morning_for_a_weekend() -> None:
	assert not WEEK.reach(MONDAY - timedelta(days=2, hours=7), MONDAY + 8 * HOUR, timedelta(minutes=1))


def test_a_holiday_counts_as_little_as_a_weekend() -> None:
	holiday = WorkingHours(WEEK.days, WEEK.begin, WEEK.end, frozenset({date(2026, 6, 2)}))
	monday_evening, wednesday = MONDAY + 17 * HOUR, MONDAY + timedelta(days=2, hours=9)
	assert WEEK.reach(monday_evening, wednesday, 10 * HOUR)
	assert holiday.reach(monday_evening, wednesday, HOUR)
	assert not holiday.reach(monday_evening, wednesday, HOUR + timedelta(minutes=1))


def test_hours_over_midnight_belong_to_the_day_on_which_they_begin() -> None:
	friday, saturday = MONDAY + timedelta(days=4), MONDAY + timedelta(days=5)
	assert NIGHTS.reach(friday + 12 * HOUR, saturday + 12 * HOUR, 8 * HOUR)
	assert not NIGHTS.reach(friday, friday + 12 * HOUR, timedelta(minutes=1))
	assert NIGHTS.reach(saturday + HOUR, saturday + 3 * HOUR, 2 * HOUR)


def test_equal_times_mean_round_the_clock() -> None:
	always = WorkingHours(frozenset(range(7)), time(8), time(8))
	assert always.reach(MONDAY, MONDAY + timedelta(days=3), timedelta(days=3))
	assert not always.reach(MONDAY, MONDAY + timedelta(days=3), timedelta(days=3, seconds=1))


def test_what_lies_ahead_has_no_time_between() -> None:
	assert not WEEK.reach(MONDAY + timedelta(days=9), MONDAY + timedelta(days=1), timedelta(minutes=1))


def test_whoever_never_works_is_never_missed() -> None:
	nobody = WorkingHours(frozenset(), time(8), time(17))
	assert not nobody.reach(datetime(1990, 1, 1), MONDAY, timedelta(minutes=1))


@given(hours, minutes, minutes, st.integers(1, 6000))
@examples(tests=150, nightly=3000)
def test_it_counts_as_minute_by_minute(worked: WorkingHours, since, until, threshold: int) -> None:
	counted = sum(
		works_at(worked, since + timedelta(minutes=minute)) for minute in range(minutes_from(since, until))
	)
	assert worked.reach(since, until, timedelta(minutes=threshold)) == (counted >= threshold)


@given(hours, minutes, minutes, st.integers(1, 6000), st.integers(0, 6000))
@examples(tests=300, nightly=5000)
def test_more_time_and_a_lower_threshold_never_reach_less(
	worked: WorkingHours, since, until, threshold: int, more: int
) -> None:
	if worked.reach(since, until, timedelta(minutes=threshold + more)):
		assert worked.reach(since, until, timedelta(minutes=threshold))
		assert worked.reach(since, until + timedelta(minutes=more), timedelta(minutes=threshold + more))
		assert worked.reach(since - timedelta(minutes=more), until, timedelta(minutes=threshold + more))


def minutes_from(since: datetime, until: datetime) -> int:
	return max(int((until - since) / timedelta(minutes=1)), 0)


def works_at(worked: WorkingHours, moment: datetime) -> bool:
	for back in (0, 1):
		day = moment.date() - timedelta(days=back)
		if day.weekday() in worked.days and day not in worked.holidays:
			begin, end = datetime.combine(day, worked.begin), datetime.combine(day, worked.end)
			if begin <= moment < (end if begin < end else end + timedelta(days=1)):
				return True
	return False
