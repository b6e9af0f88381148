"""What the database holds of one device, read for people."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from zkteco_biometric.cycle.plan import Reason
from zkteco_biometric.standalone.position import written


@dataclass(frozen=True)
class Row:
	"""A check-in as stored; `time` is the site's wall clock."""

	employee: str
	time: str
	log_type: str | None
	device_id: str
	terminal_sn: str


@dataclass(frozen=True)
class WaitingCode:
	"""A code that no employee has: its name on the device, its punches, and the terminals' clock at first and last."""

	code: str
	name: str
	punches: int
	first: str
	last: str


@dataclass(frozen=True)
class Undecided:
	"""A punch or row that waits for another reason than its code, and which; `code` is empty where it cannot be read."""

	reason: str
	message: str
	transaction_id: str
	code: str
	name: str
	time: str


@dataclass(frozen=True)
class Mark:
	"""The newest rows at a moment: whatever is stored from then on has a greater name."""

	check_in: int
	pending: int


class Ledger:
	"""Questions about one device; nothing is written."""

	def __init__(self, connection: sqlite3.Connection, url: str) -> None:
		self._connection = connection
		self._url = url

	def mark(self) -> Mark:
		newest = "SELECT coalesce(max(name), 0) FROM"
		return Mark(self._one(f"{newest} employee_checkin"), self._one(f"{newest} pending_punch"))

	def count(self) -> int:
		"""How many check-ins there are."""
		return self._one("SELECT count(*) FROM employee_checkin WHERE device_id = ?", self._url)

	def first_after(self, mark: Mark, most: int) -> list[Row]:
		"""The earliest of the check-ins that were stored since."""
		return list(self._rows("AND name > ? ORDER BY time, employee LIMIT ?", mark.check_in, most))

	def stored_late(self, mark: Mark, on_site: datetime, on_device: datetime) -> int:
		"""How many punches from before that moment, naive, were stored since, as check-ins or with an unknown code."""
		return self._one(
			"SELECT (SELECT count(*) FROM employee_checkin WHERE device_id = ?1 AND name > ?2 AND time < ?3) "
			"+ (SELECT count(*) FROM pending_punch WHERE device_id = ?1 AND name > ?4 AND time < ?5 AND reason = ?6)",
			self._url,
			mark.check_in,
			written(on_site),
			mark.pending,
			written(on_device),
			Reason.UNKNOWN_EMPLOYEE.value,
		)

	def by_time(self) -> Iterator[Row]:
		"""Every check-in, one at a time."""
		return self._rows("ORDER BY time, employee")

	def waiting_codes(self) -> list[WaitingCode]:
		"""Codes that no employee has, those with most punches first."""
		found = self._connection.execute(
			"SELECT emp_code, max(person_name), count(*), min(time), max(time) FROM pending_punch "
			"WHERE device_id = ? AND reason = ? "
			"GROUP BY emp_code ORDER BY count(*) DESC, emp_code",
			[self._url, Reason.UNKNOWN_EMPLOYEE.value],
		)
		return [WaitingCode(*row) for row in found]

	def undecided(self, most: int) -> list[Undecided]:
		"""Those that were stored last, of the punches that wait for another reason than an unknown code."""
		found = self._connection.execute(
			"SELECT reason, message, coalesce(zkteco_transaction_id, ''), emp_code, person_name, time "
			"FROM pending_punch WHERE device_id = ? AND reason != ? ORDER BY name DESC LIMIT ?",
			[self._url, Reason.UNKNOWN_EMPLOYEE.value, most],
		)
		return [Undecided(*map(str, row)) for row in found]

	def count_undecided(self) -> int:
		return self._one(
			"SELECT count(*) FROM pending_punch WHERE device_id = ? AND reason != ?",
			self._url,
			Reason.UNKNOWN_EMPLOYEE.value,
		)

	def _rows(self, rest: str, *values: int) -> Iterator[Row]:
		found = self._connection.execute(
			f"SELECT employee, time, log_type, device_id, terminal_sn FROM employee_checkin WHERE device_id = ? {rest}",
			[self._url, *values],
		)
		return (Row(*row) for row in found)

	def _one(self, query: str, *values: str | int) -> int:
		(value,) = self._connection.execute(query, values).fetchone()
		return int(value)
