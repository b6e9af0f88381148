"""The real site behind the cycle's `HRSite` port. Every method ends its transaction: none is open during HTTP."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import frappe

from zkteco_biometric.cycle.plan import CheckIn, Fate, check_ins
from zkteco_biometric.cycle.ports import SyncState
from zkteco_biometric.cycle.result import Stored
from zkteco_biometric.cycle.window import Checkpoint
from zkteco_biometric.frappe_hr.check_ins import CheckInWriter, existing_check_ins
from zkteco_biometric.frappe_hr.device_state import DeviceState
from zkteco_biometric.frappe_hr.employees import employees_by_code

_ATTEMPTS = 3


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
		"""Where another transaction is in the way, the page is taken back and stored again, three times at most."""
		wanted = check_ins(fates)
		for attempt in range(1, _ATTEMPTS + 1):
			try:
				return self._store(wanted, checkpoint, first=attempt == 1)
			except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
				frappe.db.rollback()
				if attempt == _ATTEMPTS:
					raise
		raise AssertionError("unreachable")

	def finish_window(self, until: datetime) -> None:
		self._state.finish_window(until)
		frappe.db.commit()  # the last page of the window is stored

	def _store(self, wanted: list[CheckIn], checkpoint: Checkpoint, first: bool) -> Stored:
		existing = set() if first else existing_check_ins([check_in.key for check_in in wanted])
		stored = self._writer.write([check_in for check_in in wanted if check_in.key not in existing])
		self._state.save_checkpoint(checkpoint)
		frappe.db.commit()  # the page and the checkpoint that covers it, in one transaction
		return replace(stored, raced=stored.raced + len(existing))
