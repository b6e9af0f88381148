"""Who is to be enabled and who disabled at a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.profiles import examples
from tests.support.times import minutes, utc
from zkteco_biometric.device_users.decision import (
	ControlRules,
	Decision,
	Facts,
	Shift,
	decide,
	disabled_between,
)
from zkteco_biometric.device_users.states import IN, OUT, CheckInSeen, DeviceUser, Former, Kind, Status

ENABLED, DISABLED = Status.ENABLED, Status.DISABLED
RULES = ControlRules()
FORMER = Former(Kind.AREA, areas=(2,), area_names=("Default Area",), parking=1)


def at(hour: float, day: int = 5) -> datetime:
	"""That hour of a day of June 2024; 5 is today."""
	return utc(2024, 6, day) + timedelta(hours=hour)


def shift(start: float, end: float, day: int = 5) -> Shift:
	return Shift(at(start, day), at(end, day))


def checked(log_type: str, time: datetime, name: str = "CI-1") -> CheckInSeen:
	return CheckInSeen(name, time, log_type)


def who(newest: CheckInSeen | None, *shifts: Shift, exempt: str = "", left: bool = False) -> Facts:
	return Facts("EMP-7", "7", newest=newest, shifts=shifts, exempt=exempt, left=left)


def held(check_in: CheckInSeen | None, status: Status = DISABLED) -> DeviceUser:
	return DeviceUser("EMP-7", "7", status=status, former=FORMER, check_in=check_in, disabled_on=at(17))


def after(record: DeviceUser | None, facts: Facts, now: datetime, rules: ControlRules = RULES) -> Decision:
	return decide(facts, record, rules, now)


DAYS = (shift(9, 17), shift(9, 17, day=6))
NIGHTS = (shift(22, 30), shift(22, 30, day=6))
TOMORROW_AT_8 = at(8, day=6)


@pytest.mark.parametrize(
	("out", "shifts", "rules", "expected"),
	[
		pytest.param(at(17), DAYS, ControlRules(), (at(17), at(25)), id="after work, for the hours"),
		pytest.param(
			at(17),
			DAYS,
			ControlRules(hours=timedelta(hours=20)),
			(at(17), TOMORROW_AT_8),
			id="the next shift",
		),
		pytest.param(
			at(17),
			DAYS,
			ControlRules(hours=timedelta(hours=20), margin=minutes(0)),
			(at(17), at(9, day=6)),
			id="no margin",
		),
		pytest.param(
			at(17),
			DAYS,
			ControlRules(hours=timedelta(hours=20), margin=minutes(180)),
			(at(17), at(6, day=6)),
			id="a margin of three hours",
		),
		pytest.param(at(17), (), ControlRules(hours=timedelta(hours=3)), (at(17), at(20)), id="no shifts"),
		pytest.param(at(12), DAYS, ControlRules(), (at(17), at(20)), id="lunch"),
		pytest.param(at(8.5), DAYS, ControlRules(), (at(8.5), at(8)), id="just before a shift"),
		pytest.param(at(9), DAYS, ControlRules(), (at(17), at(17)), id="when a shift begins"),
		pytest.param(
			at(12), DAYS, ControlRules(during_shift=True), (at(12), at(20)), id="lunch, also during shifts"
		),
		pytest.param(at(30), NIGHTS, ControlRules(), (at(30), at(38)), id="after a night"),
		pytest.param(
			at(30),
			NIGHTS,
			ControlRules(hours=timedelta(hours=24)),
			(at(30), at(21, day=6)),
			id="until the next night",
		),
		pytest.param(at(25), NIGHTS, ControlRules(), (at(30), at(33)), id="a break in the night"),
		pytest.param(
			at(13),
			(shift(9, 13), shift(13, 17)),
			ControlRules(),
			(at(17), at(21)),
			id="between back-to-back shifts",
		),
		pytest.param(
			at(12.9),
			(shift(9, 13), shift(13, 17)),
			ControlRules(),
			(at(13), at(12)),
			id="at the end of the first of two shifts",
		),
		pytest.param(
			at(12),
			(shift(9, 13), shift(10, 15)),
			ControlRules(),
			(at(15), at(20)),
			id="in two shifts at once",
		),
		pytest.param(
			at(17), tuple(reversed(DAYS)), ControlRules(), (at(17), at(25)), id="shifts in any order"
		),
	],
)
def test_an_out_disables_from_the_end_of_the_shift_to_the_way_back(
	out: datetime, shifts: tuple[Shift, ...], rules: ControlRules, expected: tuple[datetime, datetime]
) -> None:
	assert disabled_between(out, shifts, rules) == expected


OUT_17 = checked(OUT, at(17))


@pytest.mark.parametrize(
	("now", "status", "until"),
	[
		(at(17), DISABLED, at(25)),
		(at(25) - minutes(1), DISABLED, at(25)),
		(at(25), ENABLED, None),
		(at(48), ENABLED, None),
	],
)
def test_an_out_disables_until_the_way_back_and_says_when_that_is(
	now: datetime, status: Status, until: datetime | None
) -> None:
	decision = after(None, who(OUT_17, *DAYS), now)
	assert (decision.status, decision.until) == (status, until)


@pytest.mark.parametrize("newest", [checked(IN, at(17)), checked("", at(17)), None], ids=["IN", "none", "-"])
@pytest.mark.parametrize("record", [None, held(OUT_17)], ids=["unknown", "held"])
def test_who_has_not_checked_out_is_enabled(newest: CheckInSeen | None, record: DeviceUser | None) -> None:
	assert after(record, who(newest), at(17)).status is ENABLED


def test_who_checks_out_for_lunch_may_come_back_until_the_shift_ends() -> None:
	lunch = who(checked(OUT, at(12)), *DAYS)
	assert after(None, lunch, at(12)) == Decision(ENABLED, "Checked out in the middle of a shift.", at(17))
	assert after(None, lunch, at(17)).status is DISABLED
	assert after(None, lunch, at(20)).status is ENABLED


def test_who_checks_out_for_lunch_is_disabled_at_once_where_the_rules_say_so() -> None:
	lunch = who(checked(OUT, at(12)), *DAYS)
	assert after(None, lunch, at(12), ControlRules(during_shift=True)).status is DISABLED


def test_who_checks_out_just_before_a_shift_is_not_disabled() -> None:
	assert after(None, who(checked(OUT, at(8.5)), *DAYS), at(8.5)).status is ENABLED


def test_who_works_the_next_shift_without_a_break_is_not_disabled_in_between() -> None:
	facts = who(checked(OUT, at(13)), shift(9, 13), shift(13, 17))
	assert after(None, facts, at(13)).status is ENABLED
	assert after(None, facts, at(17)).status is DISABLED


def test_an_old_out_that_arrives_late_disables_nobody() -> None:
	rules = ControlRules(hours=timedelta(hours=24), oldest=timedelta(hours=12))
	assert after(None, who(OUT_17), at(29), rules).status is DISABLED
	assert after(None, who(OUT_17), at(29) + minutes(1), rules).status is ENABLED


def test_an_out_that_has_disabled_somebody_goes_on_doing_so_when_it_gets_old() -> None:
	rules = ControlRules(hours=timedelta(hours=24), oldest=timedelta(hours=12))
	assert after(held(OUT_17), who(OUT_17), at(30), rules).status is DISABLED
	other = checked(OUT, at(17), "CI-2")
	assert after(held(other), who(OUT_17), at(30), rules).status is ENABLED
	not_yet = replace(held(OUT_17), disabled_on=None)
	assert after(not_yet, who(OUT_17), at(30), rules).status is ENABLED


@pytest.mark.parametrize("left", [False, True])
@pytest.mark.parametrize("record", [None, held(OUT_17)], ids=["unknown", "disabled"])
def test_who_is_exempt_is_never_disabled(record: DeviceUser | None, left: bool) -> None:
	facts = who(OUT_17, exempt="Is the caretaker.", left=left)
	assert after(record, facts, at(17), ControlRules(keep_left=True)) == Decision(
		ENABLED, "Is the caretaker."
	)


KEEP = ControlRules(keep_left=True)


def test_who_has_left_stays_disabled_where_the_rules_say_so() -> None:
	gone = who(OUT_17, *DAYS, left=True)
	for now in (at(17), at(25), at(9, day=6), at(0, day=20)):
		decision = after(held(OUT_17), gone, now, KEEP)
		assert (decision.status, decision.until) == (DISABLED, None)


def test_who_has_left_comes_back_like_anybody_else_where_the_rules_say_nothing() -> None:
	assert after(held(OUT_17), who(OUT_17, left=True), at(25)).status is ENABLED


def test_who_has_left_and_is_not_disabled_is_so_by_their_last_out_only() -> None:
	assert after(None, who(OUT_17, left=True), at(18), KEEP) == Decision(
		DISABLED, "The newest check-in is an OUT."
	)
	assert after(None, who(checked(IN, at(17)), left=True), at(18), KEEP).status is ENABLED


def test_enable_everyone_comes_before_everything_else() -> None:
	released = replace(held(OUT_17), released=True)
	assert after(released, who(OUT_17, *DAYS), at(18)).status is ENABLED
	assert after(released, who(OUT_17, left=True), at(18), KEEP).status is ENABLED


def test_enable_everyone_means_those_whom_we_hold() -> None:
	released = replace(held(OUT_17), released=True, former=None)
	assert after(released, who(OUT_17), at(18)).status is DISABLED


def test_an_out_that_has_had_its_effect_disables_nobody_again() -> None:
	spent = DeviceUser("EMP-7", "7", spent=at(17))
	assert after(spent, who(OUT_17), at(18)).status is ENABLED
	assert after(spent, who(checked(OUT, at(17) + timedelta(seconds=1))), at(18)).status is DISABLED


def test_who_was_disabled_under_another_code_is_enabled() -> None:
	former = replace(held(OUT_17), emp_code="70")
	assert after(former, who(OUT_17), at(18)).status is ENABLED
	assert after(replace(former, former=None), who(OUT_17), at(18)).status is DISABLED


def test_an_in_elsewhere_is_the_way_back() -> None:
	assert after(held(OUT_17), who(checked(IN, at(18))), at(18)).status is ENABLED


moments = st.integers(-60, 60).map(lambda half_hours: at(12 + half_hours / 2))
spans = st.integers(0, 48).map(lambda half_hours: timedelta(minutes=30 * half_hours))
shifts = st.builds(lambda start, length: Shift(start, start + length), moments, spans)
rules_of = st.builds(ControlRules, spans, spans, spans, st.booleans(), st.booleans())
check_ins = st.builds(checked, st.sampled_from([IN, OUT, OUT, OUT, ""]), moments)
facts_of = st.builds(
	Facts,
	st.just("EMP-7"),
	st.sampled_from(["7", "7", "7", "8"]),
	newest=st.none() | check_ins,
	exempt=st.sampled_from(["", "", "Exempt."]),
	left=st.booleans(),
	shifts=st.lists(shifts, max_size=4).map(tuple),
)
records = st.none() | st.builds(
	DeviceUser,
	st.just("EMP-7"),
	st.just("7"),
	status=st.sampled_from(Status),
	former=st.none() | st.just(FORMER),
	check_in=st.none() | check_ins,
	disabled_on=st.none() | moments,
	spent=st.none() | moments,
	released=st.booleans(),
)


@given(facts_of, records, rules_of, moments)
@examples(tests=200, nightly=20_000)
def test_nobody_is_disabled_at_or_after_the_earliest_way_back(
	facts: Facts, record: DeviceUser | None, rules: ControlRules, now: datetime
) -> None:
	assume(not (facts.left and rules.keep_left))
	if decide(facts, record, rules, now).status is DISABLED:
		assert facts.newest is not None
		assert facts.newest.log_type == OUT
		assert now < facts.newest.time + rules.hours
		assert all(now < one.start - rules.margin for one in facts.shifts if one.start > facts.newest.time)


@given(facts_of, records, rules_of, moments)
@examples(tests=200, nightly=20_000)
def test_whatever_else_is_true_who_is_exempt_is_enabled(
	facts: Facts, record: DeviceUser | None, rules: ControlRules, now: datetime
) -> None:
	assert decide(replace(facts, exempt="Exempt."), record, rules, now).status is ENABLED


@given(facts_of, check_ins, records, rules_of, st.lists(spans, min_size=2, max_size=6))
@examples(tests=200, nightly=20_000)
def test_nobody_is_disabled_twice_by_the_same_check_in(
	facts: Facts,
	newest: CheckInSeen,
	record: DeviceUser | None,
	rules: ControlRules,
	later: list[timedelta],
) -> None:
	facts = replace(facts, newest=newest)
	seen = [decide(facts, record, rules, newest.time + span).status for span in sorted(later)]
	changes = [status for number, status in enumerate(seen) if number == 0 or seen[number - 1] is not status]
	assert changes.count(DISABLED) <= 1


@given(facts_of, records, rules_of, moments)
@examples(tests=200, nightly=20_000)
def test_a_decision_says_when_it_changes_by_itself(
	facts: Facts, record: DeviceUser | None, rules: ControlRules, now: datetime
) -> None:
	decision = decide(facts, record, rules, now)
	if decision.until:
		assert decision.until > now
		just_before = decide(facts, record, rules, decision.until - timedelta(seconds=1))
		assert decide(facts, record, rules, decision.until).status is not decision.status
		assert just_before.status in (decision.status, ENABLED)
