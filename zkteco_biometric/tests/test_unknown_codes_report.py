"""The report of codes that no employee has, and whose they may be."""

import frappe
from frappe.desk.query_report import run

from zkteco_biometric.frappe_hr.names import PENDING
from zkteco_biometric.frappe_hr.pending_people import ignore_named
from zkteco_biometric.tests.people import WithUsers, acting_as, refuses, request
from zkteco_biometric.tests.support import days_ago, make_employee, statements
from zkteco_biometric.tests.waiting import WaitingTestCase, row_of
from zkteco_biometric.zkteco_biometric.report.zkteco_unknown_codes.zkteco_unknown_codes import execute

REPORT = "ZKTeco Unknown Codes"


class ReportTestCase(WaitingTestCase):
	CODES = ("1",)

	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_device()

	def rows(self, **filters: str) -> list[dict]:
		return execute(filters)[1]

	def person(self, first: str, last: str, code: str | None = None, **values: object) -> str:
		"""An employee of that name; `first_name` is what the clean-up goes by."""
		name = make_employee(code or "none", **values)
		employee_name = f"{first} {last}"
		frappe.db.set_value("Employee", name, {"attendance_device_id": code, "employee_name": employee_name})
		self.addCleanup(frappe.db.delete, "Employee", {"name": name})
		return name


class TestUnknownCodes(ReportTestCase):
	def test_a_code_is_one_row_however_many_its_punches_and_devices(self):
		south = self.make_device("ZKTeco Test South")
		self.wait(self.device, *[row_of("8", days_ago(day)) for day in (5, 3)])
		self.wait(south, row_of("8", days_ago(9), first_name="Amina", last_name="Otieno"))
		self.wait(south, row_of("08", days_ago(1)))
		first, second = self.rows()
		self.assertEqual((first["emp_code"], first["punches"]), ("8", 3))
		self.assertEqual(first["devices"], "ZKTeco Test Office, ZKTeco Test South")
		self.assertEqual((first["first"], first["last"]), (days_ago(9).date(), days_ago(3).date()))
		self.assertEqual(first["person_name"], "Amina Otieno")
		self.assertEqual((second["emp_code"], second["punches"]), ("08", 1))

	def test_codes_that_differ_in_case_alone_are_two(self):
		self.wait(
			self.device, row_of("ab", days_ago(1)), row_of("AB", days_ago(2)), row_of("Ab", days_ago(2))
		)
		self.assertEqual({row["emp_code"] for row in self.rows()}, {"ab", "AB", "Ab"})

	def test_only_what_waits_for_an_employee_is_told(self):
		names = self.wait(self.device, row_of("8", days_ago(1)), row_of("9", days_ago(1)))
		self.wait(self.device, row_of("7", days_ago(-3)), {**row_of("6", days_ago(1)), "punch_time": None})
		ignore_named(names[:1], "a visitor")
		self.assertEqual([row["emp_code"] for row in self.rows()], ["9"])

	def test_a_code_that_somebody_has_by_now_is_no_longer_unknown(self):
		self.wait(self.device, row_of("1", days_ago(1)))
		self.assertEqual(self.rows(), [])

	def test_one_device_s_codes(self):
		south = self.make_device("ZKTeco Test South")
		self.wait(self.device, row_of("8", days_ago(1)))
		self.wait(south, row_of("9", days_ago(1)))
		self.assertEqual([row["emp_code"] for row in self.rows(device=south.name)], ["9"])
		self.assertEqual([row["emp_code"] for row in self.rows(device="")], ["8", "9"])

	def test_employees_without_a_biometric_id_are_suggested_by_their_names(self):
		best = self.person("Amina Njeri", "Wanjirutest")
		self.person("Amina", "Wanjirutest", code="44")
		self.person("Amina", "Wanjirutest", status="Inactive")
		self.person("Peter", "Kamautest")
		self.wait(self.device, row_of("8", days_ago(1), first_name="WANJIRUTEST", last_name="AMINA"))
		(row,) = self.rows()
		self.assertEqual(row["suggested"], [(best, "Amina Njeri Wanjirutest")])
		self.assertIn(best, row["suggestions"])

	def test_a_code_without_a_name_gets_no_suggestion(self):
		self.wait(self.device, row_of("8", days_ago(1)))
		self.assertEqual(self.rows()[0]["suggested"], [])

	def test_what_a_device_sends_is_text(self):
		nasty = "<img src=x onerror=alert(1)>"
		self.wait(self.device, row_of(nasty, days_ago(1), first_name=nasty, terminal_sn=nasty))
		(row,) = self.rows()
		for column in ("emp_code", "person_name", "devices", "suggestions"):
			self.assertNotIn("<", row[column])

	def test_the_queries_do_not_grow_with_the_codes(self):
		counts = []
		for codes in (2, 60):
			frappe.db.delete(PENDING)
			rows = [row_of(f"NOBODY{n}", days_ago(1), first_name=f"Person{n}") for n in range(codes)]
			self.wait(self.device, *rows)
			with statements() as sent:
				self.assertEqual(len(self.rows()), codes)
			counts.append(len(sent))
		self.assertEqual(counts[0], counts[1])


class TestWhoMayReadTheReport(WithUsers, ReportTestCase):
	def test_who_sees_the_devices_sees_the_report(self):
		self.wait(self.device, row_of("8", days_ago(1)))
		for role, user in self.users.items():
			with acting_as(user):
				if role in ("System Manager", "HR Manager", "HR User"):
					self.assertEqual(run(REPORT)["result"][0]["emp_code"], "8", role)
				else:
					self.assertTrue(refuses(run, REPORT), role)

	def test_over_http_too(self):
		for role, user in self.users.items():
			path = "/api/method/frappe.desk.query_report.run"
			answer = request(user, "GET", path, report_name=REPORT)
			may = role in ("System Manager", "HR Manager", "HR User")
			self.assertEqual(answer.status_code == 200, may, f"{role} {answer.text[:200]}")

	def test_employees_whom_a_person_may_not_see_are_not_suggested(self):
		seen = self.person("Amina", "Wanjirutest")
		self.person("Aminah", "Wanjirutest")
		self.wait(self.device, row_of("8", days_ago(1), first_name="Amina", last_name="Wanjirutest"))
		user = self.users["HR User"]
		permission = frappe.get_doc(
			{"doctype": "User Permission", "user": user, "allow": "Employee", "for_value": seen}
		).insert()
		self.addCleanup(permission.delete)
		with acting_as(user):
			(row,) = self.rows()
		self.assertEqual([employee for employee, _ in row["suggested"]], [seen])
		with acting_as(self.users["System Manager"]):
			self.assertEqual(self.rows()[0]["suggested"], [], "no right to read employees")

	def test_devices_that_a_person_may_not_see_are_left_out(self):
		south = self.make_device("ZKTeco Test South")
		self.wait(self.device, row_of("8", days_ago(1)))
		self.wait(south, row_of("9", days_ago(1)))
		user = self.users["HR User"]
		permission = frappe.get_doc(
			{"doctype": "User Permission", "user": user, "allow": south.doctype, "for_value": south.name}
		).insert()
		self.addCleanup(permission.delete)
		with acting_as(user):
			self.assertEqual([row["emp_code"] for row in self.rows()], ["9"])
