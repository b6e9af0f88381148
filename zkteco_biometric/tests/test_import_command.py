"""bench --site SITE zkteco-import, as a person or a script runs it."""

import json
import os
import signal
import sys
from subprocess import PIPE, Popen, run

import frappe

from zkteco_biometric.frappe_hr.names import CHECK_IN, SYNC_LOG
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.imports import FROM, TO, ImportTestCase
from zkteco_biometric.tests.jobs import wait_until, worker_environment

RANGE = ("--from", str(FROM.date()), "--to", str(TO.date()))


class TestImportCommand(ImportTestCase):
	def command(self, *arguments: str) -> list[str]:
		site = ["--site", frappe.local.site, "zkteco-import"]
		return [sys.executable, "-m", "frappe.utils.bench_helper", "frappe", *site, *arguments]

	def surroundings(self) -> dict:
		frappe.db.commit()
		return {"cwd": os.path.abspath(frappe.local.sites_path), "env": worker_environment(), "text": True}

	def bench(self, *arguments: str, typed: str = ""):
		options = {"input": typed, "capture_output": True, "timeout": 60, **self.surroundings()}
		done = run(self.command(*arguments), **options)
		frappe.db.rollback()  # this connection sees what it has committed
		return done

	def last_log(self):
		return frappe.get_last_doc(SYNC_LOG)

	def test_it_tells_what_there_is_and_asks_and_imports(self):
		device = self.make_device()
		self.punch_ten_days()
		done = self.bench("--device", device.name, *RANGE, typed="y\n")
		self.assertEqual(done.returncode, 0, done.stderr)
		self.assertIn("holds 40 punches", done.stderr)
		self.assertIn("Import them?", done.stderr)
		self.assertIn("40 of 40", done.stderr)
		self.assertIn("40 punches read: 40 created", done.stdout)
		log = self.last_log()
		self.assertEqual((log.status, log.trigger, log.created), ("Success", "Import", 40))

	def test_no_answer_or_no_imports_nothing(self):
		device = self.make_device()
		self.punch_ten_days()
		for typed in ("n\n", ""):
			done = self.bench("--device", device.name, *RANGE, typed=typed)
			self.assertEqual(done.returncode, 2)
			self.assertIn("--yes", done.stderr)
		self.assertEqual((self.check_ins(), frappe.db.count(SYNC_LOG)), ([], 0))

	def test_for_scripts_it_does_not_ask_and_answers_in_json(self):
		device = self.make_device()
		self.punch_ten_days(("1", "007"))
		done = self.bench("--device", device.name, *RANGE, "--code", "007", "--yes", "--json")
		told = json.loads(done.stdout)
		self.assertEqual((done.returncode, told["status"], told["created"]), (0, "Success", 20))
		self.assertEqual({row.employee for row in self.check_ins()}, {self.employees["007"]})

	def test_what_a_person_must_fix_ends_with_2_and_says_so(self):
		device = self.make_device()
		for arguments, told in (
			(("--device", "Nowhere", *RANGE), device.name),
			(("--device", device.name), "--from"),
			(("--device", device.name, "--from", "2026-02-01", "--to", "2026-01-01"), "Exchange them"),
			(("--resume", "nothing"), "resumed"),
		):
			done = self.bench(*arguments)
			self.assertEqual(done.returncode, 2, done.stderr)
			self.assertIn(told, done.stderr)
			self.assertNotIn("Traceback", done.stderr)

	def test_a_device_that_fails_ends_with_3_or_2_and_resume_goes_on(self):
		device = self.make_device(page_size=4)
		self.punch_ten_days()
		self.sim.faults.add(faults.licence_missing(), path="transactions", after=6, times=2)
		done = self.bench("--device", device.name, *RANGE, "--yes")
		self.assertEqual(done.returncode, 2, done.stderr)
		log = self.last_log()
		self.assertIn(f"--resume {log.name}", done.stderr)
		self.sim.stop()
		self.assertEqual(self.bench("--resume", log.name).returncode, 3)
		self.sim.start()

	def test_ctrl_c_leaves_it_to_be_resumed(self):
		device = self.make_device(page_size=4)
		self.punch_ten_days()
		self.sim.faults.add(faults.delay(0.2), path="transactions", times=None)
		process = Popen(
			self.command("--device", device.name, *RANGE, "--yes"),
			stdout=PIPE,
			stderr=PIPE,
			**self.surroundings(),
		)
		wait_until(lambda: frappe.db.count(CHECK_IN, {"zkteco_device": device.name}) >= 8)
		process.send_signal(signal.SIGINT)
		_out, told = process.communicate(timeout=60)
		frappe.db.rollback()
		log = self.last_log()
		self.assertEqual((process.returncode, log.status), (130, "Cancelled"), told)
		self.assertIn(f"zkteco-import --resume {log.name}", told)
		self.assert_counts_agree(log.name)
		self.assertTrue(0 < log.created < 40)
		self.sim.faults.clear()
		done = self.bench("--resume", log.name)
		self.assertEqual(done.returncode, 0, done.stderr)
		self.assertEqual((self.status(log.name), len(self.check_ins())), ("Success", 40))

	def test_ctrl_c_twice_ends_it_at_once(self):
		device = self.make_device()
		self.punch_ten_days()
		self.sim.faults.add(faults.delay(30), path="transactions", after=4, times=None)
		process = Popen(
			self.command("--device", device.name, *RANGE, "--yes"),
			stdout=PIPE,
			stderr=PIPE,
			**self.surroundings(),
		)
		wait_until(lambda: frappe.db.count(CHECK_IN, {"zkteco_device": device.name}) >= 4)
		process.send_signal(signal.SIGINT)
		while "Ctrl-C again" not in process.stderr.readline():
			self.assertIsNone(process.poll())
		process.send_signal(signal.SIGINT)
		_out, told = process.communicate(timeout=60)
		frappe.db.rollback()
		self.assertEqual((process.returncode, self.last_log().status), (130, "Cancelled"), told)
