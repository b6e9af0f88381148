"""What holds for all devices of the site."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint

from zkteco_biometric.frappe_hr import device_user_triggers
from zkteco_biometric.frappe_hr.attendance import SITE_SETTINGS, overview
from zkteco_biometric.frappe_hr.notice_rules import WORKING_DAYS

_LIMITS = {
	"way_back_margin": (0, 1440, 0),
	"way_back_hours": (1, 168, 8),
	"oldest_disabling_punch": (1, 168, 12),
}
_NOTICE_LIMITS = {
	"silent_after": (0, 720, 0),
	"failing_after": (0, 10080, 0),
	"waiting_above": (0, 1000000, 0),
}
"""Smallest, largest, and what an empty field means."""

_AUTOMATIC = ("Administrator", "All", "Desk User", "Guest")


class ZKTecoSiteSettings(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		from zkteco_biometric.zkteco_biometric.doctype.zkteco_device_user_exemption.zkteco_device_user_exemption import (
			ZKTecoDeviceUserExemption,
		)
		from zkteco_biometric.zkteco_biometric.doctype.zkteco_notice_role.zkteco_notice_role import (
			ZKTecoNoticeRole,
		)

		disable_during_shift: DF.Check
		exemptions: DF.Table[ZKTecoDeviceUserExemption]
		failing_after: DF.Int
		keep_left_disabled: DF.Check
		last_sweep: DF.Datetime | None
		move_last_sync_of_checkin: DF.Check
		notice_holiday_list: DF.Link | None
		notice_roles: DF.Table[ZKTecoNoticeRole]
		notices_state: DF.SmallText | None
		oldest_disabling_punch: DF.Int
		send_email: DF.Check
		send_notices: DF.Check
		silent_after: DF.Int
		tell_wrong_clocks: DF.Check
		waiting_above: DF.Int
		way_back_hours: DF.Int
		way_back_margin: DF.Int
		work_begins: DF.Time | None
		work_ends: DF.Time | None
		works_friday: DF.Check
		works_monday: DF.Check
		works_saturday: DF.Check
		works_sunday: DF.Check
		works_thursday: DF.Check
		works_tuesday: DF.Check
		works_wednesday: DF.Check
	# end: auto-generated types

	def validate(self):
		# The scheduler goes on while somebody has the form open.
		for fieldname in ("last_sweep", "notices_state"):
			self.set(fieldname, frappe.db.get_single_value(SITE_SETTINGS, fieldname, cache=False))
		self._check_numbers()
		self._check_working_hours()
		self._check_roles()
		self._clean_exemptions()

	def on_update(self):
		before = self.get_doc_before_save()
		if before is None or _of_device_users(before) != _of_device_users(self):
			device_user_triggers.settings_changed(self)

	def _check_numbers(self):
		for fieldname, (smallest, largest, when_empty) in {**_LIMITS, **_NOTICE_LIMITS}.items():
			value = cint(self.get(fieldname)) or when_empty
			self.set(fieldname, value)
			if not smallest <= value <= largest:
				label = self.meta.get_label(fieldname)
				frappe.throw(
					_("{0} must be between {1} and {2}.").format(_(label), smallest, largest), title=_(label)
				)

	def _check_working_hours(self):
		"""Silence needs a day on which punches are expected; a time that is empty is that of a new site."""
		for fieldname in ("work_begins", "work_ends"):
			self.set(fieldname, self.get(fieldname) or self.meta.get_field(fieldname).default)
		if self.silent_after and not any(self.get(fieldname) for fieldname in WORKING_DAYS):
			frappe.throw(
				_("Tick a day on which punches are expected, or set {0} to 0.").format(
					_(self.meta.get_label("silent_after"))
				),
				title=_("Working Hours"),
			)

	def _check_roles(self):
		"""Each is named once; a row that names none goes away. A role that is gone by now is left to whoever removes it."""
		rows = {row.role: row for row in reversed(self.notice_roles) if row.role}
		self.set("notice_roles", list(reversed(rows.values())))
		before = self.get_doc_before_save()
		kept = {row.role for row in before.notice_roles} if before else set()
		for role in sorted({*rows} - kept - {*_roles_of_desk()}):
			frappe.throw(
				_("{0} is no role that works in Desk. Choose one from the list.").format(role),
				title=_(self.meta.get_label("notice_roles")),
			)

	def _clean_exemptions(self):
		"""Each is named once; a row that names nobody goes away."""
		rows = {(row.exempt_type, row.exempt): row for row in reversed(self.exemptions) if row.exempt}
		self.set("exemptions", list(reversed(rows.values())))


def _of_device_users(settings: ZKTecoSiteSettings) -> tuple:
	"""What decides who is disabled, and for how long."""
	fieldnames = (*_LIMITS, "disable_during_shift", "keep_left_disabled")
	exempt = {(row.exempt_type, row.exempt) for row in settings.exemptions}
	return (*(cint(settings.get(fieldname)) for fieldname in fieldnames), exempt)


def on_doctype_update():
	"""Frappe gives defaults to new documents only: a site gets those of the fields that it lacks. Also one that has none yet:
	the first value that the scheduler stores would make all others look like empty ones.
	"""
	stored = frappe.db.get_singles_dict(SITE_SETTINGS)
	for field in frappe.get_meta(SITE_SETTINGS).fields:
		if field.default and field.fieldname not in stored:
			frappe.db.set_single_value(SITE_SETTINGS, field.fieldname, field.default, update_modified=False)


@frappe.whitelist(methods=["GET"])
def desk_roles() -> list[str]:
	"""What may be chosen to be told: HR Managers may not read the list of roles itself."""
	frappe.has_permission(SITE_SETTINGS, "read", throw=True)
	return _roles_of_desk()


def _roles_of_desk() -> list[str]:
	"""Without those that Frappe gives by itself."""
	ours = {"disabled": 0, "desk_access": 1, "name": ("not in", _AUTOMATIC)}
	return frappe.get_all("Role", filters=ours, pluck="name", order_by="name")


@frappe.whitelist(methods=["GET"])
def attendance_overview() -> dict:
	"""Where attendance stands for every Shift Type with auto attendance; see `frappe_hr.attendance.overview`."""
	frappe.has_permission(SITE_SETTINGS, "read", throw=True)
	return overview()
