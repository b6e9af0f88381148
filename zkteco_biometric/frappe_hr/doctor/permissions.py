"""Who may see and do what HR needs to."""

from collections.abc import Iterator

import frappe
from frappe.utils.user import get_users_with_role

from zkteco_biometric.frappe_hr.doctor.finding import Area, Finding, named

_PERMISSIONS = Area("Permissions")
_MODULE = "ZKTeco Biometric"
_ACTS, _READS = "HR Manager", "HR User"


def check_roles() -> Iterator[Finding]:
	if _somebody_has(_ACTS):
		yield _PERMISSIONS.good(f"Somebody has the role {_ACTS}.")
	else:
		yield _PERMISSIONS.warning(
			f"Nobody has the role {_ACTS}: only System Managers can act on what waits, and are told of it.",
			f"Give somebody of HR the role {_ACTS}; {_READS} is for those who only look.",
		)


def _somebody_has(role: str) -> bool:
	"""Frappe counts the Administrator as well, who is nobody."""
	users = [user for user in get_users_with_role(role) if user != "Administrator"]
	return bool(frappe.db.exists("User", {"name": ("in", users), "enabled": 1})) if users else False


def check_custom_permissions() -> Iterator[Finding]:
	"""As soon as somebody changes one permission of a doctype, its standard ones no longer count."""
	taken = [
		f"{role} cannot {what} {doctype}"
		for doctype in _doctypes()
		for role, what in _standard(doctype) - _granted(doctype)
	]
	if taken:
		yield _PERMISSIONS.warning(
			f"Customised permissions have taken something away: {named(sorted(taken))}.",
			"If that is not meant: Role Permissions Manager, choose the doctype, Restore Original Permissions.",
		)
	else:
		yield _PERMISSIONS.good("The roles may do what they are meant to.")


def _doctypes() -> list[str]:
	return frappe.get_all("DocType", filters={"module": _MODULE, "istable": 0}, pluck="name", order_by="name")


def _standard(doctype: str) -> set[tuple[str, str]]:
	return _rules("DocPerm", doctype)


def _granted(doctype: str) -> set[tuple[str, str]]:
	if not frappe.db.exists("Custom DocPerm", {"parent": doctype}):
		return _standard(doctype)
	return _rules("Custom DocPerm", doctype)


def _rules(kind: str, doctype: str) -> set[tuple[str, str]]:
	rows = frappe.get_all(
		kind,
		filters={"parent": doctype, "permlevel": 0},
		fields=["role", "read", "write"],
		order_by="role",
	)
	return {(row.role, what) for row in rows for what in ("read", "write") if row[what]}


CHECKS = (check_roles, check_custom_permissions)
