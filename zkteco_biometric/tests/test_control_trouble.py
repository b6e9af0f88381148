"""Whatever fails while people are enabled and disabled: it is tried again, told once, and touches no check-in."""

from datetime import timedelta
from unittest.mock import patch

import frappe

from zkteco_biometric.device_users import run as heart
from zkteco_biometric.frappe_hr.device_user_triggers import overview
from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.simulator import faults
from zkteco_biometric.sync import fetch_token
from zkteco_biometric.tests.control import (
	AT_HOME,
	OFFICE,
	PARKING,
	ControlTestCase,
	control_jobs,
	now,
	set_site,
)
from zkteco_biometric.tests.people import WithUsers
from zkteco_biometric.tests.support import lately, statements
from zkteco_biometric.user_control import sweep

PEOPLE = "/personnel/"


class TestADeviceThatIsDown(WithUsers, ControlTestCase):
	def make_controlled(self, name: str = OFFICE, **values):
		"""A device that works: it has been logged in to."""
		device = super().make_controlled(name, **values)
		if "password" not in values:
			fetch_token(device.name)
		device.reload()
		return device

	def notifications(self) -> list:
		"""What our HR Manager is told; the site may have others."""
		return frappe.get_all(
			"Notification Log",
			filters={"document_type": SETTINGS, "for_user": self.users["HR Manager"]},
			fields=["for_user", "subject", "email_content", "type", "document_name"],
			order_by="creation, for_user",
		)

	def test_who_cannot_be_disabled_is_failed_and_tried_again_later(self) -> None:
		device = self.make_controlled()
		self.sim.stop()
		self.out(device)
		row = self.row("1")
		self.assertEqual((row.status, row.outcome, row.attempts), ("Disabled", "Failed", 1))
		self.assertIn("cannot be reached", row.error)
		self.assertIn("switched on", row.remedy)
		self.assertGreater(row.due_at, now())
		self.assertIn("cannot be reached", device.control_error)
		self.assertIn("switched on", device.control_remedy)

	def test_nobody_is_asked_for_before_their_time_and_ever_more_seldom(self) -> None:
		device = self.make_controlled()
		self.sim.stop()
		self.out(device)
		waits = []
		for attempt in range(1, 8):
			row = self.row("1")
			self.assertEqual(row.attempts, attempt)
			self.control(device)
			self.assertEqual(self.row("1").attempts, attempt, "not before its time")
			waits.append(row.due_at - row.last_attempt)
			self.make_due()
			self.control(device)
		self.assertEqual(waits[0], timedelta(minutes=1))
		self.assertEqual(waits, sorted(waits))
		self.assertLessEqual(waits[-1], timedelta(hours=1))

	def test_a_failure_that_lasts_is_one_entry_that_names_device_person_time_and_remedy(self) -> None:
		device = self.make_controlled()
		self.sim.stop()
		self.out(device)
		for _ in range(4):
			self.control(device)
			self.make_due()
			self.control(device)
		told = "\n".join(self.told())
		self.assertLessEqual(len(self.told()), 2, "one of the person, one of the device")
		for part in (
			f"Device: {device.name}",
			"Time: ",
			self.employees["1"],
			"Biometric ID 1",
			"cannot be reached",
			"switched on",
			"Check-ins are not affected",
		):
			self.assertIn(part, told)

	def test_what_is_on_the_form_stays_until_the_device_answers(self) -> None:
		device = self.make_controlled()
		self.sim.stop()
		self.out(device)
		self.control(device)
		self.assertIn(
			"cannot be reached", device.control_error or "", "a pass that asked nobody knows no better"
		)
		self.sim.start()
		self.make_due()
		self.control(device)
		self.assert_disabled("1")
		self.assertEqual((device.control_error, device.control_remedy, device.control_reported), (None,) * 3)

	def test_another_failure_after_a_good_time_is_told_again(self) -> None:
		device = self.make_controlled()
		for number in (1, 2):
			self.sim.stop()
			self.out(device, hours=0.5 / number)
			self.assertGreaterEqual(len(self.told()), number)
			before = len(self.told())
			self.sim.start()
			self.make_due()
			self.control(device)
			self.assertEqual(len(self.told()), before)
			self.check_in("1", lately(0.4 / number), "IN")
			self.control(device)
			self.assert_at_home("1")

	def test_down_for_an_hour_and_everybody_is_as_their_newest_punch_asks(self) -> None:
		device = self.make_controlled()
		self.out(device, "1", hours=1.5)
		self.sim.stop()
		self.check_in("1", lately(1), "IN")
		self.check_in("2", lately(0.5), "OUT")
		self.check_in("007", lately(0.5), "OUT")
		self.check_in("007", lately(0.4), "IN")
		for _ in range(5):
			self.control(device)
			self.make_due()
		self.assertEqual(self.state("1"), ("Enabled", "Failed"))
		self.assertEqual((self.row("2"), self.row("007")), (None, None), "the first one told enough")
		self.sim.start()
		self.control(device)
		self.assert_at_home("1", "007")
		self.assert_disabled("2")
		self.assertEqual(self.row("1").attempts, 0)

	def test_hr_is_told_once_who_is_not_enabled_in_time(self) -> None:
		device = self.make_controlled()
		self.out(device)
		self.sim.stop()
		self.let_hours_pass(8)
		for _ in range(4):
			self.control(device)
			self.make_due()
		told = self.notifications()
		self.assertEqual(len(told), 1)
		self.assertEqual((told[0].type, told[0].document_name), ("Alert", device.name))
		self.assertIn("ZKTeco Test 1 could not be enabled in time", told[0].subject)
		self.assertIn("Office, Store Room", told[0].email_content)
		self.assertIn("by hand", told[0].email_content)
		late = [entry for entry in self.told() if "could not be enabled in time" in entry]
		self.assertEqual(len(late), 1)
		self.assertIn("Office, Store Room", late[0])
		self.assertEqual(overview(device)["overdue"], 1)
		self.sim.start()
		self.control(device)
		self.assert_at_home("1")
		self.assertIsNone(self.row("1").told_on)
		self.assertEqual(overview(device)["overdue"], 0)

	def test_hr_is_told_of_who_came_back_in_vain(self) -> None:
		device = self.make_controlled()
		self.out(device)
		self.sim.faults.add(faults.html_error(), path="adjust_area", times=None)
		self.sim.faults.add(faults.html_error(), path=f"{PEOPLE}api/employees/1/", method="PATCH", times=None)
		self.check_in("1", lately(0.25), "IN")
		for _ in range(4):
			self.control(device)
			self.make_due()
		self.assertEqual(len(self.notifications()), 1)

	def test_several_who_are_late_are_one_notification_and_those_who_follow_another(self) -> None:
		device = self.make_controlled()
		self.out(device, "1", hours=3)
		self.out(device, "2", hours=3)
		self.out(device, "007", hours=1)
		self.sim.stop()
		self.let_hours_pass(6)
		self.control(device)
		self.let_hours_pass(2)
		self.control(device)
		subjects = [one.subject for one in self.notifications()]
		self.assertEqual(len(subjects), 2, subjects)
		self.assertIn("2 people could not be enabled in time", subjects[0])
		self.assertIn("ZKTeco Test 007", subjects[1])

	def test_who_is_late_is_asked_once_however_many_devices_hold_people(self) -> None:
		for name, code in ((OFFICE, "1"), ("ZKTeco Test Gate", "2")):
			self.out(self.make_controlled(name), code)
		self.sim.stop()
		self.let_hours_pass(8)
		with statements() as sent:
			sweep()
		self.assertEqual(len(self.told()), 2, "an entry for each device")
		asked = [one for one in sent if one.strip().lower().startswith("select") and "former_shown" in one]
		self.assertLessEqual(len(asked), 2, "once for the Error Log, and once for notices")

	def test_a_wrong_password_is_one_log_in_and_no_more_until_somebody_acts(self) -> None:
		self.sim.lock_after = 3
		device = self.make_controlled(password="wrong")
		self.out(device)
		device.reload()
		self.assertEqual((self.sim.rejected_logins, device.login_rejected), (1, 1))
		self.assertEqual(device.status, "Log-in Rejected")
		for _ in range(3):
			self.make_due()
			self.control(device)
			self.let_hours_pass(0.1)
		self.assertEqual(self.sim.rejected_logins, 1, "the vendor locks accounts")
		device.password = "simulator-password"
		device.save()
		frappe.db.commit()
		self.make_due()
		self.control(device)
		self.assert_disabled("1")

	def test_a_sync_whose_log_in_is_rejected_lets_control_log_in_no_more(self) -> None:
		device = self.make_controlled(password="wrong")
		self.check_in("1", lately(0.5), "OUT")
		self.sync(device)
		self.assertEqual(self.sim.rejected_logins, 1)

	def test_a_token_that_ends_in_the_middle_is_renewed_once(self) -> None:
		device = self.make_controlled()
		self.out(device)
		logins = self.sim.log.count("/jwt-api-token-auth/")
		self.sim.faults.add(
			lambda request, answer: (self.sim.expire_tokens(), answer(request))[1], path="adjust_area"
		)
		for code in ("2", "007"):
			self.check_in(code, lately(0.4), "OUT")
		self.sim.expire_tokens()
		self.control(device)
		self.assert_disabled("1", "2", "007")
		self.assertLessEqual(self.sim.log.count("/jwt-api-token-auth/") - logins, 2)
		self.assertEqual(self.told(), [])
		self.sim.log.clear()
		self.check_in("2", lately(0.3), "IN")
		self.control(device)
		self.assertEqual(self.sim.log.count("/jwt-api-token-auth/"), 0, "the newest token was kept")

	def test_no_failure_of_control_touches_check_ins_or_the_sync(self) -> None:
		for fault in (
			faults.status(500),
			faults.html_error(applied=True),
			faults.licence_missing(),
			faults.not_json(),
			faults.reset(),
		):
			self.start_over()
			self.sim.store.restart_ids(1)
			device = self.make_controlled()
			self.sim.faults.add(fault, path=PEOPLE, times=None)
			self.punch("1", lately(0.5), "1")
			result = self.sync(device)
			self.assertEqual((result.counters.created, result.failure), (1, None))
			self.assertEqual((device.status, device.last_error, device.failures), ("Success", None, 0))
			self.assertGreaterEqual(device.last_sync_timestamp, now() - timedelta(minutes=1))
			self.assertTrue(device.control_error)
			self.assertEqual(len(self.check_ins()), 1)

	def test_a_crash_of_control_touches_no_check_in_and_is_told_once(self) -> None:
		device = self.make_controlled()
		self.punch("1", lately(0.5), "1")
		with patch.object(heart, "find_parking", side_effect=ZeroDivisionError("never 4711")):
			self.sync(device)
			self.control(device)
		self.assertEqual((device.status, len(self.check_ins())), ("Success", 1))
		(entry,) = self.told()
		self.assertIn("ZeroDivisionError", entry)
		self.assertIn(device.name, entry)
		self.assertIn("unexpected error", device.control_error)
		self.control(device)
		self.assert_disabled("1")
		self.assertIsNone(device.control_error)

	def test_a_device_that_was_never_logged_in_to_is_tried_at_every_sweep(self) -> None:
		device = super().make_controlled()
		self.sim.stop()
		self.out(device)
		self.assertIsNone(self.row("1"), "nobody was looked at")
		self.assertIn("cannot be reached", device.control_error)
		self.sim.start()
		self.assertEqual(sweep(), [device.name])
		self.control(device)
		self.assert_disabled("1")

	def make_due(self) -> None:
		"""The time of those who wait to be tried again has come."""
		frappe.db.sql("update `tabZKTeco Device User` set due_at = %s where due_at > %s", (now(), now()))
		frappe.db.commit()


class TestAfterACrash(ControlTestCase):
	def test_a_crash_between_intent_and_write_is_mended_by_the_next_pass(self) -> None:
		device = self.make_controlled()
		with crash("carry_out"):
			self.out(device)
		self.assertEqual(self.state("1"), ("Disabled", "Requested"))
		self.assertEqual(self.areas("1"), AT_HOME)
		self.control(device)
		self.assert_disabled("1")

	def test_a_crash_after_the_write_is_mended_by_the_next_pass(self) -> None:
		device = self.make_controlled()
		with crash("conclude"):
			self.out(device)
		self.assertEqual(self.areas("1"), [PARKING])
		self.assertEqual(self.state("1"), ("Disabled", "Requested"))
		self.assertEqual(self.row("1").former_shown, "Office, Store Room", "what was there is known before")
		self.control(device)
		self.assert_disabled("1")
		self.assertEqual(self.moves(), 1)

	def test_whoever_checks_in_after_the_crash_comes_back(self) -> None:
		for where in ("carry_out", "conclude"):
			self.start_over()
			device = self.make_controlled()
			with crash(where):
				self.out(device)
			self.check_in("1", lately(0.25), "IN")
			self.control(device)
			self.assertEqual(self.areas("1"), AT_HOME, where)
			self.let_hours_pass(0.5)
			self.control(device)
			self.assert_at_home("1")

	def test_a_crash_while_somebody_is_enabled_leaves_nobody_behind(self) -> None:
		for where in ("carry_out", "conclude"):
			self.start_over()
			device = self.make_controlled()
			self.out(device)
			self.check_in("1", lately(0.25), "IN")
			with crash(where):
				self.control(device)
			self.assertIsNotNone(self.row("1").former)
			self.assertEqual(sweep(), [device.name])
			self.control(device)
			self.assertEqual(self.areas("1"), AT_HOME, where)

	def test_an_answer_that_never_comes_is_read_before_it_is_repeated(self) -> None:
		for applied in (True, False):
			self.start_over()
			device = self.make_controlled()
			self.sim.faults.add(faults.reset(applied=applied), path="adjust_area")
			self.out(device)
			if not applied:
				self.assertEqual(self.state("1"), ("Disabled", "Failed"))
				self.let_hours_pass(0.1)
				self.control(device)
			self.assert_disabled("1")
			self.assertEqual(self.sim.log.count("adjust_area/"), 1 if applied else 2)
			self.check_in("1", lately(0.05), "IN")
			self.control(device)
			self.assertEqual(self.areas("1"), AT_HOME)

	def test_a_request_that_is_carried_out_late_locks_nobody_out(self) -> None:
		set_site(way_back_hours=8)
		device = self.make_controlled()
		self.sim.faults.add(faults.late(dropped=True), path="adjust_area")
		self.out(device)
		self.assertEqual(self.areas("1"), AT_HOME)
		self.check_in("1", lately(0.1), "IN")
		self.control(device)
		self.assertEqual(self.sim.carry_out_late(), 1)
		self.assertEqual(self.areas("1"), [PARKING], "the server has done it after all")
		self.let_hours_pass(0.3)
		self.assertEqual(sweep(), [device.name], "the person is still watched")
		self.assertEqual(control_jobs(), [device.name])
		self.control(device)
		self.assertEqual(self.areas("1"), AT_HOME)


def crash(where: str):
	"""The process ends there, as by a power cut, where the heart of a pass calls that function."""
	return patch.object(heart, where, side_effect=KeyError("power cut"))
