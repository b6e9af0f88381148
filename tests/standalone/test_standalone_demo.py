"""The demo, and that it is honest."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tests.standalone.desk import Desk
from zkteco_biometric.simulator import Store, Transaction
from zkteco_biometric.standalone import aloud
from zkteco_biometric.standalone.dry_run import Order, Report, dry_run
from zkteco_biometric.standalone.site import SQLiteSite


def test_the_demo_shows_three_cycles_that_do_what_they_say(desk: Desk) -> None:
	result = desk.run("demo", "--people", "20", "--days", "5")
	assert result.exit_code == 0
	created = [int(number) for number in re.findall(r"As it has to be: (\d+) created", result.stdout)]
	assert created[0] > 100
	assert created[1:] == [0, 12]
	assert "V1" in result.stdout
	assert result.stdout.endswith("All three cycles did what they had to.\n")


def test_the_demo_fails_when_the_second_cycle_creates_something(
	desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
	cycles: list[Order] = []

	def forget_from_the_second_on(order: Order, *more: Any) -> Report:
		cycles.append(order)
		if len(cycles) == 2:
			monkeypatch.setattr(SQLiteSite, "existing_check_ins", lambda *_: set())
			monkeypatch.setattr("zkteco_biometric.standalone.site._CREATE", FORGETFUL)
		return dry_run(order, *more)

	monkeypatch.setattr(aloud, "dry_run", forget_from_the_second_on)
	result = desk.run("demo", "--people", "5", "--days", "4")
	assert result.exit_code == 1
	assert len(cycles) == 2
	told = re.search(r"0 check-ins had to be created, but (\d+) were", result.stderr)
	assert told and int(told[1]) >= 5


def test_the_demo_fails_when_a_new_punch_gets_lost(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
	real, began = Store.punch_page, datetime.now(timezone.utc).replace(tzinfo=None)

	def forget_one(self: Store, *wanted: Any, **options: Any) -> tuple[int, list[Transaction]]:
		count, rows = real(self, *wanted, **options)
		new = began - timedelta(minutes=1)
		kept = [row for row in rows if row.emp_code != "1001" or row.punch_time < new]
		return count - len(rows) + len(kept), kept

	monkeypatch.setattr(Store, "punch_page", forget_one)
	result = desk.run("demo", "--people", "5", "--days", "4")
	assert result.exit_code == 1
	assert "5 check-ins had to be created, but 4 were" in result.stderr


def test_the_demo_needs_enough_days_for_a_working_day(desk: Desk) -> None:
	assert desk.run("demo", "--days", "3").exit_code == 2


FORGETFUL = """
	INSERT OR REPLACE INTO employee_checkin
		(employee, time, log_type, device_id, zkteco_transaction_id, emp_code, terminal_sn)
	VALUES (?, ?, ?, ?, ?, ?, ?)
"""
