"""Imports that stop: cancelled, failed, out of time, or with a dead worker; and how each goes on."""

from datetime import timedelta
from unittest.mock import patch

import frappe

from zkteco_biometric.frappe_hr.device_lock import import_lock
from zkteco_biometric.frappe_hr.names import CHECK_IN, LOG_FIELD, SETTINGS, SYNC_LOG
from zkteco_biometric.import_api import cancel, resume
from zkteco_biometric.importing import go_on_with_imports, import_range
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.imports import FROM, ImportTestCase
from zkteco_biometric.tests.jobs import forget_jobs, wait_until, waiting_jobs, work_off
from zkteco_biometric.tests.killed import is_free, kill_a_worker_when
from zkteco_biometric.tests.support import (
	document_hook,
	elsewhere,
)
from zkteco_biometric.tests.test_sync import break_down


class TestStopping(ImportTestCase):
	def test_cancel_keeps_what_is_stored_and_resume_goes_on_there(self):
		device = self.make_device(page_size=4)
		self.punch_ten_days()
		name = self.start(device)
		site = frappe.local.site
		press = faults.rows(lambda rows: (elsewhere(site, _cancel, device.name, name), rows)[1])
		self.sim.faults.add(press, path="transactions", after=5, times=1)
		work_off()
		stopped = self.log(name)
		self.assertEqual((stopped.status, stopped.error), ("Cancelled", None))
		self.assertTrue(0 < stopped.created < 40, stopped.created)
		self.assert_counts_agree(name)
		self.assertEqual(waiting_jobs("long"), [])
		self.assertEqual(go_on_with_imports(), [])
		resume(device.name, name)
		work_off()
		self.assertEqual((self.status(name), len(self.check_ins())), ("Success", 40))
		self.assert_counts_agree(name)
		log = self.log(name)
		self.assertEqual((log.created, log.fetched), (40, 40))

	def test_one_that_waits_is_cancelled_at_once(self):
		device = self.make_device()
		self.punch_ten_days()
		name = self.start(device)
		self.assertTrue(cancel(device.name, name))
		self.assertEqual(self.status_now(name), "Cancelled")
		work_off()
		self.assertEqual((self.status(name), self.check_ins()), ("Cancelled", []))

	def status_now(self, name: str) -> str:
		return frappe.db.get_value(SYNC_LOG, name, "status")

	def test_what_is_over_cannot_be_cancelled_and_what_is_complete_cannot_be_resumed(self):
		device = self.make_device()
		name = self.start(device)
		work_off()
		self.assertFalse(cancel(device.name, name))
		with self.assertRaises(frappe.ValidationError):
			resume(device.name, name)
		self.assertEqual(self.status(name), "Success")

	def test_a_failure_is_told_with_its_remedy_and_resume_goes_on_there(self):
		device = self.make_device(page_size=4)
		self.sync(device)
		self.punch_ten_days()
		before = self.device_state(device)
		self.sim.faults.add(faults.licence_missing(), path="transactions", after=6, times=2)
		name = self.start(device)
		work_off()
		failed = self.log(name)
		self.assertEqual(failed.status, "Failed")
		self.assertIn("403", failed.error)
		self.assertIn("licence", failed.remedy)
		self.assertTrue(0 < failed.created < 40)
		(entry,) = self.error_logs("ZKTeco Sync")
		self.assertIn(f"Import {name}", entry)
		self.assertEqual(go_on_with_imports(), [])
		self.sim.log.clear()
		resume(device.name, name)
		work_off()
		done = self.log(name)
		self.assertEqual((done.status, done.error, done.created), ("Success", None, 40))
		asked = [
			entry.query.get("start_time", "") for entry in self.sim.log.matching("/iclock/api/transactions/")
		]
		self.assertGreater(min(asked), str(FROM))
		self.assertEqual(self.device_state(device), before)

	def test_a_rejected_log_in_of_an_import_leaves_the_device_s_state_alone(self):
		device = self.make_device()
		self.sim.change_password("another")
		name = self.start(device)
		work_off()
		self.assertEqual(self.status(name), "Failed")
		self.assertEqual(
			frappe.db.get_value(SETTINGS, device.name, ["status", "login_rejected"]), ("Not Synced", 0)
		)
		self.assertEqual(len(self.error_logs("ZKTeco Auth")), 1)

	def test_an_error_of_ours_stands_on_the_log_and_in_the_error_log(self):
		device = self.make_device()
		self.punch_ten_days()
		name = self.start(device)
		with document_hook("validate", f"{break_down.__module__}.break_down"):
			import_range(name)
		log = self.log(name)
		self.assertEqual((log.status, log.created, self.check_ins()), ("Failed", 0, []))
		self.assertIn("Resume", log.remedy)
		(entry,) = self.error_logs("ZKTeco Sync")
		self.assertIn("ZeroDivisionError", entry)
		resume(device.name, name)
		work_off()
		self.assertEqual((self.status(name), len(self.check_ins())), ("Success", 40))

	def test_other_settings_stop_it_and_resume_begins_anew(self):
		device = self.make_device(page_size=4)
		self.punch_ten_days()
		name = self.start(device)
		site = frappe.local.site
		save = faults.rows(lambda rows: (elsewhere(site, _change_page_size, device.name), rows)[1])
		self.sim.faults.add(save, path="transactions", after=5, times=1)
		work_off()
		log = self.log(name)
		self.assertEqual(log.status, "Cancelled")
		self.assertIn("settings", log.error)
		self.assertIn("Resume", log.remedy)
		resume(device.name, name)
		work_off()
		self.assertEqual((self.status(name), self.log(name).created), ("Success", 40))

	def test_a_device_that_is_disabled_or_deleted_meanwhile_is_told(self):
		device = self.make_device()
		names = [self.start(device)]
		frappe.db.set_value(SETTINGS, device.name, "enable", 0)
		work_off()
		frappe.db.set_value(SETTINGS, device.name, "enable", 1)
		names.append(self.start(device))
		frappe.delete_doc(SETTINGS, device.name)
		work_off()
		for name in names:
			log = self.log(name)
			self.assertEqual((log.status, log.error), ("Failed", "The device is disabled, or deleted."))
			self.assertIn("Resume", log.remedy)


class TestGoingOn(ImportTestCase):
	def a_minute_passes(self, name: str) -> None:
		long_ago = frappe.utils.add_to_date(None, minutes=-2)
		frappe.db.set_value(SYNC_LOG, name, "modified", long_ago, update_modified=False)
		frappe.db.commit()

	def test_one_that_runs_out_of_its_time_renews_itself(self):
		device = self.make_device(page_size=10)
		self.punch_ten_days()
		name = self.start(device)
		forget_jobs()
		with patch("zkteco_biometric.importing.TURN", timedelta(0)):
			import_range(name)
		self.assertEqual(self.status(name), "Unfinished")
		self.assertEqual([job.kwargs["kwargs"] for job in waiting_jobs("long")], [{"log": name}])
		work_off()
		self.assertEqual((self.status(name), self.log(name).created), ("Success", 40))
		self.assert_counts_agree(name)

	def test_one_whose_worker_was_killed_goes_on_by_itself(self):
		device = self.make_device()
		self.punch_ten_days(("1",), a_day=60)
		name = self.start(device)
		kill_a_worker_when(lambda: frappe.db.count(CHECK_IN, {LOG_FIELD: name}) >= 250)
		wait_until(lambda: is_free(import_lock, name))
		dead = self.log(name)
		self.assertEqual(dead.status, "Running")
		self.assertTrue(250 <= dead.created < 600, dead.created)
		self.assert_counts_agree(name)
		self.assertEqual(go_on_with_imports(), [], "somebody has written to it within this minute")
		self.a_minute_passes(name)
		self.assertEqual(go_on_with_imports(), [name])
		work_off()
		self.assertEqual((self.status(name), self.log(name).created), ("Success", 600))
		self.assert_counts_agree(name)
		self.assertEqual(len({row.time for row in self.check_ins()}), 600)

	def test_one_that_is_running_is_left_alone(self):
		device = self.make_device()
		self.punch_ten_days()
		name = self.start(device)
		site = frappe.local.site
		found = []
		tick = faults.rows(lambda rows: (found.append(elsewhere(site, _tick, name)), rows)[1])
		self.sim.faults.add(tick, path="transactions", after=2, times=1)
		work_off()
		self.assertEqual((found, self.status(name)), ([[]], "Success"))

	def test_one_whose_job_was_lost_is_enqueued_again(self):
		device = self.make_device()
		self.punch_ten_days()
		name = self.start(device)
		self.a_minute_passes(name)
		self.assertEqual(go_on_with_imports(), [], "its job waits")
		forget_jobs()
		self.assertEqual(go_on_with_imports(), [name])
		work_off()
		self.assertEqual(self.status(name), "Success")

	def test_one_that_kills_its_workers_is_given_up_and_can_be_resumed(self):
		device = self.make_device()
		self.punch_ten_days()
		name = self.start(device)
		for _ in range(3):
			frappe.db.set_value(SYNC_LOG, name, "status", "Running")
			self.a_minute_passes(name)
			forget_jobs()
			self.assertEqual(go_on_with_imports(), [name])
		frappe.db.set_value(SYNC_LOG, name, "status", "Running")
		self.a_minute_passes(name)
		self.assertEqual(go_on_with_imports(), [])
		log = self.log(name)
		self.assertEqual(log.status, "Cut Off")
		self.assertIn("worker", log.error)
		self.assertIn("Resume", log.remedy)
		forget_jobs()
		resume(device.name, name)
		work_off()
		self.assertEqual((self.status(name), self.log(name).fruitless), ("Success", 0))

	def test_the_scheduler_looks_at_every_tick(self):
		job = frappe.get_doc(
			"Scheduled Job Type", {"method": "zkteco_biometric.importing.go_on_with_imports"}
		)
		self.assertEqual((job.frequency, job.stopped), ("All", 0))


def _cancel(device: str, log: str) -> None:
	cancel(device, log)
	frappe.db.commit()


def _change_page_size(device: str) -> None:
	doc = frappe.get_doc(SETTINGS, device)
	doc.page_size = 7
	doc.save()
	frappe.db.commit()


def _tick(log: str) -> list[str]:
	long_ago = frappe.utils.add_to_date(None, minutes=-2)
	frappe.db.set_value(SYNC_LOG, log, "modified", long_ago, update_modified=False)
	frappe.db.commit()
	return go_on_with_imports()
