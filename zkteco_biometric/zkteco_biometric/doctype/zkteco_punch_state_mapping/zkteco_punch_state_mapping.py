"""A row of a device's table: this punch state becomes that log type."""

from frappe.model.document import Document


class ZKTecoPunchStateMapping(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		log_type: DF.Literal["IN", "OUT", "No Log Type", "Ignore"]
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		punch_state: DF.Data
	# end: auto-generated types
