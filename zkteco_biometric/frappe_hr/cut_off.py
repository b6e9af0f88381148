"""Cycles whose worker died: the lock of the database connection is free, and the device still says *Running*."""

import frappe

from zkteco_biometric.frappe_hr.device_lock import at_work_among, device_lock, locks_tell_who_works
from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.frappe_hr.progress import device_changed
from zkteco_biometric.frappe_hr.sync_log import RUNNING, close_cut_off
from zkteco_biometric.frappe_hr.workers import sync_is_enqueued


def end_cut_off_cycles() -> set[str]:
	"""Closes their logs; the devices are *Unfinished* then, and due. Returns these; two queries at most where there are none.

	Commits before a device is free again.
	"""
	running = frappe.get_all(SETTINGS, filters={"status": RUNNING}, pluck="name", order_by="name")
	at_work = at_work_among(running)
	return {device for device in running if device not in at_work and _end_if_cut_off(device)}


def _end_if_cut_off(device: str) -> bool:
	with device_lock(device) as ours:
		if not ours or not _is_abandoned(device):
			return False
		close_cut_off(device)
		frappe.db.set_value(SETTINGS, device, "status", "Unfinished", update_modified=False)
		frappe.db.commit()  # before somebody else works on the device
	device_changed(device)
	return True


def _is_abandoned(device: str) -> bool:
	"""As it is now: the cycle may have ended since the device was found."""
	if frappe.db.get_value(SETTINGS, device, "status", for_update=True) != RUNNING:
		return False
	return locks_tell_who_works() or not sync_is_enqueued(device)
