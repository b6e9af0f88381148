"""Takes away what `install.py` brought. Check-ins and employees stay as they were."""

import frappe

from zkteco_biometric.frappe_hr.attendance import SITE_SETTINGS
from zkteco_biometric.frappe_hr.names import CHECK_IN, PENDING, SETTINGS, SYNC_LOG
from zkteco_biometric.install import CUSTOM_FIELDS, INDEX

APP = "zkteco_biometric"


def after_uninstall() -> None:
	"""Called by Frappe for a dry run too, which leaves the app installed: then nothing is taken away."""
	if APP not in frappe.get_installed_apps():
		take_away()
		frappe.db.commit()  # Frappe commits nothing after this


def take_away() -> None:
	"""The custom fields with their columns: a unique column that nobody knows of would surprise whoever comes next.

	And what Frappe keeps elsewhere and leaves there: the devices' secrets, the scheduler's entries, for how long to keep
	logs, and the site's switches, which would be on again for whoever installs the app another day.
	"""
	frappe.db.sql_ddl(f"alter table `tab{CHECK_IN}` drop index if exists `{INDEX}`")
	for doctype, fields in CUSTOM_FIELDS.items():
		for field in fields:
			_remove(doctype, field["fieldname"])
		frappe.clear_cache(doctype=doctype)
		frappe.db.updatedb(doctype)  # it also forgets the columns that it remembers
	frappe.db.delete("__Auth", {"doctype": SETTINGS})
	frappe.db.delete("Singles", {"doctype": SITE_SETTINGS})
	frappe.db.delete("Logs To Clear", {"ref_doctype": ("in", (PENDING, SYNC_LOG))})
	frappe.db.delete("Scheduled Job Type", {"method": ("like", "zkteco_biometric.%")})


def _remove(doctype: str, fieldname: str) -> None:
	frappe.db.delete("Custom Field", {"dt": doctype, "fieldname": fieldname})
	frappe.db.delete("Property Setter", {"doc_type": doctype, "field_name": fieldname})
	if fieldname in frappe.db.get_table_columns(doctype):
		# Both names are literals of this app.
		frappe.db.sql_ddl(f"alter table `tab{doctype}` drop column `{fieldname}`")
