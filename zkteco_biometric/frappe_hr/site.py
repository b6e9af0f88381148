"""The real site behind the cycle's `HRSite` port.

What looks up a page leaves its transaction to `store_page`, which ends it; every other method ends its own. None is open that waits for HTTP.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import frappe

from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.cycle.plan import CheckIn, Fate, Known, Pending, check_ins, pendings, punch_key
from zkteco_biometric.cycle.ports import Position, Superseded, SyncState
from zkteco_biometric.cycle.result import Stored
from zkteco_biometric.cycle.terminals import NewestPunches
from zkteco_biometric.frappe_hr.check_ins import Batch, add_up, existing_check_ins, known_check_ins
from zkteco_biometric.frappe_hr.device_state import DeviceState
from zkteco_biometric.frappe_hr.employees import owners, read_employees
from zkteco_biometric.frappe_hr.pending import keep, known_punches
from zkteco_biometric.frappe_hr.sync_log import SyncLog
from zkteco_biometric.frappe_hr.transactions import nothing_kept, patiently


class Writer(Protocol):
	"""Of check-ins. `why_one_by_one`: why `insert()` wrote what could have been written a page at a time."""

	why_one_by_one: Mapping[str, str]

	def employee_fields(self) -> Collection[str]:
		"""What it wants to know of the employees of each page."""
		...

	def know(self, employees: Sequence[frappe._dict]) -> None:
		"""The employees of the page that comes next, with their names and those fields, as they are now."""
		...

	def batches(self, check_ins: Sequence[CheckIn]) -> Iterator[Batch]:
		"""At least one; each is written and committed before the next is asked for."""
		...


class FrappeSite:
	"""The employees and check-ins of this site, for the cycle of one device."""

	def __init__(self, state: DeviceState, writer: Writer, log: SyncLog) -> None:
		self._state = state
		self._writer = writer
		self._log = log
		self.waited: list[str] = []
		"""The keys of pending punches that have become check-ins here: their rows are still to be settled."""
		self.newest = NewestPunches(state.clocks)

	def sync_state(self) -> SyncState:
		state = self._state.sync_state()
		frappe.db.commit()  # ends the reading transaction before the first request
		return state

	def employees_by_code(self, codes: Collection[str]) -> dict[str, str]:
		rows = read_employees(codes, self._writer.employee_fields())
		self._writer.know(rows)
		return owners(codes, rows)

	def existing_check_ins(self, keys: Collection[tuple[str, datetime]]) -> set[tuple[str, datetime]]:
		return existing_check_ins(keys)

	def known_punches(self, keys: Collection[str]) -> dict[str, Known]:
		device = self._state.device
		return known_punches(device, keys) | known_check_ins(device, keys)

	def store_page(self, fates: Sequence[Fate], position: Position | None) -> Stored:
		"""In as many transactions as the writer needs; the last one keeps what is pending, and moves the position."""
		others = [fate for fate in fates if not isinstance(fate, CheckIn)]
		stored = []
		for batch in self._writer.batches(check_ins(fates)):
			last = batch.is_last
			part = Part([*batch.check_ins, *others] if last else batch.check_ins, position if last else None)
			stored.append(self._store(part, batch.write))
		self.newest.see(fates, utc_now())
		return add_up(stored)

	def keep(self, position: Position) -> None:
		patiently(lambda _again: self._keep(position))

	def _keep(self, position: Position) -> None:
		with taken_back_if_superseded():
			self._state.refuse_if_superseded()
			self._state.save_position(position)
		frappe.db.commit()  # how far has been read

	def finish_window(self, until: datetime) -> None:
		patiently(lambda _again: self._finish(until))

	def _finish(self, until: datetime) -> None:
		with taken_back_if_superseded():
			self._state.finish_window(until)
		frappe.db.commit()  # the last page of the window is stored

	def _store(self, part: "Part", write: Callable[[Sequence[CheckIn]], Stored]) -> Stored:
		stored = patiently(lambda again: self._try_to_store(part, write, again))
		self.waited += [punch_key(one.punch) for one in part.check_ins if one.waited]
		self._log.is_committed = self._log.is_committed or part.is_news
		self._log.wrote(stored.in_bulk, self._writer.why_one_by_one)
		return stored

	def _try_to_store(
		self, part: "Part", write: Callable[[Sequence[CheckIn]], Stored], again: bool
	) -> Stored:
		existing = existing_check_ins([check_in.key for check_in in part.check_ins]) if again else set()
		if part.is_news:
			self._log.open()
		stored = Stored(0)
		if part.check_ins:
			with nothing_kept():
				stored = write([one for one in part.check_ins if one.key not in existing])
		stored = replace(stored, raced=stored.raced + len(existing))
		refused = [one.as_pending() for one in stored.refused]
		keep(self._state.device, self._state.clocks, self._log.name, [*part.pendings, *refused])
		with taken_back_if_superseded():
			self._state.refuse_if_superseded()
			self._remember(part, stored)
		frappe.db.commit()  # the check-ins, and with those that end a page what is pending, and the position
		return stored

	def _remember(self, part: "Part", _stored: Stored) -> None:
		"""Within the transaction that stores the part."""
		if part.position:
			self._state.save_position(part.position)


@dataclass(frozen=True)
class Part:
	"""What is stored in one transaction."""

	fates: Sequence[Fate]
	position: Position | None = None

	@property
	def check_ins(self) -> list[CheckIn]:
		return check_ins(self.fates)

	@property
	def pendings(self) -> list[Pending]:
		return pendings(self.fates)

	@property
	def is_news(self) -> bool:
		return bool(self.check_ins) or any(pending.is_new for pending in self.pendings)


@contextmanager
def taken_back_if_superseded() -> Iterator[None]:
	try:
		yield
	except Superseded:
		frappe.db.rollback()
		raise
