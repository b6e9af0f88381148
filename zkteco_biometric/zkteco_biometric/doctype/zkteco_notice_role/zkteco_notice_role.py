"""A row of the site settings: users with this role are told of incidents."""

from frappe.model.document import Document


class ZKTecoNoticeRole(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		role: DF.Autocomplete
	# end: auto-generated types
