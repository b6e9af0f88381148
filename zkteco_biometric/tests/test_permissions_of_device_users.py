"""Who may configure brings people back, on one device or on all; nobody else does."""

import frappe

from zkteco_biometric import api
from zkteco_biometric.frappe_hr.names import DEVICE_USER, SETTINGS
from zkteco_biometric.frappe_hr.workers import CONTROL_QUEUE
from zkteco_biometric.tests.jobs import forget_jobs, waiting_jobs
from zkteco_biometric.tests.people import (
	STRANGER,
	request,
)
from zkteco_biometric.tests.permissions import (
	HELD,
	MASTERS,
	METHOD,
	PermissionsTestCase,
	make_device_user,
)


class TestPermissionsOfDeviceUsers(PermissionsTestCase):
	CODES = ("1",)

	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_device()
		self.user = make_device_user(self.device.name, self.employees["1"], former=HELD)
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.db.delete, DEVICE_USER)

	def test_who_may_configure_can_enable_everyone_and_one_person(self):
		for function, *arguments in (
			(api.enable_everyone, self.device.name),
			(api.enable_everyone,),
			(api.enable_person, self.user),
		):
			self.assertEqual(self.allowed(function, *arguments), MASTERS, function)

	def test_who_may_configure_can_settle_by_hand(self):
		self.assertEqual(self.allowed(api.settle_person, self.user), MASTERS)

	def test_settling_by_hand_is_so_over_http_too_and_who_may_not_changes_nothing(self):
		method = METHOD + "settle_person"
		for role in ("HR User", "Employee", STRANGER, "Guest"):
			answer = request(self.users[role], "POST", method, name=self.user)
			self.assertEqual(answer.status_code, 403, role)
		answer = request(self.users["HR Manager"], "GET", method, name=self.user)
		self.assertEqual(answer.status_code, 403)
		self.assertEqual(frappe.db.get_value(DEVICE_USER, self.user, "former"), HELD)
		answer = request(self.users["HR Manager"], "POST", method, name=self.user)
		self.assertEqual(answer.status_code, 200)
		former, why = frappe.db.get_value(DEVICE_USER, self.user, ["former", "why"])
		self.assertEqual((former, self.users["HR Manager"] in why), (None, True))

	def test_it_is_so_over_http_and_by_post_only(self):
		for method, values in (
			("enable_everyone", {"device": self.device.name}),
			("enable_everyone", {}),
			("enable_person", {"name": self.user}),
		):
			answer = request(self.users["HR Manager"], "GET", METHOD + method, **values)
			self.assertEqual(answer.status_code, 403, method)
			for role, user in self.users.items():
				forget_jobs()
				answer = request(user, "POST", METHOD + method, **values)
				self.assertEqual(answer.status_code, 200 if role in MASTERS else 403, f"{role} {method}")
				controls = [job for job in waiting_jobs(CONTROL_QUEUE) if "control" in job.kwargs["method"]]
				self.assertEqual(len(controls), 1 if role in MASTERS else 0, f"{role} {method}")

	def test_who_may_not_leaves_everything_as_it_is(self):
		before = frappe.db.get_value(SETTINGS, self.device.name, ["control_generation", "control_watermark"])
		for role in ("HR User", "Employee", STRANGER, "Guest"):
			request(self.users[role], "POST", METHOD + "enable_everyone", device=self.device.name)
			request(self.users[role], "POST", METHOD + "enable_person", name=self.user)
		self.assertEqual(frappe.db.get_value(DEVICE_USER, self.user, "released"), 0)
		after = frappe.db.get_value(SETTINGS, self.device.name, ["control_generation", "control_watermark"])
		self.assertEqual(after, before)

	def test_what_does_not_exist_is_said_to_be_missing_to_who_may_know(self):
		for method, values in (
			("enable_everyone", {"device": "Nowhere"}),
			("enable_person", {"name": "nothing"}),
			("settle_person", {"name": "nothing"}),
		):
			for role, status in (("HR Manager", 404), ("Employee", 403), (STRANGER, 403), ("Guest", 403)):
				answer = request(self.users[role], "POST", METHOD + method, **values)
				self.assertEqual(answer.status_code, status, f"{role} {method}")
		self.assertEqual(frappe.db.count("Singles", {"doctype": SETTINGS}), 0)

	def test_arguments_of_another_type_are_refused(self):
		for value in (["a"], {"name": ("like", "%")}, 1):
			for method in ("enable_person", "settle_person"):
				answer = request(self.users["HR Manager"], "POST", METHOD + method, name=value)
				self.assertGreaterEqual(answer.status_code, 400, value)
		for value in (["a"], {"enable": 1}):
			answer = request(self.users["HR Manager"], "POST", METHOD + "enable_everyone", device=value)
			self.assertGreaterEqual(answer.status_code, 400, value)
		self.assertEqual(frappe.db.get_value(DEVICE_USER, self.user, "released"), 0)
