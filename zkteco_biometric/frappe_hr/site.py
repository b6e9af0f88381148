"""The real site behind the cycle's `HRSite` port. Every method ends its transaction: none is open during HTTP."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import frappe

from zkteco_biometric.cycle.plan import CheckIn, Fate, check_ins
from zkteco_biometric.cycle.ports import Superseded, SyncState
from zkteco_biometric.cycle.result import Stored
from zkteco_biometric.cycle.window import Checkpoint
from zkteco_biometric.frappe_hr.check_ins import CheckInWriter, add_up, existing_check_ins
from zkteco_biometric.frappe_hr.device_state import DeviceState
from zkteco_biometric.frappe_hr.employees import employees_by_code

_CHUNK = 100


@contextmanager
def _nothing_kept() -> Iterator[None]:
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

	def __init__(self, state: DeviceState, writer: CheckInWriter) -> None:
		self._state = state
		self._writer = writer

	def sync_state(self) -> SyncState:
		state = self._state.sync_state()
		frappe.db.commit()  # ends the reading transaction before the first request
		return state

	def employees_by_code(self, codes: Collection[str]) -> dict[str, str]:
		return employees_by_code(codes)

	def existing_check_ins(self, keys: Collection[tuple[str, datetime]]) -> set[tuple[str, datetime]]:
		return existing_check_ins(keys)

	def store_page(self, fates: Sequence[Fate], checkpoint: Checkpoint) -> Stored:
		"""In transactions of a hundred check-ins, the last of which moves the checkpoint.

		HRMS's naming series is locked from the first insert to the commit: nobody else's check-in waits for a whole page.
		"""
		wanted = check_ins(fates)
		chunks = [wanted[i : i + _CHUNK] for i in range(0, len(wanted), _CHUNK)] or [[]]
		stored = [self._store(chunk, None) for chunk in chunks[:-1]]
		return add_up([*stored, self._store(chunks[-1], checkpoint)])

	def finish_window(self, until: datetime) -> None:
		try:
			self._state.finish_window(until)
		except Superseded:
			frappe.db.rollback()
			raise
		frappe.db.commit()  # the last page of the window is stored

	def _store(self, wanted: list[CheckIn], checkpoint: Checkpoint | None) -> Stored:
		"""Where another transaction is in the way, the chunk is taken back and stored again, three times at most."""
		for again in (False, True):
			try:
				return self._try_to_store(wanted, checkpoint, again)
			except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
				frappe.db.rollback()
		return self._try_to_store(wanted, checkpoint, again=True)

	def _try_to_store(self, wanted: list[CheckIn], checkpoint: Checkpoint | None, again: bool) -> Stored:
		existing = existing_check_ins([check_in.key for check_in in wanted]) if again else set()
		with _nothing_kept():
			stored = self._writer.write([check_in for check_in in wanted if check_in.key not in existing])
		self._move(checkpoint)
		frappe.db.commit()  # the check-ins, with the checkpoint that covers them where they end a page
		return replace(stored, raced=stored.raced + len(existing))

	def _move(self, checkpoint: Checkpoint | None) -> None:
		try:
			self._state.refuse_if_superseded()
			if checkpoint:
				self._state.save_checkpoint(checkpoint)
		except Superseded:
			frappe.db.rollback()
			raise
