"""bench --site SITE zkteco-enable-everyone, as a person or a script runs it."""

import json
import os
import sys
from subprocess import run

import frappe

from zkteco_biometric.tests.control import AT_HOME, ControlTestCase, set_site
from zkteco_biometric.tests.jobs import worker_environment

GATE = "ZKTeco Test Gate"


class TestEnableCommand(ControlTestCase):
	def bench(self, *arguments: str):
		frappe.db.commit()
		site = ["--site", frappe.local.site, "zkteco-enable-everyone"]
		done = run(
			[sys.executable, "-m", "frappe.utils.bench_helper", "frappe", *site, *arguments],
			cwd=os.path.abspath(frappe.local.sites_path),
			env=worker_environment(),
			capture_output=True,
			text=True,
			timeout=60,
		)
		frappe.db.rollback()  # this connection sees what it has committed
		self.assertNotIn("Traceback", done.stderr)
		return done

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
		done = self.bench("--device", device.name, "--json")
		self.assertEqual(
			(done.returncode, json.loads(done.stdout)), (0, {"enabled": 1, "disabled": [], "left": []})
		)
		self.assertEqual(self.areas("1"), AT_HOME)
		self.assertEqual(self.state("2", GATE), ("Disabled", "Confirmed"))

	def test_a_device_that_does_not_exist_ends_with_2(self) -> None:
		device = self.make_controlled()
		done = self.bench("--device", "Nowhere")
		self.assertEqual(done.returncode, 2)
		self.assertIn("There is no device 'Nowhere'", done.stderr)
		self.assertIn(device.name, done.stderr)

	def test_a_device_that_is_down_ends_with_3_and_lists_who_is_disabled(self) -> None:
		device = self.make_controlled()
		self.out(device, "1")
		self.sim.stop()
		done = self.bench("--json")
		self.assertEqual(done.returncode, 3, done.stderr)
		(row,) = json.loads(done.stdout)["disabled"]
		self.assertEqual(
			(row["device"], row["emp_code"], row["former_shown"]), (device.name, "1", "Office, Store Room")
		)
		self.assertIn("cannot be reached", row["error"])
		self.assertIn("1 people are still disabled", done.stderr)
		done = self.bench()
		self.assertEqual(done.returncode, 3)
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
		done = self.bench("--json")
		told = json.loads(done.stdout)
		self.assertEqual((done.returncode, told["enabled"], len(told["left"])), (0, 0, 1), done.stderr)
		self.assert_disabled("1")
		done = self.bench("--include-left")
		self.assertEqual(done.returncode, 0, done.stderr)
		self.assertEqual(self.areas("1"), AT_HOME)
