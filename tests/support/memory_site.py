"""A site in memory, with transactions that either happen or do not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime

from zkteco_biometric.cycle.plan import CheckIn, Fate, Unmatched, check_ins
from zkteco_biometric.cycle.ports import SyncState
from zkteco_biometric.cycle.result import Refused, Stored
from zkteco_biometric.cycle.window import Checkpoint

Key = tuple[str, datetime]


class Crash(Exception):
	"""The process ends here: what was committed stays, nothing else happens."""


@dataclass
class Tables:
	"""What a commit makes lasting."""

	check_ins: dict[Key, CheckIn] = field(default_factory=dict)
	state: SyncState = field(default_factory=SyncState)
	unmatched: set[tuple[str, datetime]] = field(default_factory=set)


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

	def store_page(self, fates: Sequence[Fate], checkpoint: Checkpoint) -> Stored:
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
		after.unmatched |= {(f.punch.emp_code, f.punch.time) for f in fates if isinstance(f, Unmatched)}
		after.state = SyncState(after.state.last_sync, checkpoint)
		self._commit(after, f"page {checkpoint.page - 1}")
		return Stored(created, refused=tuple(refused))

	def finish_window(self, until: datetime) -> None:
		self.queries.append("finish_window")
		after = deepcopy(self.tables)
		after.state = SyncState(until, None)
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
