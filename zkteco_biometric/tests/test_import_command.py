"""bench --site SITE zkteco-import, as a person or a script runs it."""

import signal

import frappe

from zkteco_biometric.frappe_hr.names import CHECK_IN, SYNC_LOG
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.commands import CommandTestCase, began
from zkteco_biometric.tests.imports import FROM, TO, ImportTestCase
from zkteco_biometric.tests.jobs import wait_until

RANGE = ("--from", str(FROM.date()), "--to", str(TO.date()))


class TestImportCommand(CommandTestCase, ImportTestCase):
	COMMAND = "zkteco-import"

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
		told = self.json("--device", device.name, *RANGE, "--code", "007", "--yes")
		self.assertEqual(
			(told["status"], told["created"], told["log"]), ("Success", 20, self.last_log().name)
		)
		self.assertEqual({row.employee for row in self.check_ins()}, {self.employees["007"]})

	def test_what_a_person_must_fix_ends_with_2_and_says_so(self):
		device = self.make_device()
		for arguments, told in (
			(("--device", "Nowhere", *RANGE), device.name),
			(RANGE, device.name),
			(("--device", device.name), "--from"),
			(("--device", device.name, "--from", "2026-02-01", "--to", "2026-01-01"), "Exchange them"),
			(("--resume", "nothing"), "resumed"),
		):
			done = self.bench(*arguments)
			self.assertEqual(done.returncode, 2, done.stderr)
			self.assertIn(told, done.stderr)
			failed = self.json(*arguments, ends_with=2)
			self.assertIn(told, failed["error"] + failed["remedy"])

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
		process = began(self.COMMAND, "--device", device.name, *RANGE, "--yes")
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
		process = began(self.COMMAND, "--device", device.name, *RANGE, "--yes")
		wait_until(lambda: frappe.db.count(CHECK_IN, {"zkteco_device": device.name}) >= 4)
		process.send_signal(signal.SIGINT)
		while "Ctrl-C again" not in process.stderr.readline():
			self.assertIsNone(process.poll())
		process.send_signal(signal.SIGINT)
		_out, told = process.communicate(timeout=60)
		frappe.db.rollback()
		self.assertEqual((process.returncode, self.last_log().status), (130, "Cancelled"), told)
