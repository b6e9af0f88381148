"""What the workspace's cards and charts show. Each checks permission first, and only reads.

Frappe's widgets call by POST and send more than is needed here; what a method does not take, Frappe leaves out.
"""

import frappe
from frappe import _
from frappe.utils import nowdate, pretty_date

from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_FIELD, SETTINGS
from zkteco_biometric.frappe_hr.workspace_figures import (
	check_ins_of_today,
	enabled_devices,
	filter_of_devices_seen,
	per_day_and_device,
	per_hour_of_today,
)


@frappe.whitelist(methods=["GET", "POST"])
def devices_connected() -> str:
	"""How many of the enabled devices answered when they were last asked: `2 of 3`."""
	frappe.has_permission(SETTINGS, "read", throw=True)
	devices = enabled_devices()
	return _("{0} of {1}").format(sum(device.connected for device in devices), len(devices))


@frappe.whitelist(methods=["GET", "POST"])
def last_sync() -> str:
	"""Up to when every enabled device has been read: the last sync of the one that is furthest behind, as `5 minutes ago`."""
	frappe.has_permission(SETTINGS, "read", throw=True)
	moments = [device.last_sync for device in enabled_devices()]
	if not moments:
		return _("No Device")
	behind = [moment for moment in moments if moment]
	return pretty_date(min(behind)) if len(behind) == len(moments) else _("Never")


@frappe.whitelist(methods=["GET", "POST"])
def check_ins_today() -> dict:
	"""Check-ins whose time is today by the site's clock and that came from a device, as a number card takes it."""
	frappe.has_permission(SETTINGS, "read", throw=True)
	today, devices = nowdate(), filter_of_devices_seen()
	return {
		"value": check_ins_of_today(),
		"fieldtype": "Int",
		"route": ["List", CHECK_IN],
		"route_options": {DEVICE_FIELD: devices, "time": ["Between", [today, today]]},
	}


@frappe.whitelist(methods=["GET", "POST"])
def check_ins_per_hour() -> dict:
	"""Today's check-ins from devices by the hour of the site's clock, as a chart takes it; empty without a device."""
	frappe.has_permission(SETTINGS, "read", throw=True)
	return per_hour_of_today()


@frappe.whitelist(methods=["GET", "POST"])
def check_ins_per_day() -> dict:
	"""The check-ins of the last fourteen days by day and device, as a chart takes it; empty without a device."""
	frappe.has_permission(SETTINGS, "read", throw=True)
	return per_day_and_device()
