"""What is trouble, and when it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.profiles import examples
from zkteco_biometric.notices.facts import (
	Device,
	Facts,
	LatePerson,
	Rules,
	Terminal,
	WrongClock,
	failing_for,
)
from zkteco_biometric.notices.incidents import Key, Kind, OpenIncident, Verdict, compare
from zkteco_biometric.notices.readings import read_everything
from zkteco_biometric.notices.working_hours import WorkingHours

HOUR = timedelta(hours=1)
TUESDAY = datetime(2026, 6, 2)
RULES = Rules(
	hours=WorkingHours(frozenset(range(5)), time(8), time(17)),
	silent_after=4 * HOUR,
	failing_after=timedelta(minutes=30),
	waiting_above=50,
)
OFFICE = Device("Office", last_punch=TUESDAY + 8 * HOUR, read_until=TUESDAY + 9 * HOUR)
DOOR = Terminal("Office", "SN-1", "Door", last_punch=TUESDAY + 8 * HOUR)
SILENT, TERMINAL = Key(Kind.SILENT_DEVICE, "Office"), Key(Kind.SILENT_TERMINAL, "Office", "SN-1")


def verdicts(device: Device | None = OFFICE, *terminals: Terminal, rules=RULES, known=(), **facts):
	seen = Facts((device,) if device else (), terminals, **facts)
	readings = read_everything(seen, rules, [OpenIncident(key) for key in known])
	return {reading.key: reading.verdict for reading in readings}


def test_a_device_that_is_well_is_no_trouble_of_any_kind() -> None:
	assert set(verdicts(OFFICE, DOOR).values()) == {Verdict.WELL}


def test_a_device_is_silent_after_so_much_working_time_without_a_punch() -> None:
	assert verdicts(replace(OFFICE, read_until=TUESDAY + 11 * HOUR))[SILENT] is Verdict.WELL
	assert verdicts(replace(OFFICE, read_until=TUESDAY + 12 * HOUR))[SILENT] is Verdict.TROUBLE


def test_only_what_has_been_read_counts_as_silence() -> None:
	"""After a weekend in which the bench was down, nothing is known of it yet."""
	unread = replace(OFFICE, read_until=TUESDAY + 8.5 * HOUR)
	assert verdicts(unread)[SILENT] is Verdict.WELL
	assert verdicts(replace(OFFICE, read_until=None))[SILENT] is Verdict.BETWEEN


def test_who_never_brought_a_punch_is_not_silent() -> None:
	long_ago = replace(OFFICE, last_punch=None, read_until=TUESDAY + timedelta(days=90))
	found = verdicts(long_ago, replace(DOOR, last_punch=None))
	assert (found[SILENT], found[TERMINAL]) == (Verdict.BETWEEN, Verdict.BETWEEN)


def test_terminals_that_fell_silent_together_are_none_of_their_own() -> None:
	"""Their server is cut off: the last punches of a day were made one after the other."""
	last = [TUESDAY + timedelta(hours=11, minutes=5 * number) for number in range(40)]
	terminals = [replace(DOOR, serial=f"SN-{number}", last_punch=when) for number, when in enumerate(last)]
	for hours in range(14, 17):
		cut_off = replace(OFFICE, last_punch=last[-1], read_until=TUESDAY + hours * HOUR)
		found = verdicts(cut_off, *terminals)
		assert Verdict.TROUBLE not in found.values()
	found = verdicts(replace(cut_off, read_until=TUESDAY + timedelta(days=1, hours=12)), *terminals)
	assert [key.kind for key, verdict in found.items() if verdict is Verdict.TROUBLE] == [Kind.SILENT_DEVICE]


@given(
	st.lists(st.integers(0, 200), min_size=1, max_size=8),
	st.integers(0, 200),
)
@examples(tests=200, nightly=3000)
def test_a_terminal_is_silent_by_its_neighbours_alone(lasts: list[int], read: int) -> None:
	terminals = [
		replace(DOOR, serial=f"SN-{number}", last_punch=TUESDAY + hours * HOUR)
		for number, hours in enumerate(lasts)
	]
	newest = max(one.last_punch for one in terminals)
	found = verdicts(replace(OFFICE, last_punch=newest, read_until=TUESDAY + read * HOUR), *terminals)
	silent = {key.subject for key, verdict in found.items() if verdict is Verdict.TROUBLE} - {""}
	assert silent <= {
		one.serial for one in terminals if RULES.hours.reach(one.last_punch, newest, RULES.silent_after)
	}
	assert not (silent and found[SILENT] is Verdict.TROUBLE)
	assert not {one.serial for one in terminals if one.last_punch == newest} & silent


def test_a_terminal_is_silent_while_another_brings_punches() -> None:
	read = replace(OFFICE, last_punch=TUESDAY + 15 * HOUR, read_until=TUESDAY + 15 * HOUR)
	gate = replace(DOOR, serial="SN-2", last_punch=TUESDAY + 15 * HOUR)
	found = verdicts(read, DOOR, gate)
	assert found[TERMINAL] is Verdict.TROUBLE
	assert found[SILENT] is Verdict.WELL
	assert found[Key(Kind.SILENT_TERMINAL, "Office", "SN-2")] is Verdict.WELL


def test_of_a_device_that_is_silent_as_a_whole_no_terminal_is_told() -> None:
	earlier = replace(DOOR, last_punch=DOOR.last_punch - timedelta(days=1))
	gate = replace(DOOR, serial="SN-2")
	assert verdicts(OFFICE, earlier, gate)[TERMINAL] is Verdict.TROUBLE
	found = verdicts(replace(OFFICE, read_until=TUESDAY + 15 * HOUR), earlier, gate)
	assert (found[SILENT], found[TERMINAL]) == (Verdict.TROUBLE, Verdict.BETWEEN)


def test_a_terminal_that_nobody_watches_is_not_read() -> None:
	unwatched = replace(DOOR, watched=False)
	assert TERMINAL not in verdicts(OFFICE, unwatched)
	assert SILENT not in verdicts(OFFICE, unwatched), "there is nobody else who could speak"
	assert SILENT in verdicts(OFFICE, unwatched, replace(DOOR, serial="SN-2"))


NOT_READ = Key(Kind.NOT_READ, "Office")


def test_a_device_that_nobody_reads_is_told_where_somebody_has_been_looking_for_long() -> None:
	overdue = replace(OFFICE, overdue_since=TUESDAY + 8 * HOUR)
	assert verdicts(overdue, watched_for=HOUR)[NOT_READ] is Verdict.TROUBLE
	assert verdicts(overdue, watched_for=timedelta(minutes=59))[NOT_READ] is Verdict.BETWEEN
	assert verdicts(OFFICE, watched_for=HOUR)[NOT_READ] is Verdict.WELL
	rejected = replace(overdue, log_in_rejected=True)
	assert verdicts(rejected, watched_for=HOUR)[NOT_READ] is Verdict.BETWEEN, "told as such"


def test_a_device_is_read_again_when_somebody_has_tried_since_and_not_by_another_schedule() -> None:
	due, known = TUESDAY + 8 * HOUR, [OpenIncident(NOT_READ, TUESDAY + 8 * HOUR)]
	for tried, is_over in ((None, False), (due - HOUR, False), (due, False), (due + HOUR, True)):
		seen = Facts((replace(OFFICE, last_attempt=tried),), watched_for=HOUR)
		changes = compare(known, read_everything(seen, RULES, known))
		assert bool(changes.over) is is_over, tried
		assert bool(changes.unwatched) is not is_over, tried


def test_a_rejected_log_in_is_over_when_a_sync_has_worked() -> None:
	key = Key(Kind.LOG_IN, "Office")
	assert verdicts(replace(OFFICE, log_in_rejected=True))[key] is Verdict.TROUBLE
	assert verdicts(replace(OFFICE, is_well=False))[key] is Verdict.BETWEEN
	assert verdicts(OFFICE)[key] is Verdict.WELL


def test_a_device_fails_when_it_has_failed_for_so_long() -> None:
	key = Key(Kind.FAILING, "Office")
	failing = replace(OFFICE, is_well=False, failing_for=timedelta(minutes=29))
	assert verdicts(failing)[key] is Verdict.BETWEEN
	failing = replace(failing, failing_for=timedelta(minutes=30))
	assert verdicts(failing)[key] is Verdict.TROUBLE
	assert verdicts(replace(failing, log_in_rejected=True))[key] is Verdict.BETWEEN, "told as such"


@pytest.mark.parametrize(
	("waiting", "verdict"),
	[
		(51, Verdict.TROUBLE),
		(50, Verdict.BETWEEN),
		(41, Verdict.BETWEEN),
		(40, Verdict.WELL),
		(0, Verdict.WELL),
	],
)
def test_waiting_punches_are_over_a_fifth_below_the_number(waiting: int, verdict: Verdict) -> None:
	assert verdicts(replace(OFFICE, waiting=waiting))[Key(Kind.WAITING, "Office")] is verdict


def test_the_smallest_number_can_be_over() -> None:
	rules = replace(RULES, waiting_above=1)
	key = Key(Kind.WAITING, "Office")
	assert [verdicts(replace(OFFICE, waiting=waiting), rules=rules)[key] for waiting in (0, 1, 2)] == [
		Verdict.WELL,
		Verdict.BETWEEN,
		Verdict.TROUBLE,
	]


def test_a_clock_is_right_again_when_a_good_sync_names_it_no_more() -> None:
	key = Key(Kind.CLOCK, "Office", "SN-1")
	wrong = replace(OFFICE, wrong_clocks=(WrongClock("SN-1", "Door", "It is wrong."),))
	assert verdicts(wrong)[key] is Verdict.TROUBLE
	assert key not in verdicts(OFFICE)
	assert verdicts(OFFICE, known=[key])[key] is Verdict.WELL
	assert verdicts(replace(OFFICE, is_well=False), known=[key])[key] is Verdict.BETWEEN


def test_who_was_late_is_enabled_again_while_something_is_remembered_of_them() -> None:
	anna, bob = Key(Kind.PEOPLE, "Office", "HR-1"), Key(Kind.PEOPLE, "Office", "HR-2")
	late = (LatePerson("Office", "HR-1", "Anna", "why"),)
	on_record = frozenset({("Office", "HR-1")})
	assert verdicts(None, late=late)[anna] is Verdict.TROUBLE
	found = verdicts(None, known=[anna, bob], on_record=on_record)
	assert found == {anna: Verdict.WELL}


def test_what_is_switched_off_is_not_read() -> None:
	rules = Rules(RULES.hours, clocks=False)
	wrong = replace(OFFICE, waiting=99, wrong_clocks=(WrongClock("SN-1", "Door", "It is wrong."),))
	kinds = {key.kind for key in verdicts(wrong, DOOR, rules=rules)}
	assert kinds == {Kind.NOT_READ, Kind.LOG_IN}


def test_a_device_has_failed_from_the_first_failure_in_a_row_to_the_newest_attempt() -> None:
	assert failing_for(2, TUESDAY, TUESDAY + HOUR) == HOUR
	assert failing_for(1, TUESDAY, TUESDAY + HOUR) == timedelta(), "one may pass by itself"
	assert failing_for(9, None, TUESDAY + HOUR) == timedelta()
	assert failing_for(9, TUESDAY + HOUR, TUESDAY) == timedelta()


def test_failures_within_seconds_while_somebody_sets_a_device_up_are_none() -> None:
	failing = replace(
		OFFICE, is_well=False, failing_for=failing_for(4, TUESDAY, TUESDAY + timedelta(seconds=9))
	)
	assert verdicts(failing)[Key(Kind.FAILING, "Office")] is Verdict.BETWEEN
