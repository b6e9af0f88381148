"""What Desk calls about imports of a date range. Each checks permission for the device first; all are POST only."""

import frappe
from frappe import _

from zkteco_biometric.frappe_hr.import_log import CAN_BE_RESUMED
from zkteco_biometric.frappe_hr.import_preview import preview_import
from zkteco_biometric.frappe_hr.import_request import understood
from zkteco_biometric.frappe_hr.names import SETTINGS, SYNC_LOG
from zkteco_biometric.frappe_hr.sync_log import IMPORT
from zkteco_biometric.frappe_hr.workers import worker_is_running
from zkteco_biometric.importing import cancel_import, queue_again, start_import


@frappe.whitelist(methods=["POST"])
def preview(device: str, from_time: str, to_time: str, codes: str = "") -> dict:
	"""What an import would meet; see `preview_import`. Dates or times by the site's clock, codes with commas or line ends."""
	frappe.has_permission(SETTINGS, "write", doc=device, throw=True)
	return preview_import(understood(device, from_time, to_time, codes))


@frappe.whitelist(methods=["POST"])
def start(device: str, from_time: str, to_time: str, codes: str = "") -> dict:
	"""Enqueues an import. `{"log": its name, "worker": bool}`: is anybody working."""
	frappe.has_permission(SETTINGS, "write", doc=device, throw=True)
	request = understood(device, from_time, to_time, codes)
	return {"log": start_import(device, request.wanted), "worker": worker_is_running()}


@frappe.whitelist(methods=["POST"])
def cancel(device: str, log: str) -> bool:
	"""Whether it was under way. What it has stored stays, and it can be resumed."""
	frappe.has_permission(SETTINGS, "write", doc=device, throw=True)
	_import_of(device, log)
	return cancel_import(log)


@frappe.whitelist(methods=["POST"])
def resume(device: str, log: str) -> dict:
	"""It goes on where it stopped. `{"worker": bool}`: is anybody working."""
	frappe.has_permission(SETTINGS, "write", doc=device, throw=True)
	if _import_of(device, log) not in CAN_BE_RESUMED:
		frappe.throw(_("This import has not stopped, or is complete: there is nothing to resume."))
	queue_again(log)
	return {"worker": worker_is_running()}


def _import_of(device: str, log: str) -> str:
	"""Its status. Who may write one device learns nothing of another's logs."""
	status = frappe.db.get_value(
		SYNC_LOG, {"name": log, "device": device, "trigger": IMPORT}, "status", for_update=True
	)
	if not status:
		frappe.throw(_("{0} has no such import.").format(device), frappe.DoesNotExistError)
	return status
