"""Counters that always add up."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from tests.support.punches import EIGHT, UNREADABLE, punch
from tests.support.times import minutes, utc
from zkteco_biometric.biotime.models import RejectedRow
from zkteco_biometric.cycle.plan import CheckIn, Duplicate, Fate, Ignored, Unmatched
from zkteco_biometric.cycle.result import Counters, CycleResult, Refused, Stored, UnknownCode

BEGAN = utc(2024, 6, 5, 12)


def check_in(minute: int = 0) -> CheckIn:
	time = EIGHT + minutes(minute)
	return CheckIn("EMP-7", time, "IN", punch(time=time, id=minute))


def result_of(*pages: tuple[list[Fate], Stored]) -> CycleResult:
	result = CycleResult(BEGAN)
	for fates, stored in pages:
		result.add_page(fates, stored)
	return result


def test_a_cycle_begins_with_nothing() -> None:
	assert CycleResult(BEGAN).counters.as_dict() == {
		"fetched": 0,
		"created": 0,
		"duplicate": 0,
		"unmatched": 0,
		"ignored": 0,
		"rejected": 0,
	}


def test_every_row_is_counted_under_what_became_of_it() -> None:
	fates: list[Fate] = [
		check_in(),
		Duplicate(check_in()),
		Unmatched(punch("8")),
		Ignored(punch(), "a rule"),
		UNREADABLE,
	]
	result = result_of((fates, Stored(created=1)))
	assert result.counters == Counters(created=1, duplicate=1, unmatched=1, ignored=1, rejected=1)
	assert (result.counters.fetched, result.pages) == (5, 1)


def test_what_the_site_refused_or_had_meanwhile_is_not_created() -> None:
	fates: list[Fate] = [check_in(1), check_in(2), check_in(3)]
	result = result_of((fates, Stored(1, raced=1, refused=(Refused(check_in(3), "Inactive employee"),))))
	assert result.counters == Counters(created=1, duplicate=1, rejected=1)


def test_pages_add_up() -> None:
	result = result_of(([check_in(1)], Stored(1)), ([check_in(2), UNREADABLE], Stored(1)), ([], Stored(0)))
	assert result.counters == Counters(created=2, rejected=1)
	assert result.pages == 3


def test_unknown_codes_are_kept_with_their_number_and_their_times() -> None:
	times = [EIGHT + minutes(5), EIGHT, EIGHT + minutes(9)]
	result = result_of(
		([Unmatched(punch("8", time)) for time in times[:2]], Stored(0)),
		([Unmatched(punch("8", times[2])), Unmatched(punch("08", EIGHT))], Stored(0)),
	)
	assert result.unknown_codes == {
		"8": UnknownCode(3, EIGHT, EIGHT + minutes(9)),
		"08": UnknownCode(1, EIGHT, EIGHT),
	}


def test_rules_that_ignored_something_are_counted() -> None:
	fates: list[Fate] = [
		Ignored(punch(), "punch state 5"),
		Ignored(punch(), "punch state 5"),
		Ignored(punch(), "x"),
	]
	assert result_of((fates, Stored(0))).ignored_rules == {"punch state 5": 2, "x": 1}


def test_a_reason_names_the_transaction_the_person_and_the_time() -> None:
	refused = Refused(check_in(3), "Inactive employee")
	result = result_of(
		([UNREADABLE, RejectedRow("no code", "", {}), check_in(3)], Stored(0, refused=(refused,)))
	)
	assert result.rejections == [
		"Transaction 9: emp_code is missing",
		"Transaction ?: no code",
		"Transaction 3: employee EMP-7 (Biometric ID 7) at 2024-06-05 08:03:00: Inactive employee",
	]


def test_reasons_are_kept_up_to_a_hundred() -> None:
	result = result_of(([UNREADABLE] * 250, Stored(0)))
	assert len(result.rejections) == 100
	assert result.counters.rejected == 250


KINDS = st.sampled_from(["create", "race", "refuse", "duplicate", "unmatched", "ignored", "rejected"])


def fate_of(kind: str, minute: int) -> Fate:
	if kind in ("create", "race", "refuse"):
		return check_in(minute)
	made: dict[str, Fate] = {
		"duplicate": Duplicate(check_in(minute)),
		"unmatched": Unmatched(punch("8")),
		"ignored": Ignored(punch(), "rule"),
		"rejected": UNREADABLE,
	}
	return made[kind]


@given(st.lists(st.lists(KINDS, max_size=8), max_size=4))
def test_fetched_is_always_the_sum_and_the_number_of_rows(pages: list[list[str]]) -> None:
	result = CycleResult(BEGAN)
	for kinds in pages:
		fates = [fate_of(kind, minute) for minute, kind in enumerate(kinds)]
		refused = tuple(Refused(check_in(), "no") for kind in kinds if kind == "refuse")
		result.add_page(fates, Stored(kinds.count("create"), kinds.count("race"), refused))
	told = result.counters.as_dict()
	assert told.pop("fetched") == sum(told.values()) == sum(len(kinds) for kinds in pages)
	assert sum(unknown.punches for unknown in result.unknown_codes.values()) == told["unmatched"]


@given(st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)), min_size=1))
def test_an_unknown_code_knows_its_first_and_last_time(times: list[datetime]) -> None:
	known = UnknownCode(0, times[0], times[0])
	for time in times:
		known.saw(time)
	assert known == UnknownCode(len(times), min(times), max(times))
