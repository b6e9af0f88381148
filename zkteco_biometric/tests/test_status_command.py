"""bench --site SITE zkteco-status, as a person or a script runs it."""

import json
import sys
from datetime import timedelta
from subprocess import run

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.heartbeat import OUR_TICK
from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.tests.commands import CommandTestCase, bench, surroundings
from zkteco_biometric.tests.support import days_ago, lately
from zkteco_biometric.tests.test_wording import InOtherLanguages

GATE = "ZKTeco Test Gate"


class TestStatusCommand(InOtherLanguages, CommandTestCase):
	COMMAND = "zkteco-status"

	def setUp(self) -> None:
		super().setUp()
		before = frappe.db.get_single_value("System Settings", "enable_scheduler")
		self.addCleanup(self.switch_scheduler, before)
		self.switch_scheduler(1)
		self.tick(now_datetime())

	def switch_scheduler(self, on: int) -> None:
		frappe.db.set_single_value("System Settings", "enable_scheduler", on)
		frappe.db.commit()

	def tick(self, time) -> None:
		frappe.db.set_value("Scheduled Job Type", {"method": OUR_TICK}, "last_execution", time)

	def test_a_device_that_is_well_on_a_site_that_ticks_ends_with_0(self) -> None:
		device = self.make_device()
		self.sim.store.punch("1", lately(2))
		self.sim.store.punch("nobody", lately(1))
		self.sync(device)
		told = self.json()
		self.assertEqual(
			(told["scheduler"]["ticks"], told["scheduler"]["switched_off"]),
			(True, False),
		)
		(one,) = told["devices"]
		self.assertEqual((one["device"], one["status"], one["connected"]), (device.name, "Success", True))
		self.assertEqual((one["created"], one["pending"], one["waiting"], one["is_well"]), (1, 1, 1, True))
		self.assertRegex(one["last_sync"], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$")
		done = self.bench()
		self.assertEqual((done.returncode, done.stderr), (0, ""))
		self.assertRegex(
			done.stdout, rf"{device.name} +Success +\S+ \S+ \(just now\) +at the next tick +1 +0 +fine"
		)
		self.assertIn("Scheduler: runs; it called this app last just now.", done.stdout)

	def test_a_rejected_log_in_ends_with_2_and_says_what_to_do(self) -> None:
		device, gate = self.make_device(password="wrong"), self.make_device(GATE)
		self.sync(device)
		self.sync(gate)
		done = self.bench()
		self.assertEqual(done.returncode, 2)
		self.assertRegex(done.stdout, rf"{device.name} +Log-in Rejected +never +waits for a person")
		self.assertIn("What to do: Check the user name and the password", done.stdout)
		self.assertEqual(self.bench("--device", GATE).returncode, 0)

	def test_a_device_that_is_off_ends_with_3(self) -> None:
		device = self.make_device()
		self.sim.stop()
		self.sync(device)
		done = self.bench()
		self.assertEqual(done.returncode, 3, done.stdout)
		self.assertIn(f"{device.name}: {device.url} cannot be reached", done.stdout)
		self.assertRegex(done.stdout, r"Failed +never +\S+ \S+ \(in \d+ min\)")

	def test_a_device_that_nobody_reads_ends_with_2_though_nothing_has_failed(self) -> None:
		device = self.make_device()
		self.sync(device)
		quiet = lately(3)
		frappe.db.set_value(
			SETTINGS,
			device.name,
			{
				"creation": days_ago(9),
				"expected_since": None,
				"last_attempt": quiet,
				"last_sync_timestamp": quiet,
			},
			update_modified=False,
		)
		done = self.bench()
		self.assertEqual(done.returncode, 2, done.stdout)
		self.assertRegex(
			done.stdout, rf"{device.name} +Success +\S+ \S+ \(3 hours ago\) +overdue since {quiet}"
		)
		self.assertIn(f"{device.name}: it was due at {quiet}, and nobody has read it since.", done.stdout)
		self.assertIn(f"What to do: bench --site {frappe.local.site} zkteco-doctor", done.stdout)
		(one,) = self.json(ends_with=2)["devices"]
		self.assertEqual((one["overdue_since"], one["error"], one["is_well"]), (str(quiet), "", False))

	def test_what_has_failed_for_more_than_a_day_waits_for_a_person(self) -> None:
		device = self.make_device()
		self.sim.stop()
		self.sync(device)
		self.assertEqual(self.json(ends_with=3)["devices"][0]["error_code"], "unreachable")
		since = lately(25)
		frappe.db.set_value(SETTINGS, device.name, "failing_since", since)
		done = self.bench()
		self.assertEqual(done.returncode, 2, done.stdout)
		self.assertIn(f"{device.name}: it has failed since {since}. ", done.stdout)

	def test_the_language_of_the_site_changes_no_exit_status(self) -> None:
		self.speak()
		off, rejected = self.make_device(), self.make_device(GATE, password="wrong")
		for spoken, read in (("en", "fr"), ("fr", "en"), ("fr", "fr")):
			self.site_speaks(spoken)
			self.sim.stop()
			self.sync(off)
			self.sim.start()
			frappe.db.set_value(SETTINGS, GATE, "login_rejected", 0)
			self.sync(rejected)
			self.site_speaks(read)
			statuses = [self.bench("--device", name).returncode for name in (off.name, GATE)]
			self.assertEqual(statuses, [3, 2], (spoken, read, off.last_remedy))

	def test_a_failure_of_device_users_ends_as_its_code_says(self) -> None:
		device = self.make_device()
		for code, status in (("timed_out", 3), ("no_such_area", 2), (None, 2)):
			told = {"control_error": "It failed.", "control_remedy": "Wait.", "control_error_code": code}
			frappe.db.set_value(SETTINGS, device.name, told)
			self.assertEqual(self.bench().returncode, status, code)

	def test_a_wrong_clock_needs_a_person(self) -> None:
		device = self.make_device()
		frappe.db.set_value(SETTINGS, device.name, "wrong_clocks", "Terminal A\x1b[2J is 5 minutes ahead")
		done = self.bench()
		self.assertEqual(done.returncode, 2)
		self.assertIn("1 wrong", done.stdout)
		self.assertIn("Terminal A?[2J is 5 minutes ahead", done.stdout)
		self.assertIn("NTP", done.stdout)

	def test_a_disabled_device_troubles_nobody(self) -> None:
		device = self.make_device(enable=0)
		frappe.db.set_value(SETTINGS, device.name, {"last_error": "It was off.", "last_remedy": "Enable it."})
		done = self.bench()
		self.assertEqual(done.returncode, 0, done.stdout)
		self.assertRegex(done.stdout, rf"{device.name} +Disabled +never +- ")

	def test_a_scheduler_that_is_off_or_does_not_run_ends_with_2(self) -> None:
		self.make_device()
		self.tick(now_datetime() - timedelta(hours=3))
		done = self.bench()
		self.assertEqual(done.returncode, 2)
		self.assertIn("Scheduler: does not run; it called this app last 3 hours ago.", done.stdout)
		self.switch_scheduler(0)
		told = self.json(ends_with=2)
		self.assertEqual((told["scheduler"]["ticks"], told["scheduler"]["switched_off"]), (False, True))
		self.assertTrue(told["devices"][0]["is_well"])

	def test_a_site_without_a_device_has_nothing_to_do_and_is_well(self) -> None:
		self.switch_scheduler(0)
		self.assertEqual(self.json()["devices"], [])
		done = self.bench()
		self.assertEqual((done.returncode, done.stderr), (0, ""))
		self.assertRegex(done.stdout, r"^There is no device yet.*\n$")

	def test_an_unknown_device_ends_with_2(self) -> None:
		self.assertIn("none yet", self.json("--device", "Nowhere", ends_with=2)["remedy"])
		device = self.make_device()
		done = self.bench("--device", "Nowhere")
		self.assertEqual((done.returncode, done.stdout), (2, ""))
		self.assertIn("There is no device 'Nowhere'", done.stderr)
		self.assertIn(device.name, done.stderr)

	def test_names_in_any_script_are_told_as_they_are(self) -> None:
		self.make_device("ZKTeco Test مكتب")
		done = self.bench("--json")
		self.assertIn("ZKTeco Test مكتب", done.stdout)

	def test_a_site_that_does_not_exist_is_told_by_bench(self) -> None:
		done = bench(self.COMMAND, site="nowhere.localhost")
		self.assertEqual(done.returncode, 1)
		self.assertIn("does not exist", done.stdout)
		self.assertNotIn("Traceback", done.stderr)

	def on_sites(self, command: str, sites: list[str], before: str = ""):
		"""As bench does for --site all."""
		script = (
			f"import frappe; from zkteco_biometric import commands; {before}\n"
			f"commands.{command}.main(['--json'], obj={{'sites': {sites!r}, 'profile': False}})"
		)
		return run([sys.executable, "-c", script], capture_output=True, timeout=60, **surroundings())

	def test_several_sites_answer_with_a_line_each(self) -> None:
		self.make_device()
		site = frappe.local.site
		done = self.on_sites("zkteco_status", [site, site])
		self.assertEqual(done.returncode, 0, done.stderr)
		self.assertEqual([json.loads(line)["site"] for line in done.stdout.splitlines()], [site, site])
		done = self.on_sites("zkteco_sync", [site, site])
		self.assertEqual((done.returncode, json.loads(done.stdout)["remedy"]), (2, "Name it with --site."))

	def test_a_site_without_this_app_is_told_so_and_among_several_passed_over(self) -> None:
		site, without = frappe.local.site, "frappe.get_installed_apps = lambda: ['frappe']"
		done = self.on_sites("zkteco_status", [site], without)
		self.assertEqual(done.returncode, 2, done.stderr)
		self.assertIn(f"--site {site} install-app", json.loads(done.stdout)["remedy"])
		done = self.on_sites("zkteco_status", [site, site], without)
		self.assertEqual((done.returncode, done.stdout), (0, ""))
		self.assertIn("is not installed there", done.stderr)

	def test_a_database_that_cannot_be_reached_ends_with_3(self) -> None:
		told = self.json(ends_with=3, FRAPPE_DB_HOST="127.0.0.1", FRAPPE_DB_PORT="1")
		self.assertIn("database of the site cannot be reached", told["error"])
