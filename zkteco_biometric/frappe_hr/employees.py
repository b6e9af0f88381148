"""Who a code belongs to."""

from collections.abc import Collection

import frappe

from zkteco_biometric.frappe_hr.names import BIOMETRIC_ID


def employees_by_code(codes: Collection[str]) -> dict[str, str]:
	"""Biometric ID to employee for those of `codes` that somebody has; one query.

	The database compares without regard to case and accents, so what it finds is compared again, as text.
	"""
	if not codes:
		return {}
	rows = frappe.get_all(
		"Employee",
		filters={BIOMETRIC_ID: ("in", list(codes))},
		fields=["name", BIOMETRIC_ID],
		order_by="name",
	)
	return {row[BIOMETRIC_ID].strip(): row.name for row in rows if row[BIOMETRIC_ID].strip() in codes}
