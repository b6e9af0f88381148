"""The file for Frappe's Data Import."""

from __future__ import annotations

import csv

from tests.standalone.desk import TODAY, Desk
from zkteco_biometric.simulator import faults

HEAD = ["Employee", "Time", "Log Type", "Location / Device ID"]


def rows(desk: Desk) -> list[list[str]]:
	with desk.csv.open(newline="", encoding="utf-8") as file:
		return list(csv.reader(file))


def test_it_holds_every_check_in_by_time(desk: Desk) -> None:
	desk.sim.store.punch("1002", "2026-03-02 17:00:00", "1")
	desk.sim.store.punch("1001", "2026-03-02 08:00:00", "0")
	result = desk.sync("--csv", str(desk.csv))
	assert rows(desk) == [
		HEAD,
		["HR-EMP-00001", "2026-03-02 08:00:00", "IN", desk.sim.url],
		["HR-EMP-00002", "2026-03-02 17:00:00", "OUT", desk.sim.url],
	]
	assert f"Data Import (Employee Checkin): {desk.csv}" in result.stdout


def test_it_begins_with_the_head_and_no_byte_order_mark(desk: Desk) -> None:
	desk.sync("--csv", str(desk.csv))
	assert desk.csv.read_bytes().startswith(b"Employee,Time,Log Type,Location / Device ID")


def test_a_later_run_writes_the_earlier_check_ins_too(desk: Desk) -> None:
	desk.punches("1001", 3)
	desk.sync()
	desk.sim.store.punch("1001", "2026-03-31 11:00:00")
	desk.sync("--csv", str(desk.csv))
	assert len(rows(desk)) == 5


def test_it_holds_the_check_ins_of_one_device(desk: Desk) -> None:
	desk.punches("1001", 3)
	desk.sync()
	other = Desk(desk.directory, desk.now)
	other.punches("1002", 2)
	with other.sim:
		other.sync("--csv", str(desk.csv))
	assert [row[0] for row in rows(desk)[1:]] == ["HR-EMP-00002"] * 2


def test_no_log_type_is_an_empty_cell(desk: Desk) -> None:
	desk.sim.store.punch("1001", "2026-03-02 08:00:00", "255")
	desk.sync("--csv", str(desk.csv), "--default-log-type", "none")
	assert rows(desk)[1][2] == ""


def test_values_are_left_as_they_are(desk: Desk) -> None:
	desk.hire('"=A1, ""x""",1001')
	desk.punches("1001", 1)
	desk.sync("--csv", str(desk.csv))
	assert rows(desk)[1][0] == '=A1, "x"'


def test_it_is_written_after_a_failure_too(desk: Desk) -> None:
	desk.punches("1001", 4)
	desk.break_windows(faults.status(500), after=1)
	assert desk.sync("--csv", str(desk.csv), "--page-size", "2", *TODAY).exit_code == 3
	assert len(rows(desk)) == 3


def test_a_file_that_cannot_be_written_is_told_of_before_anything_is_read(desk: Desk) -> None:
	result = desk.sync("--csv", str(desk.directory / "missing" / "check-ins.csv"))
	assert result.exit_code == 2
	assert "cannot be written" in result.stderr
	assert not desk.sim.log.entries
