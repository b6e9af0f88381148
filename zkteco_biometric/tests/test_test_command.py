"""bench --site SITE zkteco-test, as a person or a script runs it."""

import frappe

from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.commands import CommandTestCase
from zkteco_biometric.tests.support import lately

GATE = "ZKTeco Test Gate"


class TestTestCommand(CommandTestCase):
	COMMAND = "zkteco-test"

	def test_all_enabled_devices_line_by_line(self) -> None:
		self.make_device()
		self.make_device(GATE)
		self.make_device("ZKTeco Test Store", enable=0)
		self.sim.store.punch("1", lately(1))
		done = self.bench()
		self.assertEqual(done.returncode, 0, done.stdout)
		self.assertEqual(done.stdout.count("✓ The licence includes the API."), 2)
		self.assertIn(f"{GATE}\n  ✓ {self.sim.url} can be reached.", done.stdout)
		self.assertIn("✓ The server holds 1 punch.", done.stdout)
		self.assertNotIn("Store", done.stdout)
		self.assertIn(f"{GATE}: asking…", done.stderr)

	def test_a_disabled_device_is_tested_where_it_is_named(self) -> None:
		device = self.make_device(enable=0)
		told = self.json("--device", device.name)
		(one,) = told["devices"]
		self.assertEqual((one["device"], one["ok"], one["remedy"]), (device.name, True, ""))

	def test_a_site_on_which_no_device_is_enabled_has_nothing_to_ask(self) -> None:
		self.make_device(enable=0)
		self.assertEqual(self.json()["devices"], [])
		self.assertIn("No device is enabled", self.bench().stdout)

	def test_a_licence_without_the_api_ends_with_2(self) -> None:
		self.make_device()
		self.sim.faults.add(faults.licence_missing(), path="transactions", times=None)
		done = self.bench()
		self.assertEqual(done.returncode, 2)
		self.assertIn("✓ The log-in works (JWT).", done.stdout)
		self.assertIn("✗ The server refuses the API.", done.stdout)
		self.assertIn("What to do: Ask the vendor for a licence", done.stdout)

	def test_a_device_that_is_off_ends_with_3(self) -> None:
		self.make_device()
		self.sim.stop()
		(one,) = self.json(ends_with=3)["devices"]
		self.assertEqual((one["ok"], one["may_pass"]), (False, True))
		self.assertIn("firewall", one["lines"][0]["remedy"])

	def test_a_rejected_log_in_is_tried_again_only_by_name(self) -> None:
		device = self.make_device(password="not-it")
		self.assertEqual(self.bench().returncode, 2)
		self.assertEqual(self.sim.rejected_logins, 1)
		self.assertTrue(frappe.db.get_value(SETTINGS, device.name, "login_rejected"))
		done = self.bench()
		self.assertEqual(done.returncode, 2)
		self.assertIn("It is not asked again", done.stdout)
		self.assertEqual(self.sim.rejected_logins, 1)
		self.bench("--device", device.name)
		self.assertEqual(self.sim.rejected_logins, 2)
