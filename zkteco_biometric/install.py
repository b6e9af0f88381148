"""Custom fields on HRMS's doctypes. `uninstall.py` takes away what this brings."""

import frappe
from frappe.custom.doctype.custom_field.custom_field import create_custom_fields

from zkteco_biometric.frappe_hr.names import (
	BIOMETRIC_ID,
	CHECK_IN,
	DEVICE_FIELD,
	KEY_FIELD,
	LOG_FIELD,
	PUNCH_FIELD,
	TRANSACTION_FIELD,
)
from zkteco_biometric.takeover.other_app import keep_the_doctype
from zkteco_biometric.takeover.take_over import take_over
from zkteco_biometric.wording import _  # marks for the translators; what is stored stays English

CUSTOM_FIELDS = {
	"Employee": [
		{
			"fieldname": "zkteco_user_id",
			"label": _("ZKTeco User ID"),
			"fieldtype": "Data",
			"insert_after": BIOMETRIC_ID,
			"no_copy": 1,
			"translatable": 0,
			"description": _(
				"The person's id on the BioTime server, found by the Biometric ID where it is empty. Not the Biometric ID itself, by which punches are matched."
			),
		}
	],
	CHECK_IN: [
		{
			"fieldname": DEVICE_FIELD,
			"label": _("ZKTeco Device"),
			"fieldtype": "Data",
			"insert_after": "device_id",
			"read_only": 1,
			"no_copy": 1,
			"translatable": 0,
			"depends_on": f"eval:doc.{DEVICE_FIELD}",
			"description": _("The ZKTeco Biometric Settings by which this check-in came."),
		},
		{
			"fieldname": TRANSACTION_FIELD,
			"label": _("ZKTeco Transaction ID"),
			"fieldtype": "Data",
			"insert_after": DEVICE_FIELD,
			"read_only": 1,
			"no_copy": 1,
			"translatable": 0,
			"depends_on": f"eval:doc.{DEVICE_FIELD}",
			"description": _("The id of the punch on that device."),
		},
		{
			"fieldname": LOG_FIELD,
			"label": _("ZKTeco Sync Log"),
			"fieldtype": "Data",
			"insert_after": TRANSACTION_FIELD,
			"read_only": 1,
			"hidden": 1,
			"search_index": 1,
			"no_copy": 1,
			"translatable": 0,
			"description": _("The sync that brought this check-in."),
		},
		{
			"fieldname": PUNCH_FIELD,
			"label": _("ZKTeco Punch Key"),
			"fieldtype": "Data",
			"insert_after": LOG_FIELD,
			"read_only": 1,
			"hidden": 1,
			"search_index": 1,
			"no_copy": 1,
			"translatable": 0,
			"print_hide": 1,
			"report_hide": 1,
			"description": _(
				"Code and second on the device: the punch is known again, whoever has the code by then."
			),
		},
		{
			"fieldname": KEY_FIELD,
			"label": _("ZKTeco Key"),
			"fieldtype": "Data",
			"insert_after": PUNCH_FIELD,
			"read_only": 1,
			"hidden": 1,
			"unique": 1,
			"no_copy": 1,
			"translatable": 0,
			"print_hide": 1,
			"report_hide": 1,
			"description": _("Employee and second: the database refuses a second check-in from a device."),
		},
	],
}


INDEX = "zkteco_employee_time"
"""HRMS has no index on time: at a million check-ins, its own look for duplicates reads all of a person's."""


MODIFIED_INDEX = "zkteco_modified"
"""By it the people are found whose check-ins have changed since they were last looked at."""


DEVICE_INDEX = "zkteco_device_time"
"""Check-ins of a day, or of an hour, are counted in it by the workspace, which would read the whole table otherwise."""


def after_install() -> None:
	keep_the_doctype()
	create_custom_fields(CUSTOM_FIELDS)
	frappe.db.add_index(CHECK_IN, ["employee", "time"], INDEX)
	frappe.db.add_index(CHECK_IN, [DEVICE_FIELD, "time"], DEVICE_INDEX)
	if not _has_index_on(CHECK_IN, "modified"):
		frappe.db.add_index(CHECK_IN, ["modified"], MODIFIED_INDEX)
	take_over()


def _has_index_on(doctype: str, column: str) -> bool:
	"""Newer versions of Frappe index `modified` no longer in every table."""
	indexes = frappe.db.sql(f"show index from `tab{doctype}`", as_dict=True)
	return any(index.Column_name == column and index.Seq_in_index == 1 for index in indexes)


def after_migrate() -> None:
	"""An update may bring other fields, and a site that was restored may lack them."""
	after_install()
