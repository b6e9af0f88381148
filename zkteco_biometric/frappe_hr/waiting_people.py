"""Whose punches wait, and whose attendance must wait for them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import frappe
from frappe.query_builder import CustomFunction
from frappe.query_builder.functions import Count, Date, Min

from zkteco_biometric.cycle.plan import Reason
from zkteco_biometric.frappe_hr.employees import employees_by_code
from zkteco_biometric.frappe_hr.names import PENDING
from zkteco_biometric.frappe_hr.pending import WAITING

_A_DAY = timedelta(days=1)
_Md5 = CustomFunction("md5", ["text"])


@dataclass(frozen=True)
class WaitingDay:
	"""Waiting punches of one person on one day, and the shifts whose attendance they may matter for."""

	employee: str
	employee_name: str
	punches: int
	first: datetime
	shifts: frozenset[str]


@dataclass(frozen=True)
class WaitingPunches:
	"""Beside those of people, how many are of a code that nobody has, and how many have no time that can be true."""

	days: tuple[WaitingDay, ...]
	nobodys: int
	untimed: int


def waiting_punches() -> WaitingPunches:
	"""All of the site, in six queries however many they are. A person is who has the code now, or had it then."""
	codes = _codes()
	owners = employees_by_code({row.emp_code for row in codes if row.emp_code})
	owned = [(row, _people(row, owners)) for row in _days_of_people(owners)]
	return WaitingPunches(
		days=tuple(_days(owned)),
		nobodys=sum(row.punches for row in codes if not _people(row, owners)),
		untimed=_untimed(),
	)


def _people(row, owners: Mapping[str, str]) -> set[str]:
	return {row.employee, owners.get(row.emp_code)} - {None, ""}


def _codes() -> list:
	table = frappe.qb.DocType(PENDING)
	return _waiting(table, _timed(table), table.employee, _Md5(table.emp_code))


def _days_of_people(owners: Collection[str]) -> list:
	"""Without those of nobody's codes, which may be far more."""
	table = frappe.qb.DocType(PENDING)
	somebodys = table.employee != ""
	if owners:
		somebodys |= table.emp_code.isin(sorted(owners))
	groups = (table.employee, _Md5(table.emp_code), Date(table.punch_time))
	return _waiting(table, _timed(table) & somebodys, *groups)


def _untimed() -> int:
	table = frappe.qb.DocType(PENDING)
	without = table.punch_time.isnull() | (table.reason == Reason.IMPOSSIBLE_TIME.value)
	return sum(row.punches for row in _waiting(table, without, table.employee))


def _timed(table):
	"""A clock that was never set must not hold attendance at the year 2000 for ever."""
	return table.punch_time.isnotnull() & (table.reason != Reason.IMPOSSIBLE_TIME.value)


def _waiting(table, which, *groups) -> list:
	"""By the code's hash where by the code: the database takes codes that differ in case alone for one."""
	return (
		frappe.qb.from_(table)
		.select(
			table.employee,
			Min(table.emp_code).as_("emp_code"),
			Min(table.punch_time).as_("first"),
			Count("*").as_("punches"),
		)
		.where(table.status == WAITING)
		.where(which)
		.groupby(*groups)
	).run(as_dict=True)


def _days(owned: Collection[tuple]) -> Iterator[WaitingDay]:
	people = {person for _, owners in owned for person in owners}
	if not people:
		return
	employees = _employees(people)
	assignments = _assignments(people)
	for row, owners in owned:
		for person in sorted(owners & employees.keys()):
			employee = employees[person]
			shifts = _shifts(employee.default_shift, assignments[person], row.first.date())
			yield WaitingDay(person, employee.employee_name, row.punches, row.first, shifts)


def _employees(people: Collection[str]) -> dict:
	rows = frappe.get_all(
		"Employee",
		filters={"name": ("in", sorted(people))},
		fields=["name", "employee_name", "default_shift"],
		order_by="name",
	)
	return {row.name: row for row in rows}


def _assignments(people: Collection[str]) -> Mapping[str, list]:
	rows = frappe.get_all(
		"Shift Assignment",
		filters={"employee": ("in", sorted(people)), "docstatus": 1, "status": "Active"},
		fields=["employee", "shift_type", "start_date", "end_date"],
		order_by="employee, start_date",
	)
	found = defaultdict(list)
	for row in rows:
		found[row.employee].append(row)
	return found


def _shifts(default: str | None, assignments: Collection, day: date) -> frozenset[str]:
	"""Every shift as which HRMS may take a punch of that day, or mark the person absent for want of it.

	Those assigned for that day or, as shifts may pass midnight, for a day beside it; and the default one as well, on
	which HRMS falls back for every time of day that no assigned shift covers.
	"""
	assigned = {
		one.shift_type
		for one in assignments
		if one.start_date - _A_DAY <= day and (not one.end_date or day <= one.end_date + _A_DAY)
	}
	return frozenset(assigned | ({default} if default else set()))
