"""What the site knows of people whom a device may have to enable or disable: newest check-ins, shifts, exemptions.

A fixed number of queries, whatever the number of people.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import frappe
from frappe.utils import cint

from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.plan import HARMLESS_LEAD
from zkteco_biometric.device_users.decision import ControlRules, Facts, Shift
from zkteco_biometric.device_users.states import IN, OUT, CheckInSeen
from zkteco_biometric.frappe_hr.device_user_records import seen
from zkteco_biometric.frappe_hr.names import BIOMETRIC_ID, CHECK_IN, SITE_SETTINGS, USER_ID
from zkteco_biometric.wording import _

_A_DAY = timedelta(days=1)
_LEFT = "Left"
_MOST_NAMES = 1000


def control_rules() -> ControlRules:
	"""Of ZKTeco Site Settings; what was never saved there is as its field's default."""
	stored = frappe.db.get_singles_dict(SITE_SETTINGS)
	default = ControlRules()

	def number(field: str, otherwise: int) -> int:
		return otherwise if stored.get(field) is None else cint(stored[field])

	return ControlRules(
		margin=timedelta(minutes=number("way_back_margin", 60)),
		hours=timedelta(hours=number("way_back_hours", 8)),
		oldest=timedelta(hours=number("oldest_disabling_punch", 12)),
		during_shift=bool(number("disable_during_shift", int(default.during_shift))),
		keep_left=bool(number("keep_left_disabled", int(default.keep_left))),
	)


@dataclass(frozen=True)
class Exemptions:
	"""Who is never disabled, by name; departments with those below them."""

	employees: frozenset[str]
	departments: frozenset[str]
	designations: frozenset[str]

	def reason(self, employee) -> str:
		"""Why this Employee is never disabled; empty where they may be."""
		if employee.name in self.employees:
			return _("Exempt by name.")
		if employee.department in self.departments:
			return _("Exempt by the department {0}.").format(employee.department)
		if employee.designation in self.designations:
			return _("Exempt by the designation {0}.").format(employee.designation)
		return ""


def exemptions() -> Exemptions:
	rows = frappe.get_all(
		"ZKTeco Device User Exemption",
		filters={"parent": SITE_SETTINGS},
		fields=["exempt_type", "exempt"],
		order_by="idx",
	)
	named = defaultdict(set)
	for row in rows:
		named[row.exempt_type].add(row.exempt)
	return Exemptions(
		frozenset(named["Employee"]),
		frozenset(_with_those_below(named["Department"])),
		frozenset(named["Designation"]),
	)


def _with_those_below(departments: Collection[str]) -> set[str]:
	found = set(departments)
	for department in departments:
		found.update(frappe.db.get_descendants("Department", department))
	return found


def employees_changed_since(since: datetime) -> tuple[set[str], datetime | None]:
	"""Whose check-ins came or changed after `since`, naive by the site's clock; and when the last of them did."""
	table = frappe.qb.DocType(CHECK_IN)
	rows = (
		frappe.qb.from_(table)
		.select(table.employee, frappe.query_builder.functions.Max(table.modified))
		.where(table.modified > since)
		.groupby(table.employee)
	).run()
	return {employee for employee, _modified in rows}, max(
		(modified for _employee, modified in rows), default=None
	)


def facts_of(
	employees: Collection[str], clocks: WallClocks, rules: ControlRules, now: datetime
) -> dict[str, Facts]:
	"""By employee; whoever is no Employee any more has no check-in and no shift, and is to be enabled. `now` is aware."""
	found: dict[str, Facts] = {}
	exempt = exemptions()
	for names in _parts(sorted(employees)):
		found |= _facts_of(names, exempt, clocks, rules, now)
	return found


def _parts(names: list[str]) -> Iterator[list[str]]:
	for begin in range(0, len(names), _MOST_NAMES):
		yield names[begin : begin + _MOST_NAMES]


def _facts_of(
	names: list[str], exempt: Exemptions, clocks: WallClocks, rules: ControlRules, now: datetime
) -> dict[str, Facts]:
	rows = {row.name: row for row in _employees(names)}
	newest = _newest_check_ins(names, clocks, now)
	out = {name: check_in for name, check_in in newest.items() if check_in.log_type == OUT}
	shifts = _shifts({name: rows[name] for name in out if name in rows}, out, clocks, rules)
	return {
		name: _facts(name, rows.get(name), exempt, newest.get(name), shifts.get(name, ())) for name in names
	}


def _facts(
	name: str, row, exempt: Exemptions, newest: CheckInSeen | None, shifts: tuple[Shift, ...]
) -> Facts:
	if row is None:
		return Facts(name)
	return Facts(
		employee=name,
		emp_code=(row[BIOMETRIC_ID] or "").strip(),
		user_id=_number(row[USER_ID]),
		newest=newest,
		exempt=exempt.reason(row),
		left=row.status == _LEFT,
		shifts=shifts,
	)


def _number(text: str | None) -> int | None:
	text = (text or "").strip()
	return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _employees(names: list[str]) -> list:
	return frappe.get_all(
		"Employee",
		filters={"name": ("in", names)},
		fields=[
			"name",
			"status",
			"department",
			"designation",
			"default_shift",
			BIOMETRIC_ID,
			USER_ID,
		],
		order_by="name",
	)


def employee_names(employees: Collection[str]) -> dict[str, str]:
	"""What people are called, by employee."""
	rows = frappe.get_all(
		"Employee",
		filters={"name": ("in", list(employees))},
		fields=["name", "employee_name"],
		order_by="name",
	)
	return {row.name: row.employee_name for row in rows}


def _newest_check_ins(names: list[str], clocks: WallClocks, now: datetime) -> dict[str, CheckInSeen]:
	"""Over all devices and of whatever origin; not what lies ahead. An IN wins over what bears the same time."""
	table = frappe.qb.DocType(CHECK_IN)
	latest = clocks.on_site(now + HARMLESS_LEAD)
	newest = (
		frappe.qb.from_(table)
		.select(table.employee, frappe.query_builder.functions.Max(table.time).as_("time"))
		.where(table.employee.isin(names))
		.where(table.time <= latest)
		.groupby(table.employee)
	)
	rows = (
		frappe.qb.from_(table)
		.join(newest)
		.on((table.employee == newest.employee) & (table.time == newest.time))
		.select(table.employee, table.name, table.time, table.log_type)
		.orderby(table.name)
	).run(as_dict=True)
	found: dict[str, CheckInSeen] = {}
	for row in sorted(rows, key=lambda row: row.log_type == IN):
		check_in = seen(row.name, row.time, row.log_type, clocks)
		if check_in:
			found[row.employee] = check_in
	return found


def _shifts(
	employees: dict, newest: dict[str, CheckInSeen], clocks: WallClocks, rules: ControlRules
) -> dict[str, tuple[Shift, ...]]:
	"""From the day before each OUT until the hours after which it disables nobody any more; two queries.

	Holidays count as working days, and where a person's day has shifts assigned those count, else the default shift: who is
	expected on a day on which they need not come is enabled too early at worst.
	"""
	if not employees:
		return {}
	spans = {
		name: (
			clocks.on_site(newest[name].time).date() - _A_DAY,
			clocks.on_site(newest[name].time + rules.hours + rules.margin).date() + _A_DAY,
		)
		for name in employees
	}
	assigned = _assigned(
		list(employees),
		min(begin for begin, _end in spans.values()),
		max(end for _begin, end in spans.values()),
	)
	times = _shift_times()
	return {
		name: tuple(
			_shift(day, *times[shift_type], clocks)
			for day in _days(*spans[name])
			for shift_type in _shift_types(assigned[name], employee.default_shift, day)
			if shift_type in times
		)
		for name, employee in employees.items()
	}


def _assigned(names: list[str], first: date, last: date) -> dict[str, list]:
	table = frappe.qb.DocType("Shift Assignment")
	rows = (
		frappe.qb.from_(table)
		.select(table.employee, table.shift_type, table.start_date, table.end_date)
		.where(table.employee.isin(names))
		.where((table.docstatus == 1) & (table.status == "Active") & (table.start_date <= last))
		.where(table.end_date.isnull() | (table.end_date >= first))
	).run(as_dict=True)
	found = defaultdict(list)
	for row in rows:
		found[row.employee].append(row)
	return found


def _shift_times() -> dict[str, tuple[timedelta, timedelta]]:
	rows = frappe.get_all("Shift Type", fields=["name", "start_time", "end_time"], order_by="name")
	return {
		row.name: (row.start_time, row.end_time) for row in rows if None not in (row.start_time, row.end_time)
	}


def _shift_types(assigned: list, default: str | None, day: date) -> list[str]:
	on_day = [
		row.shift_type
		for row in assigned
		if row.start_date <= day and (not row.end_date or day <= row.end_date)
	]
	return on_day or ([default] if default else [])


def _shift(day: date, start: timedelta, end: timedelta, clocks: WallClocks) -> Shift:
	"""One that ends no later than it begins ends on the next day."""
	midnight = datetime.combine(day, datetime.min.time())
	ends = midnight + end + (_A_DAY if end <= start else timedelta())
	return Shift(clocks.instant_on_site(midnight + start), clocks.instant_on_site(ends))


def _days(first: date, last: date) -> Iterator[date]:
	for number in range((last - first).days + 1):
		yield first + number * _A_DAY
