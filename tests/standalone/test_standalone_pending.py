"""What the windows miss, and what cannot become a check-in."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.standalone.desk import TODAY, Desk, counted
from zkteco_biometric.simulator import Variant, faults

AN_HOUR = timedelta(hours=1)
BROKEN = {
	"id": 77,
	"emp_code": None,
	"punch_time": "2026-03-31 08:00:00",
	"note": "Überraschung \x1b",
	"x": [1],
}
PENDING = "SELECT reason, emp_code, time, zkteco_transaction_id FROM pending_punch ORDER BY name"


@pytest.fixture(params=[True, False], ids=["sorted by arrival", "never sorted"])
def any_server(desk: Desk, request: pytest.FixtureRequest) -> Desk:
	"""A desk, with a server that heeds the ordering, and with one that does not."""
	desk.sim.variant = Variant(ordering=request.param)
	return desk


class TestALateUpload:
	def test_of_days_ago_is_picked_up_by_the_next_run(self, any_server: Desk) -> None:
		desk = any_server
		desk.punches("1001", 5)
		desk.sync()
		desk.now += AN_HOUR
		desk.sim.store.punch("1002", "2026-03-12 17:00:00", "1")
		result = desk.sync()
		assert counted(result)["created"] == 1
		assert ("HR-EMP-00002", "2026-03-12 17:00:00", "OUT") in desk.check_ins()
		assert "1 of them arrived late: from before that time" in result.stdout
		assert "Punches from 2026-03-31 11:00:00 to 2026-03-31 13:00:00" in result.stdout

	def test_is_told_of_once(self, any_server: Desk) -> None:
		desk = any_server
		desk.sync()
		desk.now += AN_HOUR
		desk.sim.store.punch("1002", "2026-03-12 08:00:00")
		desk.sync()
		again = desk.sync()
		assert counted(again)["created"] == 0
		assert "arrived late" not in again.stdout

	def test_with_an_unknown_code_waits_for_it(self, desk: Desk) -> None:
		desk.sync()
		desk.now += AN_HOUR
		desk.sim.store.punch("9", "2026-03-12 08:00:00")
		assert "1 of them arrived late" in desk.sync().stdout
		assert "arrived late" not in desk.sync().stdout
		assert desk.query(PENDING) == [("Unknown Employee", "9", "2026-03-12 08:00:00", 1)]

	def test_is_measured_on_the_terminals_clocks(self, desk: Desk) -> None:
		zones = ("--time-zone", "Asia/Kolkata", "--site-time-zone", "UTC")
		desk.sync(*zones)
		desk.sim.store.punch("1001", "2026-03-31 16:29:59")
		desk.sim.store.punch("1001", "2026-03-31 16:30:00")
		assert "1 of them arrived late" in desk.sync(*zones).stdout

	def test_is_no_news_to_a_first_run(self, desk: Desk) -> None:
		desk.punches("1001", 3, day="2026-03-12")
		assert "arrived late" not in desk.sync().stdout

	def test_is_no_news_to_a_first_run_that_is_gone_on_with(self, desk: Desk) -> None:
		desk.sim.variant = Variant(time_filters=False)
		desk.punches("1001", 12)
		desk.break_windows(faults.status(500), after=5)
		assert desk.sync("--page-size", "2").exit_code == 3
		desk.sim.faults.clear()
		result = desk.sync("--page-size", "2")
		assert (
			"Punches from the first one to 2026-03-31 12:00:00, by the terminals' clocks, going on"
			in result.stdout
		)
		assert counted(result)["created"] > 0
		assert len(desk.check_ins()) == 12
		assert "arrived late" not in result.stdout

	def test_from_before_the_beginning_stays_out(self, desk: Desk) -> None:
		desk.sync(*TODAY)
		desk.sim.store.punch("1001", "2026-03-12 08:00:00")
		result = desk.sync()
		assert desk.check_ins() == []
		assert "arrived late" not in result.stdout

	def test_is_no_clock_that_was_never_set(self, desk: Desk) -> None:
		desk.sync(*TODAY)
		desk.sim.store.punch("1001", "1999-01-01 00:00:00")
		assert "arrived late" not in desk.sync().stdout
		assert desk.query(PENDING) == [("Impossible Time", "1001", "1999-01-01 00:00:00", 1)]

	def test_by_ids_that_start_again_is_picked_up_too(self, any_server: Desk) -> None:
		desk = any_server
		desk.punches("1001", 8)
		desk.sync(*TODAY, "--page-size", "3")
		desk.now += AN_HOUR
		desk.sim.store.restart_ids(1)
		for minute in range(5):
			desk.sim.store.punch("1002", f"2026-03-31 07:0{minute}:00")
		desk.sync("--page-size", "3")
		created = desk.query(
			"SELECT employee, count(*) FROM employee_checkin GROUP BY employee ORDER BY employee"
		)
		assert created == [("HR-EMP-00001", 8), ("HR-EMP-00002", 5)]
		assert counted(desk.sync("--page-size", "3"))["created"] == 0


class TestATimeThatHasNotCome:
	def test_waits_and_is_no_check_in(self, desk: Desk) -> None:
		punch = desk.sim.store.punch("1001", "2026-04-02 08:00:00")
		result = desk.sync()
		assert result.exit_code == 0
		assert counted(result) == {"created": 0, "duplicate": 0, "pending": 1, "ignored": 0}
		assert desk.check_ins() == []
		assert desk.query(PENDING) == [("Impossible Time", "1001", "2026-04-02 08:00:00", punch.id)]
		assert (
			f"Transaction {punch.id}: code 1001 at 2026-04-02 08:00:00: impossible time: "
			"the terminal's clock is ahead: it says 2026-04-02 08:00:00"
		) in result.stdout

	def test_still_waits_when_it_has_come_and_is_kept_once(self, desk: Desk) -> None:
		desk.sim.store.punch("1001", "2026-04-02 08:00:00")
		desk.sync()
		desk.now += timedelta(days=3)
		result = desk.sync()
		assert desk.check_ins() == []
		assert len(desk.query(PENDING)) == 1
		assert "Waiting for a decision, in all runs:\n  Transaction 1: code 1001" in result.stdout

	def test_is_not_listed_as_an_unknown_code(self, desk: Desk) -> None:
		desk.sim.store.punch("9", "2026-04-02 08:00:00")
		assert "Unknown codes" not in desk.sync().stdout

	def test_does_not_become_a_check_in_when_somebody_gets_the_code(self, desk: Desk) -> None:
		desk.sim.store.punch("9", "2026-04-02 08:00:00")
		desk.sim.store.punch("9", "2026-03-31 08:00:00")
		desk.sync()
		desk.hire("HR-EMP-00009,9")
		desk.sync()
		assert [row[1] for row in desk.check_ins()] == ["2026-03-31 08:00:00"]
		assert desk.query(PENDING) == [("Impossible Time", "9", "2026-04-02 08:00:00", 1)]


class TestARowThatCannotBeRead:
	def break_rows(self, desk: Desk) -> None:
		def instead(rows: list[dict[str, Any]]) -> list[Any]:
			return [BROKEN if row["emp_code"] == "0" else row for row in rows]

		desk.sim.faults.add(faults.rows(instead), path="transactions", times=None)

	def test_is_kept_as_received(self, desk: Desk) -> None:
		desk.sim.store.punch("0", "2026-03-31 08:00:00")
		desk.sim.store.punch("1001", "2026-03-31 08:01:00")
		self.break_rows(desk)
		result = desk.sync()
		assert counted(result) == {"created": 1, "duplicate": 0, "pending": 1, "ignored": 0}
		assert desk.query(PENDING) == [("Unreadable Row", "", "", 77)]
		((kept,),) = desk.query("SELECT row FROM pending_punch")
		assert json.loads(kept) == BROKEN
		assert "  Transaction 77: unreadable row: emp_code is missing\n" in result.stdout

	def test_is_kept_once_however_often_it_is_read(self, desk: Desk) -> None:
		desk.sim.store.punch("0", "2026-03-31 11:30:00")
		self.break_rows(desk)
		desk.sync()
		assert counted(desk.sync())["pending"] == 1
		assert len(desk.query(PENDING)) == 1

	def test_is_kept_beside_another_with_the_same_content(self, desk: Desk) -> None:
		desk.punches("0", 2)
		numbered = faults.rows(lambda rows: [{"id": row["id"]} for row in rows])
		desk.sim.faults.add(numbered, path="transactions", times=None)
		desk.sync(*TODAY)
		assert desk.query(PENDING) == [("Unreadable Row", "", "", 1), ("Unreadable Row", "", "", 2)]

	def test_that_is_no_object_is_kept_too(self, desk: Desk) -> None:
		desk.sim.store.punch("0", "2026-03-31 08:00:00")
		desk.sim.faults.add(
			faults.rows(lambda rows: ["surprise" for _ in rows]), path="transactions", times=None
		)
		assert "Transaction ?: unreadable row: the row is not an object" in desk.sync(*TODAY).stdout
		assert desk.query("SELECT row, zkteco_transaction_id FROM pending_punch") == [('"surprise"', None)]


def test_many_that_wait_for_a_decision_are_cut_short_to_the_last(desk: Desk) -> None:
	desk.sim.store.punches(("1001", f"1999-01-01 00:{minute:02}:00", "0") for minute in range(30))
	shown = desk.sync().stdout
	assert shown.count("impossible time") == 20
	assert "Transaction 30:" in shown
	assert "Transaction 10:" not in shown
	assert "and 10 more in the table pending_punch of the database" in shown


def test_a_terminal_with_a_wrong_clock_is_named(desk: Desk) -> None:
	desk.sim.store.add_terminal("SN2", alias="Gate\x1b")
	for minutes in range(0, 80, 10):
		desk.sim.store.punch(
			"1001",
			desk.now.replace(tzinfo=None) - timedelta(days=102, minutes=minutes),
			terminal_sn="SN2",
			upload_time=desk.now.replace(tzinfo=None) - timedelta(minutes=minutes),
		)
	shown = desk.sync().stdout
	assert "The clock of terminal SN2 (Gate?) is 102 days behind the server's." in shown
	assert "\x1b" not in shown


def test_terminals_with_good_clocks_are_not_named(desk: Desk) -> None:
	for minutes in range(0, 80, 10):
		moment = desk.now.replace(tzinfo=None) - timedelta(minutes=minutes)
		desk.sim.store.punch("1001", moment, upload_time=moment + timedelta(seconds=4))
	assert "clock of terminal" not in desk.sync().stdout
