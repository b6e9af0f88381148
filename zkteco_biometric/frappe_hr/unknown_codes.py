"""Codes of waiting punches that are no employee's Biometric ID, and whose they may be."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import frappe
from frappe.query_builder import CustomFunction
from frappe.query_builder.functions import Count, Max, Min

from zkteco_biometric.cycle.names_alike import Names
from zkteco_biometric.cycle.plan import Reason
from zkteco_biometric.frappe_hr.employees import employees_by_code
from zkteco_biometric.frappe_hr.names import BIOMETRIC_ID, PENDING, SETTINGS
from zkteco_biometric.frappe_hr.pending import WAITING

_MOST = 1000
_MOST_SUGGESTED = 100
"""Comparing every name with every other takes a tenth of a second a code at ten thousand employees."""
_Md5 = CustomFunction("md5", ["text"])


@dataclass
class UnknownCode:
	"""Times are the site's wall clock, None where the database cannot express them."""

	code: str
	person_name: str
	devices: list[str]
	punches: int
	first: datetime | None
	last: datetime | None
	suggestions: list[tuple[str, str]] = field(default_factory=list)
	"""Employees by id and name, the most alike first."""


def unknown_codes(device: str | None = None) -> list[UnknownCode]:
	"""Those with most punches first, a thousand at most: of the devices and employees that the user may see."""
	devices = frappe.get_list(SETTINGS, pluck="name", order_by="name", limit_page_length=0)
	rows = _by_code_and_device([one for one in devices if device in (None, "", one)])
	owners = employees_by_code({row.code for row in rows})
	codes = _together([row for row in rows if row.code not in owners])
	found = sorted(codes, key=lambda one: (-one.punches, one.code))[:_MOST]
	if any(one.person_name for one in found):
		_suggest(found[:_MOST_SUGGESTED], _employees_without_a_code())
	return found


def _by_code_and_device(devices: Sequence[str]) -> list:
	"""By the code's hash, since the database takes codes that differ in case alone for one."""
	if not devices:
		return []
	table = frappe.qb.DocType(PENDING)
	return (
		frappe.qb.from_(table)
		.select(
			table.device,
			Min(table.emp_code).as_("code"),
			Max(table.person_name).as_("person_name"),
			Count("*").as_("punches"),
			Min(table.punch_time).as_("first"),
			Max(table.punch_time).as_("last"),
		)
		.where(table.status == WAITING)
		.where(table.reason == Reason.UNKNOWN_EMPLOYEE.value)
		.where(table.device.isin(devices))
		.groupby(table.device, _Md5(table.emp_code))
		.orderby(table.device)
	).run(as_dict=True)


def _together(rows: Sequence) -> list[UnknownCode]:
	of_code = defaultdict(list)
	for row in rows:
		of_code[row.code].append(row)
	return [
		UnknownCode(
			code=code,
			person_name=next((row.person_name for row in some if row.person_name), ""),
			devices=[row.device for row in some],
			punches=sum(row.punches for row in some),
			first=min((row.first for row in some if row.first), default=None),
			last=max((row.last for row in some if row.last), default=None),
		)
		for code, some in of_code.items()
	]


def _suggest(codes: Sequence[UnknownCode], employees: Mapping[str, str]) -> None:
	names = Names(employees)
	for one in codes:
		one.suggestions = [(employee, employees[employee]) for employee, _ in names.like(one.person_name)]


def _employees_without_a_code() -> dict[str, str]:
	if not frappe.has_permission("Employee", "read"):
		return {}
	rows = frappe.get_list(
		"Employee",
		filters={"status": "Active", BIOMETRIC_ID: ("is", "not set")},
		fields=["name", "employee_name"],
		order_by="name",
		limit_page_length=0,
	)
	return {row.name: row.employee_name or "" for row in rows}
