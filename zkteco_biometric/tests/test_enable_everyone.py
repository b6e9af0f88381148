"""Enable Everyone, asked for or by itself: everybody gets back just what they had, and nobody is disabled before the next OUT."""

import os
import sys
from contextlib import redirect_stdout
from io import StringIO
from subprocess import run
from unittest.mock import patch

import frappe

from zkteco_biometric.api import enable_everyone, enable_person
from zkteco_biometric.device_users import run as heart
from zkteco_biometric.frappe_hr.device_user_triggers import overview
from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_USER, SETTINGS
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.control import (
	AT_HOME,
	OFFICE,
	PARKING,
	ControlTestCase,
	control_jobs,
	set_site,
	work_off_passes,
)
from zkteco_biometric.tests.jobs import forget_jobs, worker_environment
from zkteco_biometric.tests.support import PASSWORD, document_hook, elsewhere, lately
from zkteco_biometric.uninstall import before_uninstall
from zkteco_biometric.user_control import control_device_users, sweep

GATE = "ZKTeco Test Gate"


class TestEnableEveryone(ControlTestCase):
	def test_everybody_gets_back_just_what_they_had(self) -> None:
		self.sim.store.change_person(2, areas=[self.store_room])
		device = self.make_controlled()
		for code in self.CODES:
			self.out(device, code)
		self.assert_disabled(*self.CODES)
		answer = enable_everyone(device.name)
		self.assertEqual(answer, {"people": 3, "enqueued": True, "worker": False})
		self.assertEqual(control_jobs(), [device.name])
		work_off_passes()
		self.assertEqual([self.areas(code) for code in self.CODES], [AT_HOME, ["Store Room"], AT_HOME])
		self.assertEqual({self.state(code) for code in self.CODES}, {("Enabled", "Confirmed")})
		self.assertEqual(overview(device)["disabled"], 0)

	def test_a_field_gets_back_just_its_value(self) -> None:
		for id, value in enumerate(("yes", None, 7, True), start=1):
			if id > len(self.CODES):
				self.add_person("9")
			self.sim.store.change_person(min(id, 3), extra={"flag": value})
			self.sim.store.change_person(1, extra={"flag": value})
			device = self.make_controlled(
				f"ZKTeco Test {id}",
				control_method="Employee Field",
				control_field="flag",
				enabled_value="1",
				disabled_value="0",
			)
			self.out(device, hours=1 / id)
			self.assertEqual(self.sim.store.person(1).extra, {"flag": 0}, value)
			enable_everyone(device.name)
			self.control(device)
			self.assertEqual(self.sim.store.person(1).extra, {"flag": value})
			device.db_set("control_users", 0)

	def test_nobody_is_disabled_again_before_the_next_out(self) -> None:
		device = self.make_controlled()
		self.out(device, "1")
		self.punch("2", lately(0.2), "1")  # not read yet
		self.check_in("007", lately(0.3), "OUT")  # not processed yet
		enable_everyone(device.name)
		self.control(device)
		self.sync(device)
		for _ in range(3):
			self.control(device)
			self.let_hours_pass(0.4)
		for code in self.CODES:
			self.assertEqual(self.areas(code), AT_HOME, code)
		self.out(device, "1", hours=0.1)
		self.assert_disabled("1")

	def test_who_waits_for_the_end_of_a_shift_is_not_disabled_then(self) -> None:
		device = self.make_controlled()
		self.out(device)
		frappe.db.set_value(
			DEVICE_USER,
			self.row("1").name,
			{"former": None, "status": "Enabled", "outcome": "Waiting", "due_at": lately(-1)},
		)
		self.sim.store.change_person(1, areas=[self.office, self.store_room])
		enable_everyone(device.name)
		row = self.row("1")
		self.assertEqual((row.outcome, row.due_at), ("Confirmed", None))
		self.control(device)
		self.let_hours_pass(1.5)
		self.control(device)
		self.assertEqual(self.areas("1"), AT_HOME)

	def test_one_person_alone(self) -> None:
		device = self.make_controlled()
		self.out(device, "1")
		self.out(device, "2")
		answer = enable_person(self.row("1").name)
		self.assertEqual((answer["people"], control_jobs()), (1, [device.name]))
		for _ in range(3):
			self.control(device)
		self.assert_at_home("1")
		self.assert_disabled("2")
		self.assertEqual(enable_person(self.row("1").name)["people"], 0)
		self.out(device, "1", hours=0.1)
		self.control(device)
		self.assertEqual(self.areas("1"), AT_HOME, "an OUT of before the button")
		self.let_hours_pass(1)
		self.out(device, "1", hours=0.5)
		self.assert_disabled("1")

	def test_all_devices_or_one(self) -> None:
		device, gate = self.make_controlled(), self.make_controlled(GATE)
		self.out(device, "1")
		frappe.db.set_value(DEVICE_USER, self.row("1").name, "device", device.name)
		self.out(gate, "2")
		forget_jobs()
		self.assertEqual(enable_everyone(device.name)["people"], 1)
		self.assertEqual(control_jobs(), [device.name])
		forget_jobs()
		self.assertEqual(enable_everyone()["people"], 2)
		self.assertEqual(control_jobs(), [GATE, OFFICE])
		work_off_passes()
		self.assertEqual((self.areas("1"), self.areas("2")), (AT_HOME, AT_HOME))

	def test_where_nobody_is_disabled_nothing_is_asked(self) -> None:
		device = self.make_controlled()
		self.assertEqual(enable_everyone(device.name), {"people": 0, "enqueued": False, "worker": False})
		self.assertEqual((control_jobs(), self.sim.log.entries), ([], []))

	def test_who_has_left_stays_unless_included(self) -> None:
		set_site(keep_left_disabled=1)
		device = self.make_controlled()
		self.out(device, "1")
		self.out(device, "2")
		self.change_employee("1", status="Left")
		self.assertEqual(enable_everyone(device.name)["people"], 1)
		self.control(device)
		self.assert_disabled("1")
		self.assert_at_home("2")
		self.assertEqual(enable_everyone(device.name, include_left=True)["people"], 1)
		self.control(device)
		self.assert_at_home("1")
		self.control(device)
		self.assert_at_home("1")

	def test_one_who_has_left_is_enabled_by_name(self) -> None:
		set_site(keep_left_disabled=1)
		device = self.make_controlled()
		self.out(device, "1")
		self.change_employee("1", status="Left")
		self.assertEqual(enable_person(self.row("1").name)["people"], 1)
		self.control(device)
		self.assert_at_home("1")

	def test_a_device_that_is_down_is_tried_until_everybody_is_back(self) -> None:
		device = self.make_controlled()
		self.out(device)
		self.sim.stop()
		enable_everyone(device.name)
		for _ in range(3):
			self.control(device)
			self.let_hours_pass(0.1)
		self.assertEqual(self.state("1"), ("Enabled", "Failed"))
		self.assertEqual(self.row("1").released, 1)
		self.sim.start()
		self.assertEqual(sweep(), [device.name])
		self.control(device)
		self.assert_at_home("1")

	def test_a_pass_is_void_once_somebody_presses_it(self) -> None:
		"""Between the look at a person and what would be asked for."""
		device = self.make_controlled()
		site, answers = frappe.local.site, []
		press = faults.rows(lambda rows: (answers.append(elsewhere(site, _press, device.name)), rows)[1])
		self.sim.faults.add(press, path="/personnel/api/areas/")
		self.out(device, "1")
		self.assertEqual(answers, [0], "nobody was disabled yet")
		self.assertEqual((self.areas("1"), self.moves()), (AT_HOME, 0))
		for _ in range(2):
			self.control(device)
		self.assertEqual((self.areas("1"), self.moves()), (AT_HOME, 0))

	def test_who_is_being_disabled_while_somebody_presses_it_comes_back(self) -> None:
		device = self.make_controlled()
		site, answers = frappe.local.site, []

		def press(request, answer):
			answers.append(elsewhere(site, _press, device.name))
			return answer(request)

		self.sim.faults.add(press, path="adjust_area")
		self.out(device, "1")
		self.control(device)
		self.assertEqual(answers, [1])
		self.assert_at_home("1")


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


def refuse(_doc, _method=None) -> None:
	raise ZeroDivisionError


def _control_users(device: str) -> int:
	return frappe.db.get_value(SETTINGS, device, "control_users")


def _check_out(employee: str) -> str:
	values = {"doctype": CHECK_IN, "employee": employee, "time": lately(0.01), "log_type": "OUT"}
	doc = frappe.get_doc(values).insert()
	frappe.db.commit()
	return doc.name


def _press(device: str) -> int:
	people = enable_everyone(device)["people"]
	frappe.db.commit()
	return people
