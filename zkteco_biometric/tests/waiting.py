"""Punches that wait, as a sync would have kept them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import frappe

from zkteco_biometric.biotime.models import Page, Punch, RejectedRow, parse_row
from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.cycle.plan import HARMLESS_LEAD, Fate, Pending, PlanRules, Reason, match
from zkteco_biometric.frappe_hr.device import wall_clocks
from zkteco_biometric.frappe_hr.names import PENDING
from zkteco_biometric.frappe_hr.pending import keep
from zkteco_biometric.tests.support import DeviceTestCase


def row_of(
	code: str, when: datetime, state: object = "0", number: int = 1, **values: object
) -> dict[str, Any]:
	"""As a BioTime server sends it."""
	return {
		"id": number,
		"emp_code": code,
		"first_name": None,
		"last_name": None,
		"punch_time": str(when),
		"punch_state": state,
		"terminal_sn": "SN1",
		"terminal_alias": "Gate",
		"upload_time": str(when),
		**values,
	}


class WaitingTestCase(DeviceTestCase):
	def wait(self, device, *rows: Any, reason: Reason | None = None, message: str = "") -> list[str]:
		"""Keeps the rows as a cycle does that meets them now and knows no employee; returns their names."""
		clocks = wall_clocks(device.time_zone)
		rules = PlanRules(clocks, newest=clocks.on_device(utc_now()) + HARMLESS_LEAD)
		fates = [_pending(row, rules, reason, message) for row in rows]
		keep(device.name, clocks, None, fates)
		frappe.db.commit()
		keys = [fate.key for fate in fates]
		found = self.pending({"punch_key": ("in", keys)}, "name", "punch_key")
		return [one.name for one in sorted(found, key=lambda one: keys.index(one.punch_key))]

	def pending(self, filters: Mapping[str, Any] | None = None, *fields: str) -> list:
		return frappe.get_all(
			PENDING,
			filters=dict(filters or {}),
			fields=list(fields) or ["*"],
			order_by="punch_time, emp_code",
		)

	def of(self, name: str):
		return frappe.get_doc(PENDING, name)

	def statuses(self) -> dict[str, int]:
		found: dict[str, int] = {}
		for row in self.pending({}, "status"):
			found[row.status] = found.get(row.status, 0) + 1
		return found

	def give(self, employee: str, code: str | None, **values: object) -> None:
		"""Past the hooks of Employee, so that nothing is tried again by itself."""
		frappe.db.set_value("Employee", employee, {"attendance_device_id": code, **values})
		frappe.db.commit()


def _pending(row: Any, rules: PlanRules, reason: Reason | None, message: str) -> Pending:
	parsed = parse_row(row)
	(fate,) = _fates(parsed, rules)
	assert isinstance(fate, Pending)
	if reason:
		return Pending(reason, message, fate.row, fate.punch, fate.transaction_id, fate.employee)
	return fate


def _fates(parsed: Punch | RejectedRow, rules: PlanRules) -> list[Fate]:
	if isinstance(parsed, Punch):
		return match(Page(1, (parsed,), (), None, None), {}, rules)
	return match(Page(1, (), (parsed,), None, None), {}, rules)
