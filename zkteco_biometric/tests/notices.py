"""What the tests of notices share: a site that tells, an outgoing e-mail account, and what was told to whom."""

import json
from datetime import timedelta
from email import message_from_string
from email.header import decode_header, make_header

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.names import INCIDENT, SETTINGS, SITE_SETTINGS
from zkteco_biometric.frappe_hr.notice_state import NOTICES, STATE
from zkteco_biometric.frappe_hr.notices import sweep_notices
from zkteco_biometric.tests.control import set_site
from zkteco_biometric.tests.people import delete_users, make_users
from zkteco_biometric.tests.support import DeviceTestCase

OFFICE = "ZKTeco Test Office"
_ACCOUNT = "ZKTeco Test Outgoing"
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

DEFAULTS = {
	"send_notices": 1,
	"send_email": 1,
	"silent_after": 10,
	"failing_after": 30,
	"waiting_above": 50,
	"tell_wrong_clocks": 1,
	"work_begins": "08:00:00",
	"work_ends": "17:00:00",
	"notice_holiday_list": None,
	**{f"works_{day}": int(not day.startswith("s")) for day in _DAYS},
}
"""What a new site has."""

NO_HOLIDAYS = "ZKTeco Test No Holidays"
ROUND_THE_CLOCK = {
	**DEFAULTS,
	"work_ends": "08:00:00",
	"notice_holiday_list": NO_HOLIDAYS,
	**{f"works_{day}": 1 for day in _DAYS},
}
"""So that it does not matter when the tests run."""


class NoticesTestCase(DeviceTestCase):
	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		cls.users = make_users()
		cls.addClassCleanup(delete_users)
		make_holiday_list()
		cls.addClassCleanup(frappe.db.delete, "Holiday List", {"name": NO_HOLIDAYS})

	def setUp(self) -> None:
		super().setUp()
		forget_notices()
		self.addCleanup(forget_notices)
		set_site(**ROUND_THE_CLOCK)
		self.addCleanup(set_site, **DEFAULTS)
		self.addCleanup(tell)
		self.addCleanup(remove_outgoing_account)

	def sweep(self) -> None:
		"""Several times: what lasts is no news."""
		for _ in range(3):
			sweep_notices()

	def rung(self, role: str = "HR Manager") -> list[str]:
		"""What rang the bell of our user with that role."""
		return [one.subject for one in self.bells(role)]

	def bells(self, role: str = "HR Manager") -> list:
		frappe.db.rollback()  # only what was committed counts
		return frappe.get_all(
			"Notification Log",
			filters={"document_type": SETTINGS, "for_user": self.users[role]},
			fields=["subject", "email_content", "type", "document_name", "link"],
			order_by="creation, name",
		)

	def mails(self, role: str = "HR Manager") -> list:
		"""Those on their way to our user with that role, oldest first, as e-mail messages."""
		frappe.db.rollback()
		queued = frappe.get_all(
			"Email Queue",
			filters={"reference_doctype": SETTINGS},
			fields=["name", "message"],
			order_by="creation, name",
		)
		return [message_from_string(one.message) for one in queued if self.users[role] in sent_to(one.name)]

	def incidents(self, *fields: str) -> list[tuple]:
		frappe.db.rollback()
		names = list(fields) or ["kind", "subject", "status"]
		rows = frappe.get_all(INCIDENT, fields=names, order_by="opened, kind, subject, employee, device")
		return [tuple(row[name] for name in names) for row in rows]

	def assert_told_once_and_once_when_over(self, opened: str, over: str) -> None:
		self.assertEqual(self.rung(), [opened, over])
		self.assertEqual([subject_of(mail) for mail in self.mails()], [opened, over])


class SeenTestCase(NoticesTestCase):
	"""What syncs leave behind, without one for each."""

	def make_rejected(self, name: str = OFFICE):
		device = self.make_device(name)
		trouble = {"login_rejected": 1, "status": "Log-in Rejected", "failures": 1, "last_error": "No."}
		frappe.db.set_value(SETTINGS, name, trouble)
		frappe.db.commit()
		return device

	def make_well(self, name: str = OFFICE, **values) -> None:
		well = {"login_rejected": 0, "status": "Success", "failures": 0, "last_error": None}
		well |= dict.fromkeys(("last_attempt", "last_sync_timestamp", "complete_sync"), now_datetime())
		well |= values
		frappe.db.set_value(SETTINGS, name, well)
		frappe.db.commit()


def make_holiday_list() -> None:
	"""Without a day in it: the company's own may have one today."""
	frappe.db.delete("Holiday List", {"name": NO_HOLIDAYS})
	span = {"from_date": "2020-01-01", "to_date": "2099-12-31"}
	frappe.get_doc({"doctype": "Holiday List", "holiday_list_name": NO_HOLIDAYS, **span}).db_insert()
	frappe.db.commit()


def subject_of(mail) -> str:
	return str(make_header(decode_header(mail["Subject"])))


def body_of(mail) -> str:
	parts = [part.get_payload(decode=True) for part in mail.walk() if part.get_content_type() == "text/html"]
	return parts[0].decode()


def sent_to(queued: str) -> list[str]:
	return frappe.get_all("Email Queue Recipient", {"parent": queued}, pluck="recipient", order_by="idx")


def make_outgoing_account() -> None:
	"""Straight into its table: nothing is ever sent."""
	remove_outgoing_account()
	values = {"email_id": "zkteco-test@example.com", "enable_outgoing": 1, "default_outgoing": 1}
	frappe.get_doc({"doctype": "Email Account", "name": _ACCOUNT, **values}).db_insert()
	frappe.db.commit()


def remove_outgoing_account() -> None:
	frappe.db.delete("Email Account", {"name": _ACCOUNT})
	frappe.db.commit()
	frappe.local.outgoing_email_account = {}  # Frappe remembers it for as long as a request lasts


def tell(*roles: str) -> None:
	"""The roles that the site chooses, past its form; none for those of a new site."""
	frappe.db.delete("ZKTeco Notice Role", {"parent": SITE_SETTINGS})
	for number, role in enumerate(roles, 1):
		row = {"parent": SITE_SETTINGS, "parenttype": SITE_SETTINGS, "parentfield": "notice_roles"}
		frappe.get_doc({"doctype": "ZKTeco Notice Role", **row, "idx": number, "role": role}).db_insert()
	frappe.db.commit()


def forget_notices() -> None:
	frappe.db.rollback()
	frappe.db.delete(INCIDENT)
	frappe.db.delete("Notification Log", {"document_type": SETTINGS})
	for queued in frappe.get_all(
		"Email Queue", {"reference_doctype": SETTINGS}, pluck="name", order_by="name"
	):
		frappe.db.delete("Email Queue Recipient", {"parent": queued})
		frappe.db.delete("Email Queue", {"name": queued})
	frappe.db.delete("Error Log", {"method": NOTICES})
	frappe.db.set_single_value(SITE_SETTINGS, STATE, None)
	frappe.db.commit()


def watch_for(hours: float) -> None:
	"""As if sweeps had followed each other for so long."""
	now = now_datetime().replace(microsecond=0)
	state = {"since": str(now - timedelta(hours=hours)), "latest": str(now)}
	frappe.db.set_single_value(SITE_SETTINGS, STATE, json.dumps(state))
	frappe.db.commit()


def limit_user(user: str, doctype: str, name: str) -> None:
	"""By a User Permission, for all doctypes."""
	values = {"user": user, "allow": doctype, "for_value": name, "apply_to_all_doctypes": 1}
	frappe.get_doc({"doctype": "User Permission", **values}).insert()
	frappe.db.commit()
