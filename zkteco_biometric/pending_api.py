"""What Desk calls about pending punches. Each checks permission first; what changes anything is POST only."""

import frappe
from frappe import _

from zkteco_biometric.frappe_hr.names import PENDING
from zkteco_biometric.frappe_hr.pending_people import ignore_named, link, retry_named, waiting_of
from zkteco_biometric.frappe_hr.pending_triggers import enqueue_retry_of_code, retry_code

AT_ONCE = 500
"""As many are decided while the person waits; more by a background job."""

_MOST = 20_000


@frappe.whitelist(methods=["POST"])
def retry(names: str | list) -> dict:
	"""Decides these punches anew, ignored ones too. `{"outcome": {...}}`, or `{"enqueued": int}` where they are many."""
	frappe.has_permission(PENDING, "write", throw=True)
	chosen = _chosen(names)
	if len(chosen) <= AT_ONCE:
		return {"outcome": retry_named(chosen).as_dict()}
	frappe.enqueue(
		"zkteco_biometric.frappe_hr.pending_people.retry_named",
		queue="default",
		timeout=1500,
		enqueue_after_commit=True,
		names=chosen,
	)
	return {"enqueued": len(chosen)}


@frappe.whitelist(methods=["POST"])
def ignore(names: str | list, comment: str) -> dict:
	"""Those that wait are ignored from now on. `{"ignored": int, "settled": int}`, or `{"enqueued": int}`."""
	frappe.has_permission(PENDING, "write", throw=True)
	chosen = _chosen(names)
	comment = comment.strip()
	if not comment:
		frappe.throw(_("Say why these punches are ignored: who reads the list later will ask."))
	if len(chosen) <= AT_ONCE:
		ignored = ignore_named(chosen, comment)
		return {"ignored": ignored, "settled": len(chosen) - ignored}
	frappe.enqueue(
		"zkteco_biometric.frappe_hr.pending_people.ignore_named",
		queue="default",
		timeout=1500,
		enqueue_after_commit=True,
		names=chosen,
		comment=comment,
	)
	return {"enqueued": len(chosen)}


@frappe.whitelist(methods=["POST"])
def link_to_employee(code: str, employee: str, replaces: str = "") -> dict:
	"""Sets the employee's Biometric ID and retries what waits of the code. Answers as `retry` does.

	`replaces`: the Biometric ID that the employee has now, as the person saw it who agreed to replace it.
	"""
	frappe.has_permission(PENDING, "write", throw=True)
	frappe.has_permission("Employee", "write", doc=employee, throw=True)
	link(code.strip(), frappe.get_doc("Employee", employee), replaces.strip())
	waiting = waiting_of(code.strip())
	if waiting <= AT_ONCE:
		return {"outcome": retry_code(code.strip()).as_dict()}
	enqueue_retry_of_code(code.strip())
	return {"enqueued": waiting}


def _chosen(names: str | list) -> list[str]:
	"""Those that exist and that the person may see, however Desk sends the names."""
	wanted = names
	if isinstance(names, str):
		wanted = frappe.parse_json(names) if names.startswith("[") else [names]
	if not 0 < len(wanted) <= _MOST or not all(name and isinstance(name, str) for name in wanted):
		frappe.throw(_("Choose between 1 and {0} punches.").format(_MOST))
	return frappe.get_list(
		PENDING, filters={"name": ("in", wanted)}, pluck="name", order_by="name", limit_page_length=0
	)
