"""System Manager and HR Manager configure and sync, HR User reads, everybody else sees nothing."""

import frappe

from zkteco_biometric import api
from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.tests.jobs import waiting_jobs
from zkteco_biometric.tests.people import (
	STRANGER,
	acting_as,
	refuses,
	request,
)
from zkteco_biometric.tests.permissions import (
	MASTERS,
	METHOD,
	READERS,
	PermissionsTestCase,
)
from zkteco_biometric.tests.support import PASSWORD

MAY = {
	"read": READERS,
	"write": MASTERS,
	"create": MASTERS,
	"delete": MASTERS,
	"export": MASTERS,
	"share": MASTERS,
}


class TestPermissions(PermissionsTestCase):
	def test_each_role_may_what_the_table_says_and_no_more(self):
		device = self.make_device()
		for permission, roles in MAY.items():
			for role, user in self.users.items():
				for doc in (None, device, device.name):
					allowed = frappe.has_permission(SETTINGS, permission, doc=doc, user=user)
					self.assertEqual(bool(allowed), role in roles, f"{role} {permission} {doc}")

	def test_who_may_configure_can_save(self):
		device = self.make_device()

		def save() -> None:
			doc = frappe.get_doc(SETTINGS, device.name)
			doc.look_back += 1
			doc.save()

		self.assertEqual(self.allowed(save), MASTERS)
		device.reload()
		self.assertEqual(device.look_back, 60 + len(MASTERS))

	def test_who_may_configure_can_add_and_delete_devices(self):
		def add() -> None:
			self.make_device(f"ZKTeco Test by {frappe.session.user}")

		self.assertEqual(self.allowed(add), MASTERS)
		device = self.make_device()
		self.assertEqual(self.allowed(_delete_and_add_again, device), MASTERS)

	def test_who_may_read_finds_the_devices_in_the_list(self):
		device = self.make_device()
		for role, user in self.users.items():
			with acting_as(user):
				if role in READERS:
					self.assertEqual(frappe.get_list(SETTINGS, pluck="name"), [device.name], role)
				else:
					self.assertTrue(refuses(frappe.get_list, SETTINGS), role)

	def test_the_table_of_punch_states_opens_no_side_door(self):
		self.make_device()
		for role in ("Employee", STRANGER, "Guest"):
			with acting_as(self.users[role]):
				for parent in (None, SETTINGS):
					child = "ZKTeco Punch State Mapping"
					self.assertTrue(refuses(frappe.get_list, child, parent_doctype=parent), role)

	def test_who_may_configure_can_test_the_connection(self):
		device = self.make_device()
		self.assertEqual(self.allowed(api.test_connection, device.name), MASTERS)
		self.assertEqual(
			self.sim.log.count("/jwt-api-token-auth/"), len(MASTERS), "refused before the server"
		)

	def test_who_may_configure_can_sync(self):
		device = self.make_device()
		self.assertEqual(self.allowed(api.sync_now, device.name), MASTERS)

	def test_an_hr_user_cannot_sync(self):
		device = self.make_device()
		with acting_as(self.users["HR User"]):
			self.assertTrue(refuses(api.sync_now, device.name))
		frappe.db.commit()
		self.assertEqual(waiting_jobs("long"), [])
		device.reload()
		self.assertEqual(device.status, "Not Synced")

	def test_who_may_read_sees_how_a_sync_is_doing(self):
		device = self.make_device()
		self.assertEqual(self.allowed(api.sync_state, device.name), READERS)


class TestPermissionsOverHttp(PermissionsTestCase):
	def test_a_method_that_changes_something_refuses_get(self):
		device = self.make_device()
		for method in ("test_connection", "sync_now"):
			answer = request(self.users["HR Manager"], "GET", METHOD + method, device=device.name)
			self.assertEqual(answer.status_code, 403, method)
		self.assertEqual((self.sim.log.entries, waiting_jobs("long")), ([], []))

	def test_asking_how_a_sync_is_doing_is_get_only(self):
		device = self.make_device()
		user = self.users["HR User"]
		self.assertEqual(request(user, "POST", METHOD + "sync_state", device=device.name).status_code, 403)
		answer = request(user, "GET", METHOD + "sync_state", device=device.name)
		told = answer.json["message"]
		self.assertEqual((told["busy"], told["worker"], told["status"]), (False, False, "Not Synced"))

	def test_each_role_gets_over_http_what_it_may(self):
		device = self.make_device()
		for method, verb, roles in (
			("test_connection", "POST", MASTERS),
			("sync_now", "POST", MASTERS),
			("sync_state", "GET", READERS),
		):
			for role, user in self.users.items():
				answer = request(user, verb, METHOD + method, device=device.name)
				self.assertEqual(answer.status_code, 200 if role in roles else 403, f"{role} {method}")

	def test_the_outcome_of_a_test_over_http_stays(self):
		device = self.make_device(password="wrong")
		request(self.users["HR Manager"], "POST", METHOD + "test_connection", device=device.name)
		device.reload()
		self.assertEqual((device.status, device.login_rejected), ("Log-in Rejected", 1))

	def test_who_may_not_read_does_not_learn_which_devices_exist(self):
		device = self.make_device()
		for role in ("Employee", STRANGER, "Guest"):
			for name in (device.name, "ZKTeco Test Nowhere"):
				answer = request(self.users[role], "GET", METHOD + "sync_state", device=name)
				self.assertEqual(answer.status_code, 403, f"{role} {name}")

	def test_a_device_that_does_not_exist_is_said_to_be_missing(self):
		for verb, method in (("POST", "sync_now"), ("POST", "test_connection"), ("GET", "sync_state")):
			answer = request(self.users["HR Manager"], verb, METHOD + method, device="ZKTeco Test Nowhere")
			self.assertEqual(answer.status_code, 404, method)
		self.assertEqual(waiting_jobs("long"), [])

	def test_arguments_of_another_type_are_refused(self):
		self.make_device()
		for device in (["a"], {"enable": 1}, None):
			for method in ("sync_now", "test_connection"):
				answer = request(self.users["HR Manager"], "POST", METHOD + method, device=device)
				self.assertGreaterEqual(answer.status_code, 400, f"{method} {device}")
		self.assertEqual((self.sim.log.entries, waiting_jobs("long")), ([], []))


def _delete_and_add_again(device) -> None:
	copied = frappe.copy_doc(device)
	copied.password = PASSWORD
	frappe.delete_doc(SETTINGS, device.name)
	copied.insert()
