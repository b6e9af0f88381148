"""Secrets that the other app's documents have left in what Frappe writes down about documents."""

import frappe

from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.takeover.secrets_in_json import document_without_secrets, version_without_secrets


def wipe_secrets() -> None:
	"""Within the caller's transaction, from the history of all devices and from those that were deleted."""
	_wipe_versions()
	_wipe_deleted_documents()


def mask_secrets_in_request_logs() -> None:
	"""The other app's log keeps the token of each of its requests, and the URL with whatever stands before its host; the
	rest of it is left alone.
	"""
	frappe.db.sql(
		"""update `tabIntegration Request` set request_headers = regexp_replace(request_headers, %s, %s)
		where reference_doctype = %s and request_headers like %s""",
		('(JWT|Token) [^"]+', "\\1 ********", SETTINGS, "%Authorization%"),
	)
	frappe.db.sql(
		"""update `tabIntegration Request` set url = regexp_replace(url, %s, %s)
		where reference_doctype = %s and url like %s""",
		("^(https?://)?.*@", "\\1", SETTINGS, "%@%"),
	)


def _wipe_versions() -> None:
	rows = frappe.get_all("Version", {"ref_doctype": SETTINGS}, ["name", "data"], order_by="creation, name")
	for row in rows:
		wiped = version_without_secrets(row.data or "{}")
		if wiped is None:
			frappe.db.delete("Version", {"name": row.name})
		elif wiped != (row.data or "{}"):
			frappe.db.set_value("Version", row.name, "data", wiped, update_modified=False)


def _wipe_deleted_documents() -> None:
	rows = frappe.get_all(
		"Deleted Document", {"deleted_doctype": SETTINGS}, ["name", "data"], order_by="creation, name"
	)
	for row in rows:
		wiped = document_without_secrets(row.data or "{}")
		if wiped != (row.data or "{}"):
			frappe.db.set_value("Deleted Document", row.name, "data", wiped, update_modified=False)
