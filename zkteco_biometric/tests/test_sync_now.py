"""Sync Now through a real worker in its own process; the site's scheduler is off."""

import json
from datetime import datetime, timedelta

import frappe
from frappe.utils.background_jobs import get_redis_conn
from frappe.utils.scheduler import is_scheduler_disabled

from zkteco_biometric.api import sync_now, sync_state
from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.jobs import forget_jobs, running_worker, wait_until, waiting_jobs, work_off
from zkteco_biometric.tests.people import WithUsers, request
from zkteco_biometric.tests.support import DeviceTestCase, days_ago, elsewhere, lately

SYNC_NOW = "/api/method/zkteco_biometric.api.sync_now"


class TestSyncNow(WithUsers, DeviceTestCase):
	CODES = ("1",)

	def punch(self, number: int, since: datetime | None = None) -> None:
		since = since or days_ago(1)
		for minute in range(number):
			self.sim.store.punch("1", since + timedelta(minutes=minute), str(minute % 2))

	def status(self, device) -> str:
		return frappe.db.get_value(SETTINGS, device.name, "status")

	def test_an_hr_manager_syncs_through_a_worker_with_the_scheduler_off(self):
		self.assertTrue(is_scheduler_disabled(verbose=False))
		device = self.make_device()
		self.punch(3)
		answer = request(self.users["HR Manager"], "POST", SYNC_NOW, device=device.name)
		self.assertEqual(answer.json["message"], {"enqueued": True, "worker": False})
		self.assertEqual(self.status(device), "Queued")
		work_off()
		device.reload()
		self.assertEqual((device.status, device.last_fetched, device.last_created), ("Success", 3, 3))
		rows = self.check_ins("time", "log_type", "device_id", "zkteco_device", "owner")
		self.assertEqual([row.time for row in rows], [days_ago(1, 8, minute) for minute in range(3)])
		self.assertEqual([row.log_type for row in rows], ["IN", "OUT", "IN"])
		self.assertEqual({(row.device_id, row.zkteco_device) for row in rows}, {(self.sim.url, device.name)})

	def test_the_form_reads_running_while_it_runs(self):
		device = self.make_device()
		self.punch(1)
		seen = []
		site = frappe.local.site
		look = faults.rows(lambda rows: (seen.append(elsewhere(site, _form, device.name)), rows)[1])
		self.sim.faults.add(look, path="transactions")
		sync_now(device.name)
		work_off()
		self.assertEqual(seen, [("Running", True)])
		self.assertEqual(_form(device.name), ("Success", False))

	def test_progress_is_told_to_the_form_of_the_device_and_to_nobody_else(self):
		device = self.make_device(page_size=2, sync_from=lately(20))
		forget_jobs()
		self.punch(5, since=lately(10))
		listener = get_redis_conn().pubsub()
		listener.subscribe("events")
		self.addCleanup(listener.close)
		sync_now(device.name)
		work_off()
		heard = _heard(listener)
		self.assertEqual({event["room"] for event in heard}, {f"doc:{SETTINGS}/{device.name}"})
		progress = [event["message"] for event in heard if event["event"] == "zkteco_sync_progress"]
		told = [(at["device"], at["fetched"], at["total"], at["created"], at["pages"]) for at in progress]
		name = device.name
		pages = [(name, 2, 5, 2, 1), (name, 4, 5, 4, 2), (name, 5, 5, 5, 3)]
		self.assertEqual(told[:3], pages)
		self.assertLessEqual(set(told[3:]), {pages[-1]}, "what arrived last brings nothing new")
		self.assertEqual(heard[-1]["event"], "zkteco_device_changed")
		self.assertEqual(heard[-1]["message"], {"device": device.name})

	def test_a_second_press_while_one_waits_says_so(self):
		device = self.make_device()
		self.assertTrue(sync_now(device.name)["enqueued"])
		frappe.db.commit()
		self.assertFalse(sync_now(device.name)["enqueued"])
		frappe.db.commit()
		self.assertEqual(len(waiting_jobs("long")), 1)
		self.assertTrue(sync_state(device.name)["busy"])

	def test_a_press_while_a_sync_runs_says_so(self):
		device = self.make_device()
		self.punch(1)
		answers = []
		site = frappe.local.site
		press = faults.rows(lambda rows: (answers.append(elsewhere(site, _press, device.name)), rows)[1])
		self.sim.faults.add(press, path="transactions")
		sync_now(device.name)
		work_off()
		self.assertEqual(answers, [{"enqueued": False, "worker": True}])
		self.assertEqual(self.status(device), "Success")

	def test_without_a_worker_it_says_so_and_the_sync_waits(self):
		device = self.make_device()
		self.assertEqual(sync_now(device.name), {"enqueued": True, "worker": False})
		frappe.db.commit()
		state = sync_state(device.name)
		self.assertEqual((state["busy"], state["worker"], state["status"]), (True, False, "Queued"))

	def test_a_worker_that_listens_to_another_queue_does_not_count(self):
		device = self.make_device()
		with running_worker("short"):
			self.assertFalse(sync_now(device.name)["worker"])

	def test_a_waiting_worker_starts_at_once(self):
		device = self.make_device()
		self.punch(2)
		with running_worker():
			self.assertEqual(sync_now(device.name), {"enqueued": True, "worker": True})
			frappe.db.commit()
			wait_until(lambda: self.status(device) == "Success")
			wait_until(lambda: not sync_state(device.name)["busy"])
		self.assertEqual(len(self.check_ins()), 2)

	def test_a_disabled_device_is_refused_with_the_remedy(self):
		device = self.make_device(enable=0)
		with self.assertRaises(frappe.ValidationError) as caught:
			sync_now(device.name)
		self.assertIn(f"{device.name} is disabled", str(caught.exception))
		self.assertIn("Tick Enabled", str(caught.exception))
		frappe.db.commit()
		self.assertEqual((waiting_jobs("long"), self.status(device)), ([], "Not Synced"))

	def test_a_failure_stands_on_the_form_with_its_remedy(self):
		device = self.make_device()
		forget_jobs()
		self.sim.faults.add(faults.licence_missing(), path="transactions", times=None)
		sync_now(device.name)
		work_off()
		device.reload()
		self.assertEqual(device.status, "Failed")
		self.assertIn("403", device.last_error)
		self.assertIn("licence", device.last_remedy)
		self.assertFalse(sync_state(device.name)["busy"])

	def test_sync_now_tries_a_rejected_log_in_again(self):
		device = self.make_device(password="another")
		work_off()
		self.assertEqual(self.status(device), "Log-in Rejected")
		self.sim.change_password("another")
		sync_now(device.name)
		work_off()
		device.reload()
		self.assertEqual((device.status, device.login_rejected), ("Success", 0))

	def test_a_device_that_is_disabled_while_it_waits_is_not_left_in_the_queue_s_state(self):
		device = self.make_device()
		sync_now(device.name)
		frappe.db.commit()
		device.reload()
		device.enable = 0
		device.save()
		work_off()
		self.assertNotEqual(self.status(device), "Queued")

	def test_a_device_that_is_deleted_while_it_waits_leaves_no_error(self):
		device = self.make_device()
		sync_now(device.name)
		frappe.db.commit()
		before = frappe.db.count("Error Log")
		frappe.delete_doc(SETTINGS, device.name)
		work_off()
		self.assertEqual(frappe.db.count("Error Log"), before)


def _form(device: str) -> tuple[str, bool]:
	state = sync_state(device)
	return state["status"], state["busy"]


def _press(device: str) -> dict:
	answer = sync_now(device)
	frappe.db.commit()
	return answer


def _heard(listener) -> list[dict]:
	"""Our events of this site; all sites of a bench publish on one channel."""
	heard = []
	while message := listener.get_message(timeout=0.3):
		if message["type"] == "message":
			heard.append(json.loads(message["data"]))
	ours = [event for event in heard if event["namespace"] == frappe.local.site]
	return [event for event in ours if event["event"].startswith("zkteco")]
