"""Ratios, verdicts and lines of what the benchmark has measured."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from benchmarks.results.counts import Counted, Counts, Pair
from benchmarks.results.device_users import DeviceUsers, Passed
from benchmarks.results.large import Large, Step
from benchmarks.results.memory import Memory, Peak
from benchmarks.results.others import Others, Waits
from benchmarks.results.scaling import Scaling, Shift
from benchmarks.results.speed import Speed, Took, per_second
from benchmarks.results.ticks import Tick, Ticks
from benchmarks.table import Line, as_table, number, written

PAIR = Pair(Counted(1_000, 80, 30, 5), Counted(3_000, 140, 50, 9))
SCAN = Step("a cycle", "select a, b from `tabX` where c=?", "tabX", "ALL", "", 9_000, 10_000, "")


def verdicts(lines: list[Line]) -> list[bool]:
	return [line.reached for line in lines if line.reached is not None]


def test_a_table_is_read_as_it_is_and_as_markdown() -> None:
	assert as_table([("a", "long head"), ("value", "b")]) == (
		"| a     | long head |\n| ----- | --------- |\n| value | b         |"
	)


def test_what_is_missed_stands_out() -> None:
	told = written([Line("x", "1", aim="2", reached=False), Line("y", "1"), Line("z", "1", reached=True)])
	assert [row.split("|")[-2].strip() for row in told.splitlines()[2:]] == ["MISSED", "", "reached"]


@pytest.mark.parametrize(("count", "text"), [(0, "0"), (100, "100"), (1234.5, "1,234.5"), (0.333, "0.33")])
def test_numbers_are_short(count: float, text: str) -> None:
	assert number(count) == text


def test_speed_is_compared_within_each_round() -> None:
	rounds = [Took(100, 1.0, 0), Took(100, 10.0, 0), Took(100, 2.0, 0)]
	bare = [Took(10, 2.0, 0), Took(10, 20.0, 0), Took(10, 4.0, 0)]
	raw = [Took(100, 0.5, 0), Took(100, 5.0, 0), Took(100, 1.0, 0)]
	speed = Speed(rounds, bare, bare, raw, in_bulk=99)
	assert (speed.times_bare, speed.times_raw) == (20, 2)
	assert per_second(rounds) == 50
	assert verdicts(speed.lines()) == [True, True]
	assert verdicts(replace(speed, cycle=bare).lines()) == [False, False]


def test_marginal_cost_is_the_difference_of_two_cycles() -> None:
	assert (PAIR.marginal("statements"), PAIR.fixed("statements")) == (30, 50)
	assert (PAIR.marginal("requests"), PAIR.fixed("requests")) == (2, 3)


def test_aims_of_counts_go_by_the_marginal_cost() -> None:
	counts = Counts(*[PAIR] * 5)
	assert verdicts(counts.lines()) == [True, True, True]
	dear = Pair(PAIR.few, Counted(3_000, 160, 70, 11))
	assert verdicts(replace(counts, new=dear).lines()) == [False, False, False]
	assert counts.figures()["statements"]["new"] == 30


def test_memory_is_flat_where_more_punches_add_no_more() -> None:
	few, many = Peak(10, 10, 60, 80, 1), Peak(1_000, 1_000, 61, 82, 90)
	assert Memory([few, many]).growth == 1
	assert verdicts(Memory([few, many]).lines()) == [True]
	assert verdicts(Memory([few, replace(many, peak=90)]).lines()) == [False]


def test_the_99th_percentile_is_one_that_was_measured() -> None:
	waits = Waits([float(number) for number in range(200, 0, -1)])
	assert (waits.median, waits.worst_of_hundred) == (100.5, 198)
	assert Waits([7.0]).worst_of_hundred == 7


def test_others_may_wait_a_few_times_as_long_beside_a_bulk_cycle_only() -> None:
	idle, slow = Waits([5.0] * 100), Waits([90.0] * 100)
	assert verdicts(Others(idle, Waits([15.0] * 100), slow).lines()) == [True]
	assert verdicts(Others(idle, Waits([15.0] * 90 + [90.0] * 10), slow).lines()) == [False]


def test_an_idle_tick_is_judged_without_the_statements_of_transactions() -> None:
	ticks = Ticks([Tick(9, 6, 4, 1, 3.0)], {1: Tick(4, 2, 4, 0, 2.0), 1_000: Tick(5, 2, 9, 0, 40.0)}, 30.0)
	assert verdicts(ticks.lines()) == [True, True, True]
	more = Ticks(
		[Tick(10, 6, 4, 2, 3.0)], {1: Tick(4, 2, 4, 0, 2.0), 1_000: Tick(1_004, 2, 9, 0, 40.0)}, 30.0
	)
	assert verdicts(more.lines()) == [False, False, False]


def test_workers_are_compared_with_the_fewest() -> None:
	scaling = Scaling(8, 2, [Shift(1, 800, 8, 0.5), Shift(2, 800, 5, 1)], empty_job=70.0)
	assert scaling.ratio(scaling.shifts[1]) == 1.6
	assert "1.6 times; 100% of 2 cores busy" in scaling.lines()[1].beside


def test_a_full_scan_is_one_of_a_large_table_that_reads_most_of_it() -> None:
	assert SCAN.is_full_scan
	assert not replace(SCAN, rows=100, read=100).is_full_scan
	assert replace(SCAN, kind="range", key="x").is_full_scan
	assert not replace(SCAN, read=10).is_full_scan


def test_plans_leave_out_what_is_selected_and_small_tables() -> None:
	large = Large(10_000, [Took(100, 2.0, 0)], [Took(100, 1.0, 0)], [SCAN, replace(SCAN, rows=5)], 300.0)
	assert large.ratio == 0.5
	assert verdicts(large.lines()) == [False, False]
	row = large.plans().splitlines()[2:]
	assert len(row) == 1
	assert "select … from `tabX` where c=?" in row[0]
	assert "FULL SCAN" in row[0]


def test_people_on_devices_are_told_and_kept_as_json() -> None:
	one, many = Passed(1, {"GET": 4, "POST": 2}, 72), Passed(11, {"GET": 24, "POST": 22}, 102)
	lanes = {1: [replace(many, seconds=40, at_once=1)], 4: [replace(many, seconds=10, at_once=4)]}
	users = DeviceUsers([one, many], [one, many], {0: Passed(), 11: one}, one, one, lanes)
	assert users.faster == 4
	assert verdicts(users.lines()) == [True, False, True]
	assert any(line.measured == "4" and "per person" in line.what for line in users.lines())
	assert json.loads(json.dumps(asdict(users)))["disabled"][0]["requests"] == {"GET": 4, "POST": 2}
