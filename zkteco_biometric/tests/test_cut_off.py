"""A worker that dies in the middle of a page: what it has stored stays, is counted, and the next one goes on at once."""

from datetime import timedelta
from unittest.mock import patch

import frappe

from zkteco_biometric.frappe_hr.cut_off import end_cut_off_cycles
from zkteco_biometric.frappe_hr.device_lock import device_lock
from zkteco_biometric.frappe_hr.names import CHECK_IN, LOG_FIELD, SETTINGS, SYNC_LOG
from zkteco_biometric.frappe_hr.schedule import due_devices
from zkteco_biometric.simulator import faults
from zkteco_biometric.sync import enqueue_due_devices, sync_device
from zkteco_biometric.tests.jobs import forget_jobs, running_worker, wait_until, waiting_jobs, work_off
from zkteco_biometric.tests.killed import is_free, kill_a_worker_when
from zkteco_biometric.tests.support import DeviceTestCase, days_ago, elsewhere, statements

PUNCHES = 3000
"""In pages of a hundred, each stored in a transaction of its own: enough of them to be in the middle when one looks."""


class CutOffTestCase(DeviceTestCase):
	CODES = ("1",)

	def make_device(self, name: str = "ZKTeco Test Office", **values):
		"""Without the log-in that a save brings: here only syncs wait in the queue."""
		device = super().make_device(name, **values)
		forget_jobs()
		return device

	def punch(self, number: int) -> None:
		for second in range(number):
			self.sim.store.punch("1", days_ago(1, 8, second // 60, second % 60), str(second % 2))

	def logs(self) -> list:
		fields = ["name", "status", "fetched", "created", "duplicate", "pending", "error", "remedy", "ended"]
		return frappe.get_all(SYNC_LOG, fields=fields, order_by="creation")


class TestADeadWorker(CutOffTestCase):
	def cut_off(self) -> str:
		"""A device whose worker was killed between two pages, or in the middle of one; returns its name."""
		device = self.make_device(page_size=100)
		self.punch(PUNCHES)
		self.assertEqual(enqueue_due_devices(), [device.name])
		kill_a_worker_when(lambda: frappe.db.count(CHECK_IN, {"zkteco_device": device.name}) >= 100)
		wait_until(lambda: is_free(device_lock, device.name))
		return device.name

	def test_its_log_is_closed_with_exact_counts_and_the_next_sync_goes_on(self):
		device = self.cut_off()
		stored = len(self.check_ins())
		self.assertTrue(100 <= stored < PUNCHES, stored)
		self.assertEqual(frappe.db.get_value(SETTINGS, device, "status"), "Running")
		self.assertEqual(
			enqueue_due_devices(), [device], "at once, whatever the queue thinks of the dead one's job"
		)
		self.assertEqual(frappe.db.get_value(SETTINGS, device, "status"), "Unfinished")
		work_off()
		dead, alive = self.logs()
		self.assertEqual((dead.status, dead.created, dead.fetched), ("Cut Off", stored, stored))
		self.assertEqual(frappe.db.count(CHECK_IN, {LOG_FIELD: dead.name}), stored)
		self.assertIn("Nothing is lost", dead.remedy)
		self.assertTrue(dead.ended)
		self.assertEqual((alive.status, alive.created), ("Success", PUNCHES - stored))
		times = [row.time for row in self.check_ins()]
		self.assertEqual((len(times), len(set(times))), (PUNCHES, PUNCHES))
		self.assertEqual(frappe.db.get_value(SETTINGS, device, "status"), "Success")

	def test_a_tick_later_nothing_is_left_to_close(self):
		self.cut_off()
		self.assertEqual(len(end_cut_off_cycles()), 1)
		self.assertEqual(end_cut_off_cycles(), set())

	def test_a_person_who_presses_sync_now_first_finds_the_old_log_closed_too(self):
		device = self.cut_off()
		forget_jobs()
		sync_device(device)
		self.assertEqual([log.status for log in self.logs()], ["Cut Off", "Success"])


class TestWhoIsNotCutOff(CutOffTestCase):
	def test_a_sync_that_is_running_is_left_alone(self):
		device = self.make_device()
		self.punch(2)
		found = []
		site = frappe.local.site
		tick = faults.rows(lambda rows: (found.append(elsewhere(site, end_cut_off_cycles)), rows)[1])
		self.sim.faults.add(tick, path="transactions")
		self.sync(device)
		self.assertEqual(found, [set()])
		self.assertEqual([log.status for log in self.logs()], ["Success"])

	def test_a_disabled_device_is_told_and_not_enqueued(self):
		device = self.make_device(enable=0)
		frappe.db.set_value(SETTINGS, device.name, "status", "Running")
		self.assertEqual(enqueue_due_devices(), [])
		self.assertEqual(frappe.db.get_value(SETTINGS, device.name, "status"), "Unfinished")

	def test_a_device_that_was_cut_off_is_due_at_once_whatever_its_frequency(self):
		device = self.make_device(fetch_frequency="Weekly")
		self.sync(device)
		now = frappe.utils.now_datetime()
		self.assertEqual(due_devices(now), [])
		frappe.db.set_value(SETTINGS, device.name, "status", "Running")
		end_cut_off_cycles()
		self.assertEqual(due_devices(now), [device.name])

	def test_a_tick_with_nothing_to_do_costs_one_query(self):
		for number in range(3):
			self.make_device(f"ZKTeco Test {number}")
		with statements() as sent:
			self.assertEqual(end_cut_off_cycles(), set())
		self.assertEqual(len(sent), 1)


class TestASyncThatRunsOutOfItsTime(CutOffTestCase):
	def unfinished(self):
		device = self.make_device(page_size=10)
		self.punch(35)
		with patch("zkteco_biometric.sync._WORKS_FOR", timedelta(0)):
			result = sync_device(device.name, "User")
		self.assertTrue(result.unfinished)
		return device

	def test_it_renews_itself_without_waiting_for_a_tick(self):
		device = self.unfinished()
		self.assertEqual(frappe.db.get_value(SETTINGS, device.name, "status"), "Unfinished")
		self.assertEqual(
			[job.kwargs["kwargs"] for job in waiting_jobs("long")],
			[{"device": device.name, "trigger": "User"}],
		)
		work_off()
		self.assertEqual([log.status for log in self.logs()], ["Unfinished", "Success"])
		self.assertEqual(len(self.check_ins()), 35)
		self.assertEqual(sum(log.created for log in self.logs()), 35)

	def test_a_waiting_worker_takes_it_up_at_once(self):
		device = self.unfinished()
		with running_worker():
			wait_until(lambda: frappe.db.get_value(SETTINGS, device.name, "status") == "Success")
		self.assertEqual(len(self.check_ins()), 35)
