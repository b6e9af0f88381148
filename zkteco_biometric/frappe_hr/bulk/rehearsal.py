"""What `insert()` would store of a check-in, by the code of Frappe and HRMS, without asking the database for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import frappe
from hrms.hr import utils
from hrms.hr.doctype.employee_checkin import employee_checkin
from hrms.hr.doctype.shift_assignment import shift_assignment

from zkteco_biometric.cycle.plan import CheckIn
from zkteco_biometric.frappe_hr.bulk.naming import Names, Unnumbered
from zkteco_biometric.frappe_hr.bulk.prefetched import Prefetched
from zkteco_biometric.frappe_hr.bulk.rebound import Rebound
from zkteco_biometric.frappe_hr.bulk.shape import Shape, source_of
from zkteco_biometric.frappe_hr.check_ins import NOT_THE_ROW
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

	@property
	def employees(self) -> Mapping[str, Any]:
		"""Those of the page, as they were when it was rehearsed."""
		return self._known.employees

	def of_page(
		self,
		check_ins: Sequence[CheckIn],
		shape: Shape,
		given: Sequence[Mapping[str, Any]],
		employees: Mapping[str, Any],
	) -> list[Rehearsed]:
		"""`given`: what `insert()` would be given of each. `employees`: those that are known, by name."""
		self._known.read(check_ins, employees, shape.employee_fields)
		page = _Page(self._class, shape, self._known, self._names, _the_same(given))
		return [page.rehearse(*one) for one in zip(check_ins, given, strict=True)]


class _Page:
	"""One document serves for all rows, one after the other: making it costs more than all that is done with it."""

	def __init__(
		self, its_class: type, shape: Shape, known: Prefetched, names: Names, same: Mapping[str, Any]
	) -> None:
		self._shape = shape
		self._known = known
		self._names = names
		self._doc = its_class({"doctype": CHECK_IN, **same})
		self._doc.set("__islocal", True)
		self._doc.flags.ignore_permissions = True
		self._doc._set_defaults()
		self._doc.set_user_and_timestamp()
		names.begin_page(self._doc, shape.autoname)
		self._doc.name = None
		self._fresh = dict(vars(self._doc))
		self._fresh_row = self._whole_row()
		self._fetched = [(field, field.fieldname, source_of(field)) for field in shape.fetched]
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
			return Rehearsed(check_in, name, self._row())
		except NOT_THE_ROW:
			raise
		except Exception:  # noqa: BLE001 HRMS refuses it, or fails: `insert()` does the same again, and tells why
			return Rehearsed(check_in, name)

	def _begin(self, given: Mapping[str, Any]) -> None:
		values = vars(self._doc)
		values.clear()
		values.update(self._fresh)
		values.update((name, value) for name, value in given.items() if value is not None)

	def _row(self) -> dict[str, Any] | None:
		"""None where it would not be stored as it is."""
		values, fresh = vars(self._doc), self._fresh
		changed = [name for name in self._fresh_row if name in values and values[name] is not fresh.get(name)]
		if all(_is_stored_as_it_is(values[name], self._fresh_row[name]) for name in changed):
			row = self._fresh_row | {name: _written(values[name]) for name in changed}
		else:
			row = self._whole_row()
		return row if self._shape.is_plain(values, row, changed) else None

	def _whole_row(self) -> dict[str, Any]:
		return dict(self._doc.get_valid_dict(convert_dates_to_str=True, ignore_virtual=True))

	def _fetch(self, employee: str) -> bool:
		"""False where `insert()` would refuse the employee, or one of the documents that are fetched from it."""
		found = self._known.employees.get(employee)
		if found is None:
			return False
		values = vars(self._doc)
		for field, name, source in self._fetched:
			if field.get("fetch_if_empty") and values.get(name):
				continue
			values[name] = found[source]
			if field.fieldtype == "Link" and not self._is_there(field.options, found[source]):
				return False
		return True

	def _is_there(self, doctype: str, name: str | None) -> bool:
		"""By exactly this name: `insert()` would store it as the document has it."""
		if not name:
			return True
		if (doctype, name) not in self._links:
			self._links[doctype, name] = frappe.db.get_value(doctype, name) == name
		return self._links[doctype, name]


def _the_same(given: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
	"""What all of them have."""
	first = given[0]
	return {name: value for name, value in first.items() if all(one[name] == value for one in given)}


def _is_stored_as_it_is(value: Any, fresh: Any) -> bool:
	"""Whether `get_valid_dict` changes nothing of a value, in a field that has `fresh` at first, but that it writes down dates."""
	if type(value) is str:
		return value != "" and not isinstance(fresh, int | float)
	if type(value) is int:
		return value in (0, 1) and type(fresh) is int
	return type(value) is datetime or (value is None and fresh is None)


def _written(value: Any) -> Any:
	return str(value) if type(value) is datetime else value
