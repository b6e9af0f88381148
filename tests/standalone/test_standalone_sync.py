"""What a sync creates, and what it says about it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.standalone.desk import TODAY, Desk, counted
from zkteco_biometric.simulator import Variant


def test_the_first_sync_creates_a_check_in_for_every_punch(desk: Desk) -> None:
	desk.sim.store.punch("1001", "2026-03-02 08:00:00", "0")
	desk.sim.store.punch("1001", "2026-03-02 17:00:00", "1")
	desk.sim.store.punch("1002", "2026-03-02 08:00:00", "3")
	result = desk.sync()
	assert result.exit_code == 0
	assert desk.check_ins() == [
		("HR-EMP-00001", "2026-03-02 08:00:00", "IN"),
		("HR-EMP-00002", "2026-03-02 08:00:00", "IN"),
		("HR-EMP-00001", "2026-03-02 17:00:00", "OUT"),
	]


def test_a_second_sync_creates_nothing(desk: Desk) -> None:
	desk.punches("1001", 5, day="2026-03-31")
	desk.sync()
	again = desk.sync("--look-back", "600")
	assert again.exit_code == 0
	assert counted(again) == {"created": 0, "duplicate": 5, "pending": 0, "ignored": 0}
	assert len(desk.check_ins()) == 5


def test_a_third_sync_picks_up_exactly_what_is_new(desk: Desk) -> None:
	desk.punches("1001", 5)
	desk.sync()
	desk.sim.store.punch("1002", "2026-03-31 11:59:59", "1")
	assert counted(desk.sync())["created"] == 1
	assert desk.check_ins()[-1] == ("HR-EMP-00002", "2026-03-31 11:59:59", "OUT")


def test_a_later_sync_asks_from_the_last_one_minus_the_look_back(desk: Desk) -> None:
	desk.sync()
	desk.sim.log.clear()
	desk.sync("--look-back", "15")
	assert desk.windows_asked() == [("2026-03-31 11:45:00", "2026-03-31 12:00:00")]


def test_two_punches_in_the_same_second_become_one_check_in(desk: Desk) -> None:
	desk.sim.store.punch("1001", "2026-03-02 08:00:00", "0")
	desk.sim.store.punch("1001", "2026-03-02 08:00:00", "1")
	assert counted(desk.sync())["duplicate"] == 1
	assert desk.check_ins() == [("HR-EMP-00001", "2026-03-02 08:00:00", "IN")]


def test_two_punches_in_the_same_second_on_two_pages_become_one_check_in(desk: Desk) -> None:
	desk.sim.store.punch("1001", "2026-03-02 08:00:00")
	desk.sim.store.punch("1001", "2026-03-02 08:00:00")
	desk.sync("--page-size", "1")
	assert len(desk.check_ins()) == 1


def test_two_codes_of_one_employee_in_the_same_second_become_one_check_in(desk: Desk) -> None:
	desk.hire("HR-EMP-00001,1001", "HR-EMP-00001,1001-B")
	desk.sim.store.punch("1001", "2026-03-02 08:00:00")
	desk.sim.store.punch("1001-B", "2026-03-02 08:00:00")
	assert counted(desk.sync())["created"] == 1


def test_leading_zeros_tell_people_apart(desk: Desk) -> None:
	desk.hire("HR-EMP-00007,007", "HR-EMP-00008,7")
	desk.sim.store.punch("007", "2026-03-02 08:00:00")
	desk.sim.store.punch("7", "2026-03-02 09:00:00")
	desk.sim.store.punch("07", "2026-03-02 10:00:00")
	assert counted(desk.sync())["pending"] == 1
	assert [row[0] for row in desk.check_ins()] == ["HR-EMP-00007", "HR-EMP-00008"]


def test_a_check_in_tells_where_it_comes_from(desk: Desk) -> None:
	punch = desk.sim.store.punch("1001", "2026-03-02 08:00:00")
	desk.sync(url=f" {desk.sim.url}/ ")
	rows = desk.query("SELECT device_id, zkteco_transaction_id, emp_code, terminal_sn FROM employee_checkin")
	assert rows == [(desk.sim.url, punch.id, "1001", "SN1")]


def test_the_page_size_is_what_the_server_is_asked_for(desk: Desk) -> None:
	desk.punches("1001", 7)
	desk.sync("--page-size", "3", *TODAY)
	asked = [(entry.query["page"], entry.query["page_size"]) for entry in desk.window_requests()]
	assert asked == [
		("1", "3"),
		("2", "3"),
		("3", "3"),
	]


def test_a_page_may_hold_more_rows_than_sqlite_takes_variables(desk: Desk) -> None:
	desk.sim.store.punches(
		("1001", f"2026-03-31 {8 + n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}", "0") for n in range(10_000)
	)
	result = desk.sync("--page-size", "10000", *TODAY)
	assert result.exit_code == 0
	assert desk.pages_asked() == [1]
	assert len(desk.check_ins()) == 10_000


def test_states_follow_the_table_then_the_default(desk: Desk) -> None:
	for minute, state in enumerate(["0", "1", "2", "3", "255", "4"]):
		desk.sim.store.punch("1001", f"2026-03-02 08:0{minute}:00", state)
	result = desk.sync(
		"--state", "2=OUT", "--state", "255=ignore", "--state", "4 = None", "--default-log-type", "out"
	)
	assert [row[2] for row in desk.check_ins()] == ["IN", "OUT", "OUT", "OUT", None]
	assert counted(result)["ignored"] == 1
	assert "1  punch state 255" in result.stdout


def test_the_same_database_keeps_two_devices_apart(desk: Desk) -> None:
	desk.punches("1001", 2)
	desk.sync()
	other = Desk(desk.directory, desk.now)
	other.punches("1002", 3)
	with other.sim:
		assert counted(other.sync())["created"] == 3
	assert desk.query("SELECT count(DISTINCT device_id), count(*) FROM employee_checkin") == [(2, 5)]


def test_a_check_in_that_another_device_brought_is_a_duplicate(desk: Desk) -> None:
	desk.punches("1001", 2)
	desk.sync()
	other = Desk(desk.directory, desk.now)
	other.punches("1001", 3)
	with other.sim:
		counters = counted(other.sync())
	assert (counters["created"], counters["duplicate"]) == (1, 2)
	assert len(desk.check_ins()) == 3


def test_the_summary_shows_the_first_ten_new_check_ins(desk: Desk) -> None:
	desk.punches("1001", 12)
	lines = desk.sync().stdout.splitlines()
	start = lines.index("The first of the new check-ins:")
	assert lines[start + 2].split() == ["HR-EMP-00001", "2026-03-31", "08:00:00", "IN", "SN1"]
	assert [line.startswith("  HR-EMP") for line in lines[start + 2 : start + 13]] == [True] * 10 + [False]


def test_it_says_that_it_is_a_dry_run_and_what_it_asked_for(desk: Desk) -> None:
	desk.punches("1001", 1)
	result = desk.sync(*TODAY)
	assert "Dry run: nothing is written to Frappe HR or to the device." in result.stdout
	assert "Punches from 2026-03-31 00:00:00 to 2026-03-31 12:00:00" in result.stdout
	assert "1 punch read on 1 page." in result.stdout
	assert f"1 check-in of this device in {desk.database}" in result.stdout


def test_a_long_time_that_is_read_in_parts_is_told_of_as_one(desk: Desk) -> None:
	desk.punches("1001", 3, day="2026-02-03")
	desk.punches("1002", 2, day="2026-03-30")
	told = {
		"2026-02-01 00:00:00": desk.sync("--from", "2026-02-01"),
		"the first one": desk.sync("--database", str(desk.directory / "other.db")),
	}
	for start, result in told.items():
		asked = [line for line in result.stdout.splitlines() if line.startswith("Punches from")]
		assert asked == [f"Punches from {start} to 2026-03-31 12:00:00, by the terminals' clocks."]
		assert counted(result)["created"] == 5
	assert len(desk.windows_asked()) > 4


def test_quiet_says_nothing(desk: Desk) -> None:
	desk.punches("1001", 1)
	result = desk.sync("--quiet")
	assert result.output == ""
	assert len(desk.check_ins()) == 1


def test_a_server_with_another_clock_is_told_of(desk: Desk) -> None:
	desk.server_is_behind = timedelta(minutes=15)
	assert (
		"The server's clock is 0:15:00 (hours:minutes:seconds) behind this machine's." in desk.sync().stdout
	)


def test_a_device_cannot_steer_the_terminal(desk: Desk) -> None:
	desk.sim.store.punch("\x1b[2Jx", "2026-03-02 08:00:00")
	result = desk.sync()
	assert "\x1b" not in result.output
	assert "?[2Jx" in result.stdout


@pytest.mark.parametrize("variant", [Variant(jwt=False), Variant(general_token=False)])
def test_either_kind_of_log_in_works_and_is_remembered(desk: Desk, variant: Variant) -> None:
	desk.sim.variant = variant
	assert desk.sync().exit_code == 0
	desk.sim.log.clear()
	assert desk.sync().exit_code == 0
	assert desk.sim.log.count("token-auth/") == 1
