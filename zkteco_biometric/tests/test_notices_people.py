"""People who could not be enabled in time: told once, together, to who may see them, and when they are enabled again."""

from datetime import timedelta
from email import message_from_string

import frappe

from zkteco_biometric.frappe_hr.names import DEVICE_USER, INCIDENT, SETTINGS
from zkteco_biometric.frappe_hr.notices import sweep_notices
from zkteco_biometric.tests.control import ControlTestCase, let_notices_age, now
from zkteco_biometric.tests.notices import (
	OFFICE,
	forget_notices,
	limit_user,
	make_outgoing_account,
	remove_outgoing_account,
	subject_of,
	tell,
)
from zkteco_biometric.tests.people import WithUsers, acting_as


class TestPeopleWhoAreLate(WithUsers, ControlTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.addCleanup(forget_notices)

	def rung(self) -> list[str]:
		ours = {"document_type": SETTINGS, "for_user": self.users["HR Manager"]}
		return frappe.get_all("Notification Log", ours, pluck="subject", order_by="creation, name")

	def late_people(self, *codes: str):
		device = self.make_controlled()
		for code in codes:
			self.out(device, code)
		self.sim.stop()
		self.let_hours_pass(8)
		self.control(device)
		return device

	def come_back(self, device) -> None:
		self.sim.start()
		due = {"device": device.name, "due_at": (">", now())}
		frappe.db.set_value(DEVICE_USER, due, "due_at", now(), update_modified=False)
		frappe.db.commit()
		self.control(device)

	def test_they_are_told_when_they_are_enabled_again(self) -> None:
		device = self.late_people("1", "2")
		self.come_back(device)
		self.assert_at_home("1", "2")
		self.assertEqual(
			self.rung(),
			[
				f"2 people could not be enabled in time on {OFFICE}",
				f"2 people are enabled again on {OFFICE}",
			],
		)
		names = frappe.get_all(INCIDENT, pluck="subject_name", order_by="employee")
		self.assertEqual(names, ["ZKTeco Test 1", "ZKTeco Test 2"])

	def test_who_is_late_again_is_told_again(self) -> None:
		device = self.late_people("1")
		self.come_back(device)
		self.out(device, "1", hours=0.4)
		self.sim.stop()
		self.let_hours_pass(8)
		self.control(device)
		self.assertEqual(
			self.rung(),
			[
				f"ZKTeco Test 1 could not be enabled in time on {OFFICE}",
				f"ZKTeco Test 1 is enabled again on {OFFICE}",
				f"ZKTeco Test 1 could not be enabled in time on {OFFICE}",
			],
		)

	def test_who_is_settled_by_hand_or_forgotten_is_not_open_for_ever(self) -> None:
		self.late_people("1", "2")
		frappe.db.delete(DEVICE_USER, {"employee": self.employees["1"]})
		frappe.db.set_value(DEVICE_USER, self.row("2").name, {"former": None, "way_back": None})
		frappe.db.commit()
		sweep_notices()
		self.assertEqual(frappe.get_all(INCIDENT, {"status": "Open"}, order_by="name"), [])
		self.assertEqual(self.rung()[1:], [f"ZKTeco Test 2 is enabled again on {OFFICE}"])

	def test_who_follows_within_the_hour_joins_what_was_told(self) -> None:
		device = self.make_controlled()
		for code in ("1", "2"):
			self.out(device, code)
		self.sim.stop()
		self.let_hours_pass(8)
		for later in (timedelta(hours=1), timedelta(hours=-1)):
			frappe.db.set_value(DEVICE_USER, self.row("2").name, "way_back", now() + later)
			self.control(device)
		first = f"ZKTeco Test 1 could not be enabled in time on {OFFICE}"
		self.assertEqual((frappe.db.count(INCIDENT, {"status": "Open"}), self.rung()), (2, [first]))
		let_notices_age(timedelta(hours=1))
		sweep_notices()
		self.assertEqual(self.rung()[1:], [f"ZKTeco Test 2 could not be enabled in time on {OFFICE}"])
		self.come_back(device)
		self.assertEqual(self.rung()[2:], [f"2 people are enabled again on {OFFICE}"])

	def test_an_employee_who_is_renamed_is_told_once(self) -> None:
		self.late_people("1")
		former = self.employees["1"]
		frappe.rename_doc("Employee", former, f"{former}-B", show_alert=False)
		frappe.db.commit()
		try:
			sweep_notices()
			self.assertEqual(
				(frappe.get_all(INCIDENT, pluck="employee", order_by="name"), len(self.rung())),
				([f"{former}-B"], 1),
			)
		finally:
			frappe.rename_doc("Employee", f"{former}-B", former, show_alert=False)
			frappe.db.commit()

	def test_who_may_see_another_employee_only_neither_reads_it_nor_is_told(self) -> None:
		tell("HR User", "HR Manager")
		self.addCleanup(tell)
		user = self.users["HR User"]
		limit_user(user, "Employee", self.employees["2"])
		self.addCleanup(frappe.db.delete, "User Permission", {"user": user})
		self.late_people("1")
		self.assertEqual(len(self.rung()), 1)
		self.assertEqual(self.bells_of(user), 0)
		(incident,) = frappe.get_all(INCIDENT, pluck="name", order_by="name")
		with acting_as(user):
			self.assertEqual(frappe.get_list(INCIDENT, pluck="name"), [])
			self.assertFalse(frappe.has_permission(INCIDENT, "read", doc=incident))
		with acting_as(self.users["HR Manager"]):
			self.assertEqual(frappe.get_list(INCIDENT, pluck="name"), [incident])

	def test_people_of_a_device_that_is_gone_are_told_to_nobody_who_is_limited_to_another(self) -> None:
		tell("HR User", "HR Manager")
		self.addCleanup(tell)
		user = self.users["HR User"]
		other = self.make_device("ZKTeco Test Gate")
		limit_user(user, SETTINGS, other.name)
		self.addCleanup(frappe.db.delete, "User Permission", {"user": user})
		self.late_people("1")
		frappe.db.delete(INCIDENT)
		frappe.db.delete("Notification Log", {"document_type": SETTINGS})
		frappe.db.delete(SETTINGS, {"name": OFFICE})
		frappe.db.commit()
		sweep_notices()
		self.assertEqual((len(self.rung()), self.bells_of(user)), (1, 0))

	def bells_of(self, user: str) -> int:
		return frappe.db.count("Notification Log", {"document_type": SETTINGS, "for_user": user})

	def test_they_are_told_by_e_mail_too(self) -> None:
		make_outgoing_account()
		self.addCleanup(remove_outgoing_account)
		self.late_people("1")
		queued = frappe.get_all(
			"Email Queue", {"reference_doctype": SETTINGS}, ["message"], order_by="creation"
		)
		self.assertEqual(
			[subject_of(message_from_string(one.message)) for one in queued],
			[f"ZKTeco Test 1 could not be enabled in time on {OFFICE}"],
		)
