"""What the form of a device says of its people, and what a row of theirs allows."""

import frappe

from zkteco_biometric.api import enable_everyone
from zkteco_biometric.frappe_hr.device_user_triggers import overview
from zkteco_biometric.frappe_hr.names import DEVICE_USER, SETTINGS
from zkteco_biometric.tests.control import (
	ControlTestCase,
)


class TestWhatTheFormShows(ControlTestCase):
	def test_nothing_where_nobody_is_controlled(self) -> None:
		self.assertIsNone(overview(self.make_device()))

	def test_people_are_counted_by_what_is_known_of_them(self) -> None:
		device = self.make_controlled()
		self.out(device, "1")
		self.sim.store.delete_person(2)
		self.out(device, "2")
		counted = {"disabled": 1, "waiting": 0, "failed": 0, "unmanaged": 1, "dry_run": 0}
		counted |= {"overdue": 0, "overdue_names": []}
		self.assertEqual(overview(device), counted)
		device.run_method("onload")
		self.assertEqual(device.get_onload("control"), counted)
		frappe.db.set_value(SETTINGS, device.name, "control_users", 0)
		device.reload()
		self.assertEqual(overview(device), counted, "as long as somebody is held")

	def test_a_dry_run_is_counted_apart(self) -> None:
		device = self.make_controlled(control_dry_run=1)
		self.out(device)
		counted = overview(device)
		self.assertEqual((counted["dry_run"], counted["disabled"]), (1, 0))

	def test_a_row_that_holds_the_way_back_cannot_be_deleted_and_others_can(self) -> None:
		device = self.make_controlled()
		self.out(device)
		name = self.row("1").name
		with self.assertRaises(frappe.ValidationError) as caught:
			frappe.delete_doc(DEVICE_USER, name)
		self.assertIn("Enable Everyone", str(caught.exception))
		frappe.db.rollback()
		enable_everyone(device.name)
		self.control(device)
		frappe.delete_doc(DEVICE_USER, name)
		self.assertIsNone(self.row("1"))

	def test_a_row_cannot_be_edited_by_hand(self) -> None:
		device = self.make_controlled()
		self.out(device)
		row = self.row("1")
		row.former = None
		with self.assertRaises(frappe.ValidationError):
			row.save()
		frappe.db.rollback()
		self.assertTrue(self.row("1").former)
