"""What holds for all devices of the site."""

import frappe
from frappe.model.document import Document

from zkteco_biometric.frappe_hr.attendance import SITE_SETTINGS, overview


class ZKTecoSiteSettings(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		move_last_sync_of_checkin: DF.Check
	# end: auto-generated types


@frappe.whitelist(methods=["GET"])
def attendance_overview() -> dict:
	"""Where attendance stands for every Shift Type with auto attendance; see `frappe_hr.attendance.overview`."""
	frappe.has_permission(SITE_SETTINGS, "read", throw=True)
	return overview()
