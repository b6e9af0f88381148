"""What documents that are saved, deleted or opened mean for the people whom this app has disabled."""

from datetime import timedelta

import frappe
from frappe import _
from frappe.query_builder.functions import Count
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.control_reports import late_people, log_left_behind
from zkteco_biometric.frappe_hr.deleted_secrets import secrets_brought_back
from zkteco_biometric.frappe_hr.device_user_candidates import is_controlled
from zkteco_biometric.frappe_hr.device_user_records import DISABLED_NOW, HELD, NOT_HELD
from zkteco_biometric.frappe_hr.device_user_release import (
	count_generation_up,
	forget_check_ins_of_before,
	held_people,
	release_everyone,
)
from zkteco_biometric.frappe_hr.names import DEVICE_USER, SETTINGS
from zkteco_biometric.frappe_hr.workers import enqueue_control
from zkteco_biometric.user_control import controlled_devices, enable_everyone_now

_PATIENCE_OF_A_BROWSER = timedelta(seconds=60)
_MOST_NAMED = 100
_MATTERS = (
	"enable",
	"url",
	"control_users",
	"control_dry_run",
	"control_method",
	"parking_area",
	"control_field",
)


def device_saved(settings) -> None:
	"""Of a device, from `on_update`: where its people are no longer controlled, everybody comes back."""
	if not any(map(settings.has_value_changed, _MATTERS)) and not settings.flags.in_insert:
		return
	controls, controlled = _controls(settings), _controls(settings.get_doc_before_save())
	if controls and not controlled:
		forget_check_ins_of_before(settings.name)
	if controlled and not controls:
		release_everyone(settings.name)
	held = held_people(settings.name)
	before = settings.get_doc_before_save()
	if held and before and before.url != settings.url:
		_look_at_another_server(settings, before.url, len(held))
	if controls or held:
		enqueue_control(settings.name)


def _look_at_another_server(settings, url_before: str, people: int) -> None:
	"""At once, also for whom it was long tried in vain: it may be that of before."""
	held = {"device": settings.name, **HELD}
	frappe.db.set_value(DEVICE_USER, held, "due_at", now_datetime().replace(microsecond=0))
	told = (
		_(
			"1 person is disabled at {0}. If {1} is another server, they stay so: change the URL back, press Enable Everyone, and change it then."
		).format(url_before, settings.url)
		if people == 1
		else _(
			"{0} people are disabled at {1}. If {2} is another server, they stay so: change the URL back, press Enable Everyone, and change it then."
		).format(people, url_before, settings.url)
	)
	frappe.msgprint(
		told,
		title=_("People Are Disabled There"),
		indicator="orange",
	)


def _controls(settings) -> bool:
	return bool(settings and is_controlled(settings) and not settings.control_dry_run)


def settings_changed(_settings=None) -> None:
	"""Of ZKTeco Site Settings: who is exempt by now, or whose way back is nearer, is not to wait for the next tick; what a
	pass is about to begin by the old ones is void.
	"""
	for device in controlled_devices():
		count_generation_up(device)
		enqueue_control(device)


def device_deleted(device: str) -> None:
	"""Of a device, from `on_trash`: it is the last moment in which people can be enabled there. Who cannot is listed; their
	rows stay, and say what stood there before.
	"""
	if held_people(device) or frappe.db.get_value(SETTINGS, device, "control_users"):
		with secrets_brought_back(device):
			left_behind = enable_everyone_now(device, for_good=True, works_for=_PATIENCE_OF_A_BROWSER)
		if left_behind:
			_tell_left_behind(device, left_behind)
	frappe.db.delete(DEVICE_USER, {"device": device, **NOT_HELD})


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
	frappe.db.delete(DEVICE_USER, {**of_old, **NOT_HELD})


def overview(settings) -> dict | None:
	"""For the form of a device, in people, with the rows of those who are late; None where nobody is controlled, and nobody is held."""
	rows = _counted(settings.name)
	late = [row.name for row in late_people([settings.name])]
	if not (
		settings.control_users or late or frappe.db.exists(DEVICE_USER, {"device": settings.name, **HELD})
	):
		return None

	def people(*outcomes: str) -> int:
		return sum(row.people for row in rows if row.outcome in outcomes)

	return {
		"disabled": frappe.db.count(DEVICE_USER, {"device": settings.name, **DISABLED_NOW}),
		"waiting": people("Waiting"),
		"failed": people("Failed"),
		"unmanaged": people("Unmanaged", "Unsupported"),
		"dry_run": people("Dry Run"),
		"overdue": len(late),
		"overdue_names": late[:_MOST_NAMED],
	}


def _counted(device: str) -> list:
	table = frappe.qb.DocType(DEVICE_USER)
	return (
		frappe.qb.from_(table)
		.select(table.outcome, Count("*").as_("people"))
		.where(table.device == device)
		.groupby(table.outcome)
	).run(as_dict=True)
