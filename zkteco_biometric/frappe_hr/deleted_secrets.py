"""Frappe takes away a document's passwords before it calls `on_trash`: a device that is asked there needs them once more."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import frappe
from frappe.utils.password import delete_all_passwords_for

from zkteco_biometric.frappe_hr.names import SETTINGS

_COLUMNS = ("doctype", "name", "fieldname", "password", "encrypted")


@contextmanager
def secrets_brought_back(device: str) -> Iterator[None]:
	"""Within a device's `on_trash`, for who commits there; afterwards they are taken away again, by the caller's transaction."""
	with ThreadPoolExecutor(1) as thread:
		rows = thread.submit(_committed, frappe.local.site, frappe.local.sites_path, device).result()
	frappe.db.delete("__Auth", {"doctype": SETTINGS, "name": device})
	if rows:
		frappe.db.bulk_insert("__Auth", list(_COLUMNS), rows)
	try:
		yield
	finally:
		delete_all_passwords_for(SETTINGS, device)


def _committed(site: str, sites_path: str, device: str) -> list[tuple]:
	"""Encrypted as they are; another connection sees them for as long as the deletion is not committed."""
	frappe.init(site=site, sites_path=sites_path)
	frappe.connect()
	try:
		return list(
			frappe.db.sql(
				f"select {', '.join(f'`{column}`' for column in _COLUMNS)} from `__Auth` where doctype = %s and name = %s",
				(SETTINGS, device),
			)
		)
	finally:
		frappe.destroy()
