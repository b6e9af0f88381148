"""Counters that always add up."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.punches import EIGHT, punch
from tests.support.times import minutes, utc
from zkteco_biometric.biotime.errors import Unreachable
from zkteco_biometric.cycle.plan import CheckIn, Duplicate, Fate, Ignored, Pending, Reason, punch_key
from zkteco_biometric.cycle.result import Counters, CycleResult, Refused, Stored, UnknownCode

BEGAN = utc(2024, 6, 5, 12)


def check_in(minute: int = 0) -> CheckIn:
	time = EIGHT + minutes(minute)
	return CheckIn("EMP-7", time, "IN", punch(time=time, id=minute))


def unknown(code: str = "8", time: datetime = EIGHT) -> Pending:
	return Pending(Reason.UNKNOWN_EMPLOYEE, "nobody", {}, punch(code, time), "1")


def unreadable(number: str = "9") -> Pending:
	return Pending(Reason.UNREADABLE_ROW, "emp_code is missing", {}, transaction_id=number)


def known(pending: Pending) -> Pending:
	return replace(pending, is_new=False)


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
		"pending": 0,
		"ignored": 0,
	}


def test_every_row_is_counted_under_what_became_of_it() -> None:
	fates: list[Fate] = [
		check_in(),
		Duplicate(check_in()),
		unknown(),
		Ignored(punch(), "a rule"),
		unreadable(),
	]
	result = result_of((fates, Stored(created=1)))
	assert result.counters == Counters(created=1, duplicate=1, pending=2, ignored=1)
	assert (result.counters.fetched, result.pages) == (5, 1)


def test_counters_add_up_one_by_one_and_are_told_in_their_order() -> None:
	total = Counters(1, 2, 3, 4) + Counters(10, 20, 30, 40)
	assert total == Counters(created=11, duplicate=22, pending=33, ignored=44)
	assert list(total.as_dict().items()) == [
		("fetched", 110),
		("created", 11),
		("duplicate", 22),
		("pending", 33),
		("ignored", 44),
	]


def test_what_the_site_refused_or_had_meanwhile_is_not_created() -> None:
	fates: list[Fate] = [check_in(1), check_in(2), check_in(3)]
	result = result_of((fates, Stored(1, raced=1, refused=(Refused(check_in(3), "Inactive employee"),))))
	assert result.counters == Counters(created=1, duplicate=1, pending=1)
	assert result.new_pending == 1


def test_pages_add_up() -> None:
	result = result_of(([check_in(1)], Stored(1)), ([check_in(2), unreadable()], Stored(1)), ([], Stored(0)))
	assert result.counters == Counters(created=2, pending=1)
	assert result.pages == 3


def test_unknown_codes_are_kept_with_their_number_and_their_times() -> None:
	times = [EIGHT + minutes(5), EIGHT, EIGHT + minutes(9)]
	result = result_of(
		([unknown("8", time) for time in times[:2]], Stored(0)),
		([known(unknown("8", times[2])), unknown("08")], Stored(0)),
	)
	assert result.unknown_codes == {
		"8": UnknownCode(3, EIGHT, EIGHT + minutes(9)),
		"08": UnknownCode(1, EIGHT, EIGHT),
	}
	assert result.rejections == []


def test_a_code_whose_punch_waits_for_another_reason_is_not_an_unknown_one() -> None:
	ahead = replace(unknown(), reason=Reason.IMPOSSIBLE_TIME, message="ahead")
	result = result_of(([ahead, unreadable()], Stored(0)))
	assert result.unknown_codes == {}
	assert len(result.rejections) == 2


def test_what_waited_before_is_pending_but_not_new() -> None:
	fates: list[Fate] = [unknown(), known(unknown("08")), known(unreadable())]
	result = result_of((fates, Stored(0)))
	assert (result.counters.pending, result.new_pending) == (3, 1)


def test_rules_that_ignored_something_are_counted() -> None:
	fates: list[Fate] = [
		Ignored(punch(), "punch state 5"),
		Ignored(punch(), "punch state 5"),
		Ignored(punch(), "x"),
	]
	assert result_of((fates, Stored(0))).ignored_rules == {"punch state 5": 2, "x": 1}


def test_a_reason_names_the_transaction_the_person_and_the_time() -> None:
	refused = Refused(check_in(3), "Inactive employee")
	ahead = Pending(Reason.IMPOSSIBLE_TIME, "ahead", {}, punch(), "12")
	fates: list[Fate] = [unreadable(), unreadable(""), ahead, check_in(3)]
	result = result_of((fates, Stored(0, refused=(refused,))))
	assert result.rejections == [
		"Transaction 9: unreadable row: emp_code is missing",
		"Transaction ?: unreadable row: emp_code is missing",
		"Transaction 12: (Biometric ID 7) at 2024-06-05 08:00:00: impossible time: ahead",
		"Transaction 3: employee EMP-7 (Biometric ID 7) at 2024-06-05 08:03:00: refused by hrms: Inactive employee",
	]


def test_reasons_are_kept_up_to_a_hundred() -> None:
	result = result_of(([unreadable()] * 250, Stored(0)))
	assert len(result.rejections) == 100
	assert result.counters.pending == 250


class TestARefusal:
	def test_waits_as_the_punch_that_it_was_with_the_words_of_the_site(self) -> None:
		one = replace(check_in(3), punch=replace(check_in(3).punch, row={"id": 3}))
		found = Refused(one, "No permission for geolocation").as_pending()
		assert (found.reason, found.message) == (Reason.REFUSED, "No permission for geolocation")
		assert (found.employee, found.transaction_id, found.punch) == ("EMP-7", "3", one.punch)
		assert found.row == {"id": 3}
		assert found.is_new

	def test_keeps_its_reason(self) -> None:
		refused = Refused(check_in(), "EMP-7 is inactive", Reason.INACTIVE_EMPLOYEE)
		assert refused.as_pending().reason is Reason.INACTIVE_EMPLOYEE

	@pytest.mark.parametrize(("id", "told"), [(None, ""), (0, "0")])
	def test_of_a_punch_without_an_id_has_none(self, id: int | None, told: str) -> None:
		one = replace(check_in(), punch=punch(id=id))
		assert Refused(one, "no").as_pending().transaction_id == told

	def test_is_known_by_its_punch(self) -> None:
		assert Refused(check_in(3), "no").as_pending().key == punch_key(check_in(3).punch)


class TestNews:
	def test_are_check_ins_and_what_waits_since_now(self) -> None:
		fates: list[Fate] = [
			check_in(1),
			unknown(),
			known(unknown("08")),
			Duplicate(check_in(2)),
			Ignored(punch(), "a rule"),
		]
		result = CycleResult(BEGAN)
		result.add_news(fates, Stored(1))
		assert result.counters == Counters(created=1, pending=1)
		assert (result.pages, result.new_pending) == (1, 1)
		assert set(result.unknown_codes) == {"8"}
		assert not result.ignored_rules

	def test_may_be_refused_or_raced(self) -> None:
		result = CycleResult(BEGAN)
		result.add_news([check_in(1), check_in(2)], Stored(0, raced=1, refused=(Refused(check_in(2), "no"),)))
		assert result.counters == Counters(duplicate=1, pending=1)
		assert result.new_pending == 1

	@pytest.mark.parametrize(
		"fates",
		[[], [Duplicate(check_in())], [Ignored(punch(), "a rule"), known(unknown()), known(unreadable())]],
	)
	def test_are_none_on_a_page_that_was_counted_before(self, fates: list[Fate]) -> None:
		result = CycleResult(BEGAN)
		result.add_news(fates, Stored(0))
		assert result == CycleResult(BEGAN)


class TestAQuietCycle:
	def test_met_nothing_new_and_went_well(self) -> None:
		fates: list[Fate] = [Duplicate(check_in()), Ignored(punch(), "a rule"), known(unknown())]
		result = result_of((fates, Stored(0)))
		result.last_sync, result.clock_offset = BEGAN, timedelta(hours=1)
		assert result.is_quiet
		assert CycleResult(BEGAN).is_quiet

	@pytest.mark.parametrize("fate", [check_in(), unknown(), unreadable()])
	def test_brought_nothing(self, fate: Fate) -> None:
		assert not result_of(([fate], Stored(int(isinstance(fate, CheckIn))))).is_quiet

	def test_was_refused_nothing(self) -> None:
		refused = Stored(0, refused=(Refused(check_in(), "no"),))
		assert not result_of(([check_in()], refused)).is_quiet

	@pytest.mark.parametrize(
		"ended", [{"failure": Unreachable("switched off")}, {"unfinished": True}, {"superseded": True}]
	)
	def test_was_not_ended_early(self, ended: dict[str, object]) -> None:
		assert not replace(CycleResult(BEGAN), **ended).is_quiet


KINDS = st.sampled_from(
	["create", "race", "refuse", "duplicate", "unknown", "known", "ignored", "unreadable"]
)


def fate_of(kind: str, minute: int) -> Fate:
	if kind in ("create", "race", "refuse"):
		return check_in(minute)
	made: dict[str, Fate] = {
		"duplicate": Duplicate(check_in(minute)),
		"unknown": unknown(),
		"known": known(unknown()),
		"ignored": Ignored(punch(), "rule"),
		"unreadable": unreadable(),
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
	rows = [kind for kinds in pages for kind in kinds]
	assert told == {
		"created": rows.count("create"),
		"duplicate": rows.count("duplicate") + rows.count("race"),
		"pending": sum(rows.count(kind) for kind in ("refuse", "unknown", "known", "unreadable")),
		"ignored": rows.count("ignored"),
	}
	assert result.new_pending == told["pending"] - rows.count("known")
	waiting = sum(unknown.punches for unknown in result.unknown_codes.values())
	assert waiting == rows.count("unknown") + rows.count("known")


@given(st.lists(KINDS, max_size=12))
def test_news_never_count_what_was_counted_before(kinds: list[str]) -> None:
	fates = [fate_of(kind, minute) for minute, kind in enumerate(kinds)]
	refused = tuple(Refused(check_in(), "no") for kind in kinds if kind == "refuse")
	result = CycleResult(BEGAN)
	result.add_news(fates, Stored(kinds.count("create"), kinds.count("race"), refused))
	old = sum(kinds.count(kind) for kind in ("duplicate", "known", "ignored"))
	assert result.counters.fetched == len(kinds) - old
	assert result.counters.created == kinds.count("create")
	assert result.new_pending == result.counters.pending


@given(st.lists(st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1)), min_size=1))
def test_an_unknown_code_knows_its_first_and_last_time(times: list[datetime]) -> None:
	known = UnknownCode(0, times[0], times[0])
	for time in times:
		known.saw(time)
	assert known == UnknownCode(len(times), min(times), max(times))
