"""The HRSite of the dry run: employees from a file, check-ins in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from zkteco_biometric.biotime.models import Punch, parse_row
from zkteco_biometric.cycle.plan import CheckIn, Fate, Known, Pending, Reason, check_ins, pendings, row_text
from zkteco_biometric.cycle.ports import Position, SyncState
from zkteco_biometric.cycle.result import Stored
from zkteco_biometric.standalone.database import transaction
from zkteco_biometric.standalone.position import DevicePosition, written

# Two variables, whatever the size of the page: older SQLite takes only 999. What is wanted is [employee, time, codes].
_EXISTING = """
	WITH wanted AS (
		SELECT json_extract(value, '$[0]') AS employee, json_extract(value, '$[1]') AS time, value FROM json_each(?)
	)
	SELECT wanted.employee, wanted.time
	FROM wanted JOIN employee_checkin AS c ON c.employee = wanted.employee AND c.time = wanted.time
	UNION
	SELECT wanted.employee, wanted.time
	FROM wanted, json_each(wanted.value, '$[2]') AS code
	JOIN employee_checkin AS c ON c.device_id = ? AND c.emp_code = code.value AND c.time = wanted.time
"""
_CREATE = """
	INSERT INTO employee_checkin
		(employee, time, log_type, device_id, zkteco_transaction_id, emp_code, terminal_sn)
	VALUES (?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT DO NOTHING
"""
_KEEP = """
	INSERT INTO pending_punch (
		device_id, punch_key, reason, message, zkteco_transaction_id, row,
		emp_code, person_name, time, punch_state, terminal_sn
	)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT DO NOTHING
"""
_KNOWN = """
	SELECT punch_key, reason, message FROM pending_punch
	WHERE device_id = ? AND punch_key IN (SELECT value FROM json_each(?))
"""
_KNOWN_BY_NOW = """
	SELECT name, row FROM pending_punch
	WHERE device_id = ? AND reason = ? AND emp_code IN (SELECT value FROM json_each(?))
	ORDER BY name LIMIT ?
"""
_NOTHING = ("", "", "", "", "")
"""What is told of a row that cannot be read: it stands beside them as it was received."""


@dataclass(frozen=True)
class Waiting:
	"""A punch that waits for its code to become somebody's, and the name of its row."""

	name: int
	punch: Punch


class SQLiteSite:
	"""Employees and check-ins as one device's cycle sees them; its connection has no transaction open in between."""

	def __init__(self, connection: sqlite3.Connection, url: str, employees: Mapping[str, str]) -> None:
		self.position = DevicePosition(connection, url)
		self._connection = connection
		self._url = url
		self._employees = employees
		self._codes: dict[str, list[str]] = {}
		for code, employee in employees.items():
			self._codes.setdefault(employee, []).append(code)

	def sync_state(self) -> SyncState:
		return self.position.read()

	def employees_by_code(self, codes: Collection[str]) -> Mapping[str, str]:
		return {code: self._employees[code] for code in codes if code in self._employees}

	def existing_check_ins(self, keys: Collection[tuple[str, datetime]]) -> Collection[tuple[str, datetime]]:
		"""Those of the employee, and those that a code of the employee brought while somebody else had it."""
		wanted = [(employee, written(time), self._codes.get(employee, [])) for employee, time in keys]
		found = self._connection.execute(_EXISTING, [json.dumps(wanted), self._url])
		return {(employee, datetime.fromisoformat(time)) for employee, time in found}

	def known_punches(self, keys: Collection[str]) -> Mapping[str, Known]:
		found = self._connection.execute(_KNOWN, [self._url, json.dumps(list(keys))])
		return {key: Known(Reason(reason), message) for key, reason, message in found}

	def store_page(self, fates: Sequence[Fate], position: Position | None) -> Stored:
		with transaction(self._connection):
			stored = self._create(check_ins(fates))
			self._connection.executemany(_KEEP, map(self._pending_row, pendings(fates)))
			if position:
				self.position.move(position)
		return stored

	def keep(self, position: Position) -> None:
		self.position.move(position)

	def finish_window(self, until: datetime) -> None:
		self.position.finish(until)

	def known_by_now(self, most: int) -> list[Waiting]:
		"""Pending punches whose code has become somebody's since, the oldest first."""
		asked = [self._url, Reason.UNKNOWN_EMPLOYEE.value, json.dumps(list(self._employees)), most]
		rows = (
			(name, parse_row(json.loads(row))) for name, row in self._connection.execute(_KNOWN_BY_NOW, asked)
		)
		return [Waiting(name, punch) for name, punch in rows if isinstance(punch, Punch)]

	def settle(self, pending: Collection[Waiting], fates: Sequence[Fate]) -> Stored:
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

	def _pending_row(self, pending: Pending) -> tuple[str | int | None, ...]:
		punch = pending.punch
		told = (
			(punch.emp_code, punch.person_name, written(punch.time), punch.state, punch.terminal_sn)
			if punch
			else _NOTHING
		)
		return (
			self._url,
			pending.key,
			pending.reason.value,
			pending.message,
			pending.transaction_id or None,
			row_text(pending.row),
			*told,
		)
