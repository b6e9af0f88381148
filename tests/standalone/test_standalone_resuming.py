"""Going on where an earlier run stopped."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from contextlib import closing
from datetime import datetime

import pytest

from tests.standalone.desk import TODAY, Desk, counted
from zkteco_biometric.simulator import faults
from zkteco_biometric.standalone.position import DevicePosition
from zkteco_biometric.standalone.site import SQLiteSite

TRANSACTIONS = "transactions"


def fail_after(desk: Desk, pages: int) -> None:
	desk.break_windows(faults.status(500), after=pages)


def test_what_was_stored_before_a_failure_stays(desk: Desk) -> None:
	desk.punches("1001", 10)
	fail_after(desk, pages=2)
	result = desk.sync("--page-size", "2", *TODAY)
	assert result.exit_code == 3
	assert len(desk.check_ins()) == 4
	assert counted(result)["created"] == 4
	assert "run the same command again, and it goes on there" in result.stderr


def test_after_a_failure_the_next_run_begins_one_page_early(desk: Desk) -> None:
	desk.punches("1001", 10)
	fail_after(desk, pages=3)
	desk.sync("--page-size", "2", *TODAY)
	desk.sim.faults.clear()
	desk.sim.log.clear()
	result = desk.sync("--page-size", "2", *TODAY)
	assert result.exit_code == 0
	assert desk.pages_asked()[:3] == [3, 4, 5]
	assert "going on at page 3" in result.stdout
	assert len(desk.check_ins()) == 10


def test_a_device_that_ends_its_list_early_is_not_finished(desk: Desk) -> None:
	desk.punches("1001", 10)
	missing = faults.status(404, body='{"detail": "Invalid page."}')
	desk.sim.faults.add(
		lambda request, answer: missing(request, answer) if request.args["page"] == "3" else answer(request),
		path=TRANSACTIONS,
		times=None,
	)
	for _ in range(2):
		result = desk.sync("--page-size", "2", *TODAY)
		assert result.exit_code == 3
		assert "there are 10 punches but ended the list after 4" in result.stderr
	desk.sim.faults.clear()
	assert desk.sync("--page-size", "2", *TODAY).exit_code == 0
	assert len(desk.check_ins()) == 10


def test_the_interrupted_window_is_finished_before_the_next(desk: Desk) -> None:
	desk.punches("1001", 6)
	fail_after(desk, pages=1)
	desk.sync("--page-size", "2", *TODAY)
	desk.sim.faults.clear()
	desk.now = desk.now.replace(hour=15)
	desk.sim.store.punch("1002", "2026-03-31 14:00:00")
	assert desk.sync("--page-size", "2", *TODAY).exit_code == 0
	assert desk.windows_asked()[-1] == ("2026-03-31 11:00:00", "2026-03-31 15:00:00")
	assert len(desk.check_ins()) == 7


def test_another_page_size_reads_the_window_again(desk: Desk) -> None:
	desk.punches("1001", 6)
	fail_after(desk, pages=1)
	desk.sync("--page-size", "2", *TODAY)
	desk.sim.faults.clear()
	assert desk.sync("--page-size", "3", *TODAY).exit_code == 0
	assert len(desk.check_ins()) == 6


def test_an_earlier_from_reads_again_from_there(desk: Desk) -> None:
	desk.punches("1001", 2, day="2026-01-10")
	desk.punches("1001", 3, day="2026-03-10")
	assert counted(desk.sync("--from", "2026-03-01"))["created"] == 3
	assert counted(desk.sync("--from", "2026-01-01"))["created"] == 2
	assert counted(desk.sync("--from", "2026-01-01"))["created"] == 0


def test_leaving_from_out_goes_on_where_the_run_before_was(desk: Desk) -> None:
	desk.punches("1001", 2, day="2026-01-10")
	desk.sync("--from", "2026-03-01")
	desk.sim.log.clear()
	assert counted(desk.sync())["created"] == 0
	assert desk.windows_asked() == [("2026-03-31 11:00:00", "2026-03-31 12:00:00")]
	assert counted(desk.sync("--from", "2026-01-01"))["created"] == 2


def test_leaving_from_out_keeps_the_start_of_a_run_that_failed(desk: Desk) -> None:
	desk.punches("1001", 2, day="2026-01-10")
	desk.punches("1001", 3, day="2026-03-10")
	fail_after(desk, pages=0)
	assert desk.sync("--from", "2026-03-01").exit_code == 3
	desk.sim.faults.clear()
	assert counted(desk.sync())["created"] == 3


def test_leaving_from_out_never_reaches_behind_the_start(desk: Desk) -> None:
	desk.sync("--from", "2026-03-31 11:30:00")
	desk.sim.store.punch("1001", "2026-03-31 11:15:00")
	assert counted(desk.sync())["created"] == 0
	assert desk.windows_asked()[-1][0] == "2026-03-31 11:30:00"


def test_a_later_from_does_not_read_again(desk: Desk) -> None:
	desk.sync("--from", "2026-01-01")
	desk.sim.log.clear()
	desk.sync("--from", "2026-03-01")
	assert desk.windows_asked() == [("2026-03-31 11:00:00", "2026-03-31 12:00:00")]


def test_rows_and_checkpoint_are_stored_together_or_not_at_all(
	desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
	desk.punches("1001", 4)

	def fail(*_: object) -> None:
		raise sqlite3.OperationalError("disk I/O error")

	monkeypatch.setattr(DevicePosition, "move", fail)
	result = desk.sync()
	assert result.exit_code == 2
	assert "disk I/O error" in result.stderr
	assert desk.check_ins() == []


def test_no_transaction_waits_for_the_device(desk: Desk) -> None:
	"""The device answers only when no transaction is open any more: also where the last page was still being written."""
	desk.punches("1001", 4)

	def write_meanwhile(request: object, answer: object) -> object:
		with closing(sqlite3.connect(desk.database, timeout=20, isolation_level=None)) as other:
			other.execute("BEGIN EXCLUSIVE")
			other.execute("ROLLBACK")
		return answer(request)  # type: ignore[operator]

	desk.sim.faults.add(write_meanwhile, times=None)  # type: ignore[arg-type]
	assert desk.sync("--page-size", "1").exit_code == 0
	assert len(desk.check_ins()) == 4


def test_a_check_in_that_another_run_stores_meanwhile_is_a_duplicate(
	desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
	desk.punches("1001", 6)
	desk.sync("--from", "2026-03-31")
	real, looked = SQLiteSite.existing_check_ins, []

	def too_early(self: SQLiteSite, keys: Collection[tuple[str, datetime]]) -> object:
		looked.append(keys)
		return set() if len(looked) == 1 else real(self, keys)

	monkeypatch.setattr(SQLiteSite, "existing_check_ins", too_early)
	counters = counted(desk.sync("--from", "2026-03-30 18:00"))
	assert (counters["created"], counters["duplicate"]) == (0, 6)
