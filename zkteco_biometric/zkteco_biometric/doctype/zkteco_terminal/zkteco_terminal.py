"""One terminal of a device: whether it is online, when it was heard of last, and how its clock is.

The app writes it past `save()`; a person decides only whether its silence matters.
"""

import frappe
from frappe.model.document import Document

from zkteco_biometric.frappe_hr.names import TERMINAL
from zkteco_biometric.frappe_hr.terminal_rows import OWNED


class ZKTecoTerminal(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		alias: DF.Data | None
		area: DF.Data | None
		clock: DF.Literal["Unknown", "Agrees", "Ahead", "Behind"]
		clock_offset: DF.Int
		device: DF.Link
		known_since: DF.Datetime | None
		ip_address: DF.Data | None
		last_activity: DF.Datetime | None
		last_punch: DF.Datetime | None
		last_named: DF.Datetime | None
		people: DF.Int
		punches: DF.Int
		serial_key: DF.Data | None
		serial_number: DF.Data | None
		server_zone: DF.Data | None
		status: DF.Literal["Online", "Offline", "Unknown", "Gone"]
		title: DF.Data | None
		watch: DF.Check
	# end: auto-generated types

	def validate(self):
		"""A form that was opened before the last refresh must not bring back what was there then."""
		if not self.is_new():
			self.update(frappe.db.get_value(TERMINAL, self.name, OWNED, as_dict=True, for_update=True))


def on_doctype_update():
	"""One row for a terminal of a device, however many refreshes meet it at once."""
	frappe.db.add_unique(TERMINAL, ["device", "serial_key"], constraint_name="one_terminal_of_a_device")
