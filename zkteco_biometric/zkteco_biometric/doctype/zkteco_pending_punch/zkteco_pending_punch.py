"""A punch that could not become a check-in yet, with the reason; see `frappe_hr/pending.py`."""

from datetime import datetime, timedelta

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.names import PENDING
from zkteco_biometric.frappe_hr.pending import CREATED, WAITING

_AT_ONCE = 1000


class ZKTecoPendingPunch(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		attempts: DF.Int
		check_in: DF.Link | None
		device: DF.Link
		emp_code: DF.Data | None
		employee: DF.Link | None
		ignore_comment: DF.SmallText | None
		ignored_by: DF.Link | None
		ignored_on: DF.Datetime | None
		last_attempt: DF.Datetime | None
		message: DF.SmallText | None
		person_name: DF.Data | None
		punch_key: DF.Data | None
		punch_state: DF.Data | None
		punch_time: DF.Datetime | None
		punch_time_received: DF.Data | None
		reason: DF.Literal[
			"Unknown Employee",
			"Inactive Employee",
			"Refused by HRMS",
			"Impossible Time",
			"Unreadable Row",
		]
		row: DF.Code | None
		status: DF.Literal["Waiting", "Created", "Ignored"]
		sync_log: DF.Link | None
		terminal_alias: DF.Data | None
		terminal_sn: DF.Data | None
		transaction_id: DF.Data | None
		upload_time: DF.Data | None
	# end: auto-generated types

	def validate(self):
		"""What the app decides it writes past this: nobody else makes a check-in of a punch, or settles one, by hand."""
		if not self.is_new():
			frappe.throw(
				_(
					"A pending punch cannot be edited. Link its Biometric ID to an employee, retry it, or ignore it."
				),
				title=_("ZKTeco Pending Punch"),
			)

	def on_trash(self):
		if frappe.db.get_value(PENDING, self.name, "status", for_update=True) == WAITING:
			frappe.throw(
				_(
					"This punch still waits to become a check-in: without it somebody's hours would be lost. Link its Biometric ID to an employee, retry it, or ignore it with a comment; then it can be deleted."
				),
				title=_("The Punch Waits"),
			)

	@staticmethod
	def clear_old_logs(days: int = 180) -> None:
		"""For Log Settings: what has become a check-in, or a rule has left out, so long ago.

		What waits is never cleared, nor what a person has ignored: it would become a check-in when it is read again.
		"""
		before = now_datetime() - timedelta(days=days)
		while names := _settled(before):
			frappe.db.delete("Comment", {"reference_doctype": PENDING, "reference_name": ("in", names)})
			frappe.db.delete(PENDING, {"name": ("in", names)})
			frappe.db.commit()  # each thousand: years of punches would be one long transaction


def _settled(before: datetime) -> list[str]:
	return frappe.get_all(
		PENDING,
		filters={"status": ("!=", WAITING), "modified": ("<", before)},
		or_filters={"status": CREATED, "ignored_by": ("is", "not set")},
		pluck="name",
		order_by="modified",
		limit=_AT_ONCE,
	)


def on_doctype_update():
	"""One row for a code and a time of a device, however often the server sends it, and whatever its id."""
	frappe.db.add_unique(PENDING, ["device", "punch_key"], constraint_name="one_punch_of_a_device")
