"""Each kind of incident on a real site: one notice when it begins, one when it is over."""

from datetime import timedelta
from email import message_from_string

import frappe

from zkteco_biometric.frappe_hr.names import DEVICE_USER, INCIDENT, PENDING, SETTINGS, TERMINAL
from zkteco_biometric.frappe_hr.notices import sweep_notices
from zkteco_biometric.tests.control import ControlTestCase, now, set_site
from zkteco_biometric.tests.notices import (
	OFFICE,
	NoticesTestCase,
	body_of,
	forget_notices,
	make_outgoing_account,
	remove_outgoing_account,
	subject_of,
)
from zkteco_biometric.tests.people import delete_users, make_users
from zkteco_biometric.tests.support import PASSWORD, lately

OPEN, OVER = "Open", "Over"


class TestEachKind(NoticesTestCase):
	def setUp(self) -> None:
		super().setUp()
		make_outgoing_account()
		for serial, alias in (("SN-1", "Door"), ("SN-2", "Gate")):
			self.sim.store.add_terminal(serial, alias=alias)

	def punch(self, hours: float, serial: str = "SN-1", code: str = "1") -> None:
		self.sim.store.punch(code, lately(hours), terminal_sn=serial)

	def look(self, device) -> None:
		"""A sync, and what the scheduler sees of it."""
		self.sync(device)
		self.sweep()

	def test_a_device_that_is_well_is_no_news(self) -> None:
		device = self.make_device()
		self.sweep()
		self.punch(1)
		self.look(device)
		self.assertEqual((self.incidents(), self.rung(), self.mails()), ([], [], []))

	def test_a_silent_device(self) -> None:
		device = self.make_device()
		self.punch(11)
		self.look(device)
		self.assertEqual(self.incidents(), [("Silent Device", None, OPEN)])
		self.punch(0.1)
		self.look(device)
		self.assert_told_once_and_once_when_over(
			f"No punches come from {OFFICE}", f"Punches come from {OFFICE} again"
		)
		self.assertEqual(self.incidents(), [("Silent Device", None, OVER)])

	def test_a_silent_terminal_beside_another_that_brings_punches(self) -> None:
		device = self.make_device()
		self.punch(11, "SN-1")
		self.punch(1, "SN-2", "2")
		self.look(device)
		self.assertEqual(self.incidents(), [("Silent Terminal", "SN-1", OPEN)])
		self.punch(0.1, "SN-1")
		self.look(device)
		self.assert_told_once_and_once_when_over(
			f"No punches come from terminal Door of {OFFICE}",
			f"Punches come from terminal Door of {OFFICE} again",
		)

	def test_terminals_are_told_once_their_device_speaks_again(self) -> None:
		device = self.make_device()
		self.punch(12, "SN-1")
		self.punch(11, "SN-2", "2")
		self.look(device)
		self.assertEqual(self.rung(), [f"No punches come from {OFFICE}"])
		self.punch(0.1, "SN-2", "2")
		self.look(device)
		self.assertEqual(self.incidents(), [("Silent Device", None, OVER), ("Silent Terminal", "SN-1", OPEN)])

	def test_a_terminal_that_is_not_watched_any_more_ends_without_a_word(self) -> None:
		device = self.make_device()
		self.punch(11, "SN-1")
		self.punch(1, "SN-2", "2")
		self.look(device)
		frappe.db.set_value(TERMINAL, {"serial_number": "SN-1"}, "watch", 0)
		frappe.db.commit()
		self.look(device)
		self.assertEqual(self.incidents("status", "over_told_on"), [(OVER, None)])
		self.assertEqual(len(self.rung()), 1)

	def test_other_working_hours_end_a_silence_without_a_word(self) -> None:
		device = self.make_device()
		self.punch(11)
		self.look(device)
		set_site(silent_after=12)
		self.sweep()
		self.assertEqual((self.incidents("status"), len(self.rung())), ([(OVER,)], 1))

	def test_a_rejected_log_in_until_a_sync_has_worked(self) -> None:
		device = self.make_device(password="wrong")
		self.look(device)
		self.assertEqual(self.incidents(), [("Log-in Rejected", None, OPEN)])
		device.password = PASSWORD
		device.save()
		frappe.db.commit()
		self.sweep()
		self.assertEqual(self.incidents("status"), [(OPEN,)], "another password shows nothing yet")
		self.look(device)
		self.assert_told_once_and_once_when_over(
			f"{OFFICE} rejects the log-in", f"{OFFICE} accepts the log-in again"
		)

	def test_a_device_that_fails_for_long(self) -> None:
		device = self.make_device()
		self.look(device)
		frappe.db.set_value(SETTINGS, OFFICE, "last_sync_timestamp", lately(2))
		self.sim.stop()
		for _ in range(3):
			self.look(device)
		self.assertEqual(self.incidents(), [], "it may pass by itself")
		self.look(device)
		self.assertEqual(self.incidents(), [("Device Failing", None, OPEN)])
		self.assertIn("cannot be reached", self.bells()[0].email_content)
		self.assertIn("switched on", self.bells()[0].email_content)
		self.sim.start()
		self.look(device)
		self.assert_told_once_and_once_when_over(f"{OFFICE} cannot be read", f"{OFFICE} can be read again")

	def test_waiting_punches_above_the_number(self) -> None:
		set_site(waiting_above=3)
		device = self.make_device()
		for number in range(4):
			self.sim.store.punch("nobody", lately(1 + number / 10))
		self.look(device)
		self.assertEqual(self.incidents(), [("Waiting Punches", None, OPEN)])
		frappe.db.delete(PENDING, {"transaction_id": 1})
		frappe.db.commit()
		self.sweep()
		self.assertEqual(self.incidents("status"), [(OPEN,)], "a punch more or less is no news")
		frappe.db.delete(PENDING)
		frappe.db.commit()
		self.sweep()
		self.assert_told_once_and_once_when_over(
			f"Many punches of {OFFICE} wait", f"Few punches of {OFFICE} wait, or none"
		)
		self.assertIn("Waiting now: 4", body_of(self.mails()[0]))

	def test_a_wrong_clock(self) -> None:
		device = self.make_device()
		arrival = lately(3)
		for _ in range(8):
			arrival += timedelta(minutes=3)
			punched = arrival - timedelta(hours=2)
			self.sim.store.punch("1", punched, terminal_sn="SN-1", upload_time=arrival)
		self.look(device)
		self.assertEqual(self.incidents(), [("Wrong Clock", "SN-1", OPEN)])
		self.assertIn("2 hours behind", self.bells()[0].email_content)
		for _ in range(8):
			arrival += timedelta(minutes=3)
			self.sim.store.punch("1", arrival, terminal_sn="SN-1", upload_time=arrival)
		self.look(device)
		self.assert_told_once_and_once_when_over(
			f"The clock of terminal Door of {OFFICE} is wrong",
			f"The clock of terminal Door of {OFFICE} is right again",
		)

	def test_what_a_kind_says_can_be_acted_on(self) -> None:
		self.look(self.make_device(password="wrong"))
		(bell,), (mail,) = self.bells(), self.mails()
		self.assertEqual((bell.type, bell.document_name), ("Alert", OFFICE))
		self.assertTrue(bell.link.startswith("/"), "under whatever name Desk is open")
		self.assertTrue(bell.link.endswith(frappe.get_all(INCIDENT, pluck="name", order_by="name")[0]))
		for text in (bell.email_content, body_of(mail)):
			self.assertIn("Check the user name and the password", text)
		self.assertIn("zkteco-biometric-settings", body_of(mail))
		(kept,) = self.incidents("message", "remedy", "told_on")
		self.assertIn("rejects the log-in", kept[0])
		self.assertIn("Check the user name", kept[1])
		self.assertTrue(kept[2])

	def test_a_device_that_is_disabled_or_deleted_is_not_watched_any_more(self) -> None:
		device = self.make_device(password="wrong")
		gone = self.make_device("ZKTeco Test Gate", password="wrong")
		self.sync(gone)
		self.look(device)
		device.enable = 0
		device.save()
		frappe.delete_doc(SETTINGS, gone.name)
		frappe.db.commit()
		self.sweep()
		self.assertEqual(self.incidents("status", "over_told_on"), [(OVER, None)] * 2)
		self.assertEqual(
			self.rung(), [f"{OFFICE} rejects the log-in"], "Frappe deletes those of what is deleted"
		)

	def test_what_a_device_says_is_no_markup(self) -> None:
		self.sim.store.add_terminal("SN-3", alias="<img src=x>")
		device = self.make_device()
		self.punch(11, "SN-3")
		self.punch(1, "SN-2", "2")
		self.look(device)
		told = [self.bells()[0].subject, body_of(self.mails()[0]), self.incidents("message")[0][0]]
		for text in told:
			self.assertNotIn("<img", text.replace('<img src="', ""))

	def test_a_renamed_device_keeps_its_incident(self) -> None:
		device = self.make_device(password="wrong")
		self.look(device)
		frappe.rename_doc(SETTINGS, OFFICE, "ZKTeco Test Lobby", show_alert=False)
		frappe.db.commit()
		self.sweep()
		self.assertEqual(self.incidents("device", "status"), [("ZKTeco Test Lobby", OPEN)])
		self.assertEqual(len(self.rung()), 1)
		self.look(self.make_device(password="wrong"))
		self.assertEqual(len(self.rung()), 2, "another device by the old name is another incident")


class TestPeopleWhoAreLate(ControlTestCase):
	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		cls.users = make_users()
		cls.addClassCleanup(delete_users)

	def setUp(self) -> None:
		super().setUp()
		self.addCleanup(forget_notices)

	def rung(self) -> list[str]:
		ours = {"document_type": SETTINGS, "for_user": self.users["HR Manager"]}
		return frappe.get_all("Notification Log", ours, pluck="subject", order_by="creation, name")

	def late_people(self, *codes: str):
		device = self.make_controlled()
		for code in codes:
			self.out(device, code)
		self.sim.stop()
		self.let_hours_pass(8)
		self.control(device)
		return device

	def come_back(self, device) -> None:
		self.sim.start()
		due = {"device": device.name, "due_at": (">", now())}
		frappe.db.set_value(DEVICE_USER, due, "due_at", now(), update_modified=False)
		frappe.db.commit()
		self.control(device)

	def test_they_are_told_when_they_are_enabled_again(self) -> None:
		device = self.late_people("1", "2")
		self.come_back(device)
		self.assert_at_home("1", "2")
		self.assertEqual(
			self.rung(),
			[
				f"2 people could not be enabled in time on {OFFICE}",
				f"2 people are enabled again on {OFFICE}",
			],
		)
		names = frappe.get_all(INCIDENT, pluck="subject_name", order_by="subject")
		self.assertEqual(names, ["ZKTeco Test 1", "ZKTeco Test 2"])

	def test_who_is_late_again_is_told_again(self) -> None:
		device = self.late_people("1")
		self.come_back(device)
		self.out(device, "1", hours=0.4)
		self.sim.stop()
		self.let_hours_pass(8)
		self.control(device)
		self.assertEqual(
			self.rung(),
			[
				f"ZKTeco Test 1 could not be enabled in time on {OFFICE}",
				f"ZKTeco Test 1 is enabled again on {OFFICE}",
				f"ZKTeco Test 1 could not be enabled in time on {OFFICE}",
			],
		)

	def test_who_is_settled_by_hand_or_forgotten_is_not_open_for_ever(self) -> None:
		self.late_people("1", "2")
		frappe.db.delete(DEVICE_USER, {"employee": self.employees["1"]})
		frappe.db.set_value(DEVICE_USER, self.row("2").name, {"former": None, "way_back": None})
		frappe.db.commit()
		sweep_notices()
		self.assertEqual(frappe.get_all(INCIDENT, {"status": "Open"}, order_by="name"), [])
		self.assertEqual(self.rung()[1:], [f"ZKTeco Test 2 is enabled again on {OFFICE}"])

	def test_they_are_told_by_e_mail_too(self) -> None:
		make_outgoing_account()
		self.addCleanup(remove_outgoing_account)
		self.late_people("1")
		queued = frappe.get_all(
			"Email Queue", {"reference_doctype": SETTINGS}, ["message"], order_by="creation"
		)
		self.assertEqual(
			[subject_of(message_from_string(one.message)) for one in queued],
			[f"ZKTeco Test 1 could not be enabled in time on {OFFICE}"],
		)
