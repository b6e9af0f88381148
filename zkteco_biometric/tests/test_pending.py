"""What cannot become a check-in waits on the site, with all that a person needs to decide about it."""

import json
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import frappe
from frappe.utils import get_system_timezone

from zkteco_biometric.frappe_hr.names import SYNC_LOG
from zkteco_biometric.frappe_hr.pending_triggers import sweep_pending
from zkteco_biometric.frappe_hr.sync_log import USER
from zkteco_biometric.tests.kept import PendingTestCase, counted
from zkteco_biometric.tests.support import days_ago, document_hook, lately

MINUTE = timedelta(minutes=1)
A_DAY_OF_MINUTES = 60 * 24


class TestWhatIsKept(PendingTestCase):
	def test_a_punch_of_an_unknown_code_waits_with_all_that_the_device_has_told(self):
		zone = "Asia/Kolkata" if get_system_timezone() == "Africa/Nairobi" else "Africa/Nairobi"
		device = self.make_device(time_zone=zone)
		self.sim.store.add_terminal("SN1", alias="Gate ‘North’ 100%")
		self.sim.store.add_person("00XYZ", first_name="Ana", last_name="Kőszegi 🎉")
		on_terminal = _wall(lately(5), zone)
		punch = self.sim.store.punch("00XYZ", on_terminal, "4", terminal_sn="SN1")
		served = self.served_rows()
		result = self.sync(device)
		self.assertEqual(result.counters.as_dict(), counted(pending=1))
		doc = self.the_only_one()
		self.assertEqual((doc.device, doc.status, doc.reason), (device.name, "Waiting", "Unknown Employee"))
		self.assertEqual(doc.message, "no Employee has the Biometric ID 00XYZ")
		self.assertEqual((doc.employee, doc.check_in, doc.attempts), (None, None, 1))
		self.assertEqual((doc.emp_code, doc.person_name), ("00XYZ", "Ana Kőszegi 🎉"))
		self.assertEqual(doc.punch_time_received, str(on_terminal))
		self.assertEqual(doc.punch_time, _on_site(on_terminal, zone))
		self.assertEqual((doc.punch_state, doc.transaction_id), ("4", str(punch.id)))
		self.assertEqual((doc.terminal_sn, doc.terminal_alias), ("SN1", "Gate ‘North’ 100%"))
		self.assertEqual(doc.upload_time, str(punch.upload_time))
		self.assertEqual(json.loads(doc.row), served[0])
		self.assertEqual(frappe.db.get_value(SYNC_LOG, doc.sync_log, "device"), device.name)
		self.assertLess(frappe.utils.now_datetime() - doc.last_attempt, 5 * MINUTE)

	def test_an_inactive_employee_is_named_with_hrms_s_message(self):
		employee = self.employees["2"]
		self.addCleanup(frappe.db.set_value, "Employee", employee, "status", "Active")
		frappe.db.set_value("Employee", employee, "status", "Inactive")
		device = self.make_device()
		self.sim.store.punch("2", days_ago(1))
		self.assertEqual(self.sync(device).counters.as_dict(), counted(pending=1))
		doc = self.the_only_one()
		self.assertEqual((doc.reason, doc.employee, doc.emp_code), ("Inactive Employee", employee, "2"))
		self.assertIn("Inactive", doc.message)
		self.assertIn(employee, doc.message)
		self.assertNotIn("<", doc.message)
		self.assertEqual(doc.punch_time, days_ago(1))
		self.assertEqual(json.loads(doc.row)["emp_code"], "2")

	def test_a_clock_that_was_never_set_makes_no_check_in(self):
		device = self.make_device()
		for time in ("1999-12-31 23:59:59", "1970-01-01 00:00:07"):
			self.sim.store.punch("1", time)
		self.assertEqual(self.sync(device).counters.as_dict(), counted(pending=2))
		for row in self.pending_punches("*"):
			self.assertEqual((row.reason, row.employee), ("Impossible Time", self.employees["1"]))
			self.assertIn(f"was not set: it says {row.punch_time_received}", row.message)
			self.assertEqual(str(row.punch_time), row.punch_time_received)

	def test_no_punch_before_2000_is_left_out_by_sync_from(self):
		device = self.make_device(sync_from=lately(20))
		self.sync(device)
		self.sim.store.punch("1", "1999-12-31 23:59:59")
		self.sync(device)
		self.assertEqual(self.the_only_one().reason, "Impossible Time")

	def test_a_punch_of_the_next_ten_minutes_becomes_a_check_in_and_a_later_one_waits(self):
		device = self.make_device()
		now = lately(0)
		self.sim.store.punch("1", now + 9 * MINUTE)
		self.sim.store.punch("2", now + 11 * MINUTE)
		self.assertEqual(self.sync(device).counters.as_dict(), counted(created=1, pending=1))
		self.assertEqual([row.time for row in self.check_ins()], [now + 9 * MINUTE])
		doc = self.the_only_one()
		self.assertEqual((doc.emp_code, doc.reason), ("2", "Impossible Time"))
		self.assertEqual((doc.punch_time, doc.employee), (now + 11 * MINUTE, self.employees["2"]))
		self.assertIn("has not come yet", doc.message)

	def test_the_ends_of_the_calendar_are_kept_as_they_were_received(self):
		device = self.make_device()
		times = ["0001-01-01 00:00:00", "9999-12-31 23:59:59"]
		for time in times:
			self.sim.store.punch("1", time)
		self.sync(device)
		self.assertEqual(
			[(row.punch_time, row.reason) for row in self.pending_punches("punch_time", "reason")],
			[(None, "Impossible Time")] * 2,
		)
		received = self.pending_punches("punch_time_received")
		self.assertEqual(sorted(row.punch_time_received for row in received), times)

	def test_a_message_is_no_html_on_the_form(self):
		device = self.make_device()
		self.sim.store.punch("<img src=x onerror=alert(1)>", days_ago(1))
		self.sync(device)
		doc = self.the_only_one()
		self.assertIn("‹img src=x onerror=alert(1)›", doc.message)
		self.assertEqual(
			doc.emp_code, "<img src=x onerror=alert(1)>", "of a Data field Frappe shows the text"
		)


class TestUnreadableRows(PendingTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_device(sync_from=lately(20))

	def keep(self, *rows: Any) -> list:
		"""What is kept of these rows, by their transaction id."""
		self.serve(*rows)
		result = self.sync(self.device)
		self.assertEqual(result.counters.as_dict(), counted(pending=len(rows)))
		self.assertEqual(self.device.status, "Success")
		return sorted(self.pending_punches("*"), key=lambda row: row.transaction_id)

	def test_each_waits_with_what_is_wrong_and_all_that_could_be_read(self):
		time = str(lately(2))
		no_code = {"id": 1, "emp_code": None, "punch_time": time, "terminal_sn": "SN1", "punch_state": "1"}
		bad_time = {"id": 2, "emp_code": "1", "punch_time": "2024-02-30 08:00:00", "terminal_alias": "Gate"}
		no_time = {"id": 3, "emp_code": "1", "upload_time": time}
		rows = self.keep(no_code, bad_time, no_time)
		self.assertEqual({row.reason for row in rows}, {"Unreadable Row"})
		self.assertEqual({row.punch_time for row in rows}, {None})
		self.assertEqual([json.loads(row.row) for row in rows], [no_code, bad_time, no_time])
		self.assertEqual([row.emp_code for row in rows], ["", "1", "1"])
		self.assertEqual([row.punch_time_received for row in rows], [time, "2024-02-30 08:00:00", ""])
		self.assertEqual((rows[0].terminal_sn, rows[0].punch_state), ("SN1", "1"))
		self.assertEqual((rows[1].terminal_alias, rows[2].upload_time), ("Gate", time))
		for row, wrong in zip(
			rows, ("emp_code is missing", "no possible time", "punch_time is missing"), strict=True
		):
			self.assertIn(wrong, row.message)

	def test_what_is_no_object_is_kept_too(self):
		rows = self.keep("nonsense", None, 7, ["a", {"b": 1}])
		self.assertEqual({row.message for row in rows}, {"the row is not an object"})
		self.assertCountEqual([json.loads(row.row) for row in rows], ["nonsense", None, 7, ["a", {"b": 1}]])
		self.assertEqual({(row.emp_code, row.transaction_id) for row in rows}, {("", "")})

	def test_half_a_character_is_replaced_and_costs_no_row(self):
		time = str(lately(2))
		unknown = {"id": 1, "emp_code": "A\ud800", "first_name": "\udfff Ana", "punch_time": time}
		unreadable = {"id": 2, "emp_code": "1", "punch_time": "\ud800"}
		rows = self.keep(unknown, unreadable)
		self.assertEqual([row.reason for row in rows], ["Unknown Employee", "Unreadable Row"])
		self.assertEqual((rows[0].emp_code, rows[0].person_name), ("A?", "? Ana"))
		self.assertEqual(json.loads(rows[0].row), {**unknown, "emp_code": "A?", "first_name": "? Ana"})
		self.assertEqual(rows[1].punch_time_received, "?")

	def test_emoji_and_whatever_sql_could_mistake_are_kept_as_they_came(self):
		odd = "👩🏽‍🏭 '; drop table x; -- \\ %s %(a)s {0} `"
		unknown = {"id": 1, "emp_code": odd, "first_name": odd, "punch_time": str(lately(2))}
		unreadable = {"id": 2, "emp_code": odd, "punch_time": odd}
		rows = self.keep(unknown, unreadable)
		self.assertEqual([json.loads(row.row) for row in rows], [unknown, unreadable])
		self.assertEqual({row.emp_code for row in rows}, {odd})
		self.assertEqual((rows[0].person_name, rows[1].punch_time_received), (odd, odd))

	def test_a_hundred_kilobytes_are_cut_to_what_a_form_can_bear(self):
		long = "🎉" + "x" * 100_000
		unknown = {"id": 1, "emp_code": long, "first_name": long, "punch_time": str(lately(2))}
		another = {**unknown, "emp_code": f"{long}!"}
		unreadable = {"id": 2, "emp_code": "1", "punch_time": long}
		rows = self.keep(unknown, another, unreadable)
		for row in rows:
			self.assertEqual(len(row.row), 20_000)
			self.assertLessEqual(len(row.message), 1000)
		self.assertEqual([row.emp_code for row in rows], [long[:140], long[:140], "1"])
		self.assertEqual((rows[0].person_name, rows[2].punch_time_received), (long[:140], long[:140]))

	def test_it_is_known_again_whatever_the_order_of_its_fields(self):
		row = {"id": 1, "emp_code": "1", "punch_time": "noon"}
		self.keep(row)
		self.sim.faults.clear()
		self.serve(dict(reversed(row.items())))
		again = self.sync(self.device)
		self.assertEqual((again.new_pending, again.counters.pending), (0, 1))
		self.assertEqual(len(self.pending_punches()), 1)


class TestRefusedByHrms(PendingTestCase):
	def test_what_hrms_refuses_waits_in_its_own_words(self):
		"""Newer versions also refuse what has no log type in a shift that needs one; every version refuses this."""
		self.addCleanup(frappe.db.set_single_value, "HR Settings", "allow_geolocation_tracking", 0)
		frappe.db.set_single_value("HR Settings", "allow_geolocation_tracking", 1)
		device = self.make_device()
		punch = self.sim.store.punch("007", days_ago(1, 8, 3, 4), "1")
		self.assertEqual(self.sync(device).counters.as_dict(), counted(pending=1))
		doc = self.the_only_one()
		self.assertEqual((doc.reason, doc.status), ("Refused by HRMS", "Waiting"))
		self.assertEqual(doc.message, "Latitude and longitude values are required for checking in.")
		self.assertEqual((doc.employee, doc.emp_code), (self.employees["007"], "007"))
		self.assertEqual((doc.punch_time, doc.punch_state), (days_ago(1, 8, 3, 4), "1"))
		self.assertEqual((doc.transaction_id, json.loads(doc.row)["id"]), (str(punch.id), punch.id))
		self.assertEqual((self.check_ins(), frappe.get_message_log()), ([], []))

	def test_what_hrms_refused_waits_on_when_it_is_read_again(self):
		"""Until it is retried: a cycle asks HRMS about it once."""
		device = self.make_device(look_back=A_DAY_OF_MINUTES, sync_from=lately(20))
		self.sim.store.punch("1", lately(2))
		with document_hook("validate", f"{__name__}.refuse"):
			self.sync(device)
		again = self.sync(device, USER)
		self.assertEqual((again.counters.as_dict(), again.is_quiet), (counted(pending=1), True))
		self.assertEqual(self.the_only_one().message, "Not in this office")
		sweep_pending()
		self.assertEqual((self.the_only_one().status, len(self.check_ins())), ("Created", 1))


def refuse(_doc, _method=None) -> None:
	"""As another app says it, in HTML."""
	frappe.throw("Not in <b>this</b> office")


def _wall(site_time: datetime, zone: str) -> datetime:
	"""What a clock in the zone shows at that time of the site."""
	instant = site_time.replace(tzinfo=ZoneInfo(get_system_timezone()))
	return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _on_site(wall: datetime, zone: str) -> datetime:
	return (
		wall.replace(tzinfo=ZoneInfo(zone)).astimezone(ZoneInfo(get_system_timezone())).replace(tzinfo=None)
	)
