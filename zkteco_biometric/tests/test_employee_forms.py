"""What an employee's form and a check-in's say of the devices, and Fetch Check-ins for one person and for many."""

from contextlib import suppress

import frappe
from frappe.permissions import add_user_permission, clear_user_permissions_for_doctype

from zkteco_biometric.employee_api import facts, fetch, origin
from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_USER, SETTINGS, SYNC_LOG
from zkteco_biometric.tests.imports import FROM, TO, ImportTestCase
from zkteco_biometric.tests.jobs import running_worker, waiting_jobs, work_off
from zkteco_biometric.tests.people import WithUsers, acting_as, request
from zkteco_biometric.tests.permissions import HELD, MASTERS, make_device_user
from zkteco_biometric.tests.support import days_ago, make_employee, statements

METHOD = "/api/method/zkteco_biometric.employee_api."
OFFICE, STORE = "ZKTeco Test Office", "ZKTeco Test Store"
RANGE = {"from_time": str(FROM.date()), "to_time": str(TO.date())}


class FormsTestCase(WithUsers, ImportTestCase):
	CODES = ("1", "2", "007")

	def setUp(self) -> None:
		super().setUp()
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.db.delete, DEVICE_USER)

	def by_hand(self, code: str, when) -> str:
		doc = {"doctype": CHECK_IN, "employee": self.employees[code], "time": when, "log_type": "IN"}
		return frappe.get_doc(doc).insert().name

	def without_code(self) -> str:
		employee = make_employee(f"without {frappe.generate_hash(length=6)}", attendance_device_id=None)
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.db.delete, "Employee", {"name": employee})
		return employee


class TestFacts(FormsTestCase):
	def test_the_last_check_in_is_the_newest_that_a_device_brought(self):
		office, store = self.make_device(OFFICE), self.make_device(STORE)
		self.sim.store.punch("007", days_ago(3), "0")
		self.sync(office)
		self.sim.store.punch("007", days_ago(2), "1")
		self.sync(store)
		self.by_hand("007", days_ago(1))
		found = facts(self.employees["007"])
		last = found["last"]
		self.assertEqual((found["code"], last["device"], last["log_type"]), ("007", STORE, "OUT"))
		self.assertEqual(last["time"], days_ago(2))
		self.assertTrue(frappe.db.exists(CHECK_IN, last["name"]))

	def test_punches_that_wait_are_those_of_this_very_code(self):
		frappe.db.set_value("Employee", self.employees["007"], "status", "Inactive")
		self.addCleanup(frappe.db.set_value, "Employee", self.employees["007"], "status", "Active")
		frappe.db.commit()
		device = self.make_device()
		for second, code in enumerate(("007", "007", "7", "1")):
			self.sim.store.punch(code, days_ago(1, second=second))
		self.sync(device)
		self.assertEqual(facts(self.employees["007"])["waiting"], 2)
		self.assertEqual(facts(self.employees["1"])["waiting"], 0)

	def test_the_state_on_each_device_without_what_stood_there(self):
		self.make_device(OFFICE)
		self.make_device(STORE)
		employee = self.employees["1"]
		make_device_user(STORE, employee)
		held = make_device_user(OFFICE, employee, status="Disabled", former=HELD)
		make_device_user(OFFICE, self.employees["2"])
		rows = facts(employee)["on_devices"]
		self.assertEqual(
			[(row["device"], row["status"], row["held"]) for row in rows],
			[(OFFICE, "Disabled", True), (STORE, "Enabled", False)],
		)
		self.assertEqual((rows[0]["name"], rows[0]["former"]), (held, None))
		self.assertNotIn("Default Area", frappe.as_json(rows))

	def test_nothing_is_told_of_devices_that_the_user_may_not_see(self):
		office, store = self.make_device(OFFICE), self.make_device(STORE)
		employee, user = self.employees["007"], self.users["HR User"]
		frappe.db.set_value("Employee", employee, "status", "Inactive")
		self.addCleanup(frappe.db.set_value, "Employee", employee, "status", "Active")
		frappe.db.commit()
		self.sim.store.punch("007", days_ago(2))
		self.sync(office)
		frappe.db.set_value("Employee", employee, "status", "Active")
		frappe.db.commit()
		self.sim.store.punch("007", days_ago(1))
		self.sync(store)
		self.assertEqual(_told(employee), (STORE, 1))
		add_user_permission(SETTINGS, OFFICE, user)
		self.addCleanup(clear_user_permissions_for_doctype, SETTINGS, user)
		with acting_as(user):
			self.assertEqual(_told(employee), (None, 1))
		clear_user_permissions_for_doctype(SETTINGS, user)
		add_user_permission(SETTINGS, STORE, user)
		with acting_as(user):
			self.assertEqual(_told(employee), (STORE, 0))

	def test_a_check_in_of_a_device_that_was_deleted_is_still_one_from_a_device(self):
		device = self.make_device()
		self.sim.store.punch("1", days_ago(1))
		self.sync(device)
		frappe.delete_doc(SETTINGS, device.name)
		self.assertEqual(_told(self.employees["1"]), (device.name, 0))

	def test_somebody_without_a_biometric_id_has_nothing_and_no_other_person_s_punches(self):
		device = self.make_device()
		self.sim.store.punch("XYZ", days_ago(1))
		self.sync(device)
		found = facts(self.without_code())
		self.assertEqual(found, {"code": "", "last": None, "waiting": 0, "on_devices": []})

	def test_it_costs_as_many_queries_for_a_person_with_much_as_for_one_with_nothing(self):
		device = self.make_device()
		for minute in range(20):
			self.sim.store.punch("1", days_ago(1, minute=minute))
		self.sync(device)
		make_device_user(device.name, self.employees["1"])
		facts(self.employees["1"])  # meta is cached
		self.assertEqual(_queries(self.employees["1"]), _queries(self.employees["2"]))

	def test_who_may_read_devices_and_the_employee_is_told_and_nobody_else(self):
		self.make_device()
		for role, user in self.users.items():
			answer = request(user, "GET", METHOD + "facts", employee=self.employees["1"])
			may = role in ("HR Manager", "HR User")
			self.assertEqual(answer.status_code == 200, may or _may_read_both(user), role)
			self.assertEqual("on_devices" in answer.text, answer.status_code == 200, role)
		for role in ("Employee", "ZKTeco Test Stranger", "Guest"):
			answer = request(self.users[role], "GET", METHOD + "facts", employee=self.employees["1"])
			self.assertEqual(answer.status_code, 403, role)

	def test_what_does_not_exist_is_said_to_be_missing_and_nothing_is_asked_by_post(self):
		user = self.users["HR Manager"]
		self.assertEqual(request(user, "GET", METHOD + "facts", employee="Nobody").status_code, 404)
		self.assertEqual(request(user, "GET", METHOD + "origin", check_in="Nothing").status_code, 404)
		answer = request(user, "POST", METHOD + "facts", employee=self.employees["1"])
		self.assertEqual(answer.status_code, 403)


class TestOrigin(FormsTestCase):
	def brought(self, device) -> str:
		self.sim.store.punch("1", days_ago(1))
		self.sync(device)
		(check_in,) = self.check_ins("name")
		return check_in.name

	def test_device_transaction_and_sync(self):
		device = self.make_device()
		self.sim.store.punch("2", days_ago(30))  # before Sync From: it takes the first id
		found = origin(self.brought(device))
		self.assertEqual(
			(found["device"], found["device_exists"], found["terminal"]), (device.name, True, "")
		)
		self.assertEqual(found["transaction"], "2")
		self.assertEqual(frappe.db.get_value(SYNC_LOG, found["log"], "created"), 1)

	def test_a_log_that_was_cleared_away_and_a_device_that_was_deleted_are_no_links(self):
		device = self.make_device()
		check_in = self.brought(device)
		frappe.db.delete(SYNC_LOG)
		frappe.delete_doc(SETTINGS, device.name)
		found = origin(check_in)
		self.assertEqual((found["device"], found["device_exists"], found["log"]), (device.name, False, ""))

	def test_the_terminal_is_told_where_the_punch_had_to_wait(self):
		self.sim.store.add_terminal("SN-1", alias="Back Door")
		self.sim.store.punch("NEW", days_ago(1), terminal_sn="SN-1")
		device = self.make_device()
		self.sync(device)
		employee = make_employee("NEW")
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.db.delete, CHECK_IN, {"employee": employee})
		frappe.db.commit()
		work_off("default,short")
		name = frappe.db.get_value(CHECK_IN, {"employee": employee})
		self.assertEqual(origin(name)["terminal"], "Back Door")

	def test_one_that_was_entered_by_hand_came_from_nowhere(self):
		found = origin(self.by_hand("1", days_ago(1)))
		self.assertFalse(any(found.values()))

	def test_who_may_not_read_devices_is_told_nothing(self):
		name = self.by_hand("1", days_ago(1))
		for role in ("Employee", "ZKTeco Test Stranger", "Guest"):
			answer = request(self.users[role], "GET", METHOD + "origin", check_in=name)
			self.assertEqual(answer.status_code, 403, role)
		for role in ("HR Manager", "HR User"):
			answer = request(self.users[role], "GET", METHOD + "origin", check_in=name)
			self.assertEqual(answer.status_code, 200, role)


class TestFetch(FormsTestCase):
	def fetched(self, *codes: str, **values) -> dict:
		employees = [self.employees[code] for code in codes]
		answer = fetch(employees, **{**RANGE, **values})
		frappe.db.commit()
		return answer

	def brought(self) -> dict[str, int]:
		rows = self.check_ins("employee")
		names = {employee: code for code, employee in self.employees.items()}
		return {code: [names[row.employee] for row in rows].count(code) for code in names.values()}

	def test_one_person_s_punches_of_the_range_and_nobody_else_s(self):
		self.make_device()
		self.punch_ten_days(("1", "2", "007"))
		answer = self.fetched("007")
		(log,) = answer["logs"]
		self.assertEqual((answer["devices"], answer["people"], answer["skipped"]), ([OFFICE], 1, []))
		self.assertEqual((self.log(log).codes, self.log(log).trigger), ("007", "Import"))
		work_off()
		self.assertEqual(self.brought(), {"1": 0, "2": 0, "007": 20})
		self.assertEqual(self.status(log), "Success")

	def test_what_is_a_check_in_already_stays_as_it_is(self):
		self.make_device()
		self.punch_ten_days(("1",))
		self.fetched("1")
		work_off()
		(log,) = self.fetched("1")["logs"]
		work_off()
		kept = self.log(log)
		self.assertEqual((kept.created, kept.duplicate, self.brought()["1"]), (0, 20, 20))

	def test_a_biometric_id_with_a_comma_is_one_and_brings_nobody_else_s_punches(self):
		self.make_device()
		employee = make_employee("12,3")
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.db.delete, "Employee", {"name": employee})
		self.addCleanup(frappe.db.delete, CHECK_IN, {"employee": employee})
		frappe.db.commit()
		for code in ("12,3", "12", "3"):
			self.sim.store.punch(code, FROM)
		(log,) = fetch([employee], **RANGE)["logs"]
		frappe.db.commit()
		work_off()
		kept = self.log(log)
		self.assertEqual((kept.codes, kept.fetched, kept.created), ("12,3", 1, 1))

	def test_many_people_from_every_enabled_device_and_who_has_no_biometric_id_is_named(self):
		self.make_device(OFFICE)
		self.make_device(STORE)
		self.make_device("ZKTeco Test Attic", enable=0)
		self.punch_ten_days(("1", "2", "007"))
		nobody = self.without_code()
		employees = [self.employees["1"], self.employees["007"], nobody]
		answer = fetch(frappe.as_json(employees), **RANGE)
		frappe.db.commit()
		self.assertEqual((answer["devices"], answer["people"]), ([OFFICE, STORE], 2))
		self.assertEqual(answer["skipped"], [frappe.db.get_value("Employee", nobody, "employee_name")])
		self.assertEqual([self.log(log).device for log in answer["logs"]], [OFFICE, STORE])
		work_off()
		self.assertEqual(self.brought(), {"1": 20, "2": 0, "007": 20})

	def test_the_chosen_device_alone(self):
		self.make_device(OFFICE)
		self.make_device(STORE)
		answer = self.fetched("1", device=STORE)
		self.assertEqual(answer["devices"], [STORE])
		self.assertEqual(frappe.db.count(SYNC_LOG), 1)

	def test_it_says_whether_anybody_works(self):
		self.make_device()
		self.assertFalse(self.fetched("1")["worker"])
		with running_worker():
			self.assertTrue(self.fetched("1")["worker"])

	def assert_refused(self, told: str, employees, **values) -> None:
		with self.assertRaises(frappe.ValidationError) as caught:
			fetch(employees, **{**RANGE, **values})
		self.assertIn(told, str(caught.exception))
		frappe.db.rollback()
		self.assertEqual((frappe.db.count(SYNC_LOG), waiting_jobs("long")), (0, []))

	def test_what_cannot_be_fetched_is_refused_with_what_to_do(self):
		one = self.employees["1"]
		self.assert_refused("no enabled device", one)
		self.make_device(STORE, enable=0)
		self.assert_refused("Tick Enabled", one, device=STORE)
		self.make_device(OFFICE)
		self.assert_refused("None of them", self.without_code())
		self.assert_refused("None of them", ["Nobody"])
		self.assert_refused("Exchange them", one, from_time="2026-02-01", to_time="2026-01-31")
		for many in ([], "[]", [f"E{number}" for number in range(101)]):
			self.assert_refused("between 1 and 100", many)
		for nonsense in ([None], [["a"]], [{"name": "x"}]):
			self.assert_refused("between 1 and 100", nonsense)

	def test_one_device_that_is_refused_starts_none(self):
		self.make_device(OFFICE)
		self.make_device(STORE)
		self.assert_refused("is no date", self.employees["1"], from_time="yesterday")

	def test_who_may_change_a_device_may_fetch_and_by_post_only(self):
		self.make_device()
		values = {"employees": frappe.as_json([self.employees["1"]]), **RANGE}
		for device in ({}, {"device": OFFICE}):
			for role, user in self.users.items():
				before = frappe.db.count(SYNC_LOG)
				answer = request(user, "POST", METHOD + "fetch", **values, **device)
				may = role in MASTERS and _may_read_both(user)
				self.assertEqual(answer.status_code == 200, may, f"{role} {answer.text}")
				self.assertEqual(frappe.db.count(SYNC_LOG), before + may, role)
		answer = request(self.users["HR Manager"], "GET", METHOD + "fetch", **values)
		self.assertEqual(answer.status_code, 403)
		self.assertEqual(request(self.users["HR User"], "POST", METHOD + "fetch", **values).status_code, 403)

	def test_devices_and_employees_that_the_user_may_not_see_are_left_out(self):
		self.make_device(OFFICE)
		self.make_device(STORE)
		user = self.users["HR Manager"]
		for doctype, name in ((SETTINGS, STORE), ("Employee", self.employees["1"])):
			add_user_permission(doctype, name, user)
			self.addCleanup(clear_user_permissions_for_doctype, doctype, user)
		with acting_as(user):
			answer = self.fetched("1", "2")
			self.assertEqual((answer["devices"], answer["people"]), ([STORE], 1))
			with self.assertRaises(frappe.PermissionError):
				fetch([self.employees["1"]], **RANGE, device=OFFICE)


def _told(employee: str) -> tuple[str | None, int]:
	"""The device of the last check-in, and how many punches wait."""
	found = facts(employee)
	return (found["last"] or {}).get("device"), found["waiting"]


def _queries(employee: str) -> int:
	with statements() as sent:
		facts(employee)
	return len(sent)


def _may_read_both(user: str) -> bool:
	with suppress(frappe.PermissionError):
		return bool(
			frappe.has_permission(SETTINGS, "read", user=user)
			and frappe.has_permission("Employee", "read", user=user)
		)
	return False
