"""Enable Everyone: asked for in the database first, so that whatever happens then, every pass goes on with it."""

from collections.abc import Collection
from typing import Any

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.frappe_hr.device import wall_clocks
from zkteco_biometric.frappe_hr.device_user_candidates import Watermark, save_watermark
from zkteco_biometric.frappe_hr.device_user_facts import control_rules
from zkteco_biometric.frappe_hr.device_user_records import HELD
from zkteco_biometric.frappe_hr.names import DEVICE_USER, SETTINGS
from zkteco_biometric.frappe_hr.wording import stored
from zkteco_biometric.wording import _

_LEFT = "Left"


def release_everyone(device: str, include_left: bool = False) -> int:
	"""Within the caller's transaction: everybody whom we have disabled on the device is to be enabled, and nobody is to be
	disabled again by a check-in of before. A pass that is at work begins nothing more. Returns how many people that is.

	Those who have left stay disabled where the site wants it so, unless they are included.
	"""
	count_generation_up(device)
	forget_check_ins_of_before(device)
	return _release(device, {}, include_left)


def settle_by_hand(device: str, employee: str) -> None:
	"""Within the caller's transaction: somebody has put the person back on the server, and takes it on themselves."""
	count_generation_up(device)
	values = {
		"status": "Enabled",
		"outcome": "Changed Elsewhere",
		"former": None,
		"former_shown": None,
		"method": None,
		"way_back": None,
		"disabled_on": None,
		"due_at": None,
		"unsure_since": None,
		"released": 0,
		"attempts": 0,
		"error": None,
		"error_code": None,
		"remedy": None,
		"told_on": None,
		"spent_until": now_datetime().replace(microsecond=0),
		"why": stored(_("Settled by hand by {0}.").format(frappe.session.user)),
	}
	frappe.db.set_value(DEVICE_USER, {"device": device, "employee": employee}, values)


def release_person(device: str, employee: str) -> int:
	"""The same for one person, left or not; 0 where we have not disabled them."""
	count_generation_up(device)
	return _release(device, {"employee": employee}, include_left=True)


def held_people(device: str | None = None) -> list:
	"""Rows of whom we may have disabled, and have not given back yet what was there before."""
	return frappe.get_all(
		DEVICE_USER,
		filters={**HELD, **({"device": device} if device else {})},
		fields=[
			"name",
			"device",
			"employee",
			"employee_name",
			"emp_code",
			"former_shown",
			"status",
			"outcome",
			"due_at",
			"error",
			"error_code",
			"remedy",
			"released",
		],
		order_by="device, employee",
	)


def not_enabled(device: str) -> list:
	"""Of those whom we hold, who is not known to be enabled. Who is, is held until no request of before can come to anything."""
	now = now_datetime()
	return [row for row in held_people(device) if not (_is_watched(row) and row.due_at and row.due_at > now)]


def _is_watched(row) -> bool:
	return (row.status, row.outcome, row.error) == ("Enabled", "Requested", None)


def _release(device: str, filters: dict[str, Any], include_left: bool) -> int:
	rows = frappe.get_all(
		DEVICE_USER,
		filters={"device": device, **HELD, **filters},
		fields=["name", "employee"],
		order_by="name",
	)
	staying = set() if include_left else staying_left([row.employee for row in rows])
	names = [row.name for row in rows if row.employee not in staying]
	if names:
		now = now_datetime().replace(microsecond=0)
		values = {"released": 1, "due_at": now, "spent_until": now}
		frappe.db.set_value(DEVICE_USER, {"name": ("in", names)}, values)
	return len(names)


def staying_left(employees: Collection[str]) -> set[str]:
	"""Those who have left, where the site wants them to stay disabled."""
	if not employees or not control_rules().keep_left:
		return set()
	return set(
		frappe.get_all(
			"Employee",
			filters={"name": ("in", list(employees)), "status": _LEFT},
			pluck="name",
			order_by="name",
		)
	)


def count_generation_up(device: str) -> None:
	"""What a pass is about to begin from here on is void."""
	generation = frappe.db.get_value(SETTINGS, device, "control_generation", for_update=True) or 0
	frappe.db.set_value(SETTINGS, device, "control_generation", generation + 1, update_modified=False)


def forget_check_ins_of_before(device: str) -> None:
	"""From now on only: of people who wait to be disabled, or whose last attempt failed, nothing is wanted any more."""
	save_watermark(device, Watermark.at(utc_now(), wall_clocks(None)))
	# In an update, "is set" would compare a time with an empty text, which MariaDB refuses.
	waiting = {"device": device, "former": ("is", "not set"), "due_at": (">", "1970-01-01")}
	calm = {
		"status": "Enabled",
		"outcome": "Confirmed",
		"due_at": None,
		"attempts": 0,
		"error": None,
		"error_code": None,
		"remedy": None,
	}
	frappe.db.set_value(DEVICE_USER, waiting, calm)
