"""The real site behind the cycle's `HRSite` port. Every method ends its transaction: none is open during HTTP."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

import frappe

from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.cycle.plan import CheckIn, Fate, Known, Pending, check_ins, pendings, punch_key
from zkteco_biometric.cycle.ports import Position, Superseded, SyncState
from zkteco_biometric.cycle.result import Stored
from zkteco_biometric.cycle.terminals import NewestPunches
from zkteco_biometric.frappe_hr.check_ins import CheckInWriter, add_up, existing_check_ins, known_check_ins
from zkteco_biometric.frappe_hr.device_state import DeviceState
from zkteco_biometric.frappe_hr.employees import employees_by_code
from zkteco_biometric.frappe_hr.pending import keep, known_punches
from zkteco_biometric.frappe_hr.sync_log import SyncLog

_CHUNK = 100
_Written = TypeVar("_Written")


@contextmanager
def nothing_kept() -> Iterator[None]:
	"""Frappe notes every document that it saves, and of an inserted one, which had no name by then, the note stays.

	A long sync would grow by it, and slow down: each insert looks through the notes.
	"""
	notes = frappe.flags.get("currently_saving")
	notes = [] if notes is None else notes
	known = len(notes)
	try:
		yield
	finally:
		del notes[known:]


class FrappeSite:
	"""The employees and check-ins of this site, for the cycle of one device."""

	def __init__(self, state: DeviceState, writer: CheckInWriter, log: SyncLog) -> None:
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
		return employees_by_code(codes)

	def existing_check_ins(self, keys: Collection[tuple[str, datetime]]) -> set[tuple[str, datetime]]:
		return existing_check_ins(keys)

	def known_punches(self, keys: Collection[str]) -> dict[str, Known]:
		device = self._state.device
		return known_punches(device, keys) | known_check_ins(device, keys)

	def store_page(self, fates: Sequence[Fate], position: Position | None) -> Stored:
		"""In transactions of a hundred check-ins, the last of which keeps what is pending and moves the position.

		HRMS's naming series is locked from the first insert to the commit: nobody else's check-in waits for a whole page.
		"""
		wanted = check_ins(fates)
		others = [fate for fate in fates if not isinstance(fate, CheckIn)]
		chunks = [wanted[i : i + _CHUNK] for i in range(0, len(wanted), _CHUNK)] or [[]]
		stored = [self._store(Part(chunk)) for chunk in chunks[:-1]]
		stored.append(self._store(Part([*chunks[-1], *others], position)))
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

	def _store(self, part: "Part") -> Stored:
		return patiently(lambda again: self._try_to_store(part, again))

	def _try_to_store(self, part: "Part", again: bool) -> Stored:
		existing = existing_check_ins([check_in.key for check_in in part.check_ins]) if again else set()
		if part.is_news:
			self._log.open()
		with nothing_kept():
			written = self._writer.write([one for one in part.check_ins if one.key not in existing])
		stored = replace(written, raced=written.raced + len(existing))
		refused = [one.as_pending() for one in stored.refused]
		keep(self._state.device, self._state.clocks, self._log.name, [*part.pendings, *refused])
		with taken_back_if_superseded():
			self._state.refuse_if_superseded()
			self._remember(part, stored)
		frappe.db.commit()  # the check-ins, and with those that end a page what is pending, and the position
		self.waited += [punch_key(one.punch) for one in part.check_ins if one.waited]
		self._log.is_committed = self._log.is_committed or part.is_news
		return stored

	def _remember(self, part: "Part", _stored: Stored) -> None:
		"""Within the transaction that stores the part."""
		if part.position:
			self._state.save_position(part.position)


def patiently(write: Callable[[bool], _Written]) -> _Written:
	"""Where another transaction is in the way, what was written is taken back and written again, three times at most.

	`write` is told whether it is again.
	"""
	for again in (False, True):
		try:
			return write(again)
		except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
			frappe.db.rollback()
	return write(True)


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
