"""bench --site SITE zkteco-enable-everyone, as a person or a script runs it."""

import frappe

from zkteco_biometric.frappe_hr.device_user_release import settle_by_hand
from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.tests.commands import CommandTestCase
from zkteco_biometric.tests.control import AT_HOME, ControlTestCase, set_site

GATE = "ZKTeco Test Gate"


class TestEnableCommand(CommandTestCase, ControlTestCase):
	COMMAND = "zkteco-enable-everyone"

	def test_everybody_on_all_devices(self) -> None:
		device, gate = self.make_controlled(), self.make_controlled(GATE)
		self.out(device, "1")
		self.out(gate, "2")
		done = self.bench()
		self.assertEqual(done.returncode, 0, done.stderr)
		self.assertIn("2 enabled, 0 could not be enabled", done.stdout)
		self.assertIn(f"{device.name}: enabling", done.stderr)
		self.assertEqual((self.areas("1"), self.areas("2")), (AT_HOME, AT_HOME))
		again = self.bench()
		self.assertEqual((again.returncode, again.stdout[:9]), (0, "0 enabled"))

	def test_one_device_for_a_script(self) -> None:
		device, gate = self.make_controlled(), self.make_controlled(GATE)
		self.out(device, "1")
		self.out(gate, "2")
		told = self.json("--device", device.name)
		self.assertEqual((told["enabled"], told["disabled"], told["left"]), (1, [], []))
		self.assertEqual(self.areas("1"), AT_HOME)
		self.assertEqual(self.state("2", GATE), ("Disabled", "Confirmed"))

	def test_a_device_that_does_not_exist_ends_with_2(self) -> None:
		device = self.make_controlled()
		done = self.bench("--device", "Nowhere")
		self.assertEqual(done.returncode, 2)
		self.assertIn("There is no device 'Nowhere'", done.stderr)
		self.assertIn(device.name, done.stderr)

	def left_behind(self, code: str) -> str:
		"""Somebody on a device that is deleted while it cannot be reached; its name."""
		device = self.make_controlled()
		self.out(device, code)
		self.sim.stop()
		frappe.delete_doc(SETTINGS, device.name)
		frappe.db.commit()
		frappe.clear_messages()
		self.sim.start()
		return device.name

	def test_people_on_a_device_that_is_deleted_are_listed_until_somebody_settles_them(self) -> None:
		office = self.left_behind("1")
		told = self.json(ends_with=2)
		(row,) = told["disabled"]
		self.assertEqual((row["device"], row["emp_code"], told["enabled"]), (office, "1", 0))
		self.assertIn("has been deleted", row["error"])
		self.assertIn("Settled by Hand", row["remedy"])
		done = self.bench()
		self.assertEqual(done.returncode, 2)
		self.assertIn("before: Office, Store Room", done.stdout)
		self.assertNotIn("goes on trying", done.stderr)
		gate = self.make_controlled(GATE)
		self.assertEqual(self.json("--device", gate.name)["disabled"], [])
		settle_by_hand(office, self.employees["1"])
		self.assertEqual(self.json()["disabled"], [])

	def test_those_on_a_deleted_device_keep_nobody_else_from_being_enabled(self) -> None:
		self.left_behind("1")
		gate = self.make_controlled(GATE)
		self.out(gate, "2")
		told = self.json(ends_with=2)
		self.assertEqual((told["enabled"], [row["emp_code"] for row in told["disabled"]]), (1, ["1"]))
		self.assertEqual(self.areas("2"), AT_HOME)

	def test_a_site_without_a_device_has_nobody_to_enable(self) -> None:
		done = self.bench()
		self.assertEqual((done.returncode, done.stderr), (0, ""))
		self.assertIn("There is no device yet", done.stdout)
		self.assertEqual(self.json()["disabled"], [])

	def test_a_device_that_is_down_ends_with_3_and_lists_who_is_disabled(self) -> None:
		device = self.make_controlled()
		self.out(device, "1")
		self.sim.stop()
		told = self.json(ends_with=3)
		(row,) = told["disabled"]
		self.assertEqual(
			(row["device"], row["emp_code"], row["former_shown"]), (device.name, "1", "Office, Store Room")
		)
		self.assertIn("cannot be reached", row["error"])
		self.assertIn("1 person is still disabled", told["error"])
		done = self.bench()
		self.assertEqual(done.returncode, 3)
		self.assertIn("1 person is still disabled", done.stderr)
		self.assertIn("ZKTeco Test 1 (Biometric ID 1), before: Office, Store Room", done.stdout)
		self.sim.start()
		self.assertEqual(self.bench().returncode, 0)
		self.assertEqual(self.areas("1"), AT_HOME)

	def test_a_rejected_log_in_ends_with_2(self) -> None:
		device = self.make_controlled()
		self.out(device, "1")
		self.sim.expire_tokens()
		self.sim.change_password("another-password")
		done = self.bench()
		self.assertEqual(done.returncode, 2, done.stderr)
		self.assertIn("password", done.stderr)
		self.assertEqual(self.sim.rejected_logins, 1)

	def test_a_person_who_is_gone_from_the_device_ends_with_2(self) -> None:
		device = self.make_controlled()
		self.out(device, "1")
		self.sim.store.delete_person(1)
		done = self.bench()
		self.assertEqual(done.returncode, 2, done.stderr)
		self.assertIn("Look for the person", done.stderr)

	def test_who_has_left_stays_unless_included(self) -> None:
		set_site(keep_left_disabled=1)
		device = self.make_controlled()
		self.out(device, "1")
		self.change_employee("1", status="Left")
		told = self.json()
		self.assertEqual((told["enabled"], len(told["left"])), (0, 1))
		self.assert_disabled("1")
		done = self.bench("--include-left")
		self.assertEqual(done.returncode, 0, done.stderr)
		self.assertEqual(self.areas("1"), AT_HOME)
