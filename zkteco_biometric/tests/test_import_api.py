"""What Desk asks about imports: who may, what is counted beforehand, and what is refused with which advice."""

from datetime import timedelta

import frappe

from zkteco_biometric.frappe_hr.names import SETTINGS, SYNC_LOG
from zkteco_biometric.import_api import preview, start
from zkteco_biometric.simulator import Simulator, Variant, faults
from zkteco_biometric.tests.imports import FROM, METHOD, TO, ImportTestCase
from zkteco_biometric.tests.jobs import running_worker, waiting_jobs, work_off
from zkteco_biometric.tests.people import WithUsers, acting_as, request
from zkteco_biometric.tests.support import PASSWORD, days_ago

MASTERS = {"System Manager", "HR Manager"}
RANGE = {"from_time": str(FROM.date()), "to_time": str(TO.date())}


class TestPreview(ImportTestCase):
	def preview(self, device, codes: str = "", **values) -> dict:
		return preview(device.name, **{**RANGE, **values}, codes=codes)

	def test_it_counts_on_the_device_and_on_the_site_and_changes_nothing(self):
		device = self.make_device()
		self.punch_ten_days(("1", "7"))
		before = self.device_state(device)
		found = self.preview(device)
		self.assertEqual(
			(found["ok"], found["on_device"], found["check_ins"], found["waiting"]), (True, 40, 0, 0)
		)
		self.assertIn("40 punches", found["lines"][0]["text"])
		self.start(device)
		work_off()
		found = self.preview(device)
		self.assertEqual((found["on_device"], found["check_ins"], found["waiting"]), (40, 20, 20))
		self.assertEqual(self.device_state(device), before)
		self.assertEqual(frappe.db.count(SYNC_LOG), 1)

	def test_both_ends_are_whole_days(self):
		device = self.make_device()
		for time in (days_ago(40, 0), days_ago(31, 23, 59, 59)):
			for beside in (-1, 0, 1):
				self.sim.store.punch("1", time + timedelta(seconds=beside))
		self.assertEqual(self.preview(device)["on_device"], 4)

	def test_each_code_is_counted_for_itself_however_loosely_the_server_takes_it(self):
		device = self.make_device()
		self.punch_ten_days(("1", "2", "007", "7"))
		for variant in (Variant(), Variant(loose_emp_code=True)):
			self.sim.variant = variant
			found = self.preview(device, "007\n7, 2,9")
			self.assertEqual(found["by_code"], {"007": 20, "7": 20, "2": 20, "9": 0})
			self.assertEqual((found["on_device"], found["nobodys"]), (60, ["7", "9"]))
			self.assertIn("Nobody has the Biometric ID 7, 9", found["lines"][-1]["text"])

	def test_check_ins_of_the_chosen_people_only(self):
		device = self.make_device()
		self.punch_ten_days(("1", "2", "7"))
		self.start(device)
		work_off()
		found = self.preview(device, "2,7")
		self.assertEqual((found["check_ins"], found["waiting"]), (20, 20))

	def test_a_device_that_cannot_be_asked_is_told_with_the_remedy(self):
		dead = Simulator()
		dead.start()
		dead.stop()
		device = self.make_device()
		for trouble, told in (
			(lambda: self.sim.faults.add(faults.licence_missing(), path="transactions", times=2), "licence"),
			(lambda: self.sim.faults.add(faults.status(500), path="transactions"), "BioTime"),
			(lambda: frappe.db.set_value(SETTINGS, device.name, "url", dead.url), "switched on"),
		):
			trouble()
			found = self.preview(device)
			self.assertFalse(found["ok"])
			self.assertTrue(found["lines"][0]["text"])
			self.assertIn(told, found["remedy"])
		self.assertEqual(frappe.get_message_log(), [])
		self.assertEqual(frappe.db.get_value(SETTINGS, device.name, "status"), "Not Synced")

	def test_a_password_that_is_wrong_is_tried_once(self):
		device = self.make_device(password="wrong")
		found = self.preview(device)
		self.assertFalse(found["ok"])
		self.assertEqual(len([one for one in self.sim.log.entries if one.path.endswith("token-auth/")]), 1)


class TestWhatIsRefused(ImportTestCase):
	def assert_refused(self, told: str, device=None, codes: str = "", **values) -> None:
		device = device or self.make_device(f"ZKTeco Test {frappe.generate_hash(length=6)}")
		for method in (preview, start):
			with self.assertRaises(frappe.ValidationError) as caught:
				method(device.name, **{**RANGE, **values}, codes=codes)
			self.assertIn(told, str(caught.exception))
		self.assertEqual((self.sim.log.entries, waiting_jobs("long")), ([], []))
		self.assertEqual(frappe.db.count(SYNC_LOG), 0)

	def test_a_range_that_ends_before_it_begins(self):
		self.assert_refused("Exchange them", from_time="2026-02-01", to_time="2026-01-31")

	def test_a_range_in_the_future(self):
		tomorrow, today = str(days_ago(-1).date()), str(days_ago(0).date())
		self.assert_refused("Choose an earlier date", from_time=tomorrow, to_time=tomorrow)
		self.assert_refused("Choose today", from_time=today, to_time=tomorrow)

	def test_what_is_no_date(self):
		for typed in ("", "yesterday", "31.01.2026", "2026-13-01", "0001-01-01", "<b>2026</b>"):
			self.assert_refused("is no date", from_time=typed)

	def test_what_is_no_code(self):
		self.assert_refused("such as 007", codes="John Smith")
		self.assert_refused("Write up to 100 IDs", codes=",".join(str(number) for number in range(101)))

	def test_a_disabled_device(self):
		self.assert_refused("Tick Enabled", self.make_device(enable=0))

	def test_markup_in_what_was_typed_is_told_as_text(self):
		with self.assertRaises(frappe.ValidationError) as caught:
			start(self.make_device().name, "<b>", "2026-01-01")
		self.assertIn("&lt;b&gt;", str(caught.exception))


class TestStart(ImportTestCase):
	def started(self, device, from_time: str, to_time: str):
		log = start(device.name, from_time, to_time)["log"]
		frappe.db.commit()
		return self.log(log)

	def test_today_is_imported_up_to_now(self):
		device = self.make_device()
		before = frappe.utils.now_datetime().replace(microsecond=0)
		log = self.started(device, str(days_ago(1).date()), str(days_ago(0).date()))
		self.assertTrue(str(before) <= log.window_end <= frappe.utils.now())

	def test_times_may_be_given_instead_of_days(self):
		device = self.make_device()
		log = self.started(device, "2026-01-05 08:00:00", "2026-01-05 09:30")
		self.assertEqual((log.window_start, log.window_end), ("2026-01-05 08:00:00", "2026-01-05 09:30:00"))

	def test_it_says_whether_anybody_works(self):
		device = self.make_device()
		self.assertFalse(start(device.name, **RANGE)["worker"])
		with running_worker():
			self.assertTrue(start(device.name, **RANGE)["worker"])


class TestWhoMayImport(WithUsers, ImportTestCase):
	CODES = ()

	def test_who_may_write_the_device_previews_starts_cancels_and_resumes_over_http(self):
		device = self.make_device()
		for role, user in self.users.items():
			log = self.start(device)
			for method, values in (
				("preview", RANGE),
				("start", RANGE),
				("cancel", {"log": log}),
				("resume", {"log": log}),
			):
				answer = request(user, "POST", METHOD + method, device=device.name, **values)
				self.assertEqual(answer.status_code, 200 if role in MASTERS else 403, f"{role} {method}")
			self.assertEqual(self.status(log), "Queued")

	def test_nothing_is_started_by_a_link(self):
		device = self.make_device()
		for method in ("preview", "start", "cancel", "resume"):
			values = RANGE if method in ("preview", "start") else {"log": "x"}
			answer = request(self.users["HR Manager"], "GET", METHOD + method, device=device.name, **values)
			self.assertEqual(answer.status_code, 403, method)

	def test_another_device_s_log_is_not_there(self):
		mine, theirs = self.make_device("ZKTeco Test Mine"), self.make_device("ZKTeco Test Theirs")
		log = self.start(theirs)
		for method in ("cancel", "resume"):
			answer = request(self.users["HR Manager"], "POST", METHOD + method, device=mine.name, log=log)
			self.assertEqual(answer.status_code, 404, method)
		self.assertEqual(self.status(log), "Queued")

	def test_the_log_of_a_sync_is_no_import(self):
		device = self.make_device()
		log = frappe.get_doc(
			{"doctype": SYNC_LOG, "device": device.name, "trigger": "Scheduler", "status": "Failed"}
		).insert()
		answer = request(
			self.users["HR Manager"], "POST", METHOD + "resume", device=device.name, log=log.name
		)
		self.assertEqual(answer.status_code, 404)

	def test_no_answer_shows_the_password(self):
		device = self.make_device()
		for method in ("preview", "start"):
			answer = request(self.users["HR Manager"], "POST", METHOD + method, device=device.name, **RANGE)
			self.assertNotIn(PASSWORD, answer.text)

	def test_an_import_carries_the_name_of_who_asked_for_it(self):
		device = self.make_device()
		with acting_as(self.users["HR Manager"]):
			log = self.start(device)
		self.assertEqual(self.log(log).user, self.users["HR Manager"])
