"""A site in memory, with transactions that either happen or do not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime

from zkteco_biometric.cycle.arrivals import Arrivals
from zkteco_biometric.cycle.clock_watch import ClockWatch
from zkteco_biometric.cycle.import_range import ImportPosition
from zkteco_biometric.cycle.past_days import PastDays
from zkteco_biometric.cycle.plan import CheckIn, Fate, Known, Pending, Reason, check_ins, pendings
from zkteco_biometric.cycle.ports import Position, SyncState
from zkteco_biometric.cycle.result import Refused, Stored
from zkteco_biometric.cycle.window import Checkpoint

Key = tuple[str, datetime]


_PLACES: Mapping[type[Position], str] = {
	Checkpoint: "checkpoint",
	Arrivals: "arrivals",
	PastDays: "past_days",
	ClockWatch: "clock_watch",
}


def moved(state: SyncState, position: Position) -> SyncState:
	"""As it is after being written down and read again."""
	return replace(state, **{_PLACES[type(position)]: type(position).from_json(position.as_json())})


def told(position: Position | None) -> str:
	return f"page {position.page - 1}" if isinstance(position, Checkpoint) else type(position).__name__


class Crash(Exception):
	"""The process ends here: what was committed stays, nothing else happens."""


@dataclass
class Tables:
	"""What a commit makes lasting."""

	check_ins: dict[Key, CheckIn] = field(default_factory=dict)
	state: SyncState = field(default_factory=SyncState)
	pending: dict[str, Pending] = field(default_factory=dict)
	ignored_by: dict[str, str] = field(default_factory=dict)
	importing: ImportPosition | None = None


def _move(tables: Tables, position: Position) -> None:
	"""How far an import has come is kept apart from what is known of the device."""
	if isinstance(position, ImportPosition):
		tables.importing = ImportPosition.from_json(position.as_json())
	else:
		tables.state = moved(tables.state, position)


class MemorySite:
	"""Implements the cycle's `HRSite`, counts its queries, and can be made to crash.

	`crash_at` counts the steps of the methods that write: before the first row, between rows, before and after the
	commit. `refuses` maps an employee to the reason why the site refuses their check-ins.
	"""

	def __init__(self, employees: Mapping[str, str]) -> None:
		self.employees = dict(employees)
		self.refuses: dict[str, str] = {}
		self.tables = Tables()
		self.queries: list[str] = []
		self.history: list[str] = []
		self.crash_at: int | None = None
		self._steps = 0

	@property
	def check_ins(self) -> dict[Key, CheckIn]:
		return self.tables.check_ins

	@property
	def last_sync(self) -> datetime | None:
		return self.tables.state.last_sync

	@property
	def checkpoint(self) -> Checkpoint | None:
		return self.tables.state.checkpoint

	def crash_in(self, steps: int) -> None:
		"""Crash so many steps from now."""
		self.crash_at = self._steps + steps

	def sync_state(self) -> SyncState:
		self.queries.append("sync_state")
		return self.tables.state

	def employees_by_code(self, codes: Collection[str]) -> Mapping[str, str]:
		self.queries.append("employees_by_code")
		return {code: self.employees[code] for code in codes if code in self.employees}

	def existing_check_ins(self, keys: Collection[Key]) -> Collection[Key]:
		self.queries.append("existing_check_ins")
		return self.tables.check_ins.keys() & set(keys)

	@property
	def pending(self) -> dict[str, Pending]:
		return self.tables.pending

	@property
	def waiting(self) -> set[tuple[str, datetime]]:
		"""Code and time of the punches that wait for an employee."""
		unknown = (one for one in self.pending.values() if one.reason is Reason.UNKNOWN_EMPLOYEE)
		return {(one.punch.emp_code, one.punch.time) for one in unknown if one.punch}

	def known_punches(self, keys: Collection[str]) -> Mapping[str, Known]:
		self.queries.append("known_punches")
		pending = self.tables.pending
		known = {key: Known(pending[key].reason, pending[key].message) for key in keys if key in pending}
		ignored = self.tables.ignored_by
		return known | {key: Known(Reason.REFUSED, "", ignored[key]) for key in keys if key in ignored}

	def store_page(self, fates: Sequence[Fate], position: Position | None) -> Stored:
		self.queries.append("store_page")
		after, refused, created = deepcopy(self.tables), [], 0
		for check_in in check_ins(fates):
			self._step()
			if check_in.employee in self.refuses:
				refused.append(Refused(check_in, self.refuses[check_in.employee]))
				continue
			assert check_in.key not in after.check_ins, f"a second check-in for {check_in.key}"
			after.check_ins[check_in.key] = check_in
			created += 1
		for pending in [*pendings(fates), *(one.as_pending() for one in refused)]:
			after.pending.setdefault(pending.key, pending)
		if position:
			_move(after, position)
		self._commit(after, told(position))
		return Stored(created, refused=tuple(refused))

	def keep(self, position: Position) -> None:
		self.queries.append("keep")
		after = deepcopy(self.tables)
		_move(after, position)
		self._commit(after, told(position))

	def finish_window(self, until: datetime) -> None:
		self.queries.append("finish_window")
		after = deepcopy(self.tables)
		after.state = replace(after.state, last_sync=until, checkpoint=None)
		self._commit(after, "finished")

	def _commit(self, after: Tables, what: str) -> None:
		self._step()
		self.tables = after
		self.history.append(what)
		self._step()

	def _step(self) -> None:
		self._steps += 1
		if self._steps == self.crash_at:
			raise Crash
