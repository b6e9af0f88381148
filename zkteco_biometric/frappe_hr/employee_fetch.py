"""Fetch Check-ins: imports of a date range for the people whom somebody has chosen."""

from dataclasses import dataclass

import frappe
from frappe import _

from zkteco_biometric.cycle.import_range import MOST_CODES
from zkteco_biometric.frappe_hr.import_request import understood
from zkteco_biometric.frappe_hr.names import BIOMETRIC_ID, SETTINGS
from zkteco_biometric.importing import start_import


@dataclass(frozen=True)
class Chosen:
	"""`codes` of those who have one; `skipped` are the names of those who have none."""

	codes: tuple[str, ...]
	skipped: tuple[str, ...]


def chosen(employees: str | list) -> Chosen:
	"""Of the employees that the user may see, however Desk sends them. Throws where nobody of them has a Biometric ID."""
	rows = frappe.get_list(
		"Employee",
		filters={"name": ("in", _names(employees))},
		fields=["name", "employee_name", BIOMETRIC_ID],
		order_by="name",
		limit_page_length=0,
	)
	codes = [(row[BIOMETRIC_ID] or "").strip() for row in rows]
	skipped = [row.employee_name or row.name for row, code in zip(rows, codes, strict=True) if not code]
	people = Chosen(tuple(filter(None, codes)), tuple(skipped))
	if not people.codes:
		frappe.throw(
			_("None of them has a Biometric ID. Enter it on the employee's page, as it is on the device."),
			title=_("Fetch Check-ins"),
		)
	return people


def start_imports(people: Chosen, from_time: str, to_time: str, device: str | None) -> dict[str, str]:
	"""The log of an import by device; all are enqueued once the transaction is committed, or none where one is refused."""
	requests = [understood(name, from_time, to_time, people.codes) for name in _devices(device)]
	return {request.device: start_import(request.device, request.wanted) for request in requests}


def _devices(device: str | None) -> list[str]:
	if device:
		return [device]
	enabled = frappe.get_list(SETTINGS, filters={"enable": 1}, pluck="name", order_by="name")
	devices = [name for name in enabled if frappe.has_permission(SETTINGS, "write", doc=name)]
	if not devices:
		frappe.throw(_("There is no enabled device. Add one, or tick Enabled on the device's page and save."))
	return devices


def _names(employees: str | list) -> list[str]:
	names = employees
	if isinstance(employees, str):
		names = frappe.parse_json(employees) if employees.startswith("[") else [employees]
	if not all(name and isinstance(name, str) for name in names) or not 0 < len(names) <= MOST_CODES:
		frappe.throw(
			_(
				"Choose between 1 and {0} employees. For everybody, choose Import a Date Range on the device's page."
			).format(MOST_CODES),
			title=_("Fetch Check-ins"),
		)
	return list(names)
