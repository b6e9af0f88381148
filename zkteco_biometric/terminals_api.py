"""What Desk calls about terminals."""

import frappe

from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.frappe_hr.terminals import refresh_now


@frappe.whitelist(methods=["POST"])
def refresh(device: str) -> dict:
	"""Asks the server of that device for its terminals, and remembers what it says.

	`{"ok": True, "terminals": int, "online": int, "offline": int, "gone": int, "new": int}`, or
	`{"ok": False, "message": str, "remedy": str}`.
	"""
	frappe.has_permission(SETTINGS, "write", doc=device, throw=True)
	return refresh_now(device)
