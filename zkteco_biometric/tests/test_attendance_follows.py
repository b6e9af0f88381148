"""Last Sync of Checkin follows the devices, and HRMS marks nobody absent whose punch waits."""

from datetime import datetime, timedelta

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.attendance import (
	SITE_SETTINGS,
	_move,
	move_last_sync_of_checkin,
	overview,
)
from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.tests.people import WithUsers, acting_as, refuses, request
from zkteco_biometric.tests.shifts import (
	DAY,
	NIGHT,
	NOON,
	OTHER,
	SHIFT_TYPE,
	TUESDAY,
	WEDNESDAY,
	ShiftTestCase,
)
from zkteco_biometric.tests.support import statements
from zkteco_biometric.zkteco_biometric.doctype.zkteco_site_settings.zkteco_site_settings import (
	attendance_overview,
)

METHOD = attendance_overview.__module__ + ".attendance_overview"


def at(day: datetime, hour: int, minute: int = 0) -> datetime:
	return day + timedelta(hours=hour, minutes=minute)


class FollowingTestCase(ShiftTestCase):
	"""Everybody works in the day shift; the setting is on."""

	def setUp(self) -> None:
		super().setUp()
		self.make_shift()
		for code in self.CODES:
			self.give_default_shift(code, DAY)
		self.switch_on()

	def moves_to(self, point: datetime | None, shift: str = DAY) -> None:
		before = self.last_sync(shift)
		moved = move_last_sync_of_checkin()
		self.assertEqual(self.last_sync(shift), point)
		self.assertEqual(shift in moved, before != point)


class TestDevices(FollowingTestCase):
	def test_nothing_moves_unless_somebody_asked_for_it(self):
		self.make_read_device("ZKTeco Test A", NOON)
		frappe.db.set_single_value(SITE_SETTINGS, "move_last_sync_of_checkin", 0)
		self.moves_to(None)

	def test_it_moves_to_where_every_enabled_device_was_read(self):
		self.make_read_device("ZKTeco Test A", NOON)
		self.make_read_device("ZKTeco Test B", at(WEDNESDAY, 11))
		self.make_read_device("ZKTeco Test C", at(TUESDAY, 8), enable=0)
		self.moves_to(at(WEDNESDAY, 11))
		self.moves_to(at(WEDNESDAY, 11))

	def test_a_device_that_was_never_read_holds_everything(self):
		self.make_read_device("ZKTeco Test A", NOON)
		new = self.make_read_device("ZKTeco Test B", None)
		self.moves_to(None)
		frappe.db.set_value(SETTINGS, new, "enable", 0)
		self.moves_to(NOON)

	def test_a_device_that_fails_or_stopped_midway_holds_at_its_last_sync(self):
		self.make_read_device("ZKTeco Test A", NOON)
		rejected = {"status": "Log-in Rejected", "login_rejected": 1, "failures": 3}
		failing = self.make_read_device("ZKTeco Test B", at(WEDNESDAY, 7), **rejected)
		self.moves_to(at(WEDNESDAY, 7))
		frappe.db.set_value(SETTINGS, failing, "last_sync_timestamp", at(WEDNESDAY, 10))
		frappe.db.set_value(SETTINGS, failing, "checkpoint", "{}")
		self.moves_to(at(WEDNESDAY, 10))

	def test_without_an_enabled_device_nothing_moves(self):
		self.make_read_device("ZKTeco Test A", NOON, enable=0)
		self.moves_to(None)

	def test_the_last_sync_is_an_instant_whatever_the_zone_it_was_written_in(self):
		self.make_read_device("ZKTeco Test A", at(WEDNESDAY, 9, 30), last_sync_zone="UTC")
		move_last_sync_of_checkin()
		in_utc = frappe.utils.convert_utc_to_system_timezone(at(WEDNESDAY, 9, 30)).replace(tzinfo=None)
		self.assertEqual(self.last_sync(), in_utc)

	def test_a_last_sync_in_the_future_counts_as_now(self):
		self.make_read_device("ZKTeco Test A", now_datetime() + timedelta(days=9))
		move_last_sync_of_checkin()
		self.assertLessEqual(self.last_sync(), now_datetime())

	def test_it_never_moves_back(self):
		frappe.db.set_value(SHIFT_TYPE, DAY, "last_sync_of_checkin", NOON)
		self.make_read_device("ZKTeco Test A", at(WEDNESDAY, 8))
		self.moves_to(NOON)

	def test_whoever_moved_it_further_meanwhile_is_not_undone(self):
		frappe.db.set_value(SHIFT_TYPE, DAY, "last_sync_of_checkin", NOON)
		_move(DAY, at(WEDNESDAY, 8))
		self.assertEqual(self.last_sync(), NOON)

	def test_a_shift_without_auto_attendance_is_left_alone(self):
		self.make_shift(OTHER, enable_auto_attendance=0)
		self.make_read_device("ZKTeco Test A", NOON)
		self.moves_to(None, OTHER)

	def test_whoever_has_the_shift_type_open_meets_no_conflict(self):
		modified = frappe.db.get_value(SHIFT_TYPE, DAY, "modified")
		self.make_read_device("ZKTeco Test A", NOON)
		self.moves_to(NOON)
		self.assertEqual(frappe.db.get_value(SHIFT_TYPE, DAY, "modified"), modified)

	def test_it_commits_nothing_itself(self):
		self.make_read_device("ZKTeco Test A", NOON)
		frappe.db.commit()
		self.moves_to(NOON)
		frappe.db.rollback()
		self.assertIsNone(self.last_sync())


class TestWaitingPunches(FollowingTestCase):
	CODES = ("1", "2", "007", "a7")

	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_read_device("ZKTeco Test A", NOON)

	def test_a_waiting_punch_holds_before_its_shift_takes_check_ins(self):
		self.make_waiting(self.device, at(TUESDAY, 16, 58))
		self.make_waiting(self.device, at(TUESDAY, 17, 5), "2")
		self.moves_to(at(TUESDAY, 8))

	def test_a_settled_punch_holds_nothing(self):
		waiting = self.make_waiting(self.device, at(TUESDAY, 16, 58))
		self.make_waiting(self.device, at(TUESDAY, 9), "2", status="Ignored")
		self.moves_to(at(TUESDAY, 8))
		waiting.db_set("status", "Created")
		self.moves_to(NOON)

	def test_a_night_shift_is_held_from_its_evening_on(self):
		self.make_shift(NIGHT, "22:00:00", "06:00:00")
		self.give_default_shift("1", NIGHT)
		self.make_waiting(self.device, at(WEDNESDAY, 5, 55))
		self.moves_to(at(TUESDAY, 21), NIGHT)
		self.moves_to(NOON, DAY)

	def test_a_punch_holds_the_assigned_shift_and_the_default_one_beside_it(self):
		self.make_shift(NIGHT, "22:00:00", "06:00:00")
		self.make_shift(OTHER)
		self.assign("1", NIGHT, TUESDAY, TUESDAY)
		self.make_waiting(self.device, at(WEDNESDAY, 5, 55))
		self.moves_to(at(TUESDAY, 21), NIGHT)
		self.assertEqual(self.last_sync(DAY), at(TUESDAY, 8))
		self.assertEqual(self.last_sync(OTHER), NOON)

	def test_an_assignment_that_does_not_hold_then_holds_nothing(self):
		for code in self.CODES:
			self.give_default_shift(code, None)
		for shift in (NIGHT, OTHER):
			self.make_shift(shift)
		self.assign("1", DAY, TUESDAY - timedelta(days=9), TUESDAY - timedelta(days=3))
		self.assign("1", NIGHT, TUESDAY, submitted=False)
		self.assign("1", OTHER, TUESDAY, status="Inactive")
		self.make_waiting(self.device, at(WEDNESDAY, 9))
		for shift in (DAY, NIGHT, OTHER):
			self.assertIsNone(self.last_sync(shift))
		self.moves_to(NOON, DAY)
		self.assertEqual({self.last_sync(NIGHT), self.last_sync(OTHER)}, {NOON})

	def test_a_punch_whose_code_was_given_to_somebody_since_holds_too(self):
		self.make_waiting(self.device, at(WEDNESDAY, 9), "007", employee=None, reason="Unknown Employee")
		self.moves_to(at(WEDNESDAY, 8))

	def test_codes_are_compared_as_text(self):
		self.make_waiting(self.device, at(WEDNESDAY, 9), "7", reason="Unknown Employee")
		self.moves_to(NOON)
		self.assertEqual(overview()["nobodys"], 1)

	def test_a_code_that_differs_in_case_alone_hides_none(self):
		self.make_waiting(self.device, at(WEDNESDAY, 9), "A7", reason="Unknown Employee")
		self.make_waiting(self.device, at(WEDNESDAY, 9), "a7", employee=None, reason="Unknown Employee")
		self.moves_to(at(WEDNESDAY, 8))
		self.assertEqual(overview()["nobodys"], 1)

	def test_what_has_no_time_that_can_be_true_holds_nothing_and_is_told(self):
		self.make_waiting(self.device, datetime(1970, 1, 1, 9), reason="Impossible Time")
		self.make_waiting(self.device, None, reason="Unreadable Row")
		self.moves_to(NOON)
		self.assertEqual(overview()["untimed"], 2)

	def test_it_waits_where_it_is_while_a_punch_before_it_waits(self):
		frappe.db.set_value(SHIFT_TYPE, DAY, "last_sync_of_checkin", at(WEDNESDAY, 7))
		self.make_waiting(self.device, at(TUESDAY, 9))
		self.moves_to(at(WEDNESDAY, 7))

	def test_more_people_and_punches_cost_no_more_queries(self):
		self.make_waiting(self.device, at(WEDNESDAY, 9))
		overview()
		with statements() as few:
			overview()
		for code in self.CODES:
			for hour in range(10):
				self.make_waiting(self.device, at(TUESDAY, 9 + hour), code)
		with statements() as many:
			overview()
		self.assertEqual(len(many), len(few))


class TestHRMSMarksAttendance(FollowingTestCase):
	"""HRMS's own auto attendance: 1 came and went on Tuesday, and so did 2, whose punches wait."""

	CODES = ("1", "2")
	PRESENT = ("1", "2024-06-04"), "Present"

	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_read_device("ZKTeco Test A", NOON)
		self.make_check_in("1", at(TUESDAY, 8, 55))
		self.make_check_in("1", at(TUESDAY, 17, 3))
		frappe.get_cached_doc(SHIFT_TYPE, DAY)

	def move_and_mark(self) -> dict[tuple[str, str], str]:
		move_last_sync_of_checkin()
		frappe.db.commit()
		return self.mark_attendance()

	def test_without_a_hold_who_came_is_present_and_who_did_not_is_absent(self):
		self.assertEqual(self.move_and_mark(), dict([self.PRESENT, (("2", "2024-06-04"), "Absent")]))

	def test_nobody_whose_punch_waits_is_marked_absent(self):
		waiting = self.make_waiting(self.device, at(TUESDAY, 17, 1), "2")
		self.assertEqual(self.move_and_mark(), {})
		self.make_check_in("2", at(TUESDAY, 8, 58))
		self.make_check_in("2", at(TUESDAY, 17, 1))
		waiting.db_set("status", "Created")
		self.assertEqual(self.move_and_mark(), dict([self.PRESENT, (("2", "2024-06-04"), "Present")]))

	def test_a_shift_is_not_closed_while_the_punch_that_ends_it_waits(self):
		self.make_waiting(self.device, at(TUESDAY, 17, 1), "1")
		self.assertEqual(self.move_and_mark(), {})

	def test_a_night_that_a_device_has_not_delivered_yet_is_not_absence(self):
		self.make_shift(NIGHT, "22:00:00", "06:00:00")
		for code in self.CODES:
			self.give_default_shift(code, NIGHT)
		frappe.db.set_value(SETTINGS, self.device, "last_sync_timestamp", at(WEDNESDAY, 3))
		move_last_sync_of_checkin()
		self.assertEqual(self.mark_attendance(NIGHT), {})
		frappe.db.set_value(SETTINGS, self.device, "last_sync_timestamp", at(WEDNESDAY, 23))
		move_last_sync_of_checkin()
		absent = {("1", "2024-06-04"): "Absent", ("2", "2024-06-04"): "Absent"}
		self.assertEqual(self.mark_attendance(NIGHT), absent)

	def test_the_default_shift_beside_an_assigned_one_marks_nobody_absent_either(self):
		self.make_shift(OTHER, "18:00:00", "20:00:00")
		self.give_default_shift("2", OTHER)
		self.assign("2", DAY, TUESDAY, TUESDAY)
		self.make_waiting(self.device, at(TUESDAY, 17, 1), "2")
		self.move_and_mark()
		self.assertEqual(self.mark_attendance(OTHER), {})


class TestOverview(FollowingTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_read_device("ZKTeco Test A", NOON)
		self.make_read_device("ZKTeco Test B", NOON + timedelta(minutes=5))

	def shown(self, shift: str = DAY) -> dict:
		return next(row for row in overview()["shifts"] if row["shift"] == shift)

	def test_the_device_that_is_furthest_behind_is_named(self):
		shown = self.shown()
		self.assertEqual((shown["last_sync"], shown["point"], shown["waiting"]), (None, NOON, None))
		self.assertEqual(shown["furthest_behind"], {"device": self.device, "last_sync": NOON})
		self.assertEqual((shown["not_read"], shown["moved_by_hrms"]), ([], False))

	def test_a_device_that_was_never_read_is_named(self):
		new = self.make_read_device("ZKTeco Test C", None)
		self.make_waiting(self.device, at(TUESDAY, 9))
		shown = self.shown()
		self.assertEqual((shown["point"], shown["not_read"]), (None, [new]))
		self.assertEqual(shown["waiting"]["punches"], 1)

	def test_the_people_whose_punches_hold_are_named_and_the_earliest_of_them(self):
		self.make_waiting(self.device, at(TUESDAY, 17), "2")
		self.make_waiting(self.device, at(TUESDAY, 9), "1")
		self.make_waiting(self.device, at(TUESDAY, 9, 1), "1")
		self.make_waiting(self.device, at(WEDNESDAY, 24 + 20), "007")
		waiting = self.shown()["waiting"]
		self.assertEqual((waiting["punches"], waiting["first"]), (3, at(TUESDAY, 9)))
		people = [person["employee"] for person in waiting["people"]]
		self.assertEqual(people, [self.employees["1"], self.employees["2"]])
		self.assertEqual(waiting["more_people"], 0)

	def test_it_tells_where_hrms_moves_it_by_itself(self):
		frappe.db.set_value(SHIFT_TYPE, DAY, "auto_update_last_sync", 1)
		self.assertTrue(self.shown()["moved_by_hrms"])

	def test_only_shifts_with_auto_attendance_are_shown(self):
		self.make_shift(OTHER, enable_auto_attendance=0)
		self.assertEqual([row["shift"] for row in overview()["shifts"]], [DAY])


class TestWhoMay(WithUsers, ShiftTestCase):
	CODES = ()

	def roles(self, function) -> set[str]:
		allowed = set()
		for role, user in self.users.items():
			with acting_as(user):
				if not refuses(function):
					allowed.add(role)
		return allowed

	def test_who_may_see_and_who_may_switch(self):
		def switch() -> None:
			settings = frappe.get_doc(SITE_SETTINGS)
			settings.move_last_sync_of_checkin = 1
			settings.save()

		self.assertEqual(self.roles(attendance_overview), {"System Manager", "HR Manager", "HR User"})
		self.assertEqual(self.roles(switch), {"System Manager", "HR Manager"})

	def test_it_is_asked_for_by_get_alone(self):
		path = f"/api/method/{METHOD}"
		self.assertEqual(request(self.users["HR User"], "GET", path).status_code, 200)
		self.assertEqual(request(self.users["Employee"], "GET", path).status_code, 403)
		self.assertEqual(request(self.users["HR User"], "POST", path).status_code, 403)

	def test_it_is_off_on_a_new_site(self):
		self.assertEqual(frappe.new_doc(SITE_SETTINGS).move_last_sync_of_checkin, 0)
