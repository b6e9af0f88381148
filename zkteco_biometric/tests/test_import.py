"""Imports of a date range on a real site, by real workers."""

import json
from datetime import timedelta

import frappe
from frappe.utils import get_datetime
from frappe.utils.background_jobs import get_redis_conn

from zkteco_biometric.frappe_hr.names import PENDING, SYNC_LOG
from zkteco_biometric.frappe_hr.pending_triggers import sweep_pending
from zkteco_biometric.importing import import_range
from zkteco_biometric.simulator import Variant, faults
from zkteco_biometric.sync import sync_device
from zkteco_biometric.tests.imports import FROM, ImportTestCase
from zkteco_biometric.tests.jobs import work_off
from zkteco_biometric.tests.support import (
	before_each_request,
	days_ago,
	elsewhere,
)
from zkteco_biometric.tests.test_sync import _sees_what_others_commit


class TestImport(ImportTestCase):
	def test_a_worker_imports_what_lies_before_sync_from_and_the_device_s_state_stays(self):
		device = self.make_device()
		self.sync(device)
		self.punch_ten_days()
		before = self.device_state(device)
		name = self.start(device)
		self.assertEqual(self.status(name), "Queued")
		work_off()
		log = self.log(name)
		self.assertEqual((log.status, log.trigger, log.user), ("Success", "Import", "Administrator"))
		self.assertEqual((log.created, log.pending, log.ignored, log.total), (40, 0, 0, 40))
		self.assertTrue(log.began <= log.ended)
		self.assertGreater(log.http_seconds, 0)
		self.assertGreater(log.db_seconds, 0)
		self.assertEqual(len(self.check_ins()), 40)
		self.assert_counts_agree(name)
		self.assertEqual(self.device_state(device), before)

	def test_whole_days_by_the_site_s_clock_become_the_terminals_clocks(self):
		zone = "Asia/Kolkata" if frappe.utils.get_system_timezone() == "Africa/Nairobi" else "Africa/Nairobi"
		device = self.make_device(time_zone=zone)
		log = self.log(self.start(device))
		start, end = map(get_datetime, (log.window_start, log.window_end))
		self.assertNotEqual(start, days_ago(40, 0))
		self.assertEqual(end - start, timedelta(days=10, seconds=-1))
		same = self.log(self.start(self.make_device("ZKTeco Test Same")))
		days = (str(days_ago(40, 0)), str(days_ago(31, 23, 59, 59)))
		self.assertEqual((same.window_start, same.window_end), days)

	def test_only_the_chosen_codes_with_their_zeros(self):
		self.sim.variant = Variant(loose_emp_code=True)
		device = self.make_device()
		self.punch_ten_days(("1", "2", "007", "7"))
		name = self.start(device, "007,\n2")
		work_off()
		self.assertEqual(
			{row.employee for row in self.check_ins()}, {self.employees["007"], self.employees["2"]}
		)
		log = self.log(name)
		self.assertEqual((log.status, log.created, log.pending, log.codes), ("Success", 40, 0, "007\n2"))

	def test_unknown_codes_wait_as_pending_punches_of_the_import(self):
		device = self.make_device()
		self.punch_ten_days(("1", "7"))
		name = self.start(device)
		work_off()
		log = self.log(name)
		self.assertEqual((log.created, log.pending), (20, 20))
		self.assertEqual(frappe.db.count(PENDING, {"sync_log": name}), 20)
		self.assertIn("7 is nobody's Biometric ID: 20", log.details)
		(entry,) = self.error_logs("Employee Not Found")
		self.assertIn(name, entry)

	def test_twice_doubles_nothing(self):
		device = self.make_device()
		self.punch_ten_days()
		for created in (40, 0):
			name = self.start(device)
			work_off()
			self.assertEqual((self.status(name), self.log(name).created), ("Success", created))
			self.assert_counts_agree(name)
		self.assertEqual(len(self.check_ins()), 40)

	def test_no_transaction_is_open_during_http(self):
		device = self.make_device(page_size=10)
		self.punch_ten_days()
		name = self.start(device)
		with before_each_request(_sees_what_others_commit) as fresh:
			import_range(name)
		self.assertEqual(set(fresh), {True})
		self.assertGreater(len(fresh), 5)
		self.assertEqual(self.status(name), "Success")

	def test_the_device_s_own_syncs_go_on_meanwhile(self):
		device = self.make_device()
		self.punch_ten_days()
		self.sim.store.punch("1", days_ago(1))
		name = self.start(device)
		site = frappe.local.site
		seen = []
		sync = faults.rows(lambda rows: (seen.append(elsewhere(site, sync_device, device.name)), rows)[1])
		self.sim.faults.add(sync, path="transactions", times=1)
		import_range(name)
		self.assertEqual([result.counters.created for result in seen], [1])
		self.assertEqual(self.status(name), "Success")
		self.assertEqual(len(self.check_ins()), 41)

	def test_one_worker_at_a_time_works_on_it(self):
		device = self.make_device()
		self.punch_ten_days()
		name = self.start(device)
		site = frappe.local.site
		again = faults.rows(lambda rows: (elsewhere(site, import_range, name), rows)[1])
		self.sim.faults.add(again, path="transactions", times=1)
		import_range(name)
		self.assertEqual((self.status(name), self.log(name).duplicate), ("Success", 0))

	def test_progress_is_told_to_the_log_s_room_and_to_nobody_else(self):
		device = self.make_device(page_size=10)
		self.punch_ten_days()
		name = self.start(device)
		listener = get_redis_conn().pubsub()
		listener.subscribe("events")
		self.addCleanup(listener.close)
		work_off()
		heard = _heard(listener)
		self.assertEqual({event["room"] for event in heard}, {f"doc:{SYNC_LOG}/{name}"})
		progress = [event["message"] for event in heard if event["event"] == "zkteco_import_progress"]
		self.assertEqual({at["total"] for at in progress}, {40})
		self.assertEqual(progress[-1]["created"], 40)
		self.assertEqual(heard[-1]["event"], "zkteco_import_changed")

	def test_a_punch_that_waited_is_settled_by_an_import(self):
		device = self.make_device()
		self.sim.store.punch("XYZ", FROM)
		work = self.start(device)
		work_off()
		self.assertEqual(self.log(work).pending, 1)
		frappe.db.set_value("Employee", self.employees["2"], "attendance_device_id", "XYZ")
		self.addCleanup(frappe.db.set_value, "Employee", self.employees["2"], "attendance_device_id", "2")
		name = self.start(device)
		work_off()
		self.assertEqual(self.log(name).created, 1)
		self.assertEqual(frappe.get_all(PENDING, pluck="status", order_by="name"), ["Created"])

	def test_sync_from_does_not_limit_a_later_look_at_what_an_import_brought_either(self):
		device = self.make_device()
		self.sim.store.punch("XYZ", FROM)
		self.start(device)
		work_off()
		sweep_pending()
		self.assertEqual(frappe.get_all(PENDING, pluck="status", order_by="name"), ["Waiting"])
		frappe.db.set_value("Employee", self.employees["2"], "attendance_device_id", "XYZ")
		self.addCleanup(frappe.db.set_value, "Employee", self.employees["2"], "attendance_device_id", "2")
		sweep_pending()
		self.assertEqual(frappe.get_all(PENDING, pluck="status", order_by="name"), ["Created"])
		self.assertEqual([row.time for row in self.check_ins()], [FROM])


def _heard(listener) -> list[dict]:
	"""Our events of this site; all sites of a bench publish on one channel."""
	heard = []
	while message := listener.get_message(timeout=0.3):
		if message["type"] == "message":
			heard.append(json.loads(message["data"]))
	ours = [event for event in heard if event["namespace"] == frappe.local.site]
	return [event for event in ours if event["event"].startswith("zkteco")]
