"""Who else takes part when an Employee Checkin is inserted: where anybody does, `insert()` has to do it."""

from collections.abc import Iterator
from inspect import unwrap
from types import FunctionType
from typing import Any

import frappe
from frappe.model.base_document import get_controller
from frappe.model.document import Document
from hrms.hr.doctype.employee_checkin.employee_checkin import EmployeeCheckin

from zkteco_biometric.frappe_hr.names import CHECK_IN, SITE_SETTINGS
from zkteco_biometric.wording import Wording, _

EVENTS = (
	"before_insert",
	"before_naming",
	"autoname",
	"before_validate",
	"validate",
	"before_save",
	"after_insert",
	"on_update",
	"before_change",
	"on_change",
)
"""What `insert()` runs of hooks and of the class."""

REHEARSED = ("before_validate", "validate")
"""Those of HRMS's own class, which this app runs too."""

COUNTS_ANEW = "frappe.desk.notifications.clear_doctype_notifications"
"""A hook of Frappe on every doctype, for which a whole page is like one document."""

_WITHOUT_A_RECORD = {
	COUNTS_ANEW,
	"frappe.automation.doctype.assignment_rule.assignment_rule.apply",
	"frappe.automation.doctype.assignment_rule.assignment_rule.update_due_date",
	"frappe.automation.doctype.milestone_tracker.milestone_tracker.evaluate_milestone",
	"frappe.core.doctype.file.utils.attach_files_to_document",
	"frappe.core.doctype.permission_log.permission_log.make_perm_log",
	"frappe.core.doctype.user_type.user_type.apply_permissions_for_non_standard_user_type",
	"frappe.social.doctype.energy_point_rule.energy_point_rule.process_energy_points",
	"frappe.workflow.doctype.workflow_action.workflow_action.process_workflow_actions",
	"erpnext.setup.doctype.transaction_deletion_record.transaction_deletion_record.check_for_running_deletion_job",
	"erpnext.support.doctype.service_level_agreement.service_level_agreement.apply",
}
"""Hooks of Frappe and ERPNext on every doctype that do nothing for a check-in without one of the records below, without a
field for attachments (see `shape.py`), or without a company.
"""

_SEARCH = "frappe.search.sqlite_search.update_doc_index"

_RECORDS: dict[str, tuple[str, dict[str, Any]]] = {
	"Server Script": ("reference_doctype", {"disabled": 0, "script_type": "DocType Event"}),
	"Notification": ("document_type", {"enabled": 1}),
	"Webhook": ("webhook_doctype", {"enabled": 1}),
	"Workflow": ("document_type", {"is_active": 1}),
	"Assignment Rule": ("document_type", {"disabled": 0}),
	"Energy Point Rule": ("reference_doctype", {"enabled": 1}),
	"Milestone Tracker": ("document_type", {"disabled": 0}),
	"Document Naming Rule": ("document_type", {"disabled": 0}),
	"Service Level Agreement": ("document_type", {}),
	"User Type": ("apply_user_permission_on", {"is_standard": 0}),
}
"""By which field they name the doctype, and when they are in force."""

_NOT_SET_OFF = (
	"Days Before",
	"Days After",
	"Minutes Before",
	"Minutes After",
	"Value Change",
	"Submit",
	"Cancel",
)
"""Events of a Notification that no insert sets off."""

_SWITCH = "write_one_by_one"
_SWITCHED_OFF = f"""
	(select '{SITE_SETTINGS}', field from `tabSingles` where doctype = '{SITE_SETTINGS}' and field = '{_SWITCH}' and value = '1')
"""
_FOLLOWS = "(select 'User', name from `tabUser` where name = %s and follow_created_documents = 1 limit 1)"


def who_else_listens() -> Wording | None:
	"""Why a check-in has to be written by `insert()`; None where nobody would notice. One query."""
	if frappe.db.db_type != "mariadb":
		return _("the database is not MariaDB")
	return _another_class() or next(_other_hooks(), None) or _own_company() or _a_record()


def _another_class() -> Wording | None:
	controller = get_controller(CHECK_IN)
	if controller is not EmployeeCheckin:
		return _("another app replaces the class of Employee Checkin: {0}").format(controller.__module__)
	for name, member in vars(controller).items():
		if isinstance(member, FunctionType) and not _is_known(name, unwrap(member)):
			return _("the class of Employee Checkin does more than this app knows: {0}").format(name)
	return None


def _is_known(name: str, method: Any) -> bool:
	"""HRMS's own, and no step of an insert but those that this app takes too."""
	is_a_step = name in EVENTS or hasattr(Document, name)
	return method.__module__ == EmployeeCheckin.__module__ and (name in REHEARSED or not is_a_step)


def _other_hooks() -> Iterator[Wording]:
	hooks = frappe.get_doc_hooks()
	for doctype in (CHECK_IN, "*"):
		for event in EVENTS:
			for handler in hooks.get(doctype, {}).get(event, []):
				if not _does_nothing(handler):
					yield _("another app's hook on Employee Checkin: {0}").format(handler)


def _does_nothing(handler: str) -> bool:
	return handler in _WITHOUT_A_RECORD or (handler == _SEARCH and not frappe.get_hooks("sqlite_search"))


def _own_company() -> Wording | None:
	if frappe.get_meta(CHECK_IN).has_field("company"):
		return _("the field {0} of Employee Checkin is filled or checked one by one").format("company")
	return None


def _a_record() -> Wording | None:
	"""Of any of the kinds that take part, the first; whoever follows the documents that they create; and the site's own wish."""
	looks: list[tuple[str, list[Any]]] = [(_SWITCHED_OFF, [])]
	looks += [_look(kind) for kind in _RECORDS if frappe.db.table_exists(kind)]
	looks.append((_FOLLOWS, [frappe.session.user]))
	found = frappe.db.sql(
		" union all ".join(query for query, _values in looks),
		[value for _query, values in looks for value in values],
	)
	if not found:
		return None
	kind, name = found[0]
	if kind == SITE_SETTINGS:
		return _("ZKTeco Site Settings: {0}").format(_("Always Write Check-ins One by One"))
	if kind == "User":
		return _("{0} follows the documents that they create").format(name)
	return _("{0} {1} on Employee Checkin").format(_(kind), name)


def _look(kind: str) -> tuple[str, list[Any]]:
	"""One record of the kind that is in force for check-ins: the statement, and its values."""
	field, in_force = _RECORDS[kind]
	wanted = {field: CHECK_IN, **in_force}
	conditions = [f"`{name}` = %s" for name in wanted]
	values = list(wanted.values())
	if kind == "Notification":
		conditions.append("event not in %s")
		values.append(_NOT_SET_OFF)
	return f"(select '{kind}', name from `tab{kind}` where {' and '.join(conditions)} limit 1)", values
