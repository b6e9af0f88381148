"""Whole cycles over HTTP: punches in, check-ins out, nothing lost, nothing twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.clients import JWT_LOGIN, TRANSACTIONS, page_requests
from tests.support.cycles import (
	MORNING,
	NOON,
	break_windows,
	cycle,
	expected,
	fill,
	pages_of_last_cycle,
	rules,
	window_requests,
)
from tests.support.fixtures import StartSimulator
from tests.support.memory_site import MemorySite
from tests.support.times import minutes, utc
from zkteco_biometric.biotime.errors import (
	BioTimeError,
)
from zkteco_biometric.cycle.log_types import LogType, PunchStates
from zkteco_biometric.cycle.plan import Reason
from zkteco_biometric.cycle.result import Counters, CycleResult
from zkteco_biometric.simulator import Simulator, Variant, faults


def test_the_first_cycle_creates_every_check_in(sim: Simulator, site: MemorySite) -> None:
	fill(sim, 35)
	result = cycle(sim, site, rules())
	assert set(site.check_ins) == expected(sim)
	assert (result.counters, result.pages, result.total) == (Counters(created=35), 4, 35)
	assert (result.failure, result.last_sync, site.last_sync, site.checkpoint) == (None, NOON, NOON, None)


def test_an_empty_device_is_a_good_cycle(sim: Simulator, site: MemorySite) -> None:
	result = cycle(sim, site, rules())
	assert (result.counters.fetched, result.failure, site.last_sync) == (0, None, NOON)


def test_a_second_cycle_creates_nothing(sim: Simulator, site: MemorySite) -> None:
	fill(sim, 35)
	cycle(sim, site, rules())
	before = dict(site.check_ins)
	result = cycle(sim, site, rules(), NOON + minutes(1))
	assert result.counters.created == 0
	assert site.check_ins == before


def test_a_repeated_cycle_reads_only_its_window(sim: Simulator, site: MemorySite) -> None:
	fill(sim, 4, every=timedelta(hours=1))
	cycle(sim, site, rules())
	sim.log.clear()
	result = cycle(sim, site, rules(), NOON + minutes(10))
	(asked,) = window_requests(sim)
	assert asked.query["start_time"] == "2024-06-05 11:00:00"
	assert asked.query["end_time"] == "2024-06-05 12:10:00"
	assert result.counters == Counters(duplicate=1)


def test_a_check_in_says_whose_and_when_and_which_way(sim: Simulator, site: MemorySite) -> None:
	sim.store.punch("007", MORNING, "0")
	sim.store.punch("A7", MORNING, "1")
	sim.store.punch("7", MORNING, "255")
	cycle(sim, site, rules(device="Asia/Riyadh", site="Asia/Kolkata"))
	at = datetime(2024, 6, 5, 10, 30)
	assert {key: check_in.log_type for key, check_in in site.check_ins.items()} == {
		("EMP-007", at): "IN",
		("EMP-A7", at): "OUT",
		("EMP-7", at): "IN",
	}


def test_the_window_is_in_the_terminals_time_zone(sim: Simulator, site: MemorySite) -> None:
	cycle(sim, site, rules(device="Asia/Riyadh", site="UTC", sync_from=utc(2024, 6, 5)))
	(asked,) = window_requests(sim)
	assert asked.query["start_time"] == "2024-06-05 03:00:00"
	assert asked.query["end_time"] == "2024-06-05 15:00:00"


def test_the_look_back_picks_up_a_late_upload(sim: Simulator, site: MemorySite) -> None:
	cycle(sim, site, rules())
	late = sim.store.punch("7", "2024-06-05 11:15:00")
	result = cycle(sim, site, rules(), NOON + minutes(5))
	assert ("EMP-7", late.punch_time) in site.check_ins
	assert result.counters == Counters(created=1)


def test_a_punch_of_the_second_in_which_a_cycle_began_is_read_by_the_next(
	sim: Simulator, site: MemorySite
) -> None:
	obeyed = rules(look_back=minutes(0))
	cycle(sim, site, obeyed)
	sim.store.punch("7", "2024-06-05 12:00:00")
	cycle(sim, site, obeyed, NOON + minutes(1))
	assert list(site.check_ins) == [("EMP-7", datetime(2024, 6, 5, 12))]


def test_a_terminal_whose_clock_is_a_little_fast_is_as_good_as_any(sim: Simulator, site: MemorySite) -> None:
	cycle(sim, site, rules())
	sim.store.punch("7", "2024-06-05 12:10:00")
	cycle(sim, site, rules(), NOON + minutes(1))
	assert list(site.check_ins) == [("EMP-7", datetime(2024, 6, 5, 12, 10))]


def test_a_punch_of_a_time_that_has_not_come_waits_for_a_person_even_when_it_has_come(
	sim: Simulator, site: MemorySite
) -> None:
	sim.store.punch("7", "2024-06-05 12:20:00")
	first = cycle(sim, site, rules())
	again = cycle(sim, site, rules(), NOON + minutes(30))
	assert not site.check_ins
	(pending,) = site.pending.values()
	assert (pending.reason, pending.employee) == (Reason.IMPOSSIBLE_TIME, "EMP-7")
	assert "that time has not come yet" in pending.message
	assert (first.new_pending, again.new_pending) == (1, 0)


def test_nothing_older_than_sync_from_becomes_a_check_in(sim: Simulator, site: MemorySite) -> None:
	fill(sim, 30)
	cycle(sim, site, rules(sync_from=utc(2024, 6, 5, 8, 20)))
	assert min(time for _, time in site.check_ins) == datetime(2024, 6, 5, 8, 20)
	assert len(site.check_ins) == 10


def test_before_sync_from_the_cycle_asks_for_nothing(sim: Simulator, site: MemorySite) -> None:
	result = cycle(sim, site, rules(sync_from=NOON + minutes(1)))
	assert (result.failure, result.last_sync, site.last_sync) == (None, None, None)
	assert window_requests(sim) == []


def test_a_server_that_takes_no_heed_of_the_window_changes_nothing(
	start: StartSimulator, site: MemorySite
) -> None:
	sim = start(variant=Variant(time_filters=False))
	fill(sim, 30)
	sim.store.punch("7", NOON.replace(tzinfo=None) + minutes(1))
	result = cycle(sim, site, rules(sync_from=utc(2024, 6, 5, 8, 20)))
	assert len(site.check_ins) == 11
	assert result.counters == Counters(created=11, ignored=20)
	assert result.ignored_rules == {"before Sync From": 20}


def test_punches_of_one_second_are_one_check_in(sim: Simulator, site: MemorySite) -> None:
	for state in ("0", "1", "0"):
		sim.store.punch("7", MORNING, state)
	result = cycle(sim, site, rules(page_size=2))
	assert (len(site.check_ins), result.counters) == (1, Counters(created=1, duplicate=2))


def test_unknown_codes_are_told_with_their_number_and_times(sim: Simulator, site: MemorySite) -> None:
	for minute in (5, 1, 9):
		sim.store.punch("0815", MORNING + minutes(minute))
	result = cycle(sim, site, rules(page_size=2))
	known = result.unknown_codes["0815"]
	assert (known.punches, known.first, known.last) == (3, MORNING + minutes(1), MORNING + minutes(9))
	assert result.counters == Counters(pending=3)


def test_ignored_states_and_refused_check_ins_are_counted(sim: Simulator, site: MemorySite) -> None:
	site.refuses["EMP-2"] = "Inactive employee"
	sim.store.punches([("1", MORNING, "5"), ("2", MORNING, "0"), ("3", MORNING, "4")])
	states = PunchStates({"5": LogType.IGNORE, "4": LogType.NONE})
	result = cycle(sim, site, rules(states=states))
	assert result.counters == Counters(created=1, pending=1, ignored=1)
	assert site.check_ins["EMP-3", MORNING].log_type is None
	assert result.rejections == [
		"Transaction 2: employee EMP-2 (Biometric ID 2) at 2024-06-05 08:00:00: refused by hrms: Inactive employee"
	]


def test_bad_rows_are_rejected_and_the_rest_is_created(sim: Simulator, site: MemorySite) -> None:
	fill(sim, 6)
	sim.faults.add(
		faults.rows(lambda rows: [spoilt(row) for row in rows]),
		path=TRANSACTIONS,
		times=None,
	)
	result = cycle(sim, site, rules())
	assert result.counters == Counters(created=4, pending=2)
	assert any(reason.startswith("Transaction 2: ") for reason in result.rejections)


def spoilt(row: dict[str, Any]) -> Any:
	"""The first is no row at all, the second has no time."""
	return {1: None, 2: {**row, "punch_time": "0000-00-00 00:00:00"}}.get(row["id"], row)


def test_the_token_is_kept_before_the_first_page_is_asked_for(sim: Simulator, site: MemorySite) -> None:
	asked: list[int] = []
	cycle(sim, site, rules(), on_token=lambda token: asked.append(len(page_requests(sim))))
	assert asked == [0]
	assert [entry.path for entry in sim.log.entries][:2] == [JWT_LOGIN, TRANSACTIONS]


def test_a_token_that_ends_in_the_middle_is_replaced_in_the_middle(sim: Simulator, site: MemorySite) -> None:
	fill(sim, 50)
	break_windows(sim, faults.unauthorized(), after=2)
	result = cycle(sim, site, rules())
	assert (result.failure, result.counters) == (None, Counters(created=50))
	assert sim.log.count(JWT_LOGIN) == 2
	assert pages_of_last_cycle(sim) == [1, 2, 3, 3, 4, 5]


@pytest.mark.parametrize("page_size", [1, 5, 50, 500])
def test_a_page_costs_a_constant_number_of_queries(sim: Simulator, site: MemorySite, page_size: int) -> None:
	fill(sim, 50)
	result = cycle(sim, site, rules(page_size=page_size))
	of_a_page = ["employees_by_code", "known_punches", "existing_check_ins", "store_page"]
	windows = ["sync_state", *of_a_page * result.pages, "finish_window"]
	asked = [query for query in site.queries if query != "keep"]
	assert asked[: len(windows)] == windows
	assert result.pages == max(1, 50 // page_size)


def test_last_sync_moves_only_after_the_last_page(sim: Simulator, site: MemorySite) -> None:
	fill(sim, 35)
	cycle(sim, site, rules())
	of_windows = [what for what in site.history if what.startswith(("page", "finished"))]
	assert of_windows[:5] == ["page 1", "page 2", "page 3", "page 4", "finished"]


def test_no_more_than_one_page_is_asked_for_before_the_one_in_hand_is_stored(
	sim: Simulator, site: MemorySite
) -> None:
	fill(sim, 35)
	asked: list[int] = []

	class Watcher:
		def page_stored(self, result: CycleResult) -> None:
			asked.append(len(window_requests(sim)))
			assert result.counters.created == len(site.check_ins)

	cycle(sim, site, rules(), progress=Watcher())
	assert all(number <= told <= number + 1 for number, told in enumerate(asked[:4], 1))
	assert asked[3] == 4


def test_the_servers_clock_is_compared_with_ours(start: StartSimulator, site: MemorySite) -> None:
	sim = start(clock=lambda: NOON - minutes(14.5))
	assert cycle(sim, site, rules()).clock_offset == -minutes(14.5)


def test_what_is_no_failure_of_the_device_is_raised(sim: Simulator, site: MemorySite) -> None:
	fill(sim, 15)
	site.crash_at = 3
	with pytest.raises(Exception) as caught:
		cycle(sim, site, rules())
	assert not isinstance(caught.value, BioTimeError)
	assert (site.check_ins, site.last_sync) == ({}, None)


def test_the_hour_that_the_clocks_show_twice_is_read_completely(sim: Simulator, site: MemorySite) -> None:
	"""Three cycles around the end of summer time in Berlin; the terminals' clocks are set back at 1:00 UTC."""
	obeyed = rules(
		device="Europe/Berlin", site="Europe/Berlin", look_back=minutes(5), sync_from=utc(2024, 10, 26)
	)
	cycle(sim, site, obeyed, utc(2024, 10, 27, 0, 55))
	sim.store.punch("1", "2024-10-27 02:58:00")
	sim.store.punch("2", "2024-10-27 02:03:00")
	cycle(sim, site, obeyed, utc(2024, 10, 27, 1, 5))
	cycle(sim, site, obeyed, utc(2024, 10, 27, 2, 0))
	assert set(site.check_ins) == expected(sim)
