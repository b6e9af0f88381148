"""What the database holds of one device, read for people."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass


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
	"""A code that no employee has: its punches, and the terminals' wall clock of first and last."""

	code: str
	punches: int
	first: str
	last: str


class Ledger:
	"""Questions about one device; nothing is written."""

	def __init__(self, connection: sqlite3.Connection, url: str) -> None:
		self._connection = connection
		self._url = url

	def newest_name(self) -> int:
		"""Every check-in that is created from now on has a greater name."""
		name: int = self._one("SELECT coalesce(max(name), 0) FROM employee_checkin")
		return name

	def count(self) -> int:
		"""How many check-ins there are."""
		number: int = self._one("SELECT count(*) FROM employee_checkin WHERE device_id = ?", self._url)
		return number

	def first_after(self, name: int, most: int) -> list[Row]:
		"""The earliest check-ins with a greater name."""
		return list(self._rows("AND name > ? ORDER BY time, employee LIMIT ?", name, most))

	def by_time(self) -> Iterator[Row]:
		"""Every check-in, one at a time."""
		return self._rows("ORDER BY time, employee")

	def waiting_codes(self) -> list[WaitingCode]:
		"""Codes that no employee has, those with most punches first."""
		found = self._connection.execute(
			"SELECT emp_code, count(*), min(time), max(time) FROM pending_punch WHERE device_id = ? "
			"GROUP BY emp_code ORDER BY count(*) DESC, emp_code",
			[self._url],
		)
		return [WaitingCode(*row) for row in found]

	def _rows(self, rest: str, *values: int) -> Iterator[Row]:
		found = self._connection.execute(
			f"SELECT employee, time, log_type, device_id, terminal_sn FROM employee_checkin WHERE device_id = ? {rest}",
			[self._url, *values],
		)
		return (Row(*row) for row in found)

	def _one(self, query: str, *values: str) -> int:
		(value,) = self._connection.execute(query, values).fetchone()
		return int(value)
