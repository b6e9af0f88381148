"""Who is told is chosen by HR Managers too, who may not read the list of roles itself."""

import frappe

from zkteco_biometric.frappe_hr.names import SITE_SETTINGS
from zkteco_biometric.frappe_hr.notice_rules import notice_settings
from zkteco_biometric.tests.notices import NoticesTestCase, tell
from zkteco_biometric.tests.people import STRANGER, acting_as, refuses, request
from zkteco_biometric.zkteco_biometric.doctype.zkteco_site_settings import zkteco_site_settings

READERS = {"System Manager", "HR Manager", "HR User"}
_METHOD = f"/api/method/{zkteco_site_settings.__name__}.desk_roles"


class TestChoosingRoles(NoticesTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.addCleanup(tell)
		tell()

	def choose(self, *roles: str) -> None:
		form = frappe.get_doc(SITE_SETTINGS)
		form.set("notice_roles", [{"role": role} for role in roles])
		form.save()

	def test_who_may_see_the_settings_sees_what_can_be_chosen(self) -> None:
		for role, user in self.users.items():
			answer = request(user, "GET", _METHOD)
			self.assertEqual(answer.status_code, 200 if role in READERS else 403, role)
			if role in READERS:
				roles = answer.get_json()["message"]
				self.assertLessEqual({"HR User", "HR Manager", STRANGER}, set(roles))
				self.assertFalse({"All", "Guest", "Administrator", "Desk User"} & set(roles))

	def test_an_hr_manager_chooses_each_role_once(self) -> None:
		with acting_as(self.users["HR Manager"]):
			self.assertTrue(refuses(frappe.get_list, "Role"))
			self.choose("HR User", "HR Manager", "HR User")
		self.assertEqual(notice_settings().roles, ("HR User", "HR Manager"))

	def test_what_is_no_role_of_desk_is_refused(self) -> None:
		for role in ("Guest", "ZKTeco Test Nobody", "<img src=x>"):
			with self.assertRaises(frappe.ValidationError, msg=role):
				self.choose("HR User", role)
		frappe.clear_messages()
		self.assertEqual(notice_settings().roles, ())

	def test_a_role_that_was_renamed_or_removed_since_keeps_nobody_from_saving(self) -> None:
		tell("ZKTeco Test Nobody", "HR User")
		form = frappe.get_doc(SITE_SETTINGS)
		form.waiting_above = 51
		form.save()
		self.assertEqual(notice_settings().roles, ("ZKTeco Test Nobody", "HR User"))
