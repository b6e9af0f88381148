"""Who is told: users of the chosen roles who may see the devices, and want notifications."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

import frappe

from zkteco_biometric.frappe_hr.names import SETTINGS

_ROLES = (("HR Manager",), ("System Manager",))
"""Of a site that chooses none; the others where nobody has the first."""

_NOBODY = ("Administrator", "Guest")


@dataclass(frozen=True)
class Recipient:
	"""`email` is empty for who wants none."""

	user: str
	language: str
	email: str


def recipients(roles: Sequence[str], devices: Collection[str]) -> list[Recipient]:
	"""By user. Administrator, where nobody else is there at all."""
	for choice in (tuple(roles), *_ROLES):
		if found := [user for user in _users_with(choice) if _may_see(user.name, devices)]:
			return _who_want_it(found)
	return _who_want_it(_users(["Administrator"]))


def _users_with(roles: Collection[str]) -> list:
	if not roles:
		return []
	having = {"role": ("in", list(roles)), "parenttype": "User", "parent": ("not in", _NOBODY)}
	return _users(frappe.get_all("Has Role", having, pluck="parent", distinct=True, order_by="parent"))


def _users(names: Collection[str]) -> list:
	if not names:
		return []
	return frappe.get_all(
		"User",
		filters={"name": ("in", list(names)), "enabled": 1, "user_type": "System User"},
		fields=["name", "email", "language"],
		order_by="name",
	)


def _may_see(user: str, devices: Iterable[str]) -> bool:
	"""Each of them; a device that is gone only by its doctype."""
	if not frappe.has_permission(SETTINGS, "read", user=user):
		return False
	there = (device for device in devices if frappe.db.exists(SETTINGS, device))
	return all(frappe.has_permission(SETTINGS, "read", doc=device, user=user) for device in there)


def _who_want_it(users: list) -> list[Recipient]:
	"""By their Notification Settings; who has none wants everything."""
	chosen = {
		row.name: row
		for row in frappe.get_all(
			"Notification Settings",
			filters={"name": ("in", [user.name for user in users])},
			fields=["name", "enabled", "enable_email_notifications"],
			order_by="name",
		)
	}
	found = []
	for user in users:
		wants = chosen.get(user.name)
		if not wants or wants.enabled:
			email = user.email if not wants or wants.enable_email_notifications else ""
			found.append(Recipient(user.name, user.language or _language_of_site(), email or ""))
	return found


def _language_of_site() -> str:
	return frappe.db.get_default("lang") or "en"
