"""Where control ends, everybody comes back by itself: switched off, deleted, renamed, uninstalled; who cannot is listed."""

import os
import sys
from contextlib import redirect_stdout
from io import StringIO
from subprocess import run
from unittest.mock import patch

import frappe

from zkteco_biometric.api import enable_everyone
from zkteco_biometric.device_users import run as heart
from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_USER, SETTINGS
from zkteco_biometric.tests.control import (
	AT_HOME,
	OFFICE,
	PARKING,
	ControlTestCase,
	control_jobs,
	set_site,
)
from zkteco_biometric.tests.jobs import forget_jobs, worker_environment
from zkteco_biometric.tests.support import PASSWORD, document_hook, lately
from zkteco_biometric.uninstall import before_uninstall
from zkteco_biometric.user_control import control_device_users, sweep

GATE = "ZKTeco Test Gate"


class TestByItself(ControlTestCase):
	def held(self, **values):
		"""A device on which two people are disabled."""
		device = self.make_controlled(**values)
		self.out(device, "1")
		self.out(device, "2")
		forget_jobs()
		return device

	def test_where_control_is_switched_off_or_the_device_is_or_a_dry_run_begins(self) -> None:
		for values in ({"control_users": 0}, {"enable": 0}, {"control_dry_run": 1}):
			self.start_over()
			device = self.held()
			device.update(values)
			device.save()
			self.assertEqual(control_jobs(), [device.name], values)
			self.control(device)
			self.assert_at_home("1", "2")
			device.update({field: 1 - value for field, value in values.items()})
			device.save()
			self.control(device)
			self.assertEqual(self.areas("1"), AT_HOME, f"{values}: switched on again, from then on")

	def test_a_device_that_is_switched_off_while_it_is_down_is_swept_until_all_are_back(self) -> None:
		device = self.held()
		self.sim.stop()
		device.control_users = 0
		device.save()
		self.control(device)
		self.assertEqual(sweep(), [device.name])
		self.sim.start()
		self.let_hours_pass(0.1)
		self.control(device)
		self.assert_at_home("1", "2")
		self.assertEqual(sweep(), [])

	def test_other_changes_of_a_device_let_everybody_stay_as_they_are(self) -> None:
		device = self.held()
		device.look_back = 30
		device.save()
		self.assertEqual(control_jobs(), [])
		self.control(device)
		self.assert_disabled("1", "2")

	def test_another_method_or_area_brings_back_by_the_one_of_before(self) -> None:
		device = self.held()
		device.update(
			{
				"control_method": "Employee Field",
				"control_field": "flag",
				"enabled_value": "1",
				"disabled_value": "0",
			}
		)
		device.save()
		self.check_in("1", lately(0.2), "IN")
		self.control(device)
		self.assert_at_home("1")
		self.assert_disabled("2")

	def test_a_device_that_is_deleted(self) -> None:
		device = self.held()
		frappe.delete_doc(SETTINGS, device.name)
		frappe.db.commit()
		self.assertEqual((self.areas("1"), self.areas("2")), (AT_HOME, AT_HOME))
		self.assertEqual(frappe.db.count(DEVICE_USER), 0)
		self.assertEqual([entry for entry in self.told() if "taken away" in entry], [])
		self.assertEqual(frappe.db.sql("select count(*) from __Auth where doctype = %s", SETTINGS), ((0,),))

	def test_a_device_that_is_deleted_disables_nobody_any_more(self) -> None:
		device = self.held()
		self.check_in("1", lately(0.1), "OUT")
		self.check_in("007", lately(0.1), "OUT")
		controls = self.while_asked("adjust_area", _control_users, device.name)
		late = self.while_asked("adjust_area", _check_out, self.employees["2"])
		frappe.delete_doc(SETTINGS, device.name)
		frappe.db.commit()
		self.assertEqual((controls, len(late)), ([0], 1), "by then it is over")
		self.assertEqual([self.areas(code) for code in self.CODES], [AT_HOME] * 3)
		self.assertEqual(frappe.db.count(DEVICE_USER), 0)

	def test_a_device_that_holds_nobody_disables_nobody_while_it_is_deleted(self) -> None:
		device = self.make_controlled()
		self.check_in("1", lately(0.1), "OUT")
		frappe.delete_doc(SETTINGS, device.name)
		frappe.db.commit()
		self.assertEqual((self.areas("1"), self.writes()), (AT_HOME, []))
		self.assertFalse(control_device_users(OFFICE).asked)

	def test_who_left_and_was_never_known_to_be_disabled_comes_back_where_control_ends(self) -> None:
		set_site(keep_left_disabled=1)
		device = self.make_controlled()
		self.out(device, "2")
		with patch.object(heart, "conclude", side_effect=KeyError("power cut")):
			self.out(device, "1")
		self.assertEqual((self.areas("1"), self.row("1").disabled_on), ([PARKING], None))
		for code in ("1", "2"):
			self.change_employee(code, status="Left")
		device.reload()
		device.control_users = 0
		device.save()
		self.control(device)
		self.let_hours_pass(0.3)
		self.control(device)
		self.assert_at_home("1")
		self.assert_disabled("2")

	def test_a_device_that_cannot_be_deleted_after_all_keeps_its_password(self) -> None:
		device = self.held()
		with document_hook("on_trash", f"{__name__}.refuse", SETTINGS), self.assertRaises(ZeroDivisionError):
			frappe.delete_doc(SETTINGS, device.name)
		frappe.db.rollback()
		self.assertEqual(frappe.get_doc(SETTINGS, device.name).get_password("password"), PASSWORD)
		self.assert_at_home("1", "2")

	def test_a_device_that_is_deleted_while_it_is_down_lists_who_stays_disabled(self) -> None:
		device = self.held()
		self.check_in("007", lately(0.2), "IN")
		self.sim.stop()
		frappe.clear_messages()
		frappe.delete_doc(SETTINGS, device.name)
		frappe.db.commit()
		self.assertFalse(frappe.db.exists(SETTINGS, OFFICE))
		message = frappe.as_json(frappe.get_message_log())
		(entry,) = [entry for entry in self.told() if "taken away" in entry]
		for text in (message, entry):
			for part in ("ZKTeco Test 1", "ZKTeco Test 2", "Office, Store Room"):
				self.assertIn(part, text)
		self.assertEqual({self.row(code).former_shown for code in ("1", "2")}, {"Office, Store Room"})
		frappe.clear_messages()
		forget_jobs()
		self.assertEqual((sweep(), control_jobs()), ([], []), "nobody can ask a device that is gone")
		self.assertFalse(control_device_users(OFFICE).asked)

	def test_who_was_brought_back_by_hand_from_a_device_that_is_gone_can_be_deleted(self) -> None:
		device = self.held()
		self.sim.stop()
		frappe.delete_doc(SETTINGS, device.name)
		frappe.delete_doc(DEVICE_USER, self.row("1").name)
		self.assertIsNone(self.row("1"))
		frappe.clear_messages()

	def test_a_device_of_that_name_that_comes_back_goes_on_where_the_other_ended(self) -> None:
		device = self.held()
		self.sim.stop()
		frappe.delete_doc(SETTINGS, device.name)
		frappe.db.commit()
		self.sim.start()
		again = self.make_controlled(since=None)
		self.let_hours_pass(0.1)
		self.control(again)
		self.assert_at_home("1", "2")

	def test_a_device_that_is_renamed_keeps_its_people(self) -> None:
		device = self.held()
		frappe.rename_doc(SETTINGS, device.name, "ZKTeco Test Moved")
		frappe.db.commit()
		moved = frappe.get_doc(SETTINGS, "ZKTeco Test Moved")
		self.control(moved)
		self.assertEqual((self.areas("1"), self.areas("2")), ([PARKING], [PARKING]))
		self.check_in("1", lately(0.2), "IN")
		self.control(moved)
		self.assertEqual(self.areas("1"), AT_HOME)
		enable_everyone(moved.name)
		self.control(moved)
		self.assertEqual(self.areas("2"), AT_HOME)

	def test_devices_are_not_merged_while_people_are_disabled(self) -> None:
		device, gate = self.held(), self.make_controlled(GATE)
		for old, new in ((device.name, gate.name), (gate.name, device.name)):
			with self.assertRaises(frappe.ValidationError):
				frappe.rename_doc(SETTINGS, old, new, merge=True)
			frappe.db.rollback()
		enable_everyone(device.name)
		self.control(device)
		frappe.rename_doc(SETTINGS, gate.name, device.name, merge=True)

	def test_uninstalling_brings_everybody_back(self) -> None:
		self.held()
		with redirect_stdout(StringIO()) as told:
			before_uninstall()
		self.assert_at_home("1", "2")
		self.assertEqual(told.getvalue(), "")

	def test_uninstalling_disables_nobody_any_more(self) -> None:
		device, gate = self.held(), self.make_controlled(GATE)
		for code in self.CODES:
			self.check_in(code, lately(0.1), "OUT")
		controls = self.while_asked("adjust_area", _control_users, gate.name)
		with redirect_stdout(StringIO()) as told:
			before_uninstall()
		self.assertEqual((controls, told.getvalue()), ([0], ""))
		self.assertEqual([self.areas(code) for code in self.CODES], [AT_HOME] * 3)
		self.assertEqual(frappe.db.count(SETTINGS, {"control_users": 1}), 0)
		self.assertEqual(sweep(), [])
		self.check_in("007", lately(0.05), "OUT")
		for one in (device, gate):
			self.control(one)
		self.assertEqual(self.areas("007"), AT_HOME)

	def test_uninstalling_lists_who_stays_disabled_on_a_device_that_is_gone(self) -> None:
		device = self.held()
		self.sim.stop()
		frappe.delete_doc(SETTINGS, device.name)
		frappe.clear_messages()
		with redirect_stdout(StringIO()) as told:
			before_uninstall()
		for part in (OFFICE, "ZKTeco Test 1", "ZKTeco Test 2", "Office, Store Room"):
			self.assertIn(part, told.getvalue())

	def test_uninstalling_while_the_device_is_down_lists_who_stays_disabled(self) -> None:
		device = self.held()
		self.sim.stop()
		with redirect_stdout(StringIO()) as told:
			before_uninstall()
		for part in (
			device.name,
			"ZKTeco Test 1",
			"ZKTeco Test 2",
			"Office, Store Room",
			"cannot be reached",
		):
			self.assertIn(part, told.getvalue())

	def test_a_dry_run_of_uninstalling_asks_no_device_and_lists_them(self) -> None:
		device = self.held()
		self.sim.log.clear()
		arguments = ["--site", frappe.local.site, "uninstall-app", "zkteco_biometric", "--dry-run", "--yes"]
		done = run(
			[sys.executable, "-m", "frappe.utils.bench_helper", "frappe", *arguments],
			cwd=os.path.abspath(frappe.local.sites_path),
			env=worker_environment(),
			capture_output=True,
			text=True,
			timeout=120,
		)
		frappe.db.rollback()
		self.assertEqual(done.returncode, 0, done.stderr)
		for part in (device.name, "ZKTeco Test 1", "ZKTeco Test 2", "Office, Store Room"):
			self.assertIn(part, done.stdout)
		self.assertEqual(self.sim.log.entries, [])
		self.assert_disabled("1", "2")
		self.assertEqual(self.row("1").released, 0)


def refuse(_doc, _method=None) -> None:
	raise ZeroDivisionError


def _control_users(device: str) -> int:
	return frappe.db.get_value(SETTINGS, device, "control_users")


def _check_out(employee: str) -> str:
	values = {"doctype": CHECK_IN, "employee": employee, "time": lately(0.01), "log_type": "OUT"}
	doc = frappe.get_doc(values).insert()
	frappe.db.commit()
	return doc.name
