"""What a sync and the notices keep is read by who may read devices, and made by nobody by hand."""

import frappe

from zkteco_biometric.frappe_hr.names import DEVICE_USER, INCIDENT, PENDING, SYNC_LOG
from zkteco_biometric.tests.people import (
	acting_as,
	refuses,
	request,
)
from zkteco_biometric.tests.permissions import (
	MASTERS,
	READERS,
	PermissionsTestCase,
	make_device_user,
	make_incident,
)
from zkteco_biometric.tests.support import lately

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


def _as_entered(doc) -> dict[str, object]:
	"""The fields of a document as somebody would send them to make another one."""
	meta = {"name", "owner", "creation", "modified", "modified_by", "docstatus", "idx"}
	return {name: str(value) for name, value in doc.as_dict().items() if value and name not in meta}
