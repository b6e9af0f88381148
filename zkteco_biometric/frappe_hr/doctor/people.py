"""Biometric IDs, by which punches find their employee, and the punches that have found none."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import frappe
from frappe.query_builder.functions import Count

from zkteco_biometric.cycle.plan import Reason
from zkteco_biometric.frappe_hr.doctor.finding import Area, Finding, named
from zkteco_biometric.frappe_hr.left_behind import BY_HAND, people_left_behind
from zkteco_biometric.frappe_hr.names import BIOMETRIC_ID, PENDING, SETTINGS
from zkteco_biometric.frappe_hr.pending import WAITING
from zkteco_biometric.frappe_hr.unknown_codes import unknown_codes

_PEOPLE, _WAITING = Area("Employees"), Area("Punches that wait")


def check_biometric_ids() -> Iterator[Finding]:
	rows = frappe.get_all(
		"Employee",
		filters={"status": "Active"},
		fields=["name", f"{BIOMETRIC_ID} as code"],
		order_by="name",
	)
	yield from about_codes({row.name: row.code or "" for row in rows})


def about_codes(codes: Mapping[str, str]) -> Iterator[Finding]:
	"""Of active employees, by name; empty where somebody has none."""
	with_code = {employee: code for employee, code in codes.items() if code.strip()}
	without = sorted(codes.keys() - with_code.keys())
	if not with_code:
		yield _PEOPLE.failure(
			"No active employee has a Biometric ID: no punch can become a check-in.",
			"Enter on each Employee the Biometric ID (Attendance Device ID) that the BioTime server shows as the person's code.",
		)
		return
	yield _PEOPLE.good(f"{len(with_code)} active employees have a Biometric ID.")
	if without:
		yield _PEOPLE.warning(
			f"{len(without)} active employees have none: {named(without)}.",
			"Enter it on their Employee, if they punch.",
		)
	yield from _about_blanks(with_code)
	yield from _about_duplicates(with_code)


def _about_blanks(codes: Mapping[str, str]) -> Iterator[Finding]:
	blank = sorted(employee for employee, code in codes.items() if code != code.strip())
	if blank:
		yield _PEOPLE.failure(
			f"Biometric IDs begin or end with a blank: {named(blank)}.",
			"Enter them anew without blanks: punches of these people wait.",
		)


def _about_duplicates(codes: Mapping[str, str]) -> Iterator[Finding]:
	for code, employees in sorted(shared(codes.items()).items()):
		yield _PEOPLE.failure(
			f"Several active employees have the Biometric ID {code}: {named(employees)}.",
			"Leave it with one of them: their punches come to whoever is found last.",
		)


def shared(codes: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
	"""Codes that more than one employee has, blanks apart."""
	owners = defaultdict(list)
	for employee, code in codes:
		owners[code.strip()].append(employee)
	return {code: sorted(some) for code, some in owners.items() if len(some) > 1}


def check_unknown_codes() -> Iterator[Finding]:
	found = unknown_codes()
	if found:
		punches = sum(one.punches for one in found)
		yield _WAITING.warning(
			f"{punches} punches are of {len(found)} codes that are nobody's Biometric ID: {named([one.code for one in found])}.",
			"Open the report ZKTeco Unknown Codes and link them to employees.",
		)


def check_waiting() -> Iterator[Finding]:
	table = frappe.qb.DocType(PENDING)
	rows = (
		frappe.qb.from_(table)
		.select(table.reason, Count("*").as_("punches"))
		.where((table.status == WAITING) & (table.reason != Reason.UNKNOWN_EMPLOYEE.value))
		.groupby(table.reason)
		.orderby(table.reason)
	).run(as_dict=True)
	for row in rows:
		yield _WAITING.warning(
			f"{row.punches} punches wait for another reason: {row.reason}.",
			"Open the list of ZKTeco Pending Punch: each says what is in its way. Then Retry, or zkteco-retry.",
		)


def check_left_behind() -> Iterator[Finding]:
	rows = people_left_behind(frappe.get_all(SETTINGS, pluck="name", order_by="name"))
	if rows:
		people = named([f"{row.employee_name or row.employee} on {row.device}" for row in rows])
		yield _PEOPLE.failure(f"People are disabled on devices that are deleted here: {people}.", BY_HAND)


CHECKS = (check_biometric_ids, check_left_behind, check_unknown_codes, check_waiting)
