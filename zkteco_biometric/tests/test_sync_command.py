"""bench --site SITE zkteco-sync, as a person or a script runs it."""

import os
import pty
import signal
from datetime import timedelta
from subprocess import Popen

import frappe

from zkteco_biometric.frappe_hr.cut_off import end_cut_off_cycles
from zkteco_biometric.frappe_hr.device_lock import device_lock
from zkteco_biometric.frappe_hr.names import CHECK_IN, SETTINGS, SYNC_LOG
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.commands import CommandTestCase, began, bench_command, surroundings
from zkteco_biometric.tests.jobs import wait_until
from zkteco_biometric.tests.support import lately

GATE = "ZKTeco Test Gate"


class TestSyncCommand(CommandTestCase):
	COMMAND = "zkteco-sync"

	def punch(self, number: int, code: str = "1") -> None:
		for minute in range(number):
			self.sim.store.punch(code, lately(5) + timedelta(minutes=minute), str(minute % 2))

	def state(self, device) -> tuple:
		return frappe.db.get_value(SETTINGS, device.name, ["status", "failures"])

	def test_it_reads_every_enabled_device_and_tells_what_came_of_it(self) -> None:
		device, gate = self.make_device(page_size=4), self.make_device(GATE)
		self.make_device("ZKTeco Test Store", enable=0)
		self.punch(10)
		self.punch(1, "nobody")
		done = self.bench()
		self.assertEqual(done.returncode, 0, done.stderr)
		self.assertRegex(
			done.stdout,
			rf"{GATE}: 11 punches read: 10 created, 0 existed, 1 pending, 0 ignored. Sync log \w+.",
		)
		self.assertRegex(done.stdout, rf"{device.name}: 11 punches read: 0 created, 10 existed, 1 pending")
		self.assertIn("Reading punches: 11 of 11 (100 %)", done.stderr)
		self.assertNotIn("Store", done.stdout + done.stderr)
		self.assertEqual(len(self.check_ins()), 10)
		self.assertEqual((self.state(device), self.state(gate)), (("Success", 0), ("Success", 0)))
		logs = frappe.get_all(SYNC_LOG, fields=["trigger", "status", "user"], order_by="creation")
		self.assertEqual([tuple(log.values()) for log in logs], [("Command", "Success", "Administrator")] * 2)

	def test_for_scripts(self) -> None:
		device = self.make_device()
		self.make_device(GATE)
		self.punch(3)
		(one,) = self.json("--device", device.name)["devices"]
		self.assertEqual(
			(one["device"], one["outcome"], one["fetched"], one["created"]), (device.name, "synced", 3, 3)
		)
		self.assertEqual(frappe.db.get_value(SYNC_LOG, one["log"], "created"), 3)
		self.assertNotIn("error", one)

	def test_on_a_terminal_there_is_a_bar(self) -> None:
		self.make_device(page_size=4)
		self.punch(10)
		ours, theirs = pty.openpty()
		with Popen(bench_command(self.COMMAND), stderr=theirs, stdout=theirs, **surroundings()) as process:
			self.assertEqual(process.wait(60), 0)
		os.close(theirs)
		shown = os.read(ours, 10_000).decode()
		os.close(ours)
		self.assertRegex(shown, r"Reading punches +\[#+\] +10/10 +100%")

	def test_a_device_that_is_off_ends_with_3_and_the_others_are_read(self) -> None:
		device, gate = self.make_device(url="http://127.0.0.1:9", connect_timeout=1), self.make_device(GATE)
		self.punch(2)
		told = self.json(ends_with=3)
		outcomes = {one["device"]: one["outcome"] for one in told["devices"]}
		self.assertEqual(outcomes, {device.name: "failed", gate.name: "synced"})
		(failed,) = [one for one in told["devices"] if one["outcome"] == "failed"]
		self.assertIn("What was stored stays", failed["remedy"])
		self.assertEqual(self.state(device)[0], "Failed")

	def test_a_licence_without_the_api_ends_with_2_and_what_was_stored_is_told(self) -> None:
		self.make_device(page_size=4)
		self.punch(10)
		self.sim.faults.add(faults.licence_missing(), path="transactions", after=4, times=None)
		done = self.bench()
		self.assertEqual(done.returncode, 2)
		self.assertRegex(done.stdout, r"(4|8) punches read: \1 created")
		self.assertIn("What to do: Ask the vendor for a licence", done.stdout)

	def test_a_rejected_log_in_is_tried_again_only_by_name(self) -> None:
		device = self.make_device(password="not-it")
		for arguments, tried in (((), 1), ((), 1), (("--device", device.name), 2)):
			self.assertEqual(self.bench(*arguments).returncode, 2)
			self.assertEqual(self.sim.rejected_logins, tried)
		self.assertEqual(self.state(device)[0], "Log-in Rejected")

	def test_a_device_that_is_being_synced_ends_with_3(self) -> None:
		device = self.make_device()
		with device_lock(device.name) as ours:
			self.assertTrue(ours)
			(one,) = self.json(ends_with=3)["devices"]
		self.assertEqual((one["outcome"], one["error"]), ("busy", "Another sync of it is running."))
		self.assertEqual(frappe.db.count(SYNC_LOG), 0)

	def test_a_disabled_device_and_an_unknown_one_end_with_2(self) -> None:
		device = self.make_device(enable=0)
		for arguments, told in (
			(("--device", device.name), f"{device.name} is disabled."),
			(("--device", "Nowhere"), "There is no device 'Nowhere'."),
		):
			self.assertEqual(self.json(*arguments, ends_with=2)["error"], told)

	def test_a_site_on_which_no_device_is_enabled_has_nothing_to_read(self) -> None:
		self.make_device(enable=0)
		self.assertEqual(self.json()["devices"], [])
		done = self.bench()
		self.assertEqual((done.returncode, done.stderr), (0, ""))
		self.assertIn("No device is enabled", done.stdout)

	def test_an_error_of_ours_is_told_and_in_the_error_log(self) -> None:
		device = self.make_device()
		frappe.db.set_value(SETTINGS, device.name, "checkpoint", "no checkpoint")
		(one,) = self.json(ends_with=2)["devices"]
		self.assertEqual(one["outcome"], "crashed")
		self.assertIn("Error Log", one["remedy"])
		self.assertEqual(len(self.error_logs("ZKTeco Sync")), 1)

	def slow(self):
		device = self.make_device(page_size=4)
		self.make_device(GATE)
		self.punch(40)
		self.sim.faults.add(faults.delay(0.2), path="transactions", times=None)
		process = began(self.COMMAND, "--device", device.name, "--json")
		wait_until(lambda: frappe.db.count(CHECK_IN, {"zkteco_device": device.name}) >= 8)
		return device, process

	def test_ctrl_c_stops_after_the_page_and_the_next_sync_goes_on(self) -> None:
		device, process = self.slow()
		process.send_signal(signal.SIGINT)
		told, said = process.communicate(timeout=60)
		frappe.db.rollback()
		self.assertEqual(process.returncode, 130, said)
		self.assertIn('"outcome": "stopped"', told)
		self.assertIn("Stopping after this page", said)
		self.assertNotIn("Traceback", said)
		self.assertEqual(self.state(device)[0], "Unfinished")
		log = frappe.get_last_doc(SYNC_LOG)
		self.assertEqual(log.status, "Cancelled")
		self.assertEqual(log.created, len(self.check_ins()))
		self.assertTrue(0 < log.created < 40)
		self.sim.faults.clear()
		(one,) = self.json("--device", device.name)["devices"]
		self.assertEqual((one["outcome"], len(self.check_ins())), ("synced", 40))
		self.assertEqual(self.state(device)[0], "Success")

	def test_ctrl_c_twice_ends_it_at_once_and_leaves_nothing_running(self) -> None:
		device, process = self.slow()
		self.sim.faults.clear()
		self.sim.faults.add(faults.delay(30), path="transactions", times=None)
		asked = self.sim.log.count("/iclock/api/transactions/")
		wait_until(lambda: self.sim.log.count("/iclock/api/transactions/") > asked)
		process.send_signal(signal.SIGINT)
		while "Ctrl-C again" not in process.stderr.readline():
			self.assertIsNone(process.poll())
		process.send_signal(signal.SIGINT)
		_told, said = process.communicate(timeout=20)
		frappe.db.rollback()
		self.assertEqual(process.returncode, 130, said)
		self.assertNotIn("Traceback", said)
		self.assertEqual(self.state(device)[0], "Unfinished")
		self.assertEqual(frappe.get_last_doc(SYNC_LOG).status, "Cut Off")
		self.assertEqual(end_cut_off_cycles(), set())
