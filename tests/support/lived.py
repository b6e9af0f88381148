"""A device to which things happen, and which remembers every row that it ever had."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.support.histories import (
	CODES,
	Again,
	Backlog,
	Cycle,
	Delete,
	Happening,
	Punch,
	PunchAt,
	Restore,
	SetServerClock,
	Setting,
)
from tests.support.oracle import Row, Rules, is_behind
from zkteco_biometric.simulator import Simulator, faults
from zkteco_biometric.simulator.faults import Answer, Fault
from zkteco_biometric.simulator.rows import transaction_row

A_SECOND = timedelta(seconds=1)
_MOST_REQUESTS = 2000
_FAULTS: dict[str, Fault] = {
	"500": faults.status(500),
	"reset": faults.reset(),
	"html": faults.html_error(),
	"truncated": faults.truncate(),
	"half a JSON": faults.truncate_json(),
	"401": faults.unauthorized(),
	"code": faults.api_code(),
	"log-in page": faults.login_page(),
	"too large": faults.too_large(3),
}
_SPOILS: dict[str, Callable[[dict[str, Any]], Any]] = {
	"no code": lambda row: row | {"emp_code": ""},
	"no time": lambda row: row | {"punch_time": None},
	"impossible time": lambda row: row | {"punch_time": "2024-02-30 25:00:00"},
	"no object": lambda row: f"row {row['id']}",
}


class LivedDevice:
	"""`now` is the time for everybody; each request takes a second.

	`read_at`: when the last cycle began that has read all of it. `lacks_rows`: some were deleted since.
	"""

	def __init__(self, setting: Setting) -> None:
		self.now = setting.begin
		self.rules = Rules(setting)
		self.rows: list[Row] = []
		self.read_at: datetime | None = None
		self.lacks_rows = False
		self.sim = Simulator(
			variant=setting.variant,
			clock=lambda: self.now - self._server_is_behind,
			time_zone=setting.server,
		)
		self._server_is_behind = timedelta()
		self._cycle = Cycle()
		self._requests = 0

	@property
	def there(self) -> list[Row]:
		"""The rows that it has, in the order of their ids."""
		return sorted((row for row in self.rows if row.is_there), key=lambda row: row.punch.id)

	def happens(self, step: Happening) -> None:
		there = self.there
		match step:
			case Punch(code, age, state, terminal):
				self._arrive(code, self.rules.shown(self.now) - age, state, terminal)
			case PunchAt(code, time):
				self._arrive(code, time)
			case Backlog():
				self._upload(step)
			case SetServerClock(behind):
				self._server_is_behind = behind
			case Again(which, state) if there:
				same = there[which % len(there)].punch
				self._arrive(same.emp_code, same.punch_time, state, same.terminal_sn)
			case Delete(which, rows) if there:
				first = which % len(there)
				self._delete(there[first : first + rows])
			# Not before a cycle has read all: what stood at the end of the list then, and was not stored yet, may come back
			# with the id that it had, and is taken for known.
			case Restore(lost) if there and self.read_at:
				self._delete(there[-lost:])
				self.sim.store.restart_ids(there[-lost:][0].punch.id)

	def _upload(self, backlog: Backlog) -> None:
		oldest = self.rules.shown(self.now) - backlog.age
		for number in range(backlog.rows):
			self.now += A_SECOND
			code = CODES[(backlog.first + number) % len(CODES)]
			self._arrive(code, oldest + number * backlog.every, str(number % 2))

	def _arrive(
		self, code: str, time: datetime, state: str | int | None = "0", terminal: str = "gate"
	) -> None:
		punch = self.sim.store.punch(code, time, state, terminal_sn=terminal)
		self.rows.append(Row(punch, self.read_at is not None, is_behind(punch.upload_time, self.rows)))

	def _delete(self, gone: list[Row]) -> None:
		self.lacks_rows = True
		for row in gone:
			self.sim.store.delete_punch(row.punch.id)
			row.is_there = False

	def hides(self, row: Row, began: datetime) -> bool:
		"""Whether the row stands among older ones, outside of a cycle's window, and the number of rows does not tell.

		As many may be gone as have come; and rows that cannot be read count as new whenever they are met.
		"""
		if not row.is_backdated or self.read_at is None:
			return False
		begin = self.rules.shown(self.read_at - self.rules.setting.look_back)
		if begin <= row.punch.punch_time <= self.rules.shown(began):
			return False
		return self.lacks_rows or not all(row.is_readable for row in self.rows)

	def is_read(self, cycle: Cycle) -> None:
		"""From now on what goes wrong in this cycle goes wrong."""
		self._cycle = cycle
		self._requests = 0

	def is_asked(self) -> None:
		"""A request is on its way."""
		self.now += A_SECOND
		self._requests += 1
		assert self._requests < _MOST_REQUESTS, "a cycle asks and asks"
		meanwhile = self._cycle.meanwhile
		if meanwhile and meanwhile.before == self._requests:
			self.happens(meanwhile.step)
		self.sim.faults.clear()
		fault = self._fault()
		if not all(row.is_readable for row in self.rows):
			fault = faults.chain(faults.rows(spoiled), fault)
		self.sim.faults.add(fault)

	def _fault(self) -> Fault:
		trouble = self._cycle.trouble
		since = self._requests - trouble.after if trouble else 0
		strikes = trouble and (since == 1 or (since > 1 and not trouble.once))
		return _FAULTS[trouble.fault] if trouble and strikes else _answered

	def served(self, row: Row) -> Any:
		"""As it is sent."""
		return spoiled([transaction_row(row.punch, self.sim.store, self.sim.variant)])[0]


def spoiled(rows: list[dict[str, Any]]) -> list[Any]:
	return [_SPOILS.get(row["terminal_sn"], dict)(row) for row in rows]


def _answered(request: Request, answer: Answer) -> Response:
	return answer(request)
