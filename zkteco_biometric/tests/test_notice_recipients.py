"""Who is told: by role, with a right to see the device, in their own language, by bell and e-mail as they want it."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import frappe
from frappe.utils.user import get_users_with_role

from zkteco_biometric.frappe_hr.names import INCIDENT, SETTINGS
from zkteco_biometric.frappe_hr.notice_recipients import audiences
from zkteco_biometric.frappe_hr.notice_state import NOTICES
from zkteco_biometric.notices.grouping import MOST_DEVICES
from zkteco_biometric.tests.control import set_site
from zkteco_biometric.tests.notices import (
	OFFICE,
	NoticesTestCase,
	body_of,
	limit_user,
	make_outgoing_account,
	remove_outgoing_account,
	subject_of,
	tell,
)
from zkteco_biometric.tests.people import STRANGER
from zkteco_biometric.tests.permissions import make_incident

TOLD = f"{OFFICE} rejects the log-in"


class RecipientsTestCase(NoticesTestCase):
	def setUp(self) -> None:
		super().setUp()
		make_outgoing_account()
		self.device = self.make_device(password="wrong")
		self.sync(self.device)
		self.addCleanup(self.as_before)

	def as_before(self) -> None:
		for user in self.users.values():
			if user != "Guest":
				frappe.db.set_value("User", user, {"enabled": 1, "language": "en"})
				wants = {"enabled": 1, "enable_email_notifications": 1}
				frappe.db.set_value("Notification Settings", user, wants)
				frappe.db.delete("User Permission", {"user": user})
				frappe.clear_cache(user=user)
		frappe.db.delete("Translation", {"source_text": "{0} rejects the log-in"})
		frappe.db.commit()

	def change_user(self, role: str, doctype: str = "User", **values) -> None:
		frappe.db.set_value(doctype, self.users[role], values)
		frappe.db.commit()

	def told(self) -> dict[str, tuple[int, int]]:
		"""How many bells and mails each role has got, without those who got nothing."""
		found = {role: (len(self.rung(role)), len(self.mails(role))) for role in self.users}
		return {role: numbers for role, numbers in found.items() if any(numbers)}


class TestRoles(RecipientsTestCase):
	def test_hr_managers_are_told_on_a_new_site(self) -> None:
		self.sweep()
		self.assertEqual(self.told(), {"HR Manager": (1, 1)})

	def test_the_chosen_roles_are_told_each_user_once(self) -> None:
		tell("HR User", "System Manager", "HR Manager")
		frappe.get_doc("User", self.users["HR User"]).add_roles("HR Manager")
		frappe.db.commit()
		also = {"parent": self.users["HR User"], "role": "HR Manager"}
		self.addCleanup(frappe.db.delete, "Has Role", also)
		self.sweep()
		self.assertEqual(self.told(), {"System Manager": (1, 1), "HR Manager": (1, 1), "HR User": (1, 1)})

	def test_who_may_not_see_devices_is_not_told(self) -> None:
		tell(STRANGER, "HR User")
		self.sweep()
		self.assertEqual(self.told(), {"HR User": (1, 1)})

	def test_who_may_see_other_devices_only_is_not_told(self) -> None:
		other = self.make_device("ZKTeco Test Gate")
		limit_user(self.users["HR User"], SETTINGS, other.name)
		tell("HR User", "HR Manager")
		self.sweep()
		self.assertEqual(self.told(), {"HR Manager": (1, 1)})

	def test_who_is_disabled_is_not_told(self) -> None:
		tell("HR User", "HR Manager")
		self.change_user("HR User", enabled=0)
		self.sweep()
		self.assertEqual(self.told(), {"HR Manager": (1, 1)})

	def test_where_nobody_has_a_chosen_role_hr_managers_are_told(self) -> None:
		tell(STRANGER)
		self.sweep()
		self.assertEqual(self.told(), {"HR Manager": (1, 1)})

	def test_where_nobody_is_hr_manager_system_managers_are_told(self) -> None:
		managers = {"name": ("in", get_users_with_role("HR Manager"))}
		with taken_back("User", managers, "enabled", 0):
			users = {one.user for one in self.readers()}
		self.assertIn(self.users["System Manager"], users)

	def test_where_nobody_is_there_at_all_administrator_is_told(self) -> None:
		others = {"name": ("not in", ("Administrator", "Guest"))}
		with taken_back("User", others, "enabled", 0):
			(only,) = self.readers()
		self.assertEqual((only.user, only.email), ("Administrator", ""), "whose address is nobody's")

	def readers(self) -> list:
		"""Of an incident that is told to nobody else."""
		make_incident(OFFICE)
		(name,) = frappe.get_all(INCIDENT, pluck="name", order_by="name")
		return [one for audience in audiences((), {name: OFFICE}) for one in audience.people]

	def test_who_may_see_some_of_many_devices_is_told_of_those(self) -> None:
		names = [f"ZKTeco Test {number}" for number in range(MOST_DEVICES + 2)]
		for name in names:
			self.make_device(name)
			frappe.db.set_value(SETTINGS, name, {"login_rejected": 1, "status": "Log-in Rejected"})
		for name in names[:2]:
			limit_user(self.users["HR User"], SETTINGS, name)
		tell("HR User", "HR Manager")
		self.sweep()
		self.assertEqual(self.rung("HR User"), [f"{name} rejects the log-in" for name in names[:2]])
		self.assertEqual(self.rung(), [f"Log-in Rejected: {len(names) + 1} devices"])


class TestWays(RecipientsTestCase):
	def test_frappe_sends_no_second_e_mail_for_the_bell(self) -> None:
		self.sweep()
		self.assertEqual([subject_of(mail) for mail in self.mails()], [TOLD])

	def test_nobody_sees_the_others_addresses(self) -> None:
		tell("HR User", "HR Manager")
		self.sweep()
		(mail,) = self.mails()
		for part in (str(mail["To"]), str(mail["Cc"]), body_of(mail)):
			self.assertNotIn(self.users["HR User"], part)

	def test_who_wants_no_e_mail_hears_the_bell(self) -> None:
		self.change_user("HR Manager", "Notification Settings", enable_email_notifications=0)
		self.sweep()
		self.assertEqual(self.told(), {"HR Manager": (1, 0)})

	def test_who_wants_no_notifications_gets_none(self) -> None:
		self.change_user("HR Manager", "Notification Settings", enabled=0)
		self.sweep()
		self.assertEqual(self.told(), {})

	def test_a_site_that_wants_no_e_mail_rings_only(self) -> None:
		set_site(send_email=0)
		self.sweep()
		self.assertEqual(self.told(), {"HR Manager": (1, 0)})

	def test_without_an_outgoing_account_the_bell_rings_and_nothing_fails(self) -> None:
		remove_outgoing_account()
		before = frappe.db.count("Error Log")
		self.sweep()
		self.assertEqual(self.told(), {"HR Manager": (1, 0)})
		self.assertEqual(frappe.db.count("Error Log"), before)

	def test_an_e_mail_that_cannot_be_made_keeps_nobody_from_hearing_the_bell(self) -> None:
		with patch.object(frappe, "sendmail", side_effect=ZeroDivisionError):
			self.sweep()
		self.assertEqual(self.told(), {"HR Manager": (1, 0)})
		(entry,) = self.error_logs(NOTICES)
		self.assertIn("ZeroDivisionError", entry)

	def test_everybody_reads_it_in_their_language(self) -> None:
		frappe.get_doc(
			{
				"doctype": "Translation",
				"language": "fr",
				"source_text": "{0} rejects the log-in",
				"translated_text": "{0} refuse la connexion",
			}
		).insert()
		tell("HR User", "HR Manager")
		self.change_user("HR User", language="fr")
		self.sweep()
		french = f"{OFFICE} refuse la connexion"
		self.assertEqual((self.rung("HR User"), self.rung("HR Manager")), ([french], [TOLD]))
		self.assertEqual([subject_of(mail) for mail in self.mails("HR User")], [french])
		self.assertEqual([subject_of(mail) for mail in self.mails()], [TOLD])
		self.assertIn(TOLD, self.incidents("message")[0][0], "kept in the site's")


@contextmanager
def taken_back(doctype: str, filters: dict, field: str, value: object) -> Iterator[None]:
	"""Changed for a moment, and for nobody else to see."""
	frappe.db.commit()
	frappe.db.set_value(doctype, filters, field, value, update_modified=False)
	try:
		yield
	finally:
		frappe.db.rollback()
		frappe.clear_cache()
