"""Who a code belongs to."""

from collections.abc import Collection, Iterable

import frappe

from zkteco_biometric.frappe_hr.names import BIOMETRIC_ID


def employees_by_code(codes: Collection[str]) -> dict[str, str]:
	"""Biometric ID to employee for those of `codes` that somebody has; one query."""
	return owners(codes, read_employees(codes))


def read_employees(codes: Collection[str], fields: Iterable[str] = ()) -> list[frappe._dict]:
	"""Employees whom the database finds by these codes, with `name`, Biometric ID and those fields; one query.

	It compares without regard to case and accents: see `owners`.
	"""
	if not codes:
		return []
	columns = ", ".join(f"`{field}`" for field in dict.fromkeys(["name", BIOMETRIC_ID, *fields]))
	# As a plain statement: Frappe's builders look at each of hundreds of codes.
	return frappe.db.sql(
		f"select {columns} from `tabEmployee` where `{BIOMETRIC_ID}` in %(codes)s order by name",
		{"codes": tuple(codes)},
		as_dict=True,
	)


def owners(codes: Collection[str], rows: Iterable[frappe._dict]) -> dict[str, str]:
	"""Biometric ID to employee, compared as text."""
	return {row[BIOMETRIC_ID].strip(): row.name for row in rows if row[BIOMETRIC_ID].strip() in codes}
