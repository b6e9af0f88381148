"""What becomes of a punch that the site keeps already, and what it is known by."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.punches import EIGHT, UNREADABLE, page, punch
from tests.support.times import clocks, minutes
from zkteco_biometric.biotime.models import Punch
from zkteco_biometric.cycle.log_types import LogType, PunchStates
from zkteco_biometric.cycle.plan import (
	CheckIn,
	Fate,
	Ignored,
	Known,
	Pending,
	PlanRules,
	Reason,
	keys,
	match,
	pendings,
	punch_key,
	row_key,
)

RULES = PlanRules(clocks())
EMPLOYEES = {"7": "EMP-7", "007": "EMP-007", "A7": "EMP-A7"}
IGNORING = PlanRules(clocks(), PunchStates({"5": LogType.IGNORE}))


def fate_of_known(one: Punch, known: Known, rules: PlanRules = RULES) -> Fate:
	"""Of a punch that the site keeps already."""
	(only,) = match(page(one), EMPLOYEES, rules, {punch_key(one): known})
	return only


class TestAKnownPunch:
	@pytest.mark.parametrize("reason", Reason)
	@pytest.mark.parametrize("one", [punch(), punch("8"), punch(time=datetime(1999, 1, 1))])
	def test_that_a_person_ignored_stays_ignored_and_says_by_whom(self, reason: Reason, one: Punch) -> None:
		known = Known(reason, "whatever", ignored_by="hr@example.com")
		assert fate_of_known(one, known) == Ignored(one, "ignored by hr@example.com")

	@pytest.mark.parametrize("reason", [Reason.REFUSED, Reason.INACTIVE_EMPLOYEE, Reason.IMPOSSIBLE_TIME])
	def test_that_waits_for_a_person_keeps_waiting_with_its_reason_and_is_not_new(
		self, reason: Reason
	) -> None:
		found = fate_of_known(punch(id=12), Known(reason, "as it was told"))
		assert found == Pending(reason, "as it was told", {}, punch(id=12), "12", "EMP-7")
		assert isinstance(found, Pending)
		assert not found.is_new

	def test_whose_time_has_come_meanwhile_waits_all_the_same(self) -> None:
		known = Known(Reason.IMPOSSIBLE_TIME, "ahead")
		found = fate_of_known(punch(), known, PlanRules(clocks(), newest=EIGHT + minutes(1)))
		assert isinstance(found, Pending)
		assert found.reason is Reason.IMPOSSIBLE_TIME

	def test_of_a_code_that_somebody_has_by_now_becomes_a_check_in(self) -> None:
		found = fate_of_known(punch(), Known(Reason.UNKNOWN_EMPLOYEE, "nobody"))
		assert found == CheckIn("EMP-7", EIGHT, "IN", punch())

	def test_of_a_code_that_is_still_nobodys_waits_and_is_not_new(self) -> None:
		found = fate_of_known(punch("8"), Known(Reason.UNKNOWN_EMPLOYEE, "nobody"))
		assert isinstance(found, Pending)
		assert (found.reason, found.is_new) == (Reason.UNKNOWN_EMPLOYEE, False)

	def test_that_a_rule_leaves_out_by_now_is_ignored(self) -> None:
		found = fate_of_known(punch(state="5"), Known(Reason.REFUSED, "no"), IGNORING)
		assert found == Ignored(punch(state="5"), "punch state 5")

	def test_is_known_whatever_its_id_is_now(self) -> None:
		one = punch("8", id=4711)
		(found,) = match(
			page(one), EMPLOYEES, RULES, {punch_key(punch("8", id=1)): Known(Reason.REFUSED, "no")}
		)
		assert isinstance(found, Pending)
		assert (found.reason, found.transaction_id) == (Reason.REFUSED, "4711")

	def test_says_nothing_about_another_second_or_code(self) -> None:
		known = {punch_key(punch()): Known(Reason.REFUSED, "no")}
		others = page(punch("007"), punch(time=EIGHT + timedelta(seconds=1)))
		assert [type(one) for one in match(others, EMPLOYEES, RULES, known)] == [CheckIn, CheckIn]

	def test_that_cannot_be_read_is_not_new_when_it_comes_again(self) -> None:
		known = {
			row_key(UNREADABLE.row, UNREADABLE.transaction_id): Known(
				Reason.UNREADABLE_ROW, "emp_code is missing"
			)
		}
		(found,) = match(page(rejected=(UNREADABLE,)), EMPLOYEES, RULES, known)
		assert isinstance(found, Pending)
		assert (found.reason, found.is_new) == (Reason.UNREADABLE_ROW, False)


class TestTheKey:
	@pytest.mark.parametrize(
		"changed", [{"id": None}, {"id": 5}, {"state": "1"}, {"terminal_sn": "SN9"}, {"upload_time": EIGHT}]
	)
	def test_of_a_punch_is_its_code_and_second_and_nothing_else(self, changed: dict[str, Any]) -> None:
		assert punch_key(replace(punch(), **changed)) == punch_key(punch())

	def test_tells_codes_and_seconds_apart(self) -> None:
		others = [
			punch("07"),
			punch("007"),
			punch("a7"),
			punch("A7"),
			punch(time=EIGHT + timedelta(seconds=1)),
		]
		assert len({punch_key(one) for one in [punch(), *others]}) == 6

	def test_of_a_row_is_what_was_received_in_whatever_order(self) -> None:
		assert row_key({"a": 1, "b": None}) == row_key({"b": None, "a": 1})
		assert len({row_key(row) for row in ({"a": 1}, {"a": "1"}, {"a": 2}, None, "", [], {}, 0)}) == 8

	def test_of_a_row_tells_transactions_apart_that_hold_the_same(self) -> None:
		assert len({row_key({}, number) for number in ("", "9", "10")}) == 3

	def test_of_what_waits_is_the_one_that_it_is_looked_up_by(self) -> None:
		rows = page(punch("8"), punch("nobody"), rejected=(UNREADABLE,))
		assert [one.key for one in pendings(match(rows, EMPLOYEES, RULES))] == keys(rows)

	@given(st.text(), st.text(), st.datetimes())
	def test_is_short_and_never_fails(self, one: str, other: str, time: datetime) -> None:
		first, second = punch_key(punch(one, time)), punch_key(punch(other, time))
		assert (first == second) == (one == other)
		assert len(first) == 40


def test_the_keys_of_a_page_are_those_of_all_its_rows_in_their_order() -> None:
	rows = page(punch(), punch("8"), rejected=(UNREADABLE,))
	assert keys(rows) == [punch_key(punch()), punch_key(punch("8")), row_key({}, "9")]
	assert keys(page()) == []
