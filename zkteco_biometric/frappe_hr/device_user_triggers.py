"""What documents that are saved, deleted or opened mean for the people whom this app has disabled."""

import frappe
from frappe import _

from zkteco_biometric.frappe_hr.control_reports import late_people, log_left_behind
from zkteco_biometric.frappe_hr.deleted_secrets import secrets_brought_back
from zkteco_biometric.frappe_hr.device_user_candidates import is_controlled
from zkteco_biometric.frappe_hr.device_user_records import HELD
from zkteco_biometric.frappe_hr.device_user_release import (
	forget_check_ins_of_before,
	held_people,
	release_everyone,
)
from zkteco_biometric.frappe_hr.names import DEVICE_USER, SETTINGS
from zkteco_biometric.frappe_hr.workers import enqueue_control
from zkteco_biometric.user_control import enable_everyone_now

_MATTERS = ("enable", "control_users", "control_dry_run", "control_method", "parking_area", "control_field")


def device_saved(settings) -> None:
	"""Of a device, from `on_update`: where its people are no longer controlled, everybody comes back."""
	if not any(map(settings.has_value_changed, _MATTERS)) and not settings.flags.in_insert:
		return
	controls, controlled = _controls(settings), _controls(settings.get_doc_before_save())
	if controls and not controlled:
		forget_check_ins_of_before(settings.name)
	if controlled and not controls:
		release_everyone(settings.name)
	if controls or held_people(settings.name):
		enqueue_control(settings.name)


def _controls(settings) -> bool:
	return bool(settings and is_controlled(settings) and not settings.control_dry_run)


def settings_changed(_settings=None) -> None:
	"""Of ZKTeco Site Settings: who is exempt by now, or whose way back is nearer, is not to wait for the next tick."""
	for device in frappe.get_all(
		SETTINGS, filters={"enable": 1, "control_users": 1}, pluck="name", order_by="name"
	):
		enqueue_control(device)


def device_deleted(device: str) -> None:
	"""Of a device, from `on_trash`: it is the last moment in which people can be enabled there. Who cannot is listed; their
	rows stay, and say what stood there before.
	"""
	if held_people(device):
		with secrets_brought_back(device):
			left_behind = enable_everyone_now(device)
		if left_behind:
			_tell_left_behind(device, left_behind)
	frappe.db.delete(DEVICE_USER, {"device": device, "former": ("is", "not set")})


def _tell_left_behind(device: str, rows: list) -> None:
	lines = log_left_behind(device, rows)
	frappe.msgprint(
		"<br>".join(
			[
				_("These people could not be enabled before the device was deleted:"),
				*(frappe.utils.escape_html(line) for line in lines),
				_(
					"Give them back on the BioTime server what stood there before. The list stays in ZKTeco Device User."
				),
			]
		),
		title=_("Still Disabled"),
		indicator="red",
	)


def employee_merged(_employee, _event: str, old: str, new: str, merge: bool = False) -> None:
	"""Of Employee: before_rename. One person has one row on a device; a plain change of name is Frappe's."""
	if not merge:
		return
	devices = frappe.get_all(DEVICE_USER, filters={"employee": new}, pluck="device", order_by="device")
	of_old = {"employee": old, "device": ("in", devices)}
	held = frappe.get_all(DEVICE_USER, filters={**of_old, **HELD}, pluck="device", order_by="device")
	if held:
		frappe.throw(
			_(
				"{0} is disabled by this app on {1}. Press Enable on their ZKTeco Device User first, then merge."
			).format(old, ", ".join(held)),
			title=_("Disabled on a Device"),
		)
	frappe.db.delete(DEVICE_USER, of_old)


def overview(settings) -> dict[str, int] | None:
	"""For the form of a device, in people; None where nobody is controlled, and nobody is held."""
	rows = frappe.get_all(
		DEVICE_USER,
		filters={"device": settings.name},
		fields=[
			"outcome",
			"status",
			"count(name) as people",
			"sum(former is not null and former != '') as held",
		],
		group_by="outcome, status",
		order_by="outcome, status",
	)
	held = int(sum(row.held or 0 for row in rows))
	if not (settings.control_users or held):
		return None

	def people(*outcomes: str) -> int:
		return sum(row.people for row in rows if row.outcome in outcomes)

	return {
		"disabled": held,
		"waiting": people("Waiting"),
		"failed": people("Failed"),
		"unmanaged": people("Unmanaged", "Unsupported"),
		"dry_run": people("Dry Run"),
		"overdue": len(late_people(settings.name)),
	}
