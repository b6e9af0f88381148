"""The checks of the doctor, each where something is wrong."""

from datetime import timedelta
from unittest.mock import patch

import frappe
from frappe.utils import now_datetime
from rq.job import JobStatus

from zkteco_biometric.frappe_hr.doctor import (
	attendance,
	background,
	devices,
	notices,
	people,
	permissions,
	site,
)
from zkteco_biometric.frappe_hr.doctor.checks import examine
from zkteco_biometric.frappe_hr.doctor.finding import Finding, Level
from zkteco_biometric.frappe_hr.heartbeat import OUR_TICK
from zkteco_biometric.frappe_hr.names import (
	BIOMETRIC_ID,
	CHECK_IN,
	DEVICE_USER,
	INCIDENT,
	KEY_FIELD,
	PENDING,
	SETTINGS,
	SYNC_LOG,
)
from zkteco_biometric.frappe_hr.notice_state import NOTICES, note_sweep, report_trouble
from zkteco_biometric.tests.jobs import running_worker, work_off
from zkteco_biometric.tests.shifts import STRICT, ShiftTestCase
from zkteco_biometric.tests.support import days_ago, lately


def bad(findings) -> list[Finding]:
	return [one for one in findings if one.level is not Level.OK]


def texts(findings) -> str:
	return "\n".join(one.text for one in bad(findings))


class TestDoctor(ShiftTestCase):
	CODES = ("1", "2")

	def conf(self, **values) -> None:
		for name, value in values.items():
			before = frappe.local.conf.get(name)
			self.addCleanup(frappe.local.conf.__setitem__, name, before)
			frappe.local.conf[name] = value

	def set(self, doctype: str, name, field: str, value) -> None:
		"""Until the end of the test, past everything."""
		before = frappe.db.get_value(doctype, name, field)
		self.addCleanup(frappe.db.set_value, doctype, name, field, before, update_modified=False)
		frappe.db.set_value(doctype, name, field, value, update_modified=False)

	def scheduler(self, **values) -> list[Finding]:
		self.set("System Settings", "System Settings", "enable_scheduler", 1)
		self.conf(**values)
		return bad(background.check_scheduler())

	def test_every_way_in_which_the_scheduler_is_switched_off_is_told_with_its_own_remedy(self):
		self.set("Scheduled Job Type", {"method": OUR_TICK}, "last_execution", now_datetime())
		found = self.scheduler(maintenance_mode=1, pause_scheduler=1, disable_scheduler=1)
		self.assertEqual(
			[one.text for one in found],
			[
				"The site is in maintenance mode.",
				"It is paused in the site's configuration.",
				"It is disabled by disable_scheduler in a site_config.json.",
			],
		)
		self.assertEqual(len({one.remedy for one in found}), 3)

	def test_a_scheduler_that_runs_nowhere_or_was_never_there_is_told(self):
		self.set("Scheduled Job Type", {"method": OUR_TICK}, "last_execution", lately(3))
		(found,) = self.scheduler()
		self.assertIn("It has not called this app since", found.text)
		frappe.db.set_value("Scheduled Job Type", {"method": OUR_TICK}, "last_execution", None)
		self.assertIn("It has not called this app yet", texts(background.check_scheduler()))

	def test_a_stopped_job_of_ours_is_told(self):
		self.set("Scheduled Job Type", {"method": OUR_TICK}, "last_execution", now_datetime())
		self.set("Scheduled Job Type", {"method": OUR_TICK}, "stopped", 1)
		self.assertIn(f"{OUR_TICK} is stopped.", texts(self.scheduler()))

	def test_a_worker_for_each_queue(self):
		self.assertEqual(len(bad(background.check_queue())), 3)
		with running_worker("long,default,short"):
			self.assertEqual(bad(background.check_queue()), [])

	def test_a_job_of_ours_that_failed_is_told_without_what_it_said(self):
		frappe.enqueue(
			"zkteco_biometric.importing.import_range", queue="long", log="nothing", unknown="argument"
		)
		work_off()
		(job,) = background.get_queue("long").failed_job_registry.get_job_ids()
		self.assertEqual(
			background.Job.fetch(job, background.get_queue("long").connection).get_status(), JobStatus.FAILED
		)
		found = texts(background.check_queue())
		self.assertIn("1 jobs of this app have failed lately: import_range.", found)
		self.assertNotIn("argument", found)

	def test_jobs_that_nobody_takes(self):
		frappe.enqueue("frappe.ping", queue="long")
		self.assertNotIn("wait in the queue", texts(background.check_queue()))
		queue = background.get_queue("long")
		(job,) = queue.jobs
		job.enqueued_at -= timedelta(hours=2)
		job.save()
		self.assertIn(
			"1 jobs wait in the queue long, the oldest for 120 minutes.", texts(background.check_queue())
		)

	def test_a_site_without_a_time_zone_or_with_an_unknown_one(self):
		for zone, told in (("", "No time zone is set"), ("Nowhere/Near", "Nowhere/Near is not known")):
			self.set("System Settings", "System Settings", "time_zone", zone)
			self.assertIn(told, texts(site.check_time_zone()))

	def test_the_fields_and_keys_are_there(self):
		self.assertEqual(bad([*site.check_fields(), *site.check_keys()]), [])

	def test_a_field_that_somebody_deleted_is_told(self):
		name = f"{CHECK_IN}-{KEY_FIELD}"
		doc = frappe.get_doc("Custom Field", name)
		frappe.db.delete("Custom Field", name)
		frappe.clear_cache(doctype=CHECK_IN)
		self.addCleanup(frappe.clear_cache, doctype=CHECK_IN)
		self.addCleanup(doc.db_insert)
		self.assertIn(f"Fields of this app are missing: {CHECK_IN}.{KEY_FIELD}.", texts(site.check_fields()))

	def test_permissions_that_somebody_took_away_are_told(self):
		self.assertEqual(bad(permissions.check_custom_permissions()), [])
		rule = {"parent": SYNC_LOG, "role": "System Manager", "permlevel": 0, "read": 1}
		frappe.get_doc({"doctype": "Custom DocPerm", **rule}).insert()
		self.addCleanup(frappe.db.delete, "Custom DocPerm", {"parent": SYNC_LOG})
		found = texts(permissions.check_custom_permissions())
		self.assertIn(f"HR Manager cannot read {SYNC_LOG}", found)
		self.assertNotIn("System Manager cannot read", found)

	def test_the_same_server_twice_is_a_warning(self):
		self.make_device()
		self.make_device("ZKTeco Test Gate")
		self.assertIn("ZKTeco Test Gate, ZKTeco Test Office", texts(devices.check(None, ask=False)))
		self.assertEqual(bad(devices.check("ZKTeco Test Gate", ask=False)), [])

	def test_settings_that_cannot_be_read(self):
		device = self.make_device()
		values = {
			"fetch_frequency": "Custom Cron",
			"cron_expression": "every noon",
			"time_zone": "Nowhere/Near",
		}
		frappe.db.set_value(SETTINGS, device.name, values)
		found = texts(devices.check(device.name, ask=False))
		self.assertIn("Its schedule cannot be read", found)
		self.assertIn("Its time zone Nowhere/Near", found)

	def test_a_device_that_has_brought_nothing_for_days(self):
		device = self.make_device()
		self.sim.store.punch("1", lately(2))
		self.sync(device)
		self.assertEqual(bad(devices.check(device.name, ask=False)), [])
		frappe.db.set_value(SYNC_LOG, {"device": device.name}, "began", days_ago(10))
		self.assertIn("It has brought no new punch since", texts(devices.check(device.name, ask=False)))

	def test_a_device_of_which_the_notices_have_noticed_that_it_is_silent(self):
		device = self.make_device()
		self.sim.store.punch("1", lately(2))
		self.sync(device)
		frappe.db.set_value(SYNC_LOG, {"device": device.name}, "began", days_ago(10))
		self.incident(device.name, "Silent Device", message="Silent\nsince noon.", remedy="Look.")
		(found,) = bad(devices.check(device.name, ask=False))
		self.assertEqual((found.text, found.remedy), ("Silent since noon.", "Look."))

	def incident(self, device: str, kind: str, **values) -> None:
		values = {"name": f"zkteco-test-{kind}", "device": device, "kind": kind, "status": "Open", **values}
		frappe.get_doc({"doctype": INCIDENT, **values}).db_insert()
		self.addCleanup(frappe.db.delete, INCIDENT, {"name": values["name"]})

	def test_every_open_incident_is_a_warning_unless_it_is_told_otherwise(self):
		device = self.make_device()
		for kind in ("Waiting Punches", "Wrong Clock", "Device Failing"):
			self.incident(device.name, kind, title=f"{kind} here")
		self.incident(device.name, "Silent Terminal", title="It is over", status="Over")
		found = bad(devices.check(device.name, ask=False))
		self.assertEqual(
			sorted((one.level, one.text) for one in found),
			[
				(Level.WARNING, f"{kind} here")
				for kind in ("Device Failing", "Waiting Punches", "Wrong Clock")
			],
		)
		self.assertTrue(all(one.remedy for one in found))
		failing = {"last_error": "It is off.", "wrong_clocks": "A is wrong", "last_remedy": "Wait."}
		frappe.db.set_value(SETTINGS, device.name, failing)
		warned = [one.text for one in devices.check(device.name, ask=False) if one.level is Level.WARNING]
		self.assertEqual(warned, ["Waiting Punches here"])

	def test_a_device_that_nobody_reads_is_no_device_that_is_well(self):
		device = self.make_device()
		self.sync(device)
		quiet = {
			"creation": days_ago(9),
			"expected_since": None,
			"last_attempt": lately(3),
			"last_sync_timestamp": lately(3),
		}
		frappe.db.set_value(SETTINGS, device.name, quiet, update_modified=False)
		found = list(devices.check(device.name, ask=False))
		(overdue,) = bad(found)
		self.assertEqual(overdue.level, Level.FAILURE)
		self.assertIn("nobody has read it since", overdue.text)
		self.assertNotIn("went well", " ".join(one.text for one in found))

	def test_people_on_a_device_that_is_deleted_are_told(self):
		self.assertEqual(list(people.check_left_behind()), [])
		row = {"device": "ZKTeco Test Gone", "employee": self.employees["1"], "employee_name": "Somebody"}
		doc = frappe.get_doc({"doctype": DEVICE_USER, "name": "zkteco-test", "former": "{}", **row})
		doc.db_insert()
		self.addCleanup(frappe.db.delete, DEVICE_USER, {"name": doc.name})
		(found,) = people.check_left_behind()
		self.assertEqual(found.level, Level.FAILURE)
		self.assertIn("Somebody on ZKTeco Test Gone", found.text)

	def test_a_failure_that_is_over_is_told_as_such(self):
		device = self.make_device()
		self.sim.stop()
		self.sync(device)
		self.sim.start()
		(found,) = bad(devices.check(device.name, ask=True))
		self.assertEqual(found.level, Level.WARNING)
		self.assertIn("it answers now", found.text)

	def test_a_failure_that_needs_a_person_differs_from_one_that_passes(self):
		device = self.make_device()
		self.sim.stop()
		self.sync(device)
		self.assertEqual([one.level for one in bad(devices.check(device.name, ask=False))], [Level.PASSING])
		frappe.db.set_value(SETTINGS, device.name, "last_remedy", "In another language.")
		self.assertEqual([one.level for one in bad(devices.check(device.name, ask=False))], [Level.PASSING])
		frappe.db.set_value(SETTINGS, device.name, "error_code", "licence_missing")
		(found,) = bad(devices.check(device.name, ask=False))
		self.assertEqual((found.level, found.remedy), (Level.FAILURE, "In another language."))

	def test_a_failure_that_has_lasted_for_more_than_a_day_needs_a_person(self):
		device = self.make_device()
		self.sim.stop()
		self.sync(device)
		since = lately(25)
		frappe.db.set_value(SETTINGS, device.name, "failing_since", since)
		(found,) = bad(devices.check(device.name, ask=False))
		self.assertEqual(found.level, Level.FAILURE)
		self.assertIn(f"failing since {since}", found.text)

	def test_biometric_ids_with_blanks_and_of_two_people(self):
		self.set("Employee", self.employees["1"], BIOMETRIC_ID, " 2")
		found = texts(people.check_biometric_ids())
		self.assertIn(f"begin or end with a blank: {self.employees['1']}.", found)
		self.assertIn("Several active employees have the Biometric ID 2", found)

	def test_codes_of_nobody_and_punches_that_hrms_refuses(self):
		device = self.make_device().name
		self.make_waiting(device, lately(1), "nobody", reason="Unknown Employee", employee=None)
		self.make_waiting(device, lately(1), "1")
		found = texts([*people.check_unknown_codes(), *people.check_waiting()])
		self.assertIn("1 punches are of 1 codes that are nobody's Biometric ID: nobody.", found)
		self.assertIn("1 punches wait for another reason: Refused by HRMS.", found)
		frappe.db.delete(PENDING)
		self.assertEqual(bad([*people.check_unknown_codes(), *people.check_waiting()]), [])

	def test_geolocation_and_strict_shifts(self):
		self.make_shift(determine_check_in_and_check_out=STRICT)
		self.give_default_shift("1", "ZKTeco Test Day")
		device = self.make_device(default_log_type="No Log Type").name
		self.assertIn("strictly based on log types", texts(devices.check(device, ask=False)))
		self.assertEqual(bad(attendance.check_geolocation()), [])
		before = frappe.db.get_single_value("HR Settings", "allow_geolocation_tracking")
		self.addCleanup(frappe.clear_document_cache, "HR Settings", "HR Settings")
		self.addCleanup(frappe.db.set_single_value, "HR Settings", "allow_geolocation_tracking", before)
		frappe.db.set_single_value("HR Settings", "allow_geolocation_tracking", 1)
		(found,) = bad(attendance.check_geolocation())
		self.assertEqual(found.level, Level.FAILURE)

	def test_people_without_a_shift_and_attendance_that_stands_still(self):
		before = self.people_without_a_shift()
		self.make_shift()
		self.give_default_shift("1", "ZKTeco Test Day")
		self.assign("2", "ZKTeco Test Day", days_ago(3))
		self.assertEqual(self.people_without_a_shift(), before - 2)
		self.assertIn("Last Sync of Checkin is empty", texts(attendance.check_auto_attendance()))
		frappe.db.set_value("Shift Type", "ZKTeco Test Day", "last_sync_of_checkin", lately(1))
		self.assertEqual(bad(attendance.check_auto_attendance()), [])

	def people_without_a_shift(self) -> int:
		found = texts(attendance.check_shifts())
		return int(found.split()[0]) if found else 0

	def test_notices_that_stop_by_an_error_are_told(self):
		self.addCleanup(frappe.db.delete, "Error Log", {"method": NOTICES})
		self.addCleanup(note_sweep)
		note_sweep()
		self.assertEqual(list(notices.check_notices()), [])
		try:
			raise LookupError("a secret value")
		except LookupError as error:
			report_trouble(error)
		(found,) = notices.check_notices()
		self.assertEqual(found.level, Level.FAILURE)
		self.assertIn("(LookupError)", found.text)
		self.assertNotIn("secret", found.text)

	def test_a_check_that_breaks_is_told_and_the_others_are_made(self):
		def check_the_impossible():
			raise LookupError("a secret value")
			yield

		with patch.object(site, "CHECKS", (check_the_impossible, site.check_keys)):
			found = examine(ask_devices=False)
		(broken,) = [one for one in found if one.area == "Doctor"]
		self.assertIn("check_the_impossible): LookupError.", broken.text)
		self.assertNotIn("secret", broken.text)
		self.assertIn("The keys on Employee Checkin are there.", [one.text for one in found])
		self.assertEqual(found[-1].area, "Attendance")
