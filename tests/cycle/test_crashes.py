"""A cycle that dies anywhere loses nothing and doubles nothing once cycles run again."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.clients import TRANSACTIONS
from tests.support.cycles import EMPLOYEES, MORNING, NOON, cycle, expected, fill, rules
from tests.support.memory_site import Crash, MemorySite
from tests.support.times import minutes
from zkteco_biometric.simulator import Simulator, faults


def crash_everywhere(sim: Simulator, page_size: int) -> int:
	"""One cycle that crashes at each step in turn, and good ones after it; how many steps there are."""
	step = 0
	while True:
		step += 1
		site = MemorySite(EMPLOYEES)
		site.crash_at = step
		try:
			cycle(sim, site, rules(page_size=page_size))
		except Crash:
			cycle(sim, site, rules(page_size=page_size), NOON + minutes(1))
			assert set(site.check_ins) == expected(sim)
			assert site.last_sync == NOON + minutes(1)
		else:
			return step - 1


@pytest.mark.parametrize("page_size", [1, 3, 4, 50])
def test_a_crash_at_any_step_loses_nothing_and_doubles_nothing(sim: Simulator, page_size: int) -> None:
	fill(sim, 9)
	assert crash_everywhere(sim, page_size) >= 9


def test_a_page_is_stored_whole_or_not_at_all(sim: Simulator) -> None:
	fill(sim, 20)
	for step in range(1, 30):
		site = MemorySite(EMPLOYEES)
		site.crash_at = step
		with suppress(Crash):
			cycle(sim, site, rules())
		stored = len(site.check_ins)
		assert stored % 10 == 0
		if site.checkpoint:
			assert site.checkpoint.page == stored // 10 + 1


PUNCHES = st.tuples(
	st.sampled_from(["1", "2", "007", "A7", "nobody"]),
	st.integers(0, 600),
	st.sampled_from(["0", "1", "255"]),
)
"""Who, how many seconds after eight, and the state."""


@given(
	st.lists(PUNCHES, max_size=30),
	st.integers(1, 9),
	st.lists(st.tuples(st.booleans(), st.integers(1, 25)), max_size=5),
	st.lists(PUNCHES, max_size=5),
)
@settings(max_examples=60)
def test_no_row_of_crashes_and_failures_loses_or_doubles_anything(
	history: list[tuple[str, int, str]],
	page_size: int,
	troubles: list[tuple[bool, int]],
	late: list[tuple[str, int, str]],
) -> None:
	"""Each trouble is a crash of ours at that step, or of the device from that page on; rows arrive in between."""
	obeyed = rules(page_size=page_size, look_back=timedelta(hours=12))
	site, at = MemorySite(EMPLOYEES), NOON
	with Simulator() as sim:
		sim.store.punches(timed(history))
		for ours, where in troubles:
			trouble(sim, site, ours, where)
			with suppress(Crash):
				cycle(sim, site, obeyed, at)
			sim.faults.clear()
			sim.store.punches(timed(late[:1]))
			late, at = late[1:], at + minutes(15)
		site.crash_at = None
		result = cycle(sim, site, obeyed, at)
		assert result.failure is None
		assert set(site.check_ins) == expected(sim)
		assert site.last_sync == at
		assert site.waiting == {
			(row.emp_code, row.punch_time) for row in sim.store.transactions if row.emp_code == "nobody"
		}


def timed(rows: list[tuple[str, int, str]]) -> list[tuple[str, datetime, str]]:
	return [(code, MORNING + timedelta(seconds=seconds), state) for code, seconds, state in rows]


def trouble(sim: Simulator, site: MemorySite, ours: bool, where: int) -> None:
	if ours:
		site.crash_in(where)
	else:
		site.crash_at = None
		sim.faults.add(faults.html_error(), path=TRANSACTIONS, after=where - 1, times=None)


@given(st.integers(1, 9), st.lists(st.integers(0, 400), min_size=1, max_size=6), st.integers(0, 90))
@settings(max_examples=20)
def test_cycles_at_any_times_read_every_punch_once(page_size: int, gaps: list[int], look_back: int) -> None:
	"""A terminal that uploads at once: between two cycles somebody punches every seven minutes."""
	obeyed = rules(page_size=page_size, look_back=minutes(look_back))
	site, now, at = MemorySite(EMPLOYEES), MORNING, NOON - timedelta(hours=4)
	created = 0
	with Simulator() as sim:
		for gap in gaps:
			fill(sim, gap // 7, every=minutes(7), start=now)
			now, at = now + minutes(gap), at + minutes(gap)
			created += cycle(sim, site, obeyed, at).counters.created
		assert set(site.check_ins) == expected(sim)
		assert created == len(site.check_ins)
