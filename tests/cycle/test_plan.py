"""What becomes of each row of a page."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.punches import EIGHT, UNREADABLE, page, punch
from tests.support.times import ZONES, clocks, minutes
from zkteco_biometric.biotime.models import Page, RejectedRow
from zkteco_biometric.cycle.log_types import LogType, PunchStates
from zkteco_biometric.cycle.plan import (
	CheckIn,
	Duplicate,
	Fate,
	Ignored,
	PlanRules,
	Unmatched,
	check_ins,
	codes,
	drop_existing,
	match,
)

RULES = PlanRules(clocks())
EMPLOYEES = {"7": "EMP-7", "007": "EMP-007", "A7": "EMP-A7"}
IGNORING = PlanRules(clocks(), PunchStates({"5": LogType.IGNORE}))


def fate(one: Page, rules: PlanRules = RULES) -> Fate:
	(only,) = match(one, EMPLOYEES, rules)
	return only


def test_a_punch_of_an_employee_becomes_a_check_in() -> None:
	assert fate(page(punch())) == CheckIn("EMP-7", EIGHT, "IN", punch())


@pytest.mark.parametrize(("code", "employee"), [("7", "EMP-7"), ("007", "EMP-007"), ("A7", "EMP-A7")])
def test_codes_are_compared_as_text(code: str, employee: str) -> None:
	found = fate(page(punch(code)))
	assert isinstance(found, CheckIn)
	assert found.employee == employee


@pytest.mark.parametrize("code", ["07", "a7", "7 ", "7.0", "٧", "70"])
def test_a_code_that_only_looks_alike_is_nobodys(code: str) -> None:
	assert fate(page(punch(code))) == Unmatched(punch(code))


@pytest.mark.parametrize(("state", "stored"), [("0", "IN"), ("1", "OUT"), ("255", "IN"), ("4", None)])
def test_the_log_type_follows_the_table(state: str, stored: str | None) -> None:
	found = fate(page(punch(state=state)), PlanRules(clocks(), PunchStates({"4": LogType.NONE})))
	assert isinstance(found, CheckIn)
	assert found.log_type == stored


def test_a_state_to_ignore_is_ignored_and_named() -> None:
	assert fate(page(punch(state="5")), IGNORING) == Ignored(punch(state="5"), "punch state 5")


def test_what_is_ignored_is_not_reported_as_unmatched() -> None:
	assert isinstance(fate(page(punch("nobody", state="5")), IGNORING), Ignored)


@pytest.mark.parametrize(
	("time", "ignored"),
	[
		(EIGHT - minutes(1), "before Sync From"),
		(EIGHT, None),
		(EIGHT + minutes(60), None),
		(EIGHT + minutes(61), "after this cycle began"),
	],
)
def test_what_is_outside_the_window_is_ignored(time: datetime, ignored: str | None) -> None:
	rules = PlanRules(clocks(), oldest=EIGHT, newest=EIGHT + minutes(60))
	found = fate(page(punch(time=time)), rules)
	assert (found.rule if isinstance(found, Ignored) else None) == ignored


def test_the_window_is_in_the_terminals_wall_clock() -> None:
	rules = PlanRules(clocks("Asia/Riyadh", "UTC"), oldest=EIGHT, newest=EIGHT)
	found = fate(page(punch()), rules)
	assert isinstance(found, CheckIn)
	assert found.time == EIGHT - timedelta(hours=3)


@pytest.mark.parametrize("year", [1, 1970, 1999])
def test_a_clock_that_was_never_set_is_rejected(year: int) -> None:
	lost = punch(time=datetime(year, 1, 1), id=12)
	found = fate(page(lost), PlanRules(clocks(), oldest=EIGHT))
	assert isinstance(found, RejectedRow)
	assert "clock was not set" in found.reason
	assert (found.transaction_id, found.row) == ("12", lost)


def test_the_year_2000_is_possible() -> None:
	assert isinstance(fate(page(punch(time=datetime(2000, 1, 1)))), CheckIn)


def test_a_time_that_the_site_cannot_express_is_rejected() -> None:
	found = fate(
		page(punch(time=datetime(9999, 12, 31, 23), id=None)), PlanRules(clocks("UTC", "Asia/Riyadh"))
	)
	assert isinstance(found, RejectedRow)
	assert found.transaction_id == ""


def test_rows_that_could_not_be_read_stay_rejected() -> None:
	assert match(page(rejected=(UNREADABLE,)), EMPLOYEES, RULES) == [UNREADABLE]


def test_the_codes_of_a_page_are_looked_up_once_each() -> None:
	assert codes(page(punch("7"), punch("7"), punch("007"))) == {"7", "007"}
	assert codes(page()) == frozenset()


def test_two_punches_in_the_same_second_are_one_check_in() -> None:
	fates = drop_existing(match(page(punch(id=1), punch(id=2, state="1")), EMPLOYEES, RULES), ())
	assert [type(one) for one in fates] == [CheckIn, Duplicate]


def test_two_people_in_the_same_second_are_two_check_ins() -> None:
	fates = drop_existing(match(page(punch("7"), punch("007")), EMPLOYEES, RULES), ())
	assert [type(one) for one in fates] == [CheckIn, CheckIn]


def test_two_codes_of_one_employee_in_the_same_second_are_one_check_in() -> None:
	shared = {"7": "EMP-7", "007": "EMP-7"}
	fates = drop_existing(match(page(punch("7"), punch("007")), shared, RULES), ())
	assert [type(one) for one in fates] == [CheckIn, Duplicate]


def test_two_times_that_the_clock_shows_once_are_one_check_in() -> None:
	rules = PlanRules(clocks("UTC", "Europe/Berlin"))
	both = page(punch(time=datetime(2024, 10, 27, 0, 30)), punch(time=datetime(2024, 10, 27, 1, 30)))
	fates = drop_existing(match(both, EMPLOYEES, rules), ())
	assert [type(one) for one in fates] == [CheckIn, Duplicate]


def test_what_exists_on_the_site_is_a_duplicate() -> None:
	fates = match(page(punch(), punch(time=EIGHT + minutes(1))), EMPLOYEES, RULES)
	existing = {("EMP-7", EIGHT), ("EMP-007", EIGHT + minutes(1))}
	assert [type(one) for one in drop_existing(fates, existing)] == [Duplicate, CheckIn]
	assert len(existing) == 2


def test_a_second_apart_is_not_a_duplicate() -> None:
	fates = match(page(punch(), punch(time=EIGHT + timedelta(seconds=1))), EMPLOYEES, RULES)
	assert len(check_ins(drop_existing(fates, [("EMP-7", EIGHT - timedelta(seconds=1))]))) == 2


def test_the_order_of_the_page_is_kept() -> None:
	fates = match(
		page(punch("8"), punch(), punch("007", state="1"), rejected=(UNREADABLE,)), EMPLOYEES, RULES
	)
	assert [type(one) for one in fates] == [Unmatched, CheckIn, CheckIn, RejectedRow]


PUNCHES = st.builds(
	punch,
	emp_code=st.sampled_from(["7", "007", "A7", "8", "nobody"]),
	time=st.datetimes(datetime(1999, 12, 30), datetime(2000, 1, 3)).map(
		lambda time: time.replace(second=0, microsecond=0, fold=0)
	)
	| st.sampled_from([EIGHT, EIGHT + minutes(1), datetime(1, 1, 1), datetime(9999, 12, 31, 23)]),
	state=st.sampled_from(["0", "1", "5", "255"]),
	id=st.none() | st.integers(0, 99),
)


@given(
	st.lists(PUNCHES, max_size=12),
	st.integers(0, 3),
	st.sets(st.tuples(st.sampled_from(["EMP-7", "EMP-007"]), st.sampled_from([EIGHT, EIGHT + minutes(1)]))),
	st.sampled_from(ZONES),
	st.sampled_from(ZONES),
	st.none() | st.just(EIGHT),
)
@settings(max_examples=300)
def test_every_row_has_exactly_one_fate(
	punches: list,
	unreadable: int,
	existing: set[tuple[str, datetime]],
	device: str,
	site: str,
	newest: datetime | None,
) -> None:
	rules = PlanRules(clocks(device, site), IGNORING.states, oldest=datetime(2000, 1, 2), newest=newest)
	rows = page(*punches, rejected=(UNREADABLE,) * unreadable)
	fates = drop_existing(match(rows, EMPLOYEES, rules), existing)
	assert len(fates) == rows.fetched
	created = [one.key for one in check_ins(fates)]
	assert max(Counter(created).values(), default=1) == 1
	assert not existing & set(created)
