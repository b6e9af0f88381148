"""System Manager and HR Manager configure and sync, HR User reads, everybody else sees nothing."""

import frappe
from frappe.utils.password import get_decrypted_password

from zkteco_biometric import api
from zkteco_biometric.device_users.states import Former, Kind
from zkteco_biometric.frappe_hr.incident_rows import write_opened
from zkteco_biometric.frappe_hr.names import DEVICE_USER, INCIDENT, PENDING, SETTINGS, SYNC_LOG
from zkteco_biometric.frappe_hr.notice_texts import describe
from zkteco_biometric.frappe_hr.workers import CONTROL_QUEUE
from zkteco_biometric.notices import incidents
from zkteco_biometric.sync import fetch_token
from zkteco_biometric.tests.jobs import forget_jobs, waiting_jobs
from zkteco_biometric.tests.people import (
	STRANGER,
	WithUsers,
	acting_as,
	refuses,
	request,
)
from zkteco_biometric.tests.support import PASSWORD, DeviceTestCase, lately

MASTERS = {"System Manager", "HR Manager"}
READERS = MASTERS | {"HR User"}
MAY = {
	"read": READERS,
	"write": MASTERS,
	"create": MASTERS,
	"delete": MASTERS,
	"export": MASTERS,
	"share": MASTERS,
}
MAY_OF_WHAT_IS_KEPT = {
	PENDING: {
		"read": READERS,
		"write": MASTERS,
		"create": set(),
		"delete": MASTERS,
		"export": MASTERS,
		"share": MASTERS,
		"import": set(),
	},
	SYNC_LOG: {
		"read": READERS,
		"write": set(),
		"create": set(),
		"delete": {"System Manager"},
		"export": MASTERS,
		"share": MASTERS,
		"import": set(),
	},
	INCIDENT: {
		"read": READERS,
		"write": set(),
		"create": set(),
		"delete": {"System Manager"},
		"export": MASTERS,
		"share": MASTERS,
		"import": set(),
	},
	DEVICE_USER: {
		"read": READERS,
		"write": set(),
		"create": set(),
		"delete": MASTERS,
		"export": MASTERS,
		"share": MASTERS,
		"import": set(),
	},
}
"""A pending punch is decided by who may write it, and made by the sync alone; a log and what is known of a device's users
are made and written by this app alone.
"""
METHOD = "/api/method/zkteco_biometric.api."
HELD = Former(Kind.AREA, areas=(2,), area_names=("Default Area",), parking=1).as_json()


class PermissionsTestCase(WithUsers, DeviceTestCase):
	CODES = ()

	def allowed(self, function, *args) -> set[str]:
		"""The roles whose user may do it."""
		roles = set()
		for role, user in self.users.items():
			with acting_as(user):
				if not refuses(function, *args):
					roles.add(role)
		return roles


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


class TestPermissionsOfWhatASyncKeeps(PermissionsTestCase):
	CODES = ("1",)

	def setUp(self) -> None:
		super().setUp()
		device = self.make_device()
		make_device_user(device.name, self.employees["1"])
		self.addCleanup(frappe.db.delete, DEVICE_USER)
		make_incident(device.name)
		self.addCleanup(frappe.db.delete, INCIDENT)
		self.sim.store.punch("XYZ", lately(1))
		self.sync(device)
		self.kept = {doctype: frappe.get_doc(doctype, {}) for doctype in MAY_OF_WHAT_IS_KEPT}

	def test_each_role_may_what_the_table_says_and_no_more(self):
		for doctype, may in MAY_OF_WHAT_IS_KEPT.items():
			for permission, roles in may.items():
				for role, user in self.users.items():
					for doc in (None, self.kept[doctype]):
						allowed = frappe.has_permission(doctype, permission, doc=doc, user=user)
						self.assertEqual(bool(allowed), role in roles, f"{role} {permission} {doctype}")

	def test_who_may_read_finds_them_in_the_list_and_nobody_else_any(self):
		for doctype, doc in self.kept.items():
			for role, user in self.users.items():
				with acting_as(user):
					if role in READERS:
						self.assertEqual(frappe.get_list(doctype, pluck="name"), [doc.name], role)
					else:
						self.assertTrue(refuses(frappe.get_list, doctype), f"{role} {doctype}")

	def test_nobody_makes_one_by_hand(self):
		for doctype, doc in self.kept.items():
			values = {**_as_entered(doc), "punch_key": "by hand"}
			for role, user in self.users.items():
				answer = request(user, "POST", f"/api/resource/{doctype}", **values)
				self.assertEqual(answer.status_code, 403, f"{role} {doctype}")
			self.assertEqual(frappe.db.count(doctype), 1)

	def test_nobody_changes_one_by_hand(self):
		"""Who decides about pending punches has buttons for it; what they decide is told with their name."""
		fields = ((PENDING, "ignore_comment"), (PENDING, "status"), (PENDING, "row"), (SYNC_LOG, "details"))
		fields += ((INCIDENT, "message"), (INCIDENT, "status"))
		for doctype, field in fields:
			path = f"/api/resource/{doctype}/{self.kept[doctype].name}"
			before = frappe.db.get_value(doctype, {}, field)
			for role, user in self.users.items():
				answer = request(user, "PUT", path, **{field: "Created"})
				may = role in MAY_OF_WHAT_IS_KEPT[doctype]["write"]
				self.assertEqual(answer.status_code, 417 if may else 403, f"{role} {doctype} {field}")
				self.assertEqual(frappe.db.get_value(doctype, {}, field), before)

	def test_who_may_not_read_sees_none_over_http(self):
		for doctype, doc in self.kept.items():
			for role, user in self.users.items():
				for path in (f"/api/resource/{doctype}", f"/api/resource/{doctype}/{doc.name}"):
					answer = request(user, "GET", path)
					self.assertEqual(answer.status_code == 200, role in READERS, f"{role} {path}")
					self.assertEqual(doc.name in answer.text and role not in READERS, False, answer.text)

	def test_what_waits_is_deleted_by_nobody(self):
		path = f"/api/resource/{PENDING}/{self.kept[PENDING].name}"
		for role, user in self.users.items():
			self.assertGreaterEqual(request(user, "DELETE", path).status_code, 400, role)
		self.assertEqual(frappe.db.get_value(PENDING, {}, "status"), "Waiting")


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


def make_incident(device: str) -> None:
	frappe.db.delete(INCIDENT)
	key = incidents.Key(incidents.Kind.WAITING, device)
	write_opened([incidents.Reading(key, incidents.Verdict.TROUBLE, details=("99",))], describe)


def make_device_user(device: str, employee: str, **values) -> str:
	"""As a pass writes it."""
	row = {"doctype": DEVICE_USER, "device": device, "employee": employee, "status": "Enabled"}
	doc = frappe.get_doc({**row, "outcome": "Confirmed", "emp_code": "1", **values})
	doc.insert(ignore_permissions=True)
	frappe.db.commit()
	return doc.name


def _delete_and_add_again(device) -> None:
	copied = frappe.copy_doc(device)
	copied.password = PASSWORD
	frappe.delete_doc(SETTINGS, device.name)
	copied.insert()


def _as_entered(doc) -> dict[str, object]:
	"""The fields of a document as somebody would send them to make another one."""
	meta = {"name", "owner", "creation", "modified", "modified_by", "docstatus", "idx"}
	return {name: str(value) for name, value in doc.as_dict().items() if value and name not in meta}
