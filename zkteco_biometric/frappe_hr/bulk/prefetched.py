"""What HRMS's rules look up for the check-ins of a page: read beforehand, in a few queries instead of nine a row."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import frappe

from zkteco_biometric.cycle.plan import CheckIn
from zkteco_biometric.frappe_hr.bulk.assignments import Assignments
from zkteco_biometric.frappe_hr.names import CHECK_IN

_EMPLOYEE = "Employee"
LOOKED_UP = ("status", "default_shift")
"""Fields of an employee that HRMS's rules ask for."""

CHANGED = "modified"
"""By which it shows that an employee has been changed since."""

_DUPLICATE_LOOK = {"employee", "time", "name", "log_type"}


class Prefetched:
	"""What is known of a page, and, as `frappe`, what HRMS's functions are to see instead of the module of that name.

	Whatever they ask beyond what was read goes to the database, as ever.
	"""

	def __init__(self) -> None:
		self.employees: dict[str, Any] = {}
		self.assignments = Assignments()
		self.remembered: dict[tuple, Any] = {}
		self.frappe = _Frappe(self)

	def read(
		self, check_ins: Sequence[CheckIn], employees: Mapping[str, Any], fields: Collection[str]
	) -> None:
		"""What is true now of the employees of these check-ins, some of whom may be known. No two check-ins have the same employee
		and second, nor has one that is stored already: the cycle has seen to that.
		"""
		names = {check_in.employee for check_in in check_ins}
		days = [check_in.time.date() for check_in in check_ins]
		self.remembered = {}
		self.employees = {**employees, **_read_employees(names - employees.keys(), fields)}
		self.assignments.read(names, min(days), max(days))

	def remember(self, key: tuple, look: Any) -> Any:
		"""The answer to the same question is the same for the whole page."""
		if key not in self.remembered:
			self.remembered[key] = look()
		return self.remembered[key]


def unchanged(employees: Mapping[str, Any]) -> set[str]:
	"""Those of these employees who are as they were; one query."""
	if not employees:
		return set()
	now = frappe.db.sql(
		f"select name, `{CHANGED}` from `tabEmployee` where name in %(names)s", {"names": tuple(employees)}
	)
	return {name for name, changed in now if employees[name][CHANGED] == changed}


class Refused(Exception):
	"""HRMS would refuse the check-in. `insert()` says why, in its own words."""


class _Frappe:
	"""The module `frappe` as the functions see it."""

	def __init__(self, known: Prefetched) -> None:
		self._known = known
		self.db = _Database(known)

	def __getattr__(self, name: str) -> Any:
		return getattr(frappe, name)

	def throw(self, *_args: Any, **_kwargs: Any) -> None:
		raise Refused

	def get_cached_value(
		self, doctype: str, name: str, fieldname: Any = "name", as_dict: bool = False
	) -> Any:
		key = ("cached", doctype, name, str(fieldname), bool(as_dict))
		return self._known.remember(
			key, lambda: frappe.get_cached_value(doctype, name, fieldname, as_dict=as_dict)
		)

	def get_all(self, doctype: str, *args: Any, **kwargs: Any) -> Any:
		dates = self._dates(doctype, args, kwargs)
		return frappe.get_all(doctype, *args, **kwargs) if dates is None else dates

	def _dates(self, doctype: str, args: tuple, kwargs: dict) -> Any:
		is_known = (
			doctype == "Shift Assignment"
			and len(args) == 2
			and args[0] == ["start_date", "end_date"]
			and kwargs.keys() == {"as_list", "limit", "order_by"}
			and kwargs["as_list"]
		)
		return (
			self._known.assignments.dates(args[1], kwargs["limit"], kwargs["order_by"]) if is_known else None
		)


class _Database:
	"""`frappe.db` as the functions see it."""

	def __init__(self, known: Prefetched) -> None:
		self._known = known

	def __getattr__(self, name: str) -> Any:
		return getattr(frappe.db, name)

	def get_value(
		self, doctype: str, filters: Any = None, fieldname: Any = "name", *args: Any, **kwargs: Any
	) -> Any:
		is_known = doctype == _EMPLOYEE and isinstance(filters, str) and fieldname in LOOKED_UP
		if is_known and not args and kwargs.keys() <= {"cache"} and filters in self._known.employees:
			return self._known.employees[filters][fieldname]
		return frappe.db.get_value(doctype, filters, fieldname, *args, **kwargs)

	def get_single_value(self, doctype: str, fieldname: str, *args: Any, **kwargs: Any) -> Any:
		key = ("single", doctype, fieldname, args, tuple(sorted(kwargs.items())))
		return self._known.remember(
			key, lambda: frappe.db.get_single_value(doctype, fieldname, *args, **kwargs)
		)

	def exists(self, dt: Any, dn: Any = None, *args: Any, **kwargs: Any) -> Any:
		"""HRMS's look for a check-in of the same second: there is none, see `Prefetched.read`."""
		if (
			dt == CHECK_IN
			and isinstance(dn, dict)
			and dn.keys() == _DUPLICATE_LOOK
			and not args
			and not kwargs
		):
			return None
		return frappe.db.exists(dt, dn, *args, **kwargs)


def _read_employees(names: Collection[str], fields: Collection[str]) -> dict[str, Any]:
	if not names:
		return {}
	rows = frappe.get_all(
		_EMPLOYEE,
		filters={"name": ("in", sorted(names))},
		fields=list(dict.fromkeys(["name", *LOOKED_UP, CHANGED, *fields])),
		order_by="name",
	)
	return {row.name: row for row in rows}
