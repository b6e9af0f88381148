"""What becomes of each row of a page."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.punches import EIGHT, UNREADABLE, page, punch
from tests.support.times import ZONES, clocks, minutes
from zkteco_biometric.biotime.models import Page, Punch, RejectedRow, parse_row
from zkteco_biometric.cycle.log_types import LogType, PunchStates
from zkteco_biometric.cycle.plan import (
	CheckIn,
	Duplicate,
	Fate,
	Ignored,
	Known,
	Pending,
	PlanRules,
	Reason,
	check_ins,
	codes,
	drop_existing,
	match,
	pendings,
	punch_key,
)

RULES = PlanRules(clocks())
EMPLOYEES = {"7": "EMP-7", "007": "EMP-007", "A7": "EMP-A7"}
IGNORING = PlanRules(clocks(), PunchStates({"5": LogType.IGNORE}))


def fate(one: Page, rules: PlanRules = RULES) -> Fate:
	(only,) = match(one, EMPLOYEES, rules)
	return only


def pending(one: Page, rules: PlanRules = RULES) -> Pending:
	found = fate(one, rules)
	assert isinstance(found, Pending)
	return found


def test_a_punch_of_an_employee_becomes_a_check_in() -> None:
	assert fate(page(punch())) == CheckIn("EMP-7", EIGHT, "IN", punch())


@pytest.mark.parametrize(("code", "employee"), [("7", "EMP-7"), ("007", "EMP-007"), ("A7", "EMP-A7")])
def test_codes_are_compared_as_text(code: str, employee: str) -> None:
	found = fate(page(punch(code)))
	assert isinstance(found, CheckIn)
	assert found.employee == employee


@pytest.mark.parametrize("code", ["07", "a7", "7 ", "7.0", "٧", "70"])
def test_a_code_that_only_looks_alike_is_nobodys(code: str) -> None:
	assert fate(page(punch(code))) == Pending(
		Reason.UNKNOWN_EMPLOYEE, f"no Employee has the Biometric ID {code}", {}, punch(code), "1"
	)


@pytest.mark.parametrize(("state", "stored"), [("0", "IN"), ("1", "OUT"), ("255", "IN"), ("4", None)])
def test_the_log_type_follows_the_table(state: str, stored: str | None) -> None:
	found = fate(page(punch(state=state)), PlanRules(clocks(), PunchStates({"4": LogType.NONE})))
	assert isinstance(found, CheckIn)
	assert found.log_type == stored


def test_a_state_to_ignore_is_ignored_and_named() -> None:
	assert fate(page(punch(state="5")), IGNORING) == Ignored(punch(state="5"), "punch state 5")


def test_what_is_ignored_does_not_wait_for_an_employee() -> None:
	assert isinstance(fate(page(punch("nobody", state="5")), IGNORING), Ignored)


@pytest.mark.parametrize(
	("time", "ignored"),
	[
		(datetime(2000, 1, 1), "before Sync From"),
		(EIGHT - timedelta(seconds=1), "before Sync From"),
		(EIGHT, None),
		(EIGHT + minutes(60), None),
	],
)
def test_what_is_older_than_sync_from_is_ignored(time: datetime, ignored: str | None) -> None:
	found = fate(page(punch(time=time)), PlanRules(clocks(), oldest=EIGHT))
	assert (found.rule if isinstance(found, Ignored) else None) == ignored


@pytest.mark.parametrize(("seconds", "waits"), [(-1, False), (0, False), (1, True), (10**9, True)])
def test_a_time_that_has_not_come_waits_and_is_never_ignored(seconds: int, waits: bool) -> None:
	late = EIGHT + timedelta(seconds=seconds)
	found = fate(page(punch(time=late, id=12)), PlanRules(clocks(), oldest=EIGHT - minutes(1), newest=EIGHT))
	assert isinstance(found, Pending if waits else CheckIn)
	if isinstance(found, Pending):
		assert (found.reason, found.employee, found.transaction_id) == (Reason.IMPOSSIBLE_TIME, "EMP-7", "12")
		assert f"it says {late}, and that time has not come yet" in found.message


def test_a_time_that_has_not_come_is_told_of_even_where_nobody_has_the_code() -> None:
	found = pending(page(punch("8", EIGHT + minutes(1))), PlanRules(clocks(), newest=EIGHT))
	assert (found.reason, found.employee) == (Reason.IMPOSSIBLE_TIME, None)


def test_the_window_is_in_the_terminals_wall_clock() -> None:
	rules = PlanRules(clocks("Asia/Riyadh", "UTC"), oldest=EIGHT, newest=EIGHT)
	assert isinstance(fate(page(punch(time=EIGHT - minutes(1))), rules), Ignored)
	assert isinstance(fate(page(punch(time=EIGHT + minutes(1))), rules), Pending)
	found = fate(page(punch()), rules)
	assert isinstance(found, CheckIn)
	assert found.time == EIGHT - timedelta(hours=3)


@pytest.mark.parametrize("year", [1, 1970, 1999])
def test_a_clock_that_was_never_set_is_an_impossible_time_whatever_sync_from_says(year: int) -> None:
	lost = punch(time=datetime(year, 1, 1), id=12)
	found = pending(page(lost), PlanRules(clocks(), oldest=EIGHT))
	assert (found.reason, found.punch, found.transaction_id) == (Reason.IMPOSSIBLE_TIME, lost, "12")
	assert "clock was not set" in found.message
	assert found.employee == "EMP-7"


def test_the_year_2000_is_possible() -> None:
	assert isinstance(fate(page(punch(time=datetime(2000, 1, 1)))), CheckIn)


def test_a_time_that_the_site_cannot_express_is_impossible() -> None:
	found = pending(
		page(punch(time=datetime(9999, 12, 31, 23), id=None)), PlanRules(clocks("UTC", "Asia/Riyadh"))
	)
	assert (found.reason, found.transaction_id) == (Reason.IMPOSSIBLE_TIME, "")
	assert "cannot be converted to Asia/Riyadh" in found.message


def test_a_row_that_could_not_be_read_waits_as_it_was_received() -> None:
	row = {"id": 9, "punch_time": "never"}
	found = pending(page(rejected=(RejectedRow("emp_code is missing", "9", row),)))
	assert (found.reason, found.message) == (Reason.UNREADABLE_ROW, "emp_code is missing")
	assert (found.punch, found.employee, found.transaction_id, found.is_new) == (None, None, "9", True)
	assert found.row is row


def test_a_punch_that_waits_carries_its_row_as_received() -> None:
	row = {"id": 5, "emp_code": "8", "punch_time": "2024-06-05 08:00:00", "gps_location": "here"}
	read = parse_row(row)
	assert isinstance(read, Punch)
	assert pending(page(read)).row is row


@pytest.mark.parametrize(("id", "told"), [(None, ""), (0, "0"), (7, "7")])
def test_an_id_of_zero_is_an_id_and_a_missing_one_is_empty(id: int | None, told: str) -> None:
	assert pending(page(punch("8", id=id))).transaction_id == told


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
	assert [type(one) for one in fates] == [Pending, CheckIn, CheckIn, Pending]
	assert [one.reason for one in pendings(fates)] == [Reason.UNKNOWN_EMPLOYEE, Reason.UNREADABLE_ROW]


def test_what_waits_takes_no_second_from_a_check_in() -> None:
	twice = page(punch(), punch(id=2))
	fates = match(twice, EMPLOYEES, RULES)
	waits = Pending(Reason.REFUSED, "no", {}, punch(), "1", "EMP-7")
	assert [type(one) for one in drop_existing([waits, *fates], ())] == [Pending, CheckIn, Duplicate]


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


def row_of(fate: Fate) -> object:
	"""What it is the fate of."""
	if isinstance(fate, Pending):
		return fate.punch or fate.row
	return fate.check_in.punch if isinstance(fate, Duplicate) else fate.punch


def is_ignored(known: Known | None) -> bool:
	return bool(known and known.ignored_by)


KNOWN = st.builds(Known, st.sampled_from(Reason), st.just("why"), st.sampled_from(["", "hr@example.com"]))


@given(
	st.lists(st.tuples(PUNCHES, st.none() | KNOWN), max_size=12),
	st.integers(0, 3),
	st.sets(st.tuples(st.sampled_from(["EMP-7", "EMP-007"]), st.sampled_from([EIGHT, EIGHT + minutes(1)]))),
	st.sampled_from(ZONES),
	st.sampled_from(ZONES),
	st.none() | st.just(EIGHT),
)
@settings(max_examples=300)
def test_every_row_has_exactly_one_fate(
	punches: list[tuple[Punch, Known | None]],
	unreadable: int,
	existing: set[tuple[str, datetime]],
	device: str,
	site: str,
	newest: datetime | None,
) -> None:
	rules = PlanRules(clocks(device, site), IGNORING.states, oldest=datetime(2000, 1, 2), newest=newest)
	rows = page(*(one for one, _ in punches), rejected=(UNREADABLE,) * unreadable)
	kept = {punch_key(one): known for one, known in punches if known}
	fates = drop_existing(match(rows, EMPLOYEES, rules, kept), existing)
	assert len(fates) == rows.fetched
	assert [row_of(fate) for fate in fates] == [*rows.punches, *(UNREADABLE.row,) * unreadable]
	assert all(one.is_new == (one.key not in kept) for one in pendings(fates))
	assert all(not is_ignored(kept.get(punch_key(one.punch))) for one in check_ins(fates))
	created = [one.key for one in check_ins(fates)]
	assert max(Counter(created).values(), default=1) == 1
	assert not existing & set(created)
