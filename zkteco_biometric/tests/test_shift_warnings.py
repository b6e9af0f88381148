"""What HRMS would refuse is told before it refuses it."""

from datetime import timedelta

import frappe
from frappe.utils import getdate, now_datetime

from zkteco_biometric.frappe_hr.shift_warnings import warnings_for
from zkteco_biometric.tests.shifts import DAY, NIGHT, NOON, SHIFT_TYPE, STRICT, TUESDAY, ShiftTestCase

WITHOUT = [{"punch_state": "0", "log_type": "IN"}, {"punch_state": "255", "log_type": "No Log Type"}]


class TestShiftWarnings(ShiftTestCase):
	CODES = ("1",)

	def setUp(self) -> None:
		super().setUp()
		self.make_shift(determine_check_in_and_check_out=STRICT)
		self.device = self.make_device(punch_states=WITHOUT)

	def test_a_strict_shift_that_somebody_has_by_default_is_named(self):
		self.give_default_shift("1", DAY)
		(warning,) = warnings_for(self.device)
		self.assertIn(DAY, warning)

	def test_a_strict_shift_that_somebody_is_assigned_to_is_named(self):
		self.assign("1", DAY, TUESDAY)
		(warning,) = warnings_for(self.device)
		self.assertIn(DAY, warning)

	def test_an_assignment_that_ends_today_counts_and_one_that_has_ended_does_not(self):
		today = now_datetime()
		self.assign("1", DAY, TUESDAY, today - timedelta(days=1))
		self.assertEqual(warnings_for(self.device), [])
		frappe.db.set_value("Shift Assignment", {"shift_type": DAY}, "end_date", getdate(today))
		self.assertEqual(len(warnings_for(self.device)), 1)

	def test_a_shift_that_nobody_works_in_or_that_is_not_strict_is_not_named(self):
		self.make_shift(NIGHT, "22:00:00", "06:00:00")
		self.give_default_shift("1", NIGHT)
		self.assertEqual(warnings_for(self.device), [])

	def test_a_person_who_left_does_not_count(self):
		self.give_default_shift("1", DAY)
		self.addCleanup(frappe.db.set_value, "Employee", self.employees["1"], "status", "Active")
		frappe.db.set_value("Employee", self.employees["1"], "status", "Left")
		self.assertEqual(warnings_for(self.device), [])

	def test_the_default_log_type_counts_like_a_row(self):
		self.give_default_shift("1", DAY)
		self.device.punch_states = []
		for log_type, warnings in {"IN": 0, "OUT": 0, "Ignore": 0, "No Log Type": 1}.items():
			self.device.default_log_type = log_type
			self.assertEqual(len(warnings_for(self.device)), warnings, log_type)

	def test_geolocation_tracking_is_told_whatever_the_punch_states(self):
		self.track_locations()
		self.device.punch_states = []
		(warning,) = warnings_for(self.device)
		self.assertIn("Geolocation", warning)

	def test_hrms_refuses_what_has_no_log_type_or_counts_no_hours_for_it(self):
		self.give_default_shift("1", DAY)
		try:
			for hour in (9, 17):
				self.make_check_in("1", TUESDAY.replace(hour=hour), log_type=None)
		except frappe.ValidationError:
			return
		frappe.db.set_value(SHIFT_TYPE, DAY, "last_sync_of_checkin", NOON)
		self.assertEqual(self.mark_attendance(), {("1", "2024-06-04"): "Present"})
		hours = frappe.db.get_value("Attendance", {"employee": self.employees["1"]}, "working_hours")
		self.assertEqual(hours, 0)

	def test_hrms_refuses_whatever_has_no_coordinates_while_it_tracks_locations(self):
		self.make_check_in("1", TUESDAY.replace(hour=9))
		self.track_locations()
		with self.assertRaises(frappe.ValidationError):
			self.make_check_in("1", TUESDAY.replace(hour=17))

	def track_locations(self) -> None:
		before = frappe.db.get_single_value("HR Settings", "allow_geolocation_tracking")
		self.addCleanup(frappe.db.set_single_value, "HR Settings", "allow_geolocation_tracking", before)
		frappe.db.set_single_value("HR Settings", "allow_geolocation_tracking", 1)
