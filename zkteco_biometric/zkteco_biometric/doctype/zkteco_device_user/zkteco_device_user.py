"""One person on one device whom check-ins enable and disable: the state, its reason, and the way back.

It remembers what was there before this app changed anything, which makes the way back exact. The app writes it past `save()`.
"""

import frappe
from frappe import _
from frappe.model.document import Document

from zkteco_biometric.frappe_hr.names import DEVICE_USER, SETTINGS


class ZKTecoDeviceUser(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		attempts: DF.Int
		check_in: DF.Link | None
		check_in_time: DF.Datetime | None
		device: DF.Link
		disabled_on: DF.Datetime | None
		due_at: DF.Datetime | None
		emp_code: DF.Data | None
		employee: DF.Link
		employee_name: DF.Data | None
		error: DF.SmallText | None
		error_code: DF.Data | None
		former: DF.SmallText | None
		former_shown: DF.SmallText | None
		last_attempt: DF.Datetime | None
		log_type: DF.Data | None
		method: DF.Data | None
		outcome: DF.Literal[
			"Waiting",
			"Requested",
			"Confirmed",
			"Failed",
			"Unsupported",
			"Unmanaged",
			"Changed Elsewhere",
			"Dry Run",
		]
		released: DF.Check
		remedy: DF.SmallText | None
		spent_until: DF.Datetime | None
		status: DF.Literal["Enabled", "Disabled"]
		told_on: DF.Datetime | None
		unsure_since: DF.Datetime | None
		user_id: DF.Data | None
		way_back: DF.Datetime | None
		why: DF.SmallText | None
	# end: auto-generated types

	def validate(self):
		"""What the app asks a device for it writes past this: by hand, the record would say what no server was told."""
		if not self.is_new():
			frappe.throw(
				_("A record of a device user cannot be edited. To bring the person back now, choose Enable."),
				title=_("ZKTeco Device User"),
			)

	def on_trash(self):
		"""Where the device is gone, a person brings back what was there, by hand, and then deletes the record."""
		if not frappe.db.exists(SETTINGS, self.device):
			return
		if frappe.db.get_value(DEVICE_USER, self.name, "former", for_update=True):
			frappe.throw(
				_(
					"This record holds what {0} had on the device before this app changed it: without it there would be no way back. Choose Enable, or Enable Everyone on the device; then it can be deleted."
				).format(self.employee_name or self.employee),
				title=_("The Way Back Would Be Lost"),
			)


def on_doctype_update():
	"""One row for a person on a device, however many cycles see their check-ins at once."""
	frappe.db.add_unique(DEVICE_USER, ["device", "employee"], constraint_name="one_person_on_a_device")
