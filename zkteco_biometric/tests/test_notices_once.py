"""Told once whatever happens: several sweeps at once, many devices, time that nobody worked, settings that change."""

from datetime import timedelta
from threading import Event, Thread
from unittest.mock import patch

import frappe

from zkteco_biometric.frappe_hr import notices
from zkteco_biometric.frappe_hr.device_lock import notices_lock
from zkteco_biometric.frappe_hr.names import INCIDENT, SETTINGS, SITE_SETTINGS
from zkteco_biometric.frappe_hr.notice_rules import notice_settings
from zkteco_biometric.frappe_hr.notice_state import NOTICES, notices_trouble
from zkteco_biometric.frappe_hr.notices import sweep_notices, tell_of_people
from zkteco_biometric.tests.control import set_site
from zkteco_biometric.tests.notices import DEFAULTS, OFFICE, SeenTestCase, tell
from zkteco_biometric.tests.support import elsewhere, lately
from zkteco_biometric.zkteco_biometric.doctype.zkteco_incident.zkteco_incident import ZKTecoIncident

TOLD = f"{OFFICE} rejects the log-in"


class TestSweepsAtOnce(SeenTestCase):
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
		with patch.object(notices, "incidents_at_hand", return_value=[]):
			sweep_notices()
		self.assertEqual((len(self.incidents()), self.rung()), (1, [TOLD]))

	def test_who_saw_it_open_still_tells_no_second_end(self) -> None:
		self.make_rejected()
		sweep_notices()
		stale = notices.incidents_at_hand(list(notices.Kind))
		self.make_well()
		sweep_notices()
		with patch.object(notices, "incidents_at_hand", return_value=stale):
			sweep_notices()
		self.assertEqual(len(self.rung()), 2)

	def test_who_sees_it_still_to_be_told_tells_it_once(self) -> None:
		self.make_rejected()
		with patch.object(notices, "beginnings_to_tell", return_value=[]):
			sweep_notices()
		stale = notices.incidents_at_hand(list(notices.Kind))
		sweep_notices()
		with patch.object(notices, "incidents_at_hand", return_value=stale):
			sweep_notices()
		self.assertEqual(self.rung(), [TOLD])

	def test_what_fails_while_it_is_told_is_neither_stored_nor_told(self) -> None:
		self.make_rejected()
		with patch.object(notices, "mark_told", side_effect=ZeroDivisionError):
			sweep_notices()
		self.assertEqual((self.incidents(), self.rung()), ([], []))
		self.sweep()
		self.assertEqual(self.rung(), [TOLD])

	def test_what_keeps_notices_from_being_told_is_seen_and_logged_once(self) -> None:
		self.make_rejected()
		with patch.object(notices, "gather_facts", side_effect=ZeroDivisionError):
			self.sweep()
		self.assertEqual(notices_trouble(), "ZeroDivisionError")
		(entry,) = self.error_logs(NOTICES)
		self.assertIn("gather_facts", entry)
		with patch.object(notices, "gather_facts", side_effect=KeyError):
			self.sweep()
		self.assertEqual((notices_trouble(), len(self.error_logs(NOTICES))), ("KeyError", 2))
		form = frappe.get_doc(SITE_SETTINGS)
		sweep_notices()
		form.save()
		frappe.db.commit()
		self.assertEqual((notices_trouble(), self.rung()), ("", [TOLD]))

	def test_what_fails_here_stops_nobody_who_enables_people(self) -> None:
		with patch.object(notices, "gather_people", side_effect=ZeroDivisionError):
			tell_of_people()
			tell_of_people()
		(entry,) = self.error_logs(NOTICES)
		self.assertIn("ZeroDivisionError", entry)


class TestSettings(SeenTestCase):
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


class TestMergers(SeenTestCase):
	def test_two_devices_with_the_same_trouble_become_one(self) -> None:
		for name in (OFFICE, "ZKTeco Test Gate"):
			self.make_rejected(name)
		self.sweep()
		frappe.rename_doc(SETTINGS, "ZKTeco Test Gate", OFFICE, merge=True, show_alert=False)
		frappe.db.commit()
		self.sweep()
		self.assertEqual((notices_trouble(), sorted(self.incidents("status"))), ("", [("Open",), ("Over",)]))
		self.make_well()
		self.sweep()
		self.assertEqual(self.rung().count(f"{OFFICE} accepts the log-in again"), 1)

	def test_an_incident_that_became_the_double_of_another_ends_without_a_word(self) -> None:
		"""As by a merger past our own."""
		for name in (OFFICE, "ZKTeco Test Gate"):
			self.make_rejected(name)
		self.sweep()
		frappe.db.set_value(INCIDENT, {"device": "ZKTeco Test Gate"}, "device", OFFICE)
		frappe.db.commit()
		told = len(self.rung())
		self.sweep()
		self.assertEqual(notices_trouble(), "")
		doubles = frappe.get_all(INCIDENT, {"device": OFFICE}, pluck="status", order_by="status")
		self.assertEqual(doubles, ["Open", "Over"])
		self.assertEqual(len(self.rung()), told + 1, "the other device is an incident of its own again")


class TestRetention(SeenTestCase):
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
