"""A check-in by which a cycle finds out whether pages are written as `insert()` would write them."""

from collections.abc import Sequence

import frappe

from zkteco_biometric.cycle.plan import CheckIn
from zkteco_biometric.cycle.result import Stored
from zkteco_biometric.frappe_hr.bulk.rehearsal import Rehearsed
from zkteco_biometric.frappe_hr.bulk.rows import first_difference, stored_row
from zkteco_biometric.frappe_hr.check_ins import CheckInWriter
from zkteco_biometric.frappe_hr.names import CHECK_IN
from zkteco_biometric.wording import Wording, _

_TRIAL = "zkteco_trial"
_NO_LABEL = "No Label"
"""What Frappe calls a field without one."""


class Trial:
	"""A check-in that `insert()` writes, to be compared with what was expected of it; with it those before it on the page."""

	def __init__(self, expected: Rehearsed, one_by_one: CheckInWriter, *, more_follow: bool) -> None:
		"""`more_follow`: whether this is not all of the page. `taken_back`: what is still to be written, with the rest of it."""
		self._expected = expected
		self._one_by_one = one_by_one
		self._more_follow = more_follow
		self._refused = False
		self.taken_back: list[CheckIn] = []

	def write(self, check_ins: Sequence[CheckIn]) -> Stored:
		"""Where nobody gets through, the whole page has to show whose fault it is."""
		frappe.db.savepoint(_TRIAL)
		stored = self._one_by_one.write(check_ins, others_got_through=self._more_follow)
		self._refused = any(one.check_in.key == self._expected.check_in.key for one in stored.refused)
		self.taken_back = [one for one in self.taken_back if one not in check_ins]
		if not self._more_follow or stored.created or stored.raced:
			return stored
		frappe.db.rollback(save_point=_TRIAL)
		self.taken_back += check_ins
		return Stored(0)

	def refusal(self) -> Wording | None:
		"""Where HRMS has refused what was expected to be stored."""
		is_unexpected = self._refused and self._expected.row is not None
		return _("HRMS refuses what it was expected to store") if is_unexpected else None

	def compare(self) -> tuple[bool, Wording | None]:
		"""Whether it is proven, else what differs; neither where somebody else was faster."""
		expected = self._expected.row
		stored = stored_row(expected) if expected else None
		if not expected or not stored:
			return False, None
		column = first_difference(expected, stored)
		if not column:
			return True, None
		label = frappe.get_meta(CHECK_IN).get_label(column)
		return False, _("HRMS stores something else than expected in {0}").format(
			_(column if label == _NO_LABEL else label)
		)
