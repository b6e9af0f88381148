"""One incident, from when it was seen first until it was over; written by `frappe_hr/incident_rows.py` alone."""

from datetime import timedelta

import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.names import INCIDENT

_AT_ONCE = 1000


class ZKTecoIncident(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		awaits: DF.Literal["", "Beginning", "End"]
		device: DF.Link
		employee: DF.Link | None
		kind: DF.Literal[
			"Silent Device",
			"Silent Terminal",
			"Device Not Read",
			"Log-in Rejected",
			"Device Failing",
			"Waiting Punches",
			"Wrong Clock",
			"People Not Enabled in Time",
		]
		message: DF.SmallText | None
		open_key: DF.Data | None
		opened: DF.Datetime | None
		over: DF.Datetime | None
		over_told_on: DF.Datetime | None
		remedy: DF.SmallText | None
		since: DF.Datetime | None
		status: DF.Literal["Open", "Over"]
		subject: DF.Data | None
		subject_name: DF.Data | None
		title: DF.Data | None
		told_on: DF.Datetime | None
	# end: auto-generated types

	@staticmethod
	def clear_old_logs(days: int = 180) -> None:
		"""For Log Settings. What is open is never cleared: its end could not be told."""
		old = {"status": "Over", "modified": ("<", now_datetime() - timedelta(days=days))}
		while names := frappe.get_all(INCIDENT, old, pluck="name", order_by="modified", limit=_AT_ONCE):
			frappe.db.delete(INCIDENT, {"name": ("in", names)})
			frappe.db.commit()  # each thousand: years of incidents would be one long transaction
