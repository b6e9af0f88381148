"""What `insert()` would store of a check-in, by the code of Frappe and HRMS, without asking the database for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import frappe
from hrms.hr import utils
from hrms.hr.doctype.employee_checkin import employee_checkin
from hrms.hr.doctype.shift_assignment import shift_assignment

from zkteco_biometric.cycle.plan import CheckIn
from zkteco_biometric.frappe_hr.bulk.naming import Names, Unnumbered
from zkteco_biometric.frappe_hr.bulk.prefetched import Prefetched
from zkteco_biometric.frappe_hr.bulk.rebound import Rebound
from zkteco_biometric.frappe_hr.bulk.shape import Shape
from zkteco_biometric.frappe_hr.names import CHECK_IN


@dataclass(frozen=True)
class Rehearsed:
	"""`row`: column to value, as it would be stored, but for the number in its name and for when it is created; None where
	only `insert()` can tell, or would refuse. `name`: None where that would be refused before it has a name.
	"""

	check_in: CheckIn
	name: Unnumbered | None = None
	row: dict[str, Any] | None = None


class Rehearsal:
	"""HRMS's own class with its own methods, over what is prefetched for a page."""

	def __init__(self) -> None:
		self._known = Prefetched()
		instead = {id(frappe): self._known.frappe, **self._known.assignments.stand_ins}
		rebound = Rebound([employee_checkin, shift_assignment, utils], instead)
		self._class = rebound.of(employee_checkin, "EmployeeCheckin")
		self._names = Names()

	def of_page(
		self, check_ins: Sequence[CheckIn], shape: Shape, values: Sequence[Mapping[str, Any]]
	) -> list[Rehearsed]:
		"""`values`: of each check-in, what is given to `insert()`."""
		self._known.read(check_ins, shape.employee_fields)
		page = _Page(self._class, shape, self._known, self._names)
		return [page.rehearse(check_in, given) for check_in, given in zip(check_ins, values, strict=True)]


class _Page:
	"""One document serves for all rows, one after the other: making it costs more than all that is done with it."""

	def __init__(self, its_class: type, shape: Shape, known: Prefetched, names: Names) -> None:
		self._shape = shape
		self._known = known
		self._names = names
		self._doc = its_class({"doctype": CHECK_IN})
		self._doc.set("__islocal", True)
		self._doc.flags.ignore_permissions = True
		self._doc._set_defaults()
		self._doc.set_user_and_timestamp()
		names.begin_page(self._doc, shape.autoname)
		self._doc.name = None
		self._fresh = dict(vars(self._doc))
		self._links: dict[tuple[str, str], bool] = {}

	def rehearse(self, check_in: CheckIn, given: Mapping[str, Any]) -> Rehearsed:
		name = None
		try:
			self._begin(given)
			if not self._fetch(check_in.employee):
				return Rehearsed(check_in)
			name = self._names.of(self._doc, self._shape.autoname)
			self._doc.before_validate()
			self._doc.validate()
			row = self._doc.get_valid_dict(convert_dates_to_str=True, ignore_virtual=True)
		except Exception:  # noqa: BLE001 HRMS refuses it, or fails: `insert()` does the same again, and tells why
			return Rehearsed(check_in, name)
		return Rehearsed(check_in, name, row if self._shape.is_plain(row) else None)

	def _begin(self, given: Mapping[str, Any]) -> None:
		values = vars(self._doc)
		values.clear()
		values.update(self._fresh)
		values.update((name, value) for name, value in given.items() if value is not None)

	def _fetch(self, employee: str) -> bool:
		"""False where `insert()` would refuse the employee, or one of the documents that are fetched from it."""
		found = self._known.employees.get(employee)
		if found is None:
			return False
		for field in self._shape.fetched:
			if field.get("fetch_if_empty") and self._doc.get(field.fieldname):
				continue
			self._doc.set_fetch_from_value("Employee", field, found)
			if field.fieldtype == "Link" and not self._is_there(
				field.options, self._doc.get(field.fieldname)
			):
				return False
		return True

	def _is_there(self, doctype: str, name: str | None) -> bool:
		"""By exactly this name: `insert()` would store it as the document has it."""
		if not name:
			return True
		if (doctype, name) not in self._links:
			self._links[doctype, name] = frappe.db.get_value(doctype, name) == name
		return self._links[doctype, name]
