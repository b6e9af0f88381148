"""What Employee Checkin looks like on this site: which of its fields can be filled for a page at once, and by which rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import frappe
from frappe.model import no_value_fields
from frappe.utils import cint, cstr

from zkteco_biometric.frappe_hr.names import CHECK_IN, KEY_FIELD
from zkteco_biometric.wording import Wording, _

_PLAIN = {
	"Check",
	"Currency",
	"Data",
	"Date",
	"Datetime",
	"Duration",
	"Float",
	"Geolocation",
	"Int",
	"Link",
	"Long Text",
	"Percent",
	"Read Only",
	"Select",
	"Small Text",
	"Text",
}
"""What `insert()` stores as it is, or by a rule that is the same for every row of a page."""

_OF_EMPLOYEE = "employee."
_NOT_FETCHED = {"Duration", "Geolocation", "Percent", "Select"}
_PLAIN_NAMING = ("naming_series:", "format:", "hash")
_TIME = "time"


@dataclass(frozen=True)
class Shape:
	"""`fetched`: fields that are filled from the employee. `lengths`: how long a text may be, by field."""

	autoname: str
	fetched: tuple[Any, ...]
	mandatory: tuple[str, ...]
	lengths: dict[str, int]
	log_types: frozenset[str]

	@property
	def employee_fields(self) -> list[str]:
		return [source_of(field) for field in self.fetched]

	def is_plain(self, values: Mapping[str, Any], row: Mapping[str, Any], columns: Iterable[str]) -> bool:
		"""Whether `insert()` would store the row as it is: nothing is missing, nor in those columns too long, or like HTML.

		`values`: of the document, where a number that is missing is not nought yet.
		"""
		return (
			all(cstr(values.get(name)).strip() for name in self.mandatory)
			and row["log_type"] in self.log_types
			and all(_fits(row[name], self.lengths.get(name)) for name in columns)
		)


def shape_of_check_ins() -> Shape:
	meta = frappe.get_meta(CHECK_IN)
	fields = [field for field in meta.fields if field.fieldtype not in no_value_fields]
	return Shape(
		autoname=meta.autoname or "hash",
		fetched=tuple(field for field in fields if field.fetch_from and not _is_fetched_otherwise(field)),
		mandatory=tuple(field.fieldname for field in fields if field.reqd),
		lengths={field.fieldname: _longest(field) for field in fields if _is_varchar(field)},
		log_types=frozenset((meta.get_field("log_type").options or "").split("\n")),
	)


def what_only_insert_can_fill() -> Wording | None:
	"""Why no page of this site's Employee Checkins can be written at once; None where it can."""
	meta = frappe.get_meta(CHECK_IN)
	for field in meta.fields:
		if field.fieldtype not in no_value_fields and _is_special(field):
			return _("the field {0} of Employee Checkin is filled or checked one by one").format(
				_(field.label or field.fieldname)
			)
	autoname = (meta.autoname or "hash").lower()
	if "#" not in autoname and not autoname.startswith(_PLAIN_NAMING):
		return _("Employee Checkins are named by {0}").format(meta.autoname)
	if meta.is_submittable or meta.title_field == "title" or meta.get_global_search_fields():
		return _("Employee Checkins are customized")
	return None


def _is_special(field: Any) -> bool:
	return bool(
		field.fieldtype not in _PLAIN
		or field.get("is_virtual")
		or field.fieldname == "amended_from"
		or (field.unique and field.fieldname != KEY_FIELD)
		or (field.fieldtype == "Data" and field.options)
		or _default_depends_on_the_row(field)
		or (field.fetch_from and _is_fetched_otherwise(field))
	)


def _default_depends_on_the_row(field: Any) -> bool:
	default = str(field.default or "")
	return default.startswith(":") or (default.lower() == "now" and field.fieldname != _TIME)


def _is_fetched_otherwise(field: Any) -> bool:
	"""Than with the employee's own columns, as they are there."""
	if not field.fetch_from.startswith(_OF_EMPLOYEE) or field.fieldtype in _NOT_FETCHED or field.non_negative:
		return True
	of_employee = frappe.get_meta("Employee")
	source = of_employee.get_field(source_of(field))
	if not source or source.fieldname not in of_employee.get_valid_columns():
		return True
	is_text = _is_varchar(field) and source.fieldtype != "Text Editor"
	return not is_text and source.fieldtype != field.fieldtype


def source_of(field: Any) -> str:
	return field.fetch_from.split(".")[-1]


def _is_varchar(field: Any) -> bool:
	return frappe.db.type_map.get(field.fieldtype, ("", ""))[0] in ("varchar", "text", "longtext")


def _longest(field: Any) -> int:
	"""Texts without a limit of their own are held to one all the same: a longer one goes through `insert()`."""
	return cint(field.get("length")) or cint(frappe.db.VARCHAR_LEN)


def _fits(value: Any, longest: int | None) -> bool:
	return (
		longest is None
		or not isinstance(value, str)
		or (len(value) <= longest and "<" not in value and ">" not in value)
	)
