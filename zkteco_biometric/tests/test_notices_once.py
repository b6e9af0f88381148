"""Told once whatever happens: several sweeps at once, many devices, time that nobody worked, settings that change."""

from datetime import timedelta
from threading import Event, Thread
from unittest.mock import patch

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr import notices
from zkteco_biometric.frappe_hr.device_lock import notices_lock
from zkteco_biometric.frappe_hr.names import INCIDENT, SETTINGS, SITE_SETTINGS
from zkteco_biometric.frappe_hr.notice_rules import notice_settings
from zkteco_biometric.frappe_hr.notice_sending import NOTICES
from zkteco_biometric.frappe_hr.notices import sweep_notices, tell_of_people
from zkteco_biometric.notices.grouping import MOST_DEVICES
from zkteco_biometric.tests.control import set_site
from zkteco_biometric.tests.notices import DEFAULTS, OFFICE, NoticesTestCase, tell
from zkteco_biometric.tests.support import elsewhere, lately, statements
from zkteco_biometric.zkteco_biometric.doctype.zkteco_incident.zkteco_incident import ZKTecoIncident

TOLD = f"{OFFICE} rejects the log-in"


class OnceTestCase(NoticesTestCase):
	def make_rejected(self, name: str = OFFICE):
		"""As a sync leaves it, without one for each."""
		device = self.make_device(name)
		trouble = {"login_rejected": 1, "status": "Log-in Rejected", "failures": 1, "last_error": "No."}
		frappe.db.set_value(SETTINGS, name, trouble)
		frappe.db.commit()
		return device

	def make_well(self, name: str = OFFICE, **values) -> None:
		well = {"login_rejected": 0, "status": "Success", "failures": 0, "last_error": None}
		well |= {"last_attempt": now_datetime(), "last_sync_timestamp": now_datetime(), **values}
		frappe.db.set_value(SETTINGS, name, well)
		frappe.db.commit()


class TestSweepsAtOnce(OnceTestCase):
	def test_a_sweep_beside_another_leaves_it_to_that_one(self) -> None:
		self.make_rejected()
		locked, enough = Event(), Event()

		def hold() -> None:
			with notices_lock() as ours:
				assert ours
				locked.set()
				enough.wait(60)

		other = Thread(target=elsewhere, args=(frappe.local.site, hold))
		other.start()
		try:
			self.assertTrue(locked.wait(10))
			sweep_notices()
			self.assertEqual((self.incidents(), self.rung()), ([], []))
		finally:
			enough.set()
			other.join()
		self.sweep()
		self.assertEqual(self.rung(), [TOLD])

	def test_who_saw_nothing_open_yet_tells_nothing_twice(self) -> None:
		"""As where a database has no locks."""
		self.make_rejected()
		sweep_notices()
		with patch.object(notices, "open_rows", return_value=[]):
			sweep_notices()
		self.assertEqual((len(self.incidents()), self.rung()), (1, [TOLD]))

	def test_who_saw_it_open_still_tells_no_second_end(self) -> None:
		self.make_rejected()
		sweep_notices()
		stale = notices.open_rows(list(notices.Kind))
		self.make_well()
		sweep_notices()
		with patch.object(notices, "open_rows", return_value=stale):
			sweep_notices()
		self.assertEqual(len(self.rung()), 2)

	def test_what_fails_while_it_is_told_is_neither_stored_nor_told(self) -> None:
		self.make_rejected()
		with patch.object(notices, "mark_told", side_effect=ZeroDivisionError):
			self.assertRaises(ZeroDivisionError, sweep_notices)
		frappe.db.rollback()
		self.assertEqual((self.incidents(), self.rung()), ([], []))
		self.sweep()
		self.assertEqual(self.rung(), [TOLD])

	def test_what_fails_here_stops_nobody_who_enables_people(self) -> None:
		with patch.object(notices, "notice_settings", side_effect=ZeroDivisionError):
			tell_of_people()
		(entry,) = self.error_logs(NOTICES)
		self.assertIn("ZeroDivisionError", entry)


class TestNoFlood(OnceTestCase):
	def test_what_befalls_many_devices_at_once_is_one_notice(self) -> None:
		names = [f"ZKTeco Test {number}" for number in range(MOST_DEVICES + 1)]
		for name in names:
			self.make_rejected(name)
		self.sweep()
		self.assertEqual(self.rung(), [f"Log-in Rejected: {len(names)} devices"])
		self.assertEqual(len(self.incidents()), len(names))
		self.assertIn(names[-1], self.bells()[0].email_content)
		self.assertIn("zkteco-incident", self.bells()[0].link)
		for name in names:
			self.make_well(name)
		self.sweep()
		self.assertEqual(self.rung()[1:], [f"Over: Log-in Rejected, {len(names)} devices"])

	def test_forty_silent_terminals_of_a_device_are_one_notice(self) -> None:
		self.make_device()
		for number in range(40):
			self.remember_terminal(f"SN-{number}", lately(30))
		self.remember_terminal("SN-X", lately(1))
		self.make_well()
		self.sweep()
		self.assertEqual(self.rung(), [f"No punches come from 40 terminals of {OFFICE}"])
		self.assertIn("and 20 more", self.bells()[0].email_content)

	def test_a_bench_that_was_down_for_a_weekend_tells_nothing_of_it(self) -> None:
		"""One attempt had failed, and the last punch was just before."""
		self.make_device()
		self.remember_terminal("SN-1", lately(60.5))
		self.make_well(last_sync_timestamp=lately(60), last_attempt=lately(60), failures=1, status="Failed")
		self.sweep()
		self.assertEqual(self.incidents(), [])

	def test_a_sweep_asks_the_same_number_of_questions_however_many_devices(self) -> None:
		few = self.questions()
		self.assertLessEqual(few, 12, "nothing to do")
		self.make_device()
		self.make_well()
		one = self.questions()
		for number in range(6):
			self.make_device(f"ZKTeco Test {number}")
			self.make_well(f"ZKTeco Test {number}")
		self.assertEqual(self.questions(), one)
		self.assertLessEqual(one, 16)

	def questions(self) -> int:
		with statements() as sent:
			sweep_notices()
		return sum(one.strip().lower().startswith("select") for one in sent)

	def remember_terminal(self, serial: str, last_punch) -> None:
		values = {
			"device": OFFICE,
			"serial_number": serial,
			"serial_key": serial,
			"alias": serial,
			"title": serial,
		}
		frappe.get_doc(
			{
				"doctype": "ZKTeco Terminal",
				**values,
				"status": "Unknown",
				"clock": "Unknown",
				"watch": 1,
				"last_punch": last_punch,
			}
		).db_insert()
		frappe.db.commit()


class TestSettings(OnceTestCase):
	def test_where_nobody_is_to_be_told_incidents_are_listed(self) -> None:
		set_site(send_notices=0)
		self.make_rejected()
		self.sweep()
		self.assertEqual(self.incidents("status", "told_on"), [("Open", None)])
		set_site(send_notices=1)
		self.sweep()
		self.make_well()
		self.sweep()
		self.assertEqual(
			(self.incidents("status"), self.rung()), ([("Over",)], []), "no end of what nobody heard of"
		)

	def test_a_site_that_never_saved_its_settings_has_the_defaults(self) -> None:
		kept = frappe.db.get_singles_dict(SITE_SETTINGS)
		frappe.db.delete("Singles", {"doctype": SITE_SETTINGS})
		settings = notice_settings()
		frappe.db.rollback()
		self.assertTrue(kept)
		self.assertEqual((settings.send, settings.send_email, settings.roles), (True, True, ()))
		self.assertEqual(settings.rules.silent_after, timedelta(hours=10))
		self.assertEqual(settings.rules.failing_after, timedelta(minutes=30))
		self.assertEqual((settings.rules.waiting_above, settings.rules.clocks), (50, True))
		self.assertEqual(settings.rules.hours.days, frozenset(range(5)))
		self.assertEqual((settings.rules.hours.begin.hour, settings.rules.hours.end.hour), (8, 17))

	def test_zero_switches_a_kind_off(self) -> None:
		set_site(silent_after=0, failing_after=0, waiting_above=0, tell_wrong_clocks=0)
		rules = notice_settings().rules
		self.assertEqual(
			(rules.silent_after, rules.failing_after, rules.waiting_above, rules.clocks),
			(None, None, 0, False),
		)

	def test_the_holiday_list_is_that_of_the_site_settings_or_of_the_default_company(self) -> None:
		today = frappe.utils.getdate()
		ours, companys = (
			self.make_holidays("Ours", today),
			self.make_holidays("Company", today - timedelta(days=3)),
		)
		company = frappe.db.get_single_value("Global Defaults", "default_company")
		frappe.db.set_value("Company", company, "default_holiday_list", companys)
		frappe.db.set_single_value(SITE_SETTINGS, "notice_holiday_list", None)
		self.assertEqual(notice_settings().rules.hours.holidays, {today - timedelta(days=3)})
		frappe.db.set_single_value(SITE_SETTINGS, "notice_holiday_list", ours)
		self.assertEqual(notice_settings().rules.hours.holidays, {today})
		frappe.db.rollback()

	def test_the_form_refuses_what_makes_no_sense_and_keeps_the_defaults(self) -> None:
		set_site(**DEFAULTS)
		form = frappe.get_doc(SITE_SETTINGS)
		form.append("notice_roles", {"role": "HR User"})
		form.save()
		self.addCleanup(tell)
		self.assertEqual(notice_settings().roles, ("HR User",))
		nobody_works = {day: 0 for day in DEFAULTS if day.startswith("works_")}
		for values in (nobody_works, {"silent_after": 721}, {"waiting_above": -1}):
			with self.assertRaises(frappe.ValidationError):
				frappe.get_doc(SITE_SETTINGS).update(values).save()
		frappe.get_doc(SITE_SETTINGS).update({**nobody_works, "silent_after": 0}).save()
		frappe.clear_messages()

	def make_holidays(self, name: str, day) -> str:
		"""Within this transaction."""
		values = {"from_date": day, "to_date": day, "holidays": [{"holiday_date": day, "description": "-"}]}
		doc = {"doctype": "Holiday List", "holiday_list_name": f"ZKTeco Test {name}", **values}
		return frappe.get_doc(doc).insert().name


class TestRetention(OnceTestCase):
	def test_log_settings_clear_what_is_over_and_old_never_what_is_open(self) -> None:
		self.make_rejected()
		self.make_rejected("ZKTeco Test Gate")
		self.sweep()
		self.make_well()
		self.sweep()
		frappe.db.set_value(INCIDENT, {}, "modified", lately(24 * 200), update_modified=False)
		frappe.db.commit()
		ZKTecoIncident.clear_old_logs(365)
		self.assertEqual(len(self.incidents()), 2)
		ZKTecoIncident.clear_old_logs(180)
		self.assertEqual(self.incidents("device", "status"), [("ZKTeco Test Gate", "Open")])

	def test_an_incident_keeps_nobody_from_deleting_a_device(self) -> None:
		self.make_rejected()
		self.sweep()
		frappe.delete_doc(SETTINGS, OFFICE)
		self.assertFalse(frappe.db.exists(SETTINGS, OFFICE))
