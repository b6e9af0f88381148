"""A simulator whose punches wait on the site."""

import json
from collections.abc import Callable
from typing import Any

import frappe

from zkteco_biometric.frappe_hr.names import PENDING
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.support import DeviceTestCase


class PendingTestCase(DeviceTestCase):
	def serve(self, *rows: Any) -> None:
		"""Each page of punches carries these rows too, whatever they are; in JSON that is plain ASCII."""

		def fault(request, answer: Callable):
			response = answer(request)
			page = response.get_json(silent=True)
			page["data"] += rows
			page["count"] += len(rows)
			response.set_data(json.dumps(page))
			return response

		self.sim.faults.add(fault, path="transactions", times=None)

	def served_rows(self) -> list[dict]:
		"""Every row of the answers from now on."""
		seen: list[dict] = []
		look = faults.rows(lambda rows: (seen.extend(dict(row) for row in rows), rows)[1])
		self.sim.faults.add(look, path="transactions", times=None)
		return seen

	def the_only_one(self):
		(name,) = frappe.get_all(PENDING, pluck="name", order_by="name")
		return frappe.get_doc(PENDING, name)

	def give_code(self, code: str, employee: str) -> None:
		"""Past the hooks, so that nothing is tried again by itself; given back when the test is over."""
		before = frappe.db.get_value("Employee", employee, "attendance_device_id")
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.db.set_value, "Employee", employee, "attendance_device_id", before)
		frappe.db.set_value("Employee", employee, "attendance_device_id", code)
		frappe.db.commit()


def counted(**counters: int) -> dict[str, int]:
	"""All counters of a cycle; those that are not named are zero."""
	zeros = dict.fromkeys(("created", "duplicate", "pending", "ignored"), 0)
	return {"fetched": sum(counters.values()), **zeros, **counters}
