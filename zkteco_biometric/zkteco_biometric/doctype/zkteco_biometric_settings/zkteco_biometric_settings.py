"""One device: where it is, how to log in, how to read its punches, and how far it has been read."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, get_datetime, now_datetime
from frappe.utils.password import set_encrypted_password

from zkteco_biometric.biotime.url import normalise_url
from zkteco_biometric.cycle.arrivals import Arrivals
from zkteco_biometric.cycle.schedule import Frequency, check_cron
from zkteco_biometric.cycle.window import last_sync_in_another_zone
from zkteco_biometric.device_users.method import ABOUT_SOMETHING_ELSE, check_control_field
from zkteco_biometric.device_users.states import Kind
from zkteco_biometric.frappe_hr import device_user_triggers
from zkteco_biometric.frappe_hr.device import wall_clocks
from zkteco_biometric.frappe_hr.device_state import NO_TROUBLE, OWNED, last_sync_instant, last_sync_values
from zkteco_biometric.frappe_hr.device_user_records import NOT_HELD
from zkteco_biometric.frappe_hr.heartbeat import scheduler_state
from zkteco_biometric.frappe_hr.incident_rows import close_incidents
from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_FIELD, DEVICE_USER, HIDDEN_PASSWORD, SETTINGS
from zkteco_biometric.frappe_hr.overview import overview
from zkteco_biometric.frappe_hr.pending_retry import refuse_while_punches_wait
from zkteco_biometric.frappe_hr.pending_triggers import device_changed
from zkteco_biometric.frappe_hr.shift_warnings import warnings_for
from zkteco_biometric.frappe_hr.terminal_rows import forget_terminals
from zkteco_biometric.frappe_hr.wording import translated
from zkteco_biometric.sync import enqueue_fetch_token

_LIMITS = {
	"page_size": (1, 5000, 500),
	"connect_timeout": (1, 120, 10),
	"read_timeout": (1, 600, 60),
	"look_back": (0, 60 * 24 * 31, None),
	"daily_look_back": (0, 92, None),
}
"""Smallest, largest, and what an empty field means."""

_CONTROL = (
	"control_users",
	"control_dry_run",
	"control_method",
	"parking_area",
	"control_field",
	"enabled_value",
	"disabled_value",
)
"""How people are enabled and disabled on the device."""

_WHEN = ("enable", "fetch_frequency", "cron_expression")
"""Whether and when the device is to be read."""

_CONTROL_TROUBLE = ("control_error", "control_error_code", "control_remedy", "control_reported")
"""What is remembered of how that went wrong."""


class ZKTecoBiometricSettings(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		from zkteco_biometric.zkteco_biometric.doctype.zkteco_punch_state_mapping.zkteco_punch_state_mapping import (
			ZKTecoPunchStateMapping,
		)

		arrivals: DF.LongText | None
		ca_file: DF.Attach | None
		checkpoint: DF.SmallText | None
		clock_watch: DF.LongText | None
		complete_sync: DF.Datetime | None
		connect_timeout: DF.Int
		control_dry_run: DF.Check
		control_error: DF.SmallText | None
		control_error_code: DF.Data | None
		control_field: DF.Data | None
		control_generation: DF.Int
		control_method: DF.Literal["Area", "Employee Field"]
		control_remedy: DF.SmallText | None
		control_reported: DF.LongText | None
		control_users: DF.Check
		control_watermark: DF.Data | None
		control_way: DF.Data | None
		cron_expression: DF.Data | None
		daily_look_back: DF.Int
		default_log_type: DF.Literal["IN", "OUT", "No Log Type", "Ignore"]
		device_name: DF.Data
		disabled_value: DF.Data | None
		enable: DF.Check
		enabled_value: DF.Data | None
		error_code: DF.Data | None
		expected_since: DF.Datetime | None
		failing_since: DF.Datetime | None
		failures: DF.Int
		generation: DF.Int
		fetch_frequency: DF.Literal["All", "Hourly", "Daily", "Weekly", "Monthly", "Custom Cron"]
		last_attempt: DF.Datetime | None
		last_created: DF.Int
		last_duplicate: DF.Int
		last_error: DF.SmallText | None
		last_fetched: DF.Int
		last_ignored: DF.Int
		last_pending: DF.Int
		last_remedy: DF.SmallText | None
		last_sync_timestamp: DF.Datetime | None
		last_sync_zone: DF.Data | None
		login_rejected: DF.Check
		look_back: DF.Int
		page_size: DF.Int
		page_size_borne: DF.Int
		parking_area: DF.Data | None
		password: DF.Password
		past_days: DF.LongText | None
		punch_states: DF.Table[ZKTecoPunchStateMapping]
		read_timeout: DF.Int
		reported: DF.LongText | None
		status: DF.Literal[
			"Not Synced", "Queued", "Running", "Unfinished", "Success", "Failed", "Log-in Rejected"
		]
		sync_from: DF.Datetime | None
		time_zone: DF.Autocomplete | None
		token: DF.Password | None
		token_expires: DF.Datetime | None
		token_kind: DF.Data | None
		url: DF.Data
		username: DF.Data
		verify_tls: DF.Check
		wrong_clocks: DF.SmallText | None
	# end: auto-generated types

	def onload(self):
		"""What the form shows beside the document: how it is doing, what HRMS will refuse, and who is disabled."""
		self.set_onload("overview", overview(self.name).as_dict())
		self.set_onload("scheduler", scheduler_state().value)
		self.set_onload("warnings", warnings_for(self))
		self.set_onload("control", device_user_triggers.overview(self))

	def before_insert(self):
		if not self.punch_states:
			self.extend("punch_states", _mission_states())

	def validate(self):
		"""Checks what a person entered, without asking the device: saving never depends on it."""
		self._keep_what_the_sync_owns()
		self._clean_connection()
		self._check_schedule()
		self._check_time_zone()
		self._check_numbers()
		self._check_punch_states()
		self._check_control()
		self._react_to_changes()

	def on_update(self):
		if self.enable and self.flags.log_in_again:
			enqueue_fetch_token(self.name)
		device_changed(self)
		device_user_triggers.device_saved(self)

	def on_trash(self):
		refuse_while_punches_wait(self.name)
		device_user_triggers.device_deleted(self.name)
		forget_terminals(self.name)

	def before_rename(self, old: str, new: str, merge: bool = False):
		"""Of two devices that become one, a person can be remembered once; of neither may the way back be lost."""
		if merge:
			_refuse_while_people_are_disabled(old, new)
			frappe.db.delete(DEVICE_USER, {"device": old, **NOT_HELD})
			forget_terminals(old)
			close_incidents(old)

	def after_rename(self, old: str, new: str, _merge: bool = False):
		frappe.db.set_value(CHECK_IN, {DEVICE_FIELD: old}, DEVICE_FIELD, new, update_modified=False)

	def _keep_what_the_sync_owns(self):
		"""A form that was opened before the last sync must not bring back what was there then."""
		if self.is_new():
			self.update(dict.fromkeys(set(OWNED) - {"last_sync_timestamp", "status"}))
			self.update({"status": "Not Synced", **NO_TROUBLE})
		else:
			self.update(frappe.db.get_value(SETTINGS, self.name, OWNED, as_dict=True, for_update=True))

	def _clean_connection(self):
		self.username = (self.username or "").strip()
		self.sync_from = self.sync_from or None
		try:
			self.url = normalise_url(self.url or "")
		except ValueError as error:
			frappe.throw(translated(str(error)), title=_("URL"))

	def _check_schedule(self):
		if self.fetch_frequency != Frequency.CRON.value:
			return
		self.cron_expression = " ".join((self.cron_expression or "").split())
		try:
			check_cron(self.cron_expression)
		except ValueError as error:
			frappe.throw(translated(str(error)), title=_("Cron Expression"))

	def _check_time_zone(self):
		self.time_zone = (self.time_zone or "").strip() or None
		try:
			ZoneInfo(self.time_zone or "UTC")
		except (ValueError, OSError, LookupError):
			frappe.throw(
				_("{0} is no time zone. Choose one from the list, such as Africa/Nairobi.").format(
					self.time_zone
				),
				title=_("Time Zone of the Punches"),
			)

	def _check_numbers(self):
		for fieldname, (smallest, largest, when_empty) in _LIMITS.items():
			value = cint(self.get(fieldname)) or when_empty or 0
			self.set(fieldname, value)
			if not smallest <= value <= largest:
				label = self.meta.get_label(fieldname)
				frappe.throw(
					_("{0} must be between {1} and {2}.").format(_(label), smallest, largest), title=_(label)
				)

	def _check_punch_states(self):
		seen = set()
		for row in self.punch_states:
			row.punch_state = (row.punch_state or "").strip()
			if not (row.punch_state.isascii() and row.punch_state.isdecimal()):
				frappe.throw(
					_(
						"Row {0} of Punch States: {1} is no punch state. Enter a number such as 0, 1 or 255."
					).format(row.idx, row.punch_state)
				)
			row.punch_state = str(int(row.punch_state))
			if row.punch_state in seen:
				frappe.throw(
					_("Row {0} of Punch States: there is a row for {1} already. Keep one of them.").format(
						row.idx, row.punch_state
					)
				)
			seen.add(row.punch_state)

	def _check_control(self):
		for fieldname in ("parking_area", "control_field", "enabled_value", "disabled_value"):
			self.set(fieldname, (self.get(fieldname) or "").strip() or None)
		if not self.control_users:
			return
		if self.control_method == Kind.FIELD.value:
			self._check_control_field()
		elif not self.parking_area:
			frappe.throw(
				_("Enter an area of the BioTime server that no terminal belongs to."), title=_("Parking Area")
			)

	def _check_control_field(self):
		try:
			check_control_field(self.control_field or "", self.enabled_value or "", self.disabled_value or "")
		except ValueError as error:
			frappe.throw(translated(str(error)), title=_("Employee Field"))
		if self.control_field in ABOUT_SOMETHING_ELSE and self.has_value_changed("control_field"):
			frappe.msgprint(
				_(
					"{0} decides about the calculation of attendance or the mobile app on most servers, and keeps nobody out. Try it with one person before you rely on it."
				).format(self.control_field),
				title=_("Employee Field"),
				indicator="orange",
			)

	def _react_to_changes(self):
		self.flags.log_in_again = self.is_new() or self._credentials_changed()
		if self.flags.log_in_again:
			self._hide_password()
			self.update({"token": None, "token_expires": None, **NO_TROUBLE})
			self.status = "Not Synced" if self._has_an_outcome() else self.status
		self._expect_it_from_now_on()
		if not self.is_new():
			self._begin_elsewhere_if_asked()
			self._stop_control_that_is_at_work()

	def _expect_it_from_now_on(self):
		"""Nobody was to read it before, or at other times: neither has it failed since then, nor is it overdue."""
		if self.flags.log_in_again or any(self.has_value_changed(name) for name in _WHEN):
			self.expected_since = now_datetime().replace(microsecond=0)
		if self.has_value_changed("enable"):
			self.failing_since = None

	def _hide_password(self):
		"""Frappe would keep as many asterisks as the password is long, and tell them in the Version."""
		if self._password_was_typed():
			set_encrypted_password(SETTINGS, self.name, self.password, "password")
			self.password = HIDDEN_PASSWORD

	def _begin_elsewhere_if_asked(self):
		if any(self.has_value_changed(name) for name in ("url", "time_zone", "page_size", "sync_from")):
			self.checkpoint = None
			# A cycle that is running stops, and does not undo this.
			self.generation = cint(self.generation) + 1
		if self.has_value_changed("url") or self.has_value_changed("page_size"):
			self.page_size_borne = 0
		if self.has_value_changed("url"):
			self.update({"arrivals": None, "past_days": None, "clock_watch": None, "wrong_clocks": None})
		if self.has_value_changed("sync_from"):
			self.update({"last_sync_timestamp": None, "past_days": None})
		elif self.has_value_changed("time_zone") and self.last_sync_timestamp:
			self._go_on_in_another_zone()

	def _stop_control_that_is_at_work(self):
		"""It goes by what was entered before; what it was about to begin is void, and what it met may be over."""
		if any(self.has_value_changed(name) for name in (*_CONTROL, "enable", "url")):
			self.control_generation = cint(self.control_generation) + 1
			self.update(dict.fromkeys(_CONTROL_TROUBLE))

	def _go_on_in_another_zone(self):
		before, after = wall_clocks(self.get_doc_before_save().time_zone), wall_clocks(self.time_zone)
		last_sync = last_sync_instant(get_datetime(self.last_sync_timestamp), self.last_sync_zone)
		self.update(last_sync_values(last_sync_in_another_zone(last_sync, before, after), after))
		known = Arrivals.from_json(self.arrivals) if self.arrivals else None
		if known and known.windows_until:
			until = last_sync_in_another_zone(known.windows_until, before, after)
			self.arrivals = replace(known, windows_until=until).as_json()

	def _has_an_outcome(self) -> bool:
		"""That of another address, or as another user: it says nothing of these."""
		return self.status in ("Success", "Log-in Rejected", "Failed")

	def _credentials_changed(self) -> bool:
		return (
			self._password_was_typed() or self.has_value_changed("url") or self.has_value_changed("username")
		)

	def _password_was_typed(self) -> bool:
		return bool(self.password) and not self.is_dummy_password(self.password)


def _refuse_while_people_are_disabled(*devices: str) -> None:
	if frappe.db.exists(DEVICE_USER, {"device": ("in", devices), "former": ("is", "set")}):
		frappe.throw(
			_(
				"People are disabled on one of these devices, and could not be brought back to what they had there. Choose Enable Everyone on both, and merge them once the list of device users shows that it is confirmed."
			),
			title=_("Device Users"),
		)


def _mission_states() -> list[dict]:
	return [{"punch_state": "0", "log_type": "IN"}, {"punch_state": "1", "log_type": "OUT"}]
