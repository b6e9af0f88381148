"""What Desk asks about employees and their check-ins. Each checks permission first; what changes anything is POST only."""

import frappe

from zkteco_biometric.frappe_hr.employee_facts import facts_of, origin_of
from zkteco_biometric.frappe_hr.employee_fetch import chosen, start_imports
from zkteco_biometric.frappe_hr.names import CHECK_IN, SETTINGS
from zkteco_biometric.frappe_hr.workers import worker_is_running


@frappe.whitelist(methods=["GET"])
def facts(employee: str) -> dict:
	"""What the devices know of this employee; see `facts_of`."""
	frappe.has_permission(SETTINGS, "read", throw=True)
	frappe.has_permission("Employee", "read", doc=employee, throw=True)
	return facts_of(employee)


@frappe.whitelist(methods=["GET"])
def origin(check_in: str) -> dict:
	"""Where this check-in came from; see `origin_of`."""
	frappe.has_permission(SETTINGS, "read", throw=True)
	frappe.has_permission(CHECK_IN, "read", doc=check_in, throw=True)
	return origin_of(check_in)


@frappe.whitelist(methods=["POST"])
def fetch(employees: str | list, from_time: str, to_time: str, device: str | None = None) -> dict:
	"""Enqueues an import of these employees' punches from that device, or from each enabled one that the user may change.

	`{"logs": [name], "devices": [name], "people": int, "skipped": [employee's name], "worker": bool}`: the imports' logs in the
	order of their devices, for how many people, who has no Biometric ID, and whether anybody is working.
	"""
	frappe.has_permission(SETTINGS, "write", doc=device, throw=True)
	people = chosen(employees)
	logs = start_imports(people, from_time, to_time, device)
	return {
		"logs": list(logs.values()),
		"devices": list(logs),
		"people": len(people.codes),
		"skipped": list(people.skipped),
		"worker": worker_is_running(),
	}
