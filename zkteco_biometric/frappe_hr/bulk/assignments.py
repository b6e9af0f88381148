"""The Shift Assignments of a page's employees, read by one query or two, for HRMS's rules to look them up."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import islice

import frappe
from hrms.hr.doctype.shift_assignment import shift_assignment

from zkteco_biometric.frappe_hr.bulk.known_source import fingerprint

_MANY = 10_000
"""Where a page's employees have more, as with rosters by the day, only those around its punches are read at first."""

_AROUND = timedelta(days=7)
_A_DAY = timedelta(days=1)
_KNOWN_SOURCE = "a3ef6de919facdca819b5f6dc6c2016685d33a48"
"""`get_shifts_for_date` of HRMS, from 14.27 on. Where it is another one, it asks the database itself, once a look-up."""


class Assignments:
	"""Submitted and active ones. `of` those employees whom it was told of; others are asked for one by one."""

	def __init__(self) -> None:
		self._rows: dict[str, list] = {}
		self._near: dict[str, list] = {}
		self._first = self._last = date.min
		self._there_are_many = False

	@property
	def stand_ins(self) -> dict[int, object]:
		"""What HRMS's functions are to see instead of what asks the database."""
		original = getattr(shift_assignment, "get_shifts_for_date", None)
		is_known = original is not None and fingerprint(original) == _KNOWN_SOURCE
		return {id(original): self.for_date} if is_known else {}

	def read(self, employees: Collection[str], first: date, last: date) -> None:
		"""What is true now. `first` and `last`: the days of the punches."""
		self._rows, self._near = {}, {}
		self._first, self._last = first - _AROUND, last + _AROUND
		if not self._there_are_many:
			found = _read(employees, most=_MANY + 1)
			self._there_are_many = len(found) > _MANY
			if not self._there_are_many:
				self._rows = _by_employee(found, employees)
				return
		self._near = _by_employee(_read(employees, self._first, self._last), employees)

	def for_date(self, employee: str, for_timestamp: datetime) -> list:
		"""As HRMS's `get_shifts_for_date`: those of that day, the day before and the day after, in the order of their names."""
		day = for_timestamp.date()
		before, after = day - _A_DAY, day + _A_DAY
		return [
			row
			for row in self._of(employee, before, after)
			if row.start_date <= after and (row.end_date is None or before <= row.end_date)
		]

	def dates(self, filters: dict, limit: int, order_by: str) -> Iterable[tuple] | None:
		"""As HRMS's `get_prev_or_next_shift` asks for them; None where it asks for something else."""
		wanted = dict(filters)
		employee, start = wanted.pop("employee", None), wanted.pop("start_date", None)
		if wanted != {"docstatus": 1, "status": "Active"} or not isinstance(start, tuple | list):
			return None
		direction, day = start
		if (direction, order_by) not in ((">", "start_date asc"), ("<", "start_date desc")):
			return None
		return islice(self._later(employee, day) if direction == ">" else self._earlier(employee, day), limit)

	def _later(self, employee: str, day: date) -> Iterator[tuple]:
		"""Those that begin after the day, one by one: HRMS mostly needs no more than the first."""
		near = self._near.get(employee)
		if near is not None and self._first <= day:
			yield from _dates(row for row in near if row.start_date > day)
			day = max(day, self._last)
		yield from _dates(row for row in self._all(employee) if row.start_date > day)

	def _earlier(self, employee: str, day: date) -> Iterator[tuple]:
		near = self._near.get(employee)
		if near is not None and day <= self._last:
			yield from _dates((row for row in near if self._first <= row.start_date < day), newest_first=True)
			day = min(day, self._first)
		yield from _dates((row for row in self._all(employee) if row.start_date < day), newest_first=True)

	def _of(self, employee: str, first: date, last: date) -> list:
		near = self._near.get(employee)
		is_near = near is not None and self._first <= first and last <= self._last
		return near if near is not None and is_near else self._all(employee)

	def _all(self, employee: str) -> list:
		"""Where there are many, of one employee at a time."""
		if employee not in self._rows:
			kept = {} if self._there_are_many else self._rows
			self._rows = {**kept, employee: _read([employee])}
		return self._rows[employee]


def _dates(rows: Iterable, *, newest_first: bool = False) -> list[tuple]:
	by_start = sorted(rows, key=lambda row: row.start_date, reverse=newest_first)
	return [(row.start_date, row.end_date) for row in by_start]


def _by_employee(rows: Sequence, employees: Collection[str]) -> dict[str, list]:
	found: dict[str, list] = defaultdict(list)
	for row in rows:
		found[row.employee].append(row)
	return {employee: found[employee] for employee in employees}


def _read(
	employees: Collection[str], first: date | None = None, last: date | None = None, most: int = 0
) -> list:
	"""A plain statement: Frappe's builders look at each of hundreds of names."""
	around = "and start_date <= %(last)s and (end_date is null or end_date >= %(first)s)" if first else ""
	limit = f"limit {most:d}" if most else ""
	return frappe.db.sql(
		f"""select employee, name, shift_type, start_date, end_date from `tabShift Assignment`
			where employee in %(employees)s and docstatus = 1 and status = 'Active' {around} order by name {limit}""",
		{"employees": tuple(employees), "first": first, "last": last},
		as_dict=True,
	)
