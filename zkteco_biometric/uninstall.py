"""Takes away what `install.py` brought. Check-ins and employees stay as they were."""

import click
import frappe

from zkteco_biometric.frappe_hr.attendance import SITE_SETTINGS
from zkteco_biometric.frappe_hr.device_user_release import count_generation_up, held_people
from zkteco_biometric.frappe_hr.names import CHECK_IN, INCIDENT, PENDING, SETTINGS, SYNC_LOG
from zkteco_biometric.install import CUSTOM_FIELDS, DEVICE_INDEX, INDEX, MODIFIED_INDEX
from zkteco_biometric.user_control import controlled_devices, enable_everyone_now

APP = "zkteco_biometric"


def before_uninstall() -> None:
	"""The last moment in which people can be enabled; whoever cannot is listed. A dry run, which comes here too, asks no device."""
	dry_run = _is_dry_run()
	if not dry_run:
		_let_nobody_be_disabled()
	for device in sorted({row.device for row in held_people()}):
		there = not dry_run and frappe.db.exists(SETTINGS, device)
		_tell(device, enable_everyone_now(device, for_good=True) if there else held_people(device))


def _let_nobody_be_disabled() -> None:
	"""From now on, also by a worker that is at it."""
	for device in controlled_devices():
		count_generation_up(device)
		frappe.db.set_value(SETTINGS, device, "control_users", 0, update_modified=False)
	frappe.db.commit()  # before anybody is enabled


def _tell(device: str, rows: list) -> None:
	for row in rows:
		click.secho(
			f"Still disabled on {device}: {row.employee_name or row.employee} (Biometric ID {row.emp_code}). "
			f"What stood there before: {row.former_shown}. {row.error or ''}".strip(),
			fg="yellow",
		)


def _is_dry_run() -> bool:
	"""Frappe tells its hooks nothing of it; the command line does."""
	context = click.get_current_context(silent=True)
	return bool(context and context.params.get("dry_run"))


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
	for index in (INDEX, DEVICE_INDEX, MODIFIED_INDEX):
		frappe.db.sql_ddl(f"alter table `tab{CHECK_IN}` drop index if exists `{index}`")
	for doctype, fields in CUSTOM_FIELDS.items():
		for field in fields:
			_remove(doctype, field["fieldname"])
		frappe.clear_cache(doctype=doctype)
		frappe.db.updatedb(doctype)  # it also forgets the columns that it remembers
	frappe.db.delete("__Auth", {"doctype": SETTINGS})
	frappe.db.delete("Singles", {"doctype": SITE_SETTINGS})
	frappe.db.delete("Logs To Clear", {"ref_doctype": ("in", (INCIDENT, PENDING, SYNC_LOG))})
	frappe.db.delete("Scheduled Job Type", {"method": ("like", "zkteco_biometric.%")})


def _remove(doctype: str, fieldname: str) -> None:
	frappe.db.delete("Custom Field", {"dt": doctype, "fieldname": fieldname})
	frappe.db.delete("Property Setter", {"doc_type": doctype, "field_name": fieldname})
	if fieldname in frappe.db.get_table_columns(doctype):
		# Both names are literals of this app.
		frappe.db.sql_ddl(f"alter table `tab{doctype}` drop column `{fieldname}`")
