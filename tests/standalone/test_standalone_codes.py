"""Codes that nobody has, and employees who get one."""

from __future__ import annotations

import pytest

from tests.standalone.desk import Desk, counted
from zkteco_biometric.standalone.site import SQLiteSite


def test_unknown_codes_are_listed_with_number_first_and_last(desk: Desk) -> None:
	desk.sim.store.punch("9", "2026-03-02 08:00:00")
	desk.sim.store.punch("9", "2026-03-04 08:00:00")
	desk.sim.store.punch("8", "2026-03-03 08:00:00")
	result = desk.sync()
	assert result.exit_code == 0
	assert counted(result)["pending"] == 3
	rows = [line.split() for line in result.stdout.splitlines()]
	assert ["9", "2", "2026-03-02", "08:00:00", "2026-03-04", "08:00:00"] in rows
	assert ["8", "1", "2026-03-03", "08:00:00", "2026-03-03", "08:00:00"] in rows


def test_unknown_codes_of_earlier_runs_are_still_listed(desk: Desk) -> None:
	desk.punches("9", 3)
	desk.sync()
	again = desk.sync()
	assert counted(again)["pending"] == 0
	assert ["9", "3"] in [line.split()[:2] for line in again.stdout.splitlines()]


def test_an_unknown_punch_that_is_read_twice_is_listed_once(desk: Desk) -> None:
	desk.sim.store.punch("9", "2026-03-31 11:30:00")
	desk.sync()
	desk.sync()
	assert desk.query("SELECT count(*) FROM pending_punch") == [(1,)]


def test_a_code_that_somebody_gets_becomes_check_ins_in_the_next_run(desk: Desk) -> None:
	desk.sim.store.punch("9", "2026-03-02 08:00:00", "1")
	desk.sync()
	desk.hire("HR-EMP-00009,9")
	result = desk.sync()
	assert "1 punch of earlier runs became check-ins too" in result.stdout
	assert "Unknown codes" not in result.stdout
	assert "arrived late" not in result.stdout
	assert desk.check_ins() == [("HR-EMP-00009", "2026-03-02 08:00:00", "OUT")]
	assert desk.query("SELECT count(*) FROM pending_punch") == [(0,)]


def test_waiting_punches_become_check_ins_even_when_the_device_is_away(desk: Desk) -> None:
	desk.sim.store.punches(("9", f"2026-03-02 08:{n // 60:02}:{n % 60:02}", "0") for n in range(1200))
	desk.sync()
	desk.hire("HR-EMP-00009,9")
	desk.sim.stop()
	result = desk.sync()
	assert result.exit_code == 3
	assert len(desk.check_ins()) == 1200
	assert "1200 punches of earlier runs" in result.stdout


def test_a_waiting_punch_whose_second_is_taken_waits_no_longer(desk: Desk) -> None:
	desk.sim.store.punch("9", "2026-03-02 08:00:00")
	desk.sim.store.punch("1001", "2026-03-02 08:00:00")
	desk.sync()
	desk.hire("HR-EMP-00001,1001", "HR-EMP-00001,9")
	desk.sync()
	assert len(desk.check_ins()) == 1
	assert desk.query("SELECT count(*) FROM pending_punch") == [(0,)]


def test_the_current_file_of_employees_decides(desk: Desk) -> None:
	desk.sim.store.punch("1001", "2026-03-31 08:00:00")
	desk.sync()
	desk.hire("HR-EMP-00005,1001")
	desk.sim.store.punch("1001", "2026-03-31 11:50:00")
	desk.sync()
	assert [row[:2] for row in desk.check_ins()] == [
		("HR-EMP-00001", "2026-03-31 08:00:00"),
		("HR-EMP-00005", "2026-03-31 11:50:00"),
	]


def test_a_punch_that_is_read_again_stays_with_who_had_the_code(desk: Desk) -> None:
	desk.sim.store.punch("1001", "2026-03-31 11:30:00")
	desk.sync()
	desk.hire("HR-EMP-00005,1001")
	assert counted(desk.sync()) == {"created": 0, "duplicate": 1, "pending": 0, "ignored": 0}
	assert [row[0] for row in desk.check_ins()] == ["HR-EMP-00001"]


def test_a_punch_that_another_run_stores_meanwhile_stays_with_who_had_the_code(
	desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
	desk.sim.store.punch("1001", "2026-03-31 11:30:00")
	desk.sync()
	desk.hire("HR-EMP-00005,1001")
	monkeypatch.setattr(SQLiteSite, "existing_check_ins", lambda *_: set())
	assert counted(desk.sync())["created"] == 0
	assert [row[0] for row in desk.check_ins()] == ["HR-EMP-00001"]


def test_an_unknown_code_is_listed_with_the_name_that_the_device_knows(desk: Desk) -> None:
	desk.sim.store.add_person("9", first_name="Ada", last_name="King")
	desk.sim.store.punch("9", "2026-03-31 08:00:00")
	desk.sim.store.punch("8", "2026-03-31 08:00:00")
	shown = desk.sync().stdout
	rows = [line.split() for line in shown.splitlines()]
	assert ["9", "Ada", "King", "1", *("2026-03-31", "08:00:00") * 2] in rows
	assert ["8", "1", *("2026-03-31", "08:00:00") * 2] in rows


def test_many_unknown_codes_are_cut_short(desk: Desk) -> None:
	desk.sim.store.punches((str(n), "2026-03-02 08:00:00", "0") for n in range(60))
	assert "and 10 more in the table pending_punch of the database" in desk.sync().stdout


def test_employees_without_any_code_are_told_of(desk: Desk) -> None:
	desk.hire("HR-EMP-00001,", "HR-EMP-00002,")
	desk.punches("1001", 2)
	result = desk.sync()
	assert result.exit_code == 0
	assert "every code is unknown" in result.stdout
