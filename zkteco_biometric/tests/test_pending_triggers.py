"""Nobody has to ask: an employee, a shift or a device that changes lets waiting punches become check-ins."""

from contextlib import contextmanager
from unittest.mock import patch

import frappe
from redis.exceptions import ConnectionError as RedisIsAway

from zkteco_biometric.frappe_hr import pending_triggers
from zkteco_biometric.frappe_hr.names import PENDING
from zkteco_biometric.frappe_hr.pending_triggers import sweep_pending
from zkteco_biometric.tests.jobs import waiting_jobs, work_off
from zkteco_biometric.tests.people import acting_as, delete_users, make_users
from zkteco_biometric.tests.support import days_ago, make_employee, statements
from zkteco_biometric.tests.waiting import WaitingTestCase, row_of

QUEUE = "default"


class TriggersTestCase(WaitingTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_device()

	def jobs(self) -> list[str]:
		frappe.db.commit()
		return [job.kwargs["method"].rpartition(".")[2] for job in waiting_jobs(QUEUE)]


class TestAnEmployeeChanges(TriggersTestCase):
	CODES = ("1",)

	def setUp(self) -> None:
		super().setUp()
		frappe.db.delete("Employee", {"first_name": ("like", "ZKTeco Test new%")})
		self.give(self.employees["1"], "1", status="Active")

	def test_whoever_gets_the_biometric_id_gets_the_check_ins(self):
		self.wait(self.device, *[row_of("8", days_ago(2, hour)) for hour in (8, 17)])
		employee = frappe.get_doc("Employee", self.employees["1"])
		employee.attendance_device_id = "8"
		employee.save()
		self.assertEqual(self.jobs(), ["retry_code"])
		work_off(QUEUE)
		self.assertEqual([row.time for row in self.check_ins()], [days_ago(2, 8), days_ago(2, 17)])
		self.assertEqual(self.statuses(), {"Created": 2})

	def test_a_new_employee_gets_the_check_ins(self):
		self.wait(self.device, row_of("8", days_ago(2)))
		self.employees = {**self.employees, "8": make_employee("8", first_name="ZKTeco Test new")}
		self.assertEqual(self.jobs(), ["retry_code"])
		work_off(QUEUE)
		self.assertEqual([row.employee for row in self.check_ins()], [self.employees["8"]])

	def test_who_becomes_active_gets_the_check_ins(self):
		self.give(self.employees["1"], "1", status="Inactive")
		self.wait(self.device, row_of("1", days_ago(2)))
		sweep_pending()
		self.assertEqual([row.reason for row in self.pending()], ["Inactive Employee"])
		employee = frappe.get_doc("Employee", self.employees["1"])
		employee.status = "Active"
		employee.save()
		self.assertEqual(self.jobs(), ["retry_code"])
		work_off(QUEUE)
		self.assertEqual(len(self.check_ins()), 1)

	def test_it_does_not_matter_who_saves_the_employee(self):
		self.wait(self.device, row_of("8", days_ago(2, 8, 1, 2)))
		users = make_users()
		self.addCleanup(delete_users)
		with acting_as(users["HR User"]):
			employee = frappe.get_doc("Employee", self.employees["1"])
			employee.attendance_device_id = "8"
			employee.save()
			self.assertEqual(self.jobs(), ["retry_code"])
		work_off(QUEUE)
		self.assertEqual([row.time for row in self.check_ins()], [days_ago(2, 8, 1, 2)])

	def test_where_nothing_waits_it_costs_one_query_and_no_job(self):
		employee = frappe.get_doc("Employee", self.employees["1"])
		employee.attendance_device_id = "9"
		employee.save()
		self.assertEqual(self.jobs(), [])
		with statements() as sent:
			pending_triggers.employee_changed(employee)
		self.assertEqual(len(sent), 1)

	def test_another_change_of_an_employee_costs_nothing(self):
		self.wait(self.device, row_of("1", days_ago(2)))
		employee = frappe.get_doc("Employee", self.employees["1"])
		employee.bio = "Punctual."
		employee.save()
		self.assertEqual(self.jobs(), [])
		with statements() as sent:
			pending_triggers.employee_changed(employee)
		self.assertEqual(sent, [])

	def test_several_changes_are_one_job(self):
		self.wait(self.device, row_of("8", days_ago(2)))
		for code in ("8", "7", "8"):
			employee = frappe.get_doc("Employee", self.employees["1"])
			employee.attendance_device_id = code
			employee.save()
			frappe.db.commit()
		self.assertEqual(self.jobs(), ["retry_code"])

	def test_no_job_sees_an_employee_that_is_not_committed(self):
		self.wait(self.device, row_of("8", days_ago(2)))
		employee = frappe.get_doc("Employee", self.employees["1"])
		employee.attendance_device_id = "8"
		employee.save()
		self.assertEqual(waiting_jobs(QUEUE), [])
		frappe.db.rollback()
		self.assertEqual(self.jobs(), [])

	def test_a_queue_that_is_away_keeps_nobody_from_saving(self):
		self.wait(self.device, row_of("8", days_ago(2)))
		employee = frappe.get_doc("Employee", self.employees["1"])
		employee.attendance_device_id = "8"
		with no_queue():
			employee.save()
			frappe.db.commit()
		self.assertEqual(frappe.db.get_value("Employee", employee.name, "attendance_device_id"), "8")
		self.assertEqual(sweep_pending().created, 1)

	def test_trouble_of_ours_keeps_nobody_from_saving(self):
		employee = frappe.get_doc("Employee", self.employees["1"])
		employee.attendance_device_id = "8"
		with patch.object(pending_triggers, "PENDING", "ZKTeco Test Nowhere"):
			employee.save()
		frappe.db.commit()
		self.assertEqual(frappe.db.get_value("Employee", employee.name, "attendance_device_id"), "8")

	def test_a_deadlock_is_not_hidden_from_who_saves(self):
		with self.assertRaises(frappe.QueryDeadlockError), pending_triggers._never_in_the_way():
			raise frappe.QueryDeadlockError

	def test_a_punch_with_an_impossible_time_is_left_alone(self):
		self.wait(self.device, row_of("8", days_ago(-3)))
		employee = frappe.get_doc("Employee", self.employees["1"])
		employee.attendance_device_id = "8"
		employee.save()
		self.assertEqual(self.jobs(), [])


class TestSettingsChange(TriggersTestCase):
	def test_a_mapping_that_changes_is_applied_to_what_waits(self):
		self.wait(self.device, row_of("1", days_ago(2), "4"))
		self.change(default_log_type="OUT")
		work_off(QUEUE)
		self.assertEqual([row.log_type for row in self.check_ins()], ["OUT"])

	def test_a_row_of_the_mapping_counts_as_a_change(self):
		self.wait(self.device, row_of("1", days_ago(2), "4"))
		device = frappe.get_doc(self.device.doctype, self.device.name)
		device.append("punch_states", {"punch_state": "4", "log_type": "Ignore"})
		device.save()
		self.assertEqual(self.jobs(), ["retry_device"])

	def test_what_decides_nothing_about_punches_starts_nothing(self):
		self.wait(self.device, row_of("1", days_ago(2)))
		self.change(fetch_frequency="Daily")
		self.assertEqual(self.jobs(), [])

	def test_a_device_without_waiting_punches_starts_nothing(self):
		self.wait(self.make_device("ZKTeco Test South"), row_of("1", days_ago(2)))
		self.change(default_log_type="OUT")
		self.assertEqual(self.jobs(), [])

	def change(self, **values: object) -> None:
		device = frappe.get_doc(self.device.doctype, self.device.name)
		device.update(values).save()
		self.jobs()


class TestShiftsChange(TriggersTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.was = frappe.db.get_single_value("HR Settings", "allow_geolocation_tracking")
		self.addCleanup(self.geolocation, self.was)
		self.addCleanup(frappe.db.delete, "Shift Type", {"name": "ZKTeco Test Shift"})
		self.geolocation(1)
		self.wait(self.device, row_of("1", days_ago(2)))
		sweep_pending()
		self.assertEqual([row.reason for row in self.pending()], ["Refused by HRMS"])

	def geolocation(self, on: int | None) -> None:
		settings = frappe.get_single("HR Settings")
		settings.allow_geolocation_tracking = on
		settings.save()
		frappe.db.commit()

	def test_what_hrms_refused_is_tried_again_when_hr_settings_change(self):
		self.geolocation(0)
		self.assertEqual(self.jobs(), ["retry_refused"])
		work_off(QUEUE)
		self.assertEqual(len(self.check_ins()), 1)

	def test_a_shift_type_that_is_saved_lets_it_be_tried_again_once(self):
		for _ in range(2):
			self.shift_type().save()
		self.assertEqual(self.jobs(), ["retry_refused"])

	def test_shift_assignments_let_it_be_tried_again(self):
		shift = self.shift_type()
		frappe.db.commit()
		assignment = frappe.get_doc(
			{
				"doctype": "Shift Assignment",
				"employee": self.employees["1"],
				"company": frappe.db.get_value("Employee", self.employees["1"], "company"),
				"shift_type": shift.name,
				"start_date": days_ago(5).date(),
			}
		)
		self.addCleanup(frappe.db.delete, "Shift Assignment", {"shift_type": shift.name})
		for change in (assignment.submit, assignment.cancel):
			work_off(QUEUE)
			change()
			self.assertEqual(self.jobs(), ["retry_refused"])

	def test_where_nothing_was_refused_no_job_is_started(self):
		work_off(QUEUE)
		frappe.db.delete(PENDING)
		self.geolocation(0)
		self.assertEqual(self.jobs(), [])

	def shift_type(self):
		name = "ZKTeco Test Shift"
		if frappe.db.exists("Shift Type", name):
			return frappe.get_doc("Shift Type", name)
		values = {"start_time": "08:00:00", "end_time": "17:00:00"}
		return frappe.get_doc({"doctype": "Shift Type", "name": name, **values}).insert()


class TestTheSweepOfTheDay(TriggersTestCase):
	def test_it_is_in_the_scheduler_s_list(self):
		method = "zkteco_biometric.frappe_hr.pending_triggers.sweep_pending"
		self.assertIn(method, frappe.get_hooks("scheduler_events")["daily_long"])

	def test_it_finds_what_was_changed_past_the_hooks(self):
		self.wait(self.device, row_of("8", days_ago(2)))
		self.give(self.employees["1"], "8")
		self.addCleanup(self.give, self.employees["1"], "1")
		self.assertEqual(sweep_pending().created, 1)


@contextmanager
def no_queue():
	def away(*_args, **_kwargs):
		raise RedisIsAway

	with patch.object(frappe, "enqueue", away), patch.object(pending_triggers, "get_job_status", away):
		yield
