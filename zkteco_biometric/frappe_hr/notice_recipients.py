"""Who is told of what: users of the chosen roles, each of what they may see in Desk, and as they want it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import frappe
from frappe.core.doctype.user_permission.user_permission import get_user_permissions

from zkteco_biometric.frappe_hr.names import INCIDENT, SETTINGS

_ROLES = (("HR Manager",), ("System Manager",))
"""Of a site that chooses none; the others where nobody has the first."""

_ADMINISTRATOR = "Administrator"
_NOBODY = (_ADMINISTRATOR, "Guest")


@dataclass(frozen=True)
class Recipient:
	"""`email` is empty for who wants none."""

	user: str
	language: str
	email: str


@dataclass(frozen=True)
class Audience:
	"""People who read the same, in the same language. `incidents`: what each of them may see."""

	language: str
	incidents: frozenset[str]
	people: tuple[Recipient, ...]


def audiences(roles: Sequence[str], incidents: Mapping[str, str]) -> list[Audience]:
	"""Of these incidents, each with its device. What nobody of the chosen roles may see is for others; for Administrator, where
	nobody else is there at all. A fixed number of queries, and two for each user.
	"""
	found: dict[str, frozenset[str]] = {}
	left = dict(incidents)
	for choice in (tuple(roles), *_ROLES):
		readers = _readers(choice, left) if left else {}
		found = {**readers, **{user: names | readers.get(user, frozenset()) for user, names in found.items()}}
		left = {name: left[name] for name in left if not any(name in names for names in readers.values())}
	if left:
		found[_ADMINISTRATOR] = frozenset(left)
	return _audiences(found)


def _audiences(found: Mapping[str, frozenset[str]]) -> list[Audience]:
	together: dict[tuple[str, frozenset[str]], list[Recipient]] = {}
	for one in _who_want_it(_users(found)):
		together.setdefault((one.language, found[one.user]), []).append(one)
	return [Audience(language, names, tuple(people)) for (language, names), people in together.items()]


def _readers(roles: Collection[str], incidents: Mapping[str, str]) -> dict[str, frozenset[str]]:
	"""By user, what they may see; without those who may see nothing."""
	there = _there(incidents.values())
	seen = {user.name: _visible(user.name, incidents, there) for user in _users_with(roles)}
	return {user: names for user, names in seen.items() if names}


def _there(devices: Collection[str]) -> set[str]:
	return set(
		frappe.get_all(SETTINGS, {"name": ("in", sorted(set(devices)))}, pluck="name", order_by="name")
	)


def _visible(user: str, incidents: Mapping[str, str], there: set[str]) -> frozenset[str]:
	"""By the permissions, and the User Permissions, of the incident and of its device. A device that is gone is seen by whoever
	is not limited to others.
	"""
	if not all(frappe.has_permission(doctype, "read", user=user) for doctype in (SETTINGS, INCIDENT)):
		return frozenset()
	devices = _listed(SETTINGS, there, user)
	if SETTINGS not in get_user_permissions(user):
		devices |= set(incidents.values()) - there
	return frozenset(name for name in _listed(INCIDENT, incidents, user) if incidents[name] in devices)


def _listed(doctype: str, names: Collection[str], user: str) -> set[str]:
	"""Those of them that the user finds in the list."""
	if not names:
		return set()
	ours = {"name": ("in", sorted(names))}
	return set(frappe.get_list(doctype, filters=ours, pluck="name", user=user, order_by="name"))


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


def _who_want_it(users: list) -> list[Recipient]:
	"""By their Notification Settings; who has none wants everything. The address of Administrator is nobody's."""
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
			by_email = user.name != _ADMINISTRATOR and (not wants or wants.enable_email_notifications)
			email = (user.email or "") if by_email else ""
			found.append(Recipient(user.name, user.language or _language_of_site(), email))
	return found


def _language_of_site() -> str:
	return frappe.db.get_default("lang") or "en"
