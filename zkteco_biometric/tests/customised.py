"""Employee Checkin as a site may have changed it: fields, properties and names of its own, for as long as a test needs."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields
from frappe.custom.doctype.property_setter.property_setter import make_property_setter

from zkteco_biometric.frappe_hr.names import CHECK_IN

PREFIX = "zkteco_test_"

HARMLESS_FIELDS: tuple[dict[str, Any], ...] = (
	{"fieldname": "text", "fieldtype": "Data", "default": "100% 'static' {0}"},
	{"fieldname": "check", "fieldtype": "Check", "default": "1"},
	{"fieldname": "choice", "fieldtype": "Select", "options": "First\nSecond"},
	{"fieldname": "whole", "fieldtype": "Int", "default": "7"},
	{"fieldname": "number", "fieldtype": "Float"},
	{"fieldname": "money", "fieldtype": "Currency", "default": "1.5"},
	{"fieldname": "today", "fieldtype": "Date", "default": "Today"},
	{"fieldname": "user", "fieldtype": "Link", "options": "User", "default": "__user"},
	{"fieldname": "status", "fieldtype": "Data", "fetch_from": "employee.status"},
	{"fieldname": "code", "fieldtype": "Small Text", "fetch_from": "employee.attendance_device_id"},
	{"fieldname": "firm", "fieldtype": "Link", "options": "Company", "fetch_from": "employee.company"},
	{
		"fieldname": "kept",
		"fieldtype": "Data",
		"fetch_from": "employee.employee_name",
		"fetch_if_empty": 1,
		"default": "kept",
	},
	{"fieldname": "birthday", "fieldtype": "Date", "fetch_from": "employee.date_of_birth"},
	{
		"fieldname": "left",
		"fieldtype": "Date",
		"fetch_from": "employee.relieving_date",
		"default": "2020-01-01",
	},
)


@contextmanager
def custom_fields(fields: Sequence[Mapping[str, Any]], prefix: str = PREFIX) -> Iterator[None]:
	"""Fields of Employee Checkin whose names begin with the prefix; their columns go again with them."""
	wanted = [{**field, "fieldname": prefix + field["fieldname"]} for field in fields]
	names = [field["fieldname"] for field in wanted]
	delete_fields(names)
	create_custom_fields({CHECK_IN: [{**field, "label": field["fieldname"]} for field in wanted]})
	_renewed()
	try:
		yield
	finally:
		delete_fields(names)


@contextmanager
def property_set(field: str | None, name: str, value: str, kind: str = "Data") -> Iterator[None]:
	"""As Customize Form does; of the doctype itself where no field is named."""
	setter = make_property_setter(
		CHECK_IN, field, name, value, kind, for_doctype=not field, validate_fields_for_doctype=False
	)
	_renewed()
	try:
		yield
	finally:
		frappe.delete_doc("Property Setter", setter.name, force=True)
		_renewed()


@contextmanager
def stored(doctype: str, **values: Any) -> Iterator[Any]:
	"""A document of the site's own, and the same document gone."""
	doc = frappe.get_doc({"doctype": doctype, **values}).insert()
	_renewed()
	try:
		yield doc
	finally:
		frappe.delete_doc(doctype, doc.name, force=True)
		_renewed()


@contextmanager
def single(doctype: str, field: str, value: object) -> Iterator[None]:
	"""A setting that is another meanwhile."""
	before = frappe.db.get_single_value(doctype, field, cache=False)
	_set_single(doctype, field, value)
	try:
		yield
	finally:
		_set_single(doctype, field, before)


@contextmanager
def trigger(body: str) -> Iterator[None]:
	"""What the database does before it stores a check-in."""
	frappe.db.sql_ddl(
		f"create trigger zkteco_test before insert on `tab{CHECK_IN}` for each row begin {body}; end"
	)
	try:
		yield
	finally:
		frappe.db.sql_ddl("drop trigger zkteco_test")


def _set_single(doctype: str, field: str, value: object) -> None:
	frappe.db.set_single_value(doctype, field, value)
	frappe.clear_document_cache(doctype, doctype)
	frappe.db.value_cache.clear()
	frappe.db.commit()


def delete_fields(names: Sequence[str]) -> None:
	"""Custom fields of Employee Checkin, with their columns."""
	filters = {"dt": CHECK_IN, "fieldname": ("in", names)}
	for field in frappe.get_all("Custom Field", filters=filters, pluck="name", order_by="name"):
		frappe.delete_doc("Custom Field", field, force=True)
	frappe.db.commit()
	drops = ", ".join(f"drop column if exists `{name}`" for name in names)
	frappe.db.sql_ddl(f"alter table `tab{CHECK_IN}` {drops}")
	_renewed()


def _renewed() -> None:
	"""What this process has read of the doctype; other processes have read nothing of it."""
	frappe.clear_cache(doctype=CHECK_IN)
	frappe.cache.hdel("table_columns", f"tab{CHECK_IN}")
	frappe.local.new_doc_templates = {}
	frappe.db.commit()
	frappe.cache.delete_value("webhooks")  # Frappe forgets them when one is saved, not when it is deleted
