"""Who is never disabled, who leaves or changes, and how the right person is found on the device."""

import frappe

from zkteco_biometric.frappe_hr.names import BIOMETRIC_ID, CHECK_IN, DEVICE_USER, SITE_SETTINGS, USER_ID
from zkteco_biometric.simulator import Variant
from zkteco_biometric.tests.control import (
	AT_HOME,
	PARKING,
	ControlTestCase,
	control_jobs,
	exempt,
	set_site,
)
from zkteco_biometric.tests.support import ensure_company, lately, make_employee


class TestExemptions(ControlTestCase):
	def exempt_by(self, kind: str) -> str:
		"""The employee 1 belongs to it from now on; its name."""
		if kind == "Employee":
			return self.employees["1"]
		name = self.make_department() if kind == "Department" else self.make_designation()
		self.change_employee("1", **{frappe.scrub(kind): name})
		return name

	def make_department(
		self, name: str = "ZKTeco Test Guards", parent: str = "All Departments", group: int = 0
	):
		found = frappe.db.get_value("Department", {"department_name": name})
		if found:
			return found
		doc = frappe.get_doc(
			{
				"doctype": "Department",
				"department_name": name,
				"company": ensure_company(),
				"parent_department": parent,
				"is_group": group,
			}
		).insert()
		self.addCleanup(_delete, "Department", doc.name)
		return doc.name

	def make_designation(self) -> str:
		name = "ZKTeco Test Guard"
		if not frappe.db.exists("Designation", name):
			frappe.get_doc({"doctype": "Designation", "designation_name": name}).insert()
			self.addCleanup(_delete, "Designation", name)
		return name

	def test_nobody_of_them_is_ever_disabled(self) -> None:
		for kind in ("Employee", "Department", "Designation"):
			self.start_over()
			device = self.make_controlled()
			exempt(kind, self.exempt_by(kind))
			self.check_in("1", lately(0.5), "OUT")
			self.control(device)
			self.assertEqual(self.areas("1"), AT_HOME, kind)
			self.assertEqual(self.writes(), [], kind)

	def test_a_department_includes_those_below_it(self) -> None:
		above = self.make_department("ZKTeco Test Security", group=1)
		below = self.make_department("ZKTeco Test Night Guards", parent=above)
		self.change_employee("1", department=below)
		exempt("Department", above)
		device = self.make_controlled()
		self.out(device)
		self.out(device, "2")
		self.assertEqual(self.areas("1"), AT_HOME)
		self.assert_disabled("2")

	def test_who_is_exempted_while_disabled_comes_back(self) -> None:
		for kind in ("Employee", "Department", "Designation"):
			self.start_over()
			name = self.exempt_by(kind)
			device = self.make_controlled()
			self.out(device)
			self.assertEqual(self.areas("1"), [PARKING])
			exempt(kind, name)
			self.assertIn(device.name, control_jobs(), "not only at the next tick")
			self.control(device)
			self.assertEqual(self.areas("1"), AT_HOME, kind)
			self.assertIn("Exempt", self.row("1").why)

	def test_who_has_rights_on_the_device_is_never_disabled(self) -> None:
		self.sim.store.change_person(1, privilege=14)
		device = self.make_controlled()
		self.out(device)
		self.assertEqual((self.areas("1"), self.writes()), (AT_HOME, []))
		self.assertEqual(self.state("1"), ("Enabled", "Unmanaged"))
		self.assertIn("rights", self.row("1").why)

	def test_who_gets_rights_while_disabled_comes_back(self) -> None:
		device = self.make_controlled()
		self.out(device, hours=1)
		self.sim.store.change_person(1, privilege=14)
		self.out(device, hours=0.5)
		self.assertEqual(self.areas("1"), AT_HOME)
		self.assertEqual(self.sim.store.person(1).privilege, 14)

	def test_a_person_keeps_everything_but_the_areas(self) -> None:
		self.sim.store.change_person(1, first_name="Ada", app_status=1, extra={"card_no": "77"})
		device = self.make_controlled()
		before = self.sim.store.person(1)
		self.out(device)
		self.check_in("1", lately(0.25), "IN")
		self.control(device)
		self.assertEqual(self.sim.store.person(1), before)


class TestWhoLeaves(ControlTestCase):
	def test_who_leaves_while_disabled_is_enabled_like_everybody(self) -> None:
		device = self.make_controlled()
		self.out(device)
		self.change_employee("1", status="Left")
		self.control(device)
		self.assert_disabled("1")
		self.let_hours_pass(8)
		self.control(device)
		self.assert_at_home("1")

	def test_who_leaves_stays_disabled_where_the_site_wants_it(self) -> None:
		set_site(keep_left_disabled=1)
		device = self.make_controlled()
		self.out(device)
		self.out(device, "2")
		self.change_employee("1", status="Left")
		for _ in range(3):
			self.let_hours_pass(24)
			self.control(device)
		self.assert_disabled("1")
		self.assertIsNone(self.row("1").way_back)
		self.assert_at_home("2")
		self.assertEqual(self.told(), [], "nobody is late")

	def test_who_has_left_and_is_taken_back_comes_back(self) -> None:
		set_site(keep_left_disabled=1)
		device = self.make_controlled()
		self.out(device)
		self.change_employee("1", status="Left")
		self.let_hours_pass(24)
		self.control(device)
		self.change_employee("1", status="Active")
		self.control(device)
		self.assert_at_home("1")

	def test_who_has_left_comes_back_where_the_site_wants_that_no_longer(self) -> None:
		set_site(keep_left_disabled=1)
		device = self.make_controlled()
		self.out(device)
		self.change_employee("1", status="Left")
		self.let_hours_pass(24)
		self.control(device)
		set_site(keep_left_disabled=0)
		self.control(device)
		self.assert_at_home("1")

	def test_who_is_inactive_is_enabled_at_the_way_back_too(self) -> None:
		device = self.make_controlled()
		self.out(device)
		self.change_employee("1", status="Inactive")
		self.let_hours_pass(8)
		self.control(device)
		self.assert_at_home("1")

	def test_an_employee_who_is_deleted_comes_back(self) -> None:
		employee = self.hire("9")
		device = self.make_controlled()
		self.out(device, "9")
		self.assertEqual(self.areas("9"), [PARKING])
		frappe.db.delete(CHECK_IN, {"employee": employee})
		frappe.delete_doc("Employee", employee)
		frappe.db.commit()
		self.control(device)
		self.assertEqual(self.areas("9"), AT_HOME)
		self.assertIsNone(self.row_of(employee).former)

	def test_an_employee_who_is_renamed_is_known_by_the_new_name(self) -> None:
		employee = self.hire("9")
		device = self.make_controlled()
		self.out(device, "9")
		frappe.rename_doc("Employee", employee, "ZKTeco-Test-Renamed")
		self.employees["9"] = "ZKTeco-Test-Renamed"
		frappe.db.commit()
		self.control(device)
		self.assert_disabled("9")
		self.check_in("9", lately(0.25), "IN")
		self.control(device)
		self.assert_at_home("9")

	def test_an_employee_who_is_merged_while_disabled_comes_back(self) -> None:
		employee = self.hire("9")
		device = self.make_controlled()
		self.out(device, "9")
		self.merge(employee, self.employees["2"])
		self.control(device)
		self.assertEqual(self.areas("9"), AT_HOME)
		self.assertEqual(frappe.db.count(DEVICE_USER, {"employee": employee}), 0)

	def test_two_who_both_have_a_row_are_merged_only_when_the_way_back_is_kept(self) -> None:
		employee = self.hire("9")
		device = self.make_controlled()
		self.out(device, "9")
		self.out(device, "2")
		with self.assertRaises(frappe.ValidationError) as caught:
			self.merge(employee, self.employees["2"])
		self.assertIn(device.name, str(caught.exception))
		frappe.db.rollback()
		self.check_in("9", lately(0.25), "IN")
		self.control(device)
		self.merge(employee, self.employees["2"])
		self.assertEqual(frappe.db.count(DEVICE_USER, {"employee": self.employees["2"]}), 1)

	def test_a_biometric_id_that_changes_brings_back_who_was_disabled(self) -> None:
		self.add_person("55")
		device = self.make_controlled()
		self.out(device)
		self.change_employee("1", **{BIOMETRIC_ID: "55"})
		self.control(device)
		self.assertEqual((self.areas("1"), self.areas("55")), (AT_HOME, AT_HOME))
		self.out(device, hours=0.1)
		self.assertEqual((self.areas("1"), self.areas("55")), (AT_HOME, [PARKING]))
		self.assertEqual(self.row("1").emp_code, "55")

	def test_a_biometric_id_that_is_taken_away_brings_back_who_was_disabled(self) -> None:
		device = self.make_controlled()
		self.out(device)
		self.change_employee("1", **{BIOMETRIC_ID: None})
		self.control(device)
		self.assertEqual(self.areas("1"), AT_HOME)

	def hire(self, code: str) -> str:
		"""Somebody for this test alone."""
		self.employees = {**self.employees, code: make_employee(code)}
		self.addCleanup(_delete_employee, code)
		frappe.db.commit()
		self.add_person(code)
		return self.employees[code]

	def merge(self, old: str, new: str) -> None:
		frappe.rename_doc("Employee", old, new, merge=True)
		del self.employees["9"]
		frappe.db.commit()


class TestFinding(ControlTestCase):
	def test_the_id_found_is_stored_at_the_employee(self) -> None:
		device = self.make_controlled()
		self.out(device, "2")
		self.assertEqual(frappe.db.get_value("Employee", self.employees["2"], USER_ID), "2")
		self.assertIsNone(frappe.db.get_value("Employee", self.employees["1"], USER_ID))

	def test_the_id_that_is_known_saves_the_search(self) -> None:
		self.change_employee("1", **{USER_ID: "1"})
		device = self.make_controlled()
		self.out(device)
		self.assert_disabled("1")
		self.assertEqual(self.sim.log.count("/personnel/api/employees/", "GET"), 0)

	def test_an_id_that_is_somebody_else_s_disables_nobody_else_and_is_not_overwritten(self) -> None:
		for wrong in ("2", "4711", "x", " 2 ", "٣"):
			self.start_over()
			self.change_employee("1", **{USER_ID: wrong})
			device = self.make_controlled()
			self.out(device)
			self.assertEqual((self.areas("1"), self.areas("2")), ([PARKING], AT_HOME), wrong)
			self.assertEqual(
				frappe.db.get_value("Employee", self.employees["1"], USER_ID).strip(), wrong.strip()
			)

	def test_a_loose_search_never_takes_the_first_row(self) -> None:
		self.sim.variant = Variant(loose_emp_code=True)
		for code in ("10", "21", "0071", "11"):
			self.add_person(code)
		device = self.make_controlled()
		for code in self.CODES:
			self.out(device, code)
		self.assert_disabled(*self.CODES)
		for code in ("10", "21", "0071", "11"):
			self.assertEqual(self.areas(code), AT_HOME)

	def test_a_search_that_the_server_ignores_finds_the_right_one(self) -> None:
		self.sim.variant = Variant(emp_code_filter=False)
		device = self.make_controlled()
		self.out(device, "2")
		self.assert_disabled("2")
		self.assertEqual((self.areas("1"), self.areas("007")), (AT_HOME, AT_HOME))

	def test_leading_zeros_count(self) -> None:
		self.add_person("7")
		self.add_person("07")
		device = self.make_controlled()
		self.out(device, "007")
		self.assert_disabled("007")
		self.assertEqual((self.areas("7"), self.areas("07")), (AT_HOME, AT_HOME))

	def test_nobody_with_that_code_is_unmanaged_and_nobody_else_touched(self) -> None:
		self.sim.store.delete_person(self.sim.store.person_by_code("007").id)
		self.sim.variant = Variant(loose_emp_code=True)
		self.add_person("0070")
		device = self.make_controlled()
		for hours in (2, 1, 0.5):
			self.out(device, "007", hours=hours)
		self.assertEqual(self.state("007"), ("Enabled", "Unmanaged"))
		self.assertIn("007", self.row("007").why)
		self.assertEqual((self.areas("0070"), self.writes()), (AT_HOME, []))
		self.assertEqual(frappe.db.count(DEVICE_USER), 1)
		self.assertLessEqual(len(self.told()), 1)

	def test_who_comes_to_the_device_later_is_found_at_the_next_out(self) -> None:
		self.sim.store.delete_person(1)
		device = self.make_controlled()
		self.out(device, hours=1)
		self.add_person("1")
		self.out(device, hours=0.5)
		self.assert_disabled("1")

	def test_an_employee_without_a_biometric_id_is_unmanaged(self) -> None:
		self.change_employee("1", **{BIOMETRIC_ID: None})
		device = self.make_controlled()
		self.out(device)
		self.assertEqual(self.state("1"), ("Enabled", "Unmanaged"))
		self.assertIn("no Biometric ID", self.row("1").why)


class TestWhatSomebodyElseDoes(ControlTestCase):
	def test_who_was_parked_already_stays_parked_and_is_never_enabled_by_us(self) -> None:
		self.sim.store.change_person(1, areas=["1"])
		device = self.make_controlled()
		self.out(device)
		self.assertEqual(self.state("1"), ("Enabled", "Changed Elsewhere"))
		self.check_in("1", lately(0.25), "IN")
		self.control(device)
		self.assertEqual((self.areas("1"), self.moves()), ([PARKING], 0))

	def test_who_was_parked_and_in_an_area_is_disabled_and_gets_back_both(self) -> None:
		self.sim.store.change_person(1, areas=["1", self.office])
		device = self.make_controlled()
		self.out(device)
		self.assert_disabled("1")
		self.check_in("1", lately(0.25), "IN")
		self.control(device)
		self.assertEqual(set(self.areas("1")), {PARKING, "Office"})

	def test_who_is_moved_elsewhere_while_disabled_is_left_there(self) -> None:
		device = self.make_controlled()
		self.out(device)
		self.sim.store.change_person(1, areas=[self.store_room])
		self.check_in("1", lately(0.25), "IN")
		self.control(device)
		self.assertEqual(self.areas("1"), ["Store Room"])
		self.assertEqual(self.state("1"), ("Enabled", "Changed Elsewhere"))
		self.assertIsNone(self.row("1").former)

	def test_who_is_enabled_by_hand_is_not_disabled_again_before_the_next_out(self) -> None:
		device = self.make_controlled()
		self.out(device, hours=2)
		self.sim.store.change_person(1, areas=[self.office, self.store_room])
		for _ in range(2):
			self.control(device)
			self.let_hours_pass(0.5)
		self.assertEqual(self.areas("1"), AT_HOME)
		self.out(device, hours=0.1)
		self.control(device)
		self.assert_disabled("1")

	def test_an_area_that_is_gone_since_leaves_the_others(self) -> None:
		device = self.make_controlled()
		self.out(device)
		del self.sim.store._personnel.areas[self.store_room.id]
		self.check_in("1", lately(0.25), "IN")
		self.control(device)
		self.assertEqual(self.areas("1"), ["Office"])

	def test_a_person_who_is_deleted_on_the_server_while_disabled_is_told_with_the_remedy(self) -> None:
		device = self.make_controlled()
		self.out(device)
		self.sim.store.delete_person(1)
		self.check_in("1", lately(0.25), "IN")
		self.control(device)
		row = self.row("1")
		self.assertEqual((row.status, row.outcome), ("Enabled", "Failed"))
		self.assertIn("Look for the person", row.remedy)
		(entry,) = self.told()
		self.assertIn(self.employees["1"], entry)
		self.add_person("1")
		self.let_hours_pass(0.1)
		self.control(device)
		self.assertIsNone(self.row("1").former)


def _delete(doctype: str, name: str) -> None:
	frappe.db.rollback()
	frappe.db.delete("ZKTeco Device User Exemption", {"parent": SITE_SETTINGS})
	frappe.delete_doc(doctype, name, force=True, ignore_missing=True)
	frappe.db.commit()


def _delete_employee(code: str) -> None:
	frappe.db.rollback()
	theirs = {"first_name": f"ZKTeco Test {code}"}
	employees = frappe.get_all("Employee", filters=theirs, pluck="name", order_by="name")
	frappe.db.delete(CHECK_IN, {"employee": ("in", [*employees, ""])})
	frappe.db.delete("Employee", theirs)
	frappe.db.commit()
