"""Password and token are shown to nobody who may read devices, by whatever way they ask."""

import frappe
from frappe.utils.password import get_decrypted_password

from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.sync import fetch_token
from zkteco_biometric.tests.people import (
	acting_as,
	request,
)
from zkteco_biometric.tests.permissions import (
	METHOD,
	READERS,
	PermissionsTestCase,
)
from zkteco_biometric.tests.support import PASSWORD


class TestSecretsFromEveryReader(PermissionsTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_device()
		fetch_token(self.device.name)
		self.token = get_decrypted_password(SETTINGS, self.device.name, "token")

	def assert_no_secret(self, found: object, where: str) -> None:
		text = found if isinstance(found, str) else frappe.as_json(found)
		for secret in (PASSWORD, self.token):
			self.assertNotIn(secret, text, where)

	def test_no_document_shows_password_or_token(self):
		for role in READERS:
			with acting_as(self.users[role]):
				doc = frappe.get_doc(SETTINGS, self.device.name)
				for found in (doc.as_dict(), doc.as_json(), repr(doc), str(doc), vars(doc), doc.get_title()):
					self.assert_no_secret(str(found), role)

	def test_no_list_shows_password_or_token(self):
		fields = ["name", "password", "token"]
		for role in READERS:
			with acting_as(self.users[role]):
				self.assert_no_secret(frappe.get_list(SETTINGS, fields=fields), role)
				self.assert_no_secret(frappe.get_all(SETTINGS, fields=["*"]), role)

	def test_no_address_of_frappe_s_api_shows_password_or_token(self):
		name = self.device.name
		fields = frappe.as_json(["name", "password", "token"])
		client = "/api/method/frappe.client."
		for role, user in self.users.items():
			for path, values in (
				(f"/api/resource/{SETTINGS}/{name}", {}),
				(f"/api/resource/{SETTINGS}", {"fields": fields}),
				(client + "get", {"doctype": SETTINGS, "name": name}),
				(client + "get_list", {"doctype": SETTINGS, "fields": fields}),
				(client + "get_value", {"doctype": SETTINGS, "fieldname": fields, "filters": name}),
				("/api/method/frappe.desk.reportview.get", {"doctype": SETTINGS, "fields": fields}),
				("/api/method/frappe.desk.form.load.getdoc", {"doctype": SETTINGS, "name": name}),
			):
				answer = request(user, "GET", path, **values)
				self.assert_no_secret(answer.text, f"{role} {path}")
				self.assertEqual(answer.status_code == 200, role in READERS, f"{role} {path} {answer.text}")

	def test_only_a_system_manager_can_ask_frappe_for_a_password(self):
		for role in {*self.users} - {"System Manager"}:
			for fieldname in ("password", "token"):
				values = {"doctype": SETTINGS, "name": self.device.name, "fieldname": fieldname}
				answer = request(self.users[role], "GET", "/api/method/frappe.client.get_password", **values)
				self.assertEqual(answer.status_code, 403, role)
				self.assert_no_secret(answer.text, role)

	def test_no_answer_of_ours_shows_password_or_token(self):
		user = self.users["HR Manager"]
		for verb, method in (("POST", "test_connection"), ("POST", "sync_now"), ("GET", "sync_state")):
			answer = request(user, verb, METHOD + method, device=self.device.name)
			self.assert_no_secret(answer.text, method)
