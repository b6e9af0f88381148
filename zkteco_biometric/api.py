"""What Desk calls. Each checks permission first; what changes anything is POST only."""

import frappe
from frappe import _

from zkteco_biometric.frappe_hr.connection_test import run_connection_test
from zkteco_biometric.frappe_hr.device_lock import is_at_work
from zkteco_biometric.frappe_hr.device_user_release import release_everyone, release_person, settle_by_hand
from zkteco_biometric.frappe_hr.heartbeat import scheduler_state
from zkteco_biometric.frappe_hr.names import DEVICE_USER, SETTINGS
from zkteco_biometric.frappe_hr.overview import overview
from zkteco_biometric.frappe_hr.progress import progress_of
from zkteco_biometric.frappe_hr.sync_log import USER
from zkteco_biometric.frappe_hr.workers import (
	CONTROL_QUEUE,
	enqueue_control,
	enqueue_sync,
	sync_is_enqueued,
	worker_is_running,
)
from zkteco_biometric.sync import JOB_TIME_OUT


@frappe.whitelist(methods=["POST"])
def test_connection(device: str) -> dict:
	"""Logs in to the device and looks around, changing nothing there.

	`{"ok": bool, "lines": [{"ok": bool, "text": str, "remedy"?: str}], "remedy": str, "may_pass": bool}`
	"""
	frappe.has_permission(SETTINGS, "write", doc=device, throw=True)
	return run_connection_test(device)


@frappe.whitelist(methods=["POST"])
def sync_now(device: str) -> dict:
	"""Enqueues a sync of the device. `{"enqueued": bool, "worker": bool}`: already under way, and is anybody working."""
	frappe.has_permission(SETTINGS, "write", doc=device, throw=True)
	if not frappe.db.get_value(SETTINGS, device, "enable"):
		frappe.throw(_("{0} is disabled. Tick Enabled and save, then sync.").format(device))
	enqueued = enqueue_sync(device, JOB_TIME_OUT, USER)
	if enqueued or not is_at_work(
		device
	):  # a job of the scheduler that waits reads all of it too, as it sees by this
		frappe.db.set_value(SETTINGS, device, "status", "Queued", update_modified=False)
	return {"enqueued": enqueued, "worker": worker_is_running()}


@frappe.whitelist(methods=["GET"])
def sync_state(device: str) -> dict:
	"""How the device is doing now, for a form that was loaded a while ago, also where live updates do not arrive.

	`{"busy": bool, "worker": bool, "status": str, "progress": dict | None, "overview": dict | None, "scheduler": str}`:
	while a sync is under way there is no overview, since many forms may ask every other second.
	"""
	frappe.has_permission(SETTINGS, "read", doc=device, throw=True)
	busy = sync_is_enqueued(device) or is_at_work(device)
	return {
		"busy": busy,
		"worker": worker_is_running(),
		"status": frappe.db.get_value(SETTINGS, device, "status"),
		"progress": progress_of(device),
		"overview": None if busy else overview(device).as_dict(),
		"scheduler": scheduler_state().value,
	}


@frappe.whitelist(methods=["POST"])
def enable_everyone(device: str | None = None, include_left: bool = False) -> dict:
	"""Lets everybody whom this app has disabled be enabled again, on that device or on all that the user may change.

	`{"people": int, "enqueued": bool, "worker": bool}`: how many that is, and whether and by whom it is done.
	"""
	frappe.has_permission(SETTINGS, "write", doc=device, throw=True)
	people = 0
	for name in [device] if device else _devices_to_change():
		released = release_everyone(name, bool(include_left))
		people += released
		if released:
			enqueue_control(name)
	return {"people": people, "enqueued": bool(people), "worker": worker_is_running(CONTROL_QUEUE)}


def _devices_to_change() -> list[str]:
	"""Those that the user may change; others may be shared with them to read."""
	devices = frappe.get_list(SETTINGS, pluck="name", order_by="name")
	return [device for device in devices if frappe.has_permission(SETTINGS, "write", doc=device)]


@frappe.whitelist(methods=["POST"])
def settle_person(name: str) -> None:
	"""Somebody has put the person of that ZKTeco Device User back on the server: this app forgets what it had changed."""
	frappe.has_permission(SETTINGS, "write", throw=True)
	device, employee = frappe.db.get_value(DEVICE_USER, name, ["device", "employee"]) or (None, None)
	if not device:
		frappe.throw(_("There is no such ZKTeco Device User."), frappe.DoesNotExistError)
	if frappe.db.exists(SETTINGS, device):
		frappe.has_permission(SETTINGS, "write", doc=device, throw=True)
	settle_by_hand(device, employee)


@frappe.whitelist(methods=["POST"])
def enable_person(name: str) -> dict:
	"""Lets the person of that ZKTeco Device User be enabled again, until their next OUT. As `enable_everyone`."""
	frappe.has_permission(SETTINGS, "write", throw=True)
	device, employee = frappe.db.get_value(DEVICE_USER, name, ["device", "employee"]) or (None, None)
	if not device:
		frappe.throw(_("There is no ZKTeco Device User {0}.").format(name), frappe.DoesNotExistError)
	frappe.has_permission(SETTINGS, "write", doc=device, throw=True)
	people = release_person(device, employee)
	if people:
		enqueue_control(device)
	return {"people": people, "enqueued": bool(people), "worker": worker_is_running(CONTROL_QUEUE)}
