"""What this app has brought to the site, and what the site must bring."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import frappe

from zkteco_biometric.frappe_hr.doctor.finding import Area, Finding, named
from zkteco_biometric.frappe_hr.names import CHECK_IN, KEY_FIELD
from zkteco_biometric.install import CUSTOM_FIELDS, INDEX

_SITE = Area("Site")


def check_time_zone() -> Iterator[Finding]:
	zone = frappe.db.get_single_value("System Settings", "time_zone", cache=False)
	if not zone:
		yield _SITE.failure(
			"No time zone is set: check-ins would be written in Frappe's default one.",
			"Choose the Time Zone in System Settings.",
		)
	elif not is_a_zone(zone):
		yield _SITE.failure(
			f"Its time zone {zone} is not known to this machine.",
			"Choose another Time Zone in System Settings, or install the machine's time zones (tzdata).",
		)
	else:
		yield _SITE.good(f"Check-ins are written in the time zone {zone}.")


def is_a_zone(name: str) -> bool:
	try:
		ZoneInfo(name)
	except (ValueError, OSError, LookupError):
		return False
	return True


def check_fields() -> Iterator[Finding]:
	missing = [
		f"{doctype}.{field['fieldname']}"
		for doctype, fields in CUSTOM_FIELDS.items()
		for field in fields
		if not _is_there(doctype, field["fieldname"])
	]
	if missing:
		yield _SITE.failure(
			f"Fields of this app are missing: {named(missing)}.", f"bench --site {frappe.local.site} migrate"
		)
	else:
		yield _SITE.good("The fields of this app are there.")


def _is_there(doctype: str, field: str) -> bool:
	return bool(frappe.get_meta(doctype).has_field(field)) and frappe.db.has_column(doctype, field)


def check_keys() -> Iterator[Finding]:
	"""Of the database itself: a field may say that it is unique where the table knows nothing of it."""
	if frappe.db.db_type != "mariadb":
		return
	indexes = frappe.db.sql(f"show index from `tab{CHECK_IN}`", as_dict=True)
	if not any(index.Column_name == KEY_FIELD and not index.Non_unique for index in indexes):
		yield _SITE.failure(
			"The unique key on Employee Checkin is missing: two syncs at once could create the same check-in twice.",
			f"bench --site {frappe.local.site} migrate; if it is still missing, save the Custom Field {CHECK_IN}-{KEY_FIELD} "
			"with Unique ticked.",
		)
	elif not any(index.Key_name == INDEX for index in indexes):
		yield _SITE.warning(
			"The index on employee and time of Employee Checkin is missing: syncs are slow.",
			f"bench --site {frappe.local.site} migrate",
		)
	else:
		yield _SITE.good("The keys on Employee Checkin are there.")


CHECKS = (check_time_zone, check_fields, check_keys)
