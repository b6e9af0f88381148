"""What people do about pending punches in Desk: who may, what it does, and what is never lost by it."""

from datetime import timedelta

import frappe
from frappe.core.doctype.log_settings.log_settings import run_log_clean_up
from frappe.utils import now_datetime

from zkteco_biometric import pending_api
from zkteco_biometric.frappe_hr.names import PENDING
from zkteco_biometric.frappe_hr.pending_people import ignore_named, retry_named
from zkteco_biometric.frappe_hr.pending_triggers import sweep_pending
from zkteco_biometric.tests.jobs import waiting_jobs, work_off
from zkteco_biometric.tests.people import WithUsers, acting_as, refuses, request
from zkteco_biometric.tests.support import days_ago, make_employee
from zkteco_biometric.tests.waiting import WaitingTestCase, row_of

MASTERS = {"System Manager", "HR Manager"}
READERS = MASTERS | {"HR User"}
METHOD = "/api/method/zkteco_biometric.pending_api."


class TestIgnoring(WaitingTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_device()
		self.names = self.wait(self.device, *[row_of("8", days_ago(2, hour)) for hour in (8, 12, 17)])

	def test_it_is_known_who_ignored_it_when_and_why(self):
		answer = pending_api.ignore(frappe.as_json(self.names[:2]), " a visitor ")
		self.assertEqual(answer, {"ignored": 2, "settled": 0})
		doc = self.of(self.names[0])
		self.assertEqual(
			(doc.status, doc.ignored_by, doc.ignore_comment), ("Ignored", "Administrator", "a visitor")
		)
		self.assertLess(now_datetime() - doc.ignored_on, timedelta(minutes=5))
		self.assertEqual(self.statuses(), {"Ignored": 2, "Waiting": 1})

	def test_it_stands_on_the_timeline(self):
		pending_api.ignore(self.names[0], "<b>a visitor</b>")
		(line,) = self.timeline(self.names[0])
		self.assertEqual(
			(line.owner, line.content), ("Administrator", "ignored this punch: &lt;b&gt;a visitor&lt;/b&gt;")
		)
		self.assertNotIn("<", self.of(self.names[0]).ignore_comment)
		retry_named(self.names)
		self.assertEqual(len(self.timeline(self.names[0])), 2)
		self.assertEqual(self.timeline(self.names[1]), [])

	def test_without_a_reason_nothing_is_ignored(self):
		for comment in ("", "  \n"):
			with self.assertRaises(frappe.ValidationError):
				pending_api.ignore(self.names, comment)
		self.assertEqual(self.statuses(), {"Waiting": 3})

	def test_what_is_a_check_in_already_stays_one(self):
		self.give(self.employees["1"], "8")
		self.addCleanup(self.give, self.employees["1"], "1")
		sweep_pending()
		self.assertEqual(pending_api.ignore(self.names, "late"), {"ignored": 0, "settled": 3})
		self.assertEqual(self.statuses(), {"Created": 3})

	def timeline(self, name: str) -> list:
		return frappe.get_all(
			"Comment",
			filters={"reference_doctype": PENDING, "reference_name": name},
			fields=["owner", "content"],
			order_by="creation",
		)


class TestRetrying(WaitingTestCase):
	def test_a_person_reads_what_became_of_them(self):
		device = self.make_device()
		names = self.wait(device, row_of("1", days_ago(2)), row_of("8", days_ago(2)))
		outcome = pending_api.retry(frappe.as_json(names))["outcome"]
		self.assertEqual((outcome["created"], outcome["waiting"]), (1, 1))
		self.assertEqual(outcome["why"][0]["message"], "no Employee has the Biometric ID 8")

	def test_names_come_as_desk_sends_them(self):
		device = self.make_device()
		names = self.wait(device, *[row_of("1", days_ago(2, hour)) for hour in (8, 9, 10, 11)])
		for one in (names[:1], frappe.as_json(names[1:2]), names[2]):
			self.assertEqual(pending_api.retry(one)["outcome"]["created"], 1)
		self.assertEqual(self.statuses(), {"Created": 3, "Waiting": 1})

	def test_names_that_are_none_are_refused(self):
		for names in ("[]", [], [1], '[{"name": "x"}]', '[""]', ""):
			with self.assertRaises(frappe.ValidationError, msg=names):
				pending_api.retry(names)

	def test_many_are_worked_off_by_a_job(self):
		device = self.make_device()
		start = days_ago(3)
		names = self.wait(device, *[row_of("1", start + timedelta(minutes=n)) for n in range(501)])
		self.assertEqual(pending_api.ignore(names, "all of them"), {"enqueued": 501})
		work_off("default")
		self.assertEqual(self.statuses(), {"Ignored": 501})
		self.assertEqual(pending_api.retry(names), {"enqueued": 501})
		work_off("default")
		self.assertEqual(self.statuses(), {"Created": 501})
		self.assertEqual(len(self.check_ins()), 501)


class TestLinking(WaitingTestCase):
	CODES = ("1", "2")

	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_device()
		self.give(self.employees["1"], "1")
		self.give(self.employees["2"], None)

	def test_the_employee_gets_the_id_and_all_check_ins_of_the_code_on_every_device(self):
		other = self.make_device("ZKTeco Test South")
		self.wait(self.device, *[row_of("08", days_ago(2, hour)) for hour in (8, 17)])
		self.wait(other, row_of("08", days_ago(1)), row_of("8", days_ago(1)))
		answer = pending_api.link_to_employee("08", self.employees["2"])
		self.assertEqual(answer["outcome"]["created"], 3)
		self.assertEqual(frappe.db.get_value("Employee", self.employees["2"], "attendance_device_id"), "08")
		self.assertEqual(len(self.check_ins()), 3)
		self.assertEqual([row.emp_code for row in self.pending({"status": "Waiting"})], ["8"])
		self.assertEqual(waiting_jobs("default"), [], "who links has retried already")

	def test_somebody_else_s_id_is_not_taken_away(self):
		self.wait(self.device, row_of("1", days_ago(2)))
		with self.assertRaises(frappe.ValidationError) as caught:
			pending_api.link_to_employee("1", self.employees["2"])
		self.assertIn(self.employees["1"], str(caught.exception))
		self.assertIn("clear the Biometric ID", str(caught.exception))
		self.assertEqual(self.check_ins(), [])

	def test_another_id_is_replaced_only_by_who_has_seen_it(self):
		self.wait(self.device, row_of("8", days_ago(2)))
		for replaces in ("", "7"):
			with self.assertRaises(frappe.ValidationError) as caught:
				pending_api.link_to_employee("8", self.employees["1"], replaces)
			self.assertIn("Biometric ID 1", str(caught.exception))
		self.assertEqual(pending_api.link_to_employee("8", self.employees["1"], "1")["outcome"]["created"], 1)
		self.assertEqual(frappe.db.get_value("Employee", self.employees["1"], "attendance_device_id"), "8")

	def test_who_has_the_id_already_gets_the_check_ins(self):
		self.wait(self.device, row_of("1", days_ago(2)))
		self.assertEqual(pending_api.link_to_employee("1", self.employees["1"])["outcome"]["created"], 1)

	def test_a_code_of_which_nothing_waits_is_given_to_nobody(self):
		with self.assertRaises(frappe.ValidationError):
			pending_api.link_to_employee("8", self.employees["2"])
		self.assertIsNone(frappe.db.get_value("Employee", self.employees["2"], "attendance_device_id"))

	def test_what_employee_refuses_changes_nothing(self):
		self.wait(self.device, row_of("8", days_ago(2)))
		frappe.db.set_value("Employee", self.employees["2"], "date_of_birth", days_ago(-3).date())
		self.addCleanup(frappe.db.set_value, "Employee", self.employees["2"], "date_of_birth", "1990-01-01")
		frappe.db.commit()
		with self.assertRaises(frappe.ValidationError):
			pending_api.link_to_employee("8", self.employees["2"])
		frappe.db.rollback()
		self.assertEqual(self.statuses(), {"Waiting": 1})

	def test_a_time_that_cannot_be_is_not_linked_into_pay(self):
		self.wait(self.device, row_of("8", days_ago(2)), row_of("8", days_ago(-3)))
		pending_api.link_to_employee("8", self.employees["2"])
		self.assertEqual([row.reason for row in self.pending({"status": "Waiting"})], ["Impossible Time"])

	def test_a_code_with_very_many_punches_is_linked_by_a_job(self):
		start = days_ago(3)
		self.wait(self.device, *[row_of("8", start + timedelta(minutes=n)) for n in range(501)])
		self.assertEqual(pending_api.link_to_employee("8", self.employees["2"]), {"enqueued": 501})
		work_off("default")
		self.assertEqual(len(self.check_ins()), 501)


class TestNothingWaitingIsLost(WaitingTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_device()
		rows = [row_of("1", days_ago(2)), row_of("8", days_ago(2)), row_of("9", days_ago(2))]
		self.created, self.waiting, self.ignored = self.wait(self.device, *rows)
		sweep_pending()
		ignore_named([self.ignored], "a visitor")
		frappe.db.commit()

	def test_nobody_deletes_a_punch_that_waits(self):
		with self.assertRaises(frappe.ValidationError) as caught:
			frappe.delete_doc(PENDING, self.waiting, force=True)
		self.assertIn("Link", str(caught.exception))
		for name in (self.created, self.ignored):
			frappe.delete_doc(PENDING, name)
		self.assertEqual(self.statuses(), {"Waiting": 1})

	def test_a_stale_document_deletes_nothing_that_waits(self):
		stale = self.of(self.ignored)
		retry_named([self.ignored])
		with self.assertRaises(frappe.ValidationError):
			stale.delete()
		self.assertEqual(self.of(self.ignored).status, "Waiting")

	def test_retention_clears_what_is_settled_but_neither_what_waits_nor_what_a_person_ignored(self):
		self.settled_for(days=181)
		PendingPunch = frappe.get_doc(PENDING, self.waiting).__class__
		PendingPunch.clear_old_logs(days=200)
		self.assertEqual(len(self.pending()), 3)
		PendingPunch.clear_old_logs(days=180)
		self.assertEqual({row.name for row in self.pending()}, {self.waiting, self.ignored})
		frappe.db.set_value(PENDING, self.ignored, "ignored_by", None, update_modified=False)
		PendingPunch.clear_old_logs(days=180)
		self.assertEqual([row.name for row in self.pending()], [self.waiting])
		self.assertEqual(frappe.db.count("Comment", {"reference_name": self.ignored}), 0)

	def test_log_settings_know_of_it(self):
		self.settled_for(days=10_000)
		run_log_clean_up()
		(entry,) = [row for row in frappe.get_doc("Log Settings").logs_to_clear if row.ref_doctype == PENDING]
		self.assertEqual(entry.days, 180)
		self.assertEqual({row.name for row in self.pending()}, {self.waiting, self.ignored})

	def settled_for(self, days: int) -> None:
		table = frappe.qb.DocType(PENDING)
		frappe.qb.update(table).set(table.modified, str(days_ago(days))).run()
		frappe.db.commit()


class PermissionsTestCase(WithUsers, WaitingTestCase):
	CODES = ("1",)

	def setUp(self) -> None:
		super().setUp()
		self.give(self.employees["1"], None)
		self.device = self.make_device()
		(self.name,) = self.wait(self.device, row_of("8", days_ago(2)))


class TestPermissions(PermissionsTestCase):
	def allowed(self, function, *args) -> set[str]:
		roles = set()
		for role, user in self.users.items():
			with acting_as(user):
				if not refuses(function, *args):
					roles.add(role)
		return roles

	def test_who_may_configure_decides_and_nobody_else(self):
		self.assertEqual(self.allowed(pending_api.retry, [self.name]), MASTERS)
		self.assertEqual(self.allowed(pending_api.ignore, [self.name], "a visitor"), MASTERS)

	def test_linking_takes_the_right_to_change_the_employee_too(self):
		linked = self.allowed(pending_api.link_to_employee, "8", self.employees["1"])
		self.assertEqual(linked, {"HR Manager"}, "a System Manager has no right to Employee by itself")

	def test_who_may_read_sees_them(self):
		for role, user in self.users.items():
			with acting_as(user):
				if role in READERS:
					self.assertEqual(frappe.get_list(PENDING, pluck="name"), [self.name], role)
				else:
					self.assertTrue(refuses(frappe.get_list, PENDING), role)

	def test_nobody_enters_a_punch_by_hand(self):
		for role, user in self.users.items():
			for permission in ("create", "import", "submit"):
				self.assertFalse(frappe.has_permission(PENDING, permission, user=user), role)

	def test_punches_of_devices_that_a_person_may_not_see_are_left_alone(self):
		south = self.make_device("ZKTeco Test South")
		(hidden,) = self.wait(south, row_of("8", days_ago(1)))
		user = self.users["HR Manager"]
		permission = frappe.get_doc(
			{
				"doctype": "User Permission",
				"user": user,
				"allow": self.device.doctype,
				"for_value": self.device.name,
			}
		).insert()
		self.addCleanup(permission.delete)
		with acting_as(user):
			pending_api.ignore([self.name, hidden], "mine")
		self.assertEqual((self.of(self.name).status, self.of(hidden).status), ("Ignored", "Waiting"))


class TestPermissionsOverHttp(PermissionsTestCase):
	def test_each_role_may_over_http_what_it_may(self):
		for method, values in self.calls().items():
			for role, user in self.users.items():
				answer = request(user, "POST", METHOD + method, **values)
				self.assertEqual(answer.status_code, 200 if role in MASTERS else 403, f"{role} {method}")

	def test_what_changes_something_refuses_get(self):
		for method, values in {**self.calls(), "link_to_employee": self.link()}.items():
			answer = request(self.users["HR Manager"], "GET", METHOD + method, **values)
			self.assertEqual(answer.status_code, 403, method)
		self.assertEqual(self.statuses(), {"Waiting": 1})

	def test_a_link_over_http_stays(self):
		for role in ("HR User", "Employee", "Guest"):
			answer = request(self.users[role], "POST", METHOD + "link_to_employee", **self.link())
			self.assertEqual(answer.status_code, 403, role)
		answer = request(self.users["HR Manager"], "POST", METHOD + "link_to_employee", **self.link())
		self.assertEqual(answer.json["message"]["outcome"]["created"], 1)
		self.assertEqual(self.statuses(), {"Created": 1})

	def test_an_employee_that_does_not_exist_is_said_to_be_missing(self):
		values = {"code": "8", "employee": "HR-EMP-NOBODY"}
		answer = request(self.users["HR Manager"], "POST", METHOD + "link_to_employee", **values)
		self.assertEqual(answer.status_code, 404)

	def test_arguments_of_another_type_are_refused(self):
		user = self.users["HR Manager"]
		for method, values in (
			("retry", {"names": {"a": 1}}),
			("retry", {"names": 5}),
			("ignore", {"names": [self.name], "comment": ["x"]}),
			("ignore", {"names": [self.name]}),
			("link_to_employee", {"code": ["8"], "employee": self.employees["1"]}),
			("link_to_employee", {"code": "8", "employee": {"name": self.employees["1"]}}),
		):
			answer = request(user, "POST", METHOD + method, **values)
			self.assertGreaterEqual(answer.status_code, 400, f"{method} {values}")
		self.assertEqual(self.statuses(), {"Waiting": 1})

	def test_nobody_changes_a_punch_past_its_methods(self):
		user = self.users["HR Manager"]
		self.assertGreaterEqual(
			request(user, "DELETE", f"/api/resource/{PENDING}/{self.name}").status_code, 400
		)
		for role in ("HR User", "Employee", "Guest"):
			answer = request(
				self.users[role], "PUT", f"/api/resource/{PENDING}/{self.name}", status="Ignored"
			)
			self.assertGreaterEqual(answer.status_code, 400, role)
		self.assertEqual(self.statuses(), {"Waiting": 1})

	def calls(self) -> dict[str, dict]:
		names = frappe.as_json([self.name])
		return {"retry": {"names": names}, "ignore": {"names": names, "comment": "a visitor"}}

	def link(self) -> dict[str, str]:
		return {"code": "8", "employee": self.employees["1"]}


class TestEmployeesOfOtherCompanies(PermissionsTestCase):
	def test_an_employee_whom_a_person_may_not_change_is_linked_to_nothing(self):
		hidden = make_employee("77")
		self.give(hidden, None)
		user = self.users["HR Manager"]
		permission = frappe.get_doc(
			{
				"doctype": "User Permission",
				"user": user,
				"allow": "Employee",
				"for_value": self.employees["1"],
			}
		).insert()
		self.addCleanup(permission.delete)
		with acting_as(user):
			self.assertTrue(refuses(pending_api.link_to_employee, "8", hidden))
		self.assertEqual(self.statuses(), {"Waiting": 1})
