"""A row of the site settings: this employee, or everybody of that department or designation, is never disabled."""

from frappe.model.document import Document


class ZKTecoDeviceUserExemption(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		exempt: DF.DynamicLink
		exempt_type: DF.Literal["Employee", "Department", "Designation"]
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
	# end: auto-generated types
