"""Who is shown this app among the apps of the site."""

import frappe

from zkteco_biometric.frappe_hr.names import SETTINGS


def may_open_app() -> bool:
	"""Whoever may read devices; `add_to_apps_screen` asks it."""
	return bool(frappe.has_permission(SETTINGS, "read"))
