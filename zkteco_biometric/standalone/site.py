"""The HRSite of the dry run: employees from a file, check-ins in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from zkteco_biometric.biotime.models import Punch
from zkteco_biometric.cycle.plan import CheckIn, Fate, Unmatched, check_ins
from zkteco_biometric.cycle.ports import SyncState
from zkteco_biometric.cycle.result import Stored
from zkteco_biometric.cycle.window import Checkpoint
from zkteco_biometric.standalone.database import transaction
from zkteco_biometric.standalone.position import Position, written

# One statement and one variable, whatever the size of the page: older SQLite takes only 999 variables.
_EXISTING = """
	SELECT c.employee, c.time
	FROM json_each(?) AS wanted
	JOIN employee_checkin AS c
		ON c.employee = json_extract(wanted.value, '$[0]') AND c.time = json_extract(wanted.value, '$[1]')
"""
_CREATE = """
	INSERT INTO employee_checkin
		(employee, time, log_type, device_id, zkteco_transaction_id, emp_code, terminal_sn)
	VALUES (?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (employee, time) DO NOTHING
"""
_KEEP = """
	INSERT INTO pending_punch (device_id, zkteco_transaction_id, emp_code, time, punch_state, terminal_sn)
	VALUES (?, ?, ?, ?, ?, ?)
	ON CONFLICT DO NOTHING
"""
_KNOWN_BY_NOW = """
	SELECT name, zkteco_transaction_id, emp_code, time, punch_state, terminal_sn
	FROM pending_punch
	WHERE device_id = ? AND emp_code IN (SELECT value FROM json_each(?))
	ORDER BY name LIMIT ?
"""


@dataclass(frozen=True)
class Pending:
	"""A punch that waits for its code to become somebody's, and its row."""

	name: int
	punch: Punch


class SQLiteSite:
	"""Employees and check-ins as one device's cycle sees them; its connection has no transaction open in between."""

	def __init__(self, connection: sqlite3.Connection, url: str, employees: Mapping[str, str]) -> None:
		self.position = Position(connection, url)
		self._connection = connection
		self._url = url
		self._employees = employees

	def sync_state(self) -> SyncState:
		return self.position.read()

	def employees_by_code(self, codes: Collection[str]) -> Mapping[str, str]:
		return {code: self._employees[code] for code in codes if code in self._employees}

	def existing_check_ins(self, keys: Collection[tuple[str, datetime]]) -> Collection[tuple[str, datetime]]:
		wanted = json.dumps([(employee, written(time)) for employee, time in keys])
		found = self._connection.execute(_EXISTING, [wanted])
		return {(employee, datetime.fromisoformat(time)) for employee, time in found}

	def store_page(self, fates: Sequence[Fate], checkpoint: Checkpoint) -> Stored:
		with transaction(self._connection):
			stored = self._create(check_ins(fates))
			unmatched = (fate.punch for fate in fates if isinstance(fate, Unmatched))
			self._connection.executemany(_KEEP, map(self._pending_row, unmatched))
			self.position.move(checkpoint)
		return stored

	def finish_window(self, until: datetime) -> None:
		self.position.finish(until)

	def known_by_now(self, most: int) -> list[Pending]:
		"""Pending punches whose code has become somebody's since, the oldest first."""
		codes = json.dumps(list(self._employees))
		return [
			Pending(name, Punch(number, code, datetime.fromisoformat(time), state, sn))
			for name, number, code, time, state, sn in self._connection.execute(
				_KNOWN_BY_NOW, [self._url, codes, most]
			)
		]

	def settle(self, pending: Collection[Pending], fates: Sequence[Fate]) -> Stored:
		"""Creates the check-ins among `fates`; the pending punches wait no longer. One transaction."""
		with transaction(self._connection):
			stored = self._create(check_ins(fates))
			self._connection.executemany(
				"DELETE FROM pending_punch WHERE name = ?", [(one.name,) for one in pending]
			)
		return stored

	def _create(self, wanted: Collection[CheckIn]) -> Stored:
		created = self._connection.executemany(_CREATE, map(self._row, wanted)).rowcount if wanted else 0
		return Stored(created, raced=len(wanted) - created)

	def _row(self, check_in: CheckIn) -> tuple[str | int | None, ...]:
		punch = check_in.punch
		return (
			check_in.employee,
			written(check_in.time),
			check_in.log_type,
			self._url,
			punch.id,
			punch.emp_code,
			punch.terminal_sn,
		)

	def _pending_row(self, punch: Punch) -> tuple[str | int | None, ...]:
		return (
			self._url,
			punch.id,
			punch.emp_code,
			written(punch.time),
			punch.state,
			punch.terminal_sn,
		)
