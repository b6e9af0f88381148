"""Each kind of incident on a real site: one notice when it begins, one when it is over."""

from datetime import timedelta
from unittest.mock import patch

import frappe

from zkteco_biometric import sync
from zkteco_biometric.frappe_hr.names import INCIDENT, PENDING, SETTINGS, TERMINAL
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.control import set_site
from zkteco_biometric.tests.notices import (
	OFFICE,
	NoticesTestCase,
	body_of,
	make_outgoing_account,
	watch_for,
)
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
		self.sim.stop()
		for _ in range(4):
			self.look(device)
		self.assertEqual(self.incidents(), [], "somebody sets it up")
		frappe.db.set_value(SETTINGS, OFFICE, "failing_since", lately(0.5))
		self.look(device)
		self.assertEqual(self.incidents(), [("Device Failing", None, OPEN)])
		self.assertIn("cannot be reached", self.bells()[0].email_content)
		self.assertIn("switched on", self.bells()[0].email_content)
		self.sim.start()
		self.look(device)
		self.assert_told_once_and_once_when_over(f"{OFFICE} cannot be read", f"{OFFICE} can be read again")

	def test_a_device_that_always_fails_in_part(self) -> None:
		"""Its windows are read, so that last_sync_timestamp goes on."""
		device = self.make_device()
		self.look(device)
		self.sim.faults.add(no_order_of_arrival, path="/iclock/api/transactions/", times=None)
		self.look(device)
		frappe.db.set_value(SETTINGS, OFFICE, "failing_since", lately(0.5))
		self.look(device)
		device.reload()
		self.assertGreater(device.last_sync_timestamp, lately(0.1))
		self.assertEqual(self.incidents(), [("Device Failing", None, OPEN)])

	def test_a_device_that_nobody_reads(self) -> None:
		device = self.make_device()
		self.look(device)
		watch_for(2)
		then = dict.fromkeys(
			("creation", "expected_since", "last_attempt", "last_sync_timestamp", "complete_sync"), lately(3)
		)
		frappe.db.set_value(SETTINGS, OFFICE, then)
		frappe.db.commit()
		self.sweep()
		self.assertEqual(self.incidents(), [("Device Not Read", None, OPEN)])
		(bell,) = self.bells()
		self.assertIn("nobody has tried", bell.email_content)
		self.assertIn("zkteco-doctor", bell.email_content)
		self.look(device)
		self.assert_told_once_and_once_when_over(f"{OFFICE} is not read", f"{OFFICE} is read again")

	def test_a_bench_that_has_only_begun_to_run_again_tells_nobody_that_it_stood_still(self) -> None:
		device = self.make_device()
		self.look(device)
		then = dict.fromkeys(
			("creation", "expected_since", "last_attempt", "last_sync_timestamp"), lately(60)
		)
		frappe.db.set_value(SETTINGS, OFFICE, then)
		frappe.db.commit()
		self.sweep()
		self.assertEqual((self.incidents(), self.rung()), ([], []))

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
		self.sim.stop()
		self.look(device)
		self.sim.start()
		frappe.db.set_value(SETTINGS, OFFICE, "page_size", 1)
		with patch.object(sync, "_WORKS_FOR", timedelta()):
			self.look(device)
		self.assertEqual(device.status, "Unfinished")
		frappe.db.set_value(SETTINGS, OFFICE, "page_size", 500)
		self.assertEqual(
			len(self.rung()), 1, "a sync that did not come to look at clocks says nothing of them"
		)
		for _ in range(8):
			arrival += timedelta(minutes=3)
			self.sim.store.punch("1", arrival, terminal_sn="SN-1", upload_time=arrival)
		self.look(device)
		self.assert_told_once_and_once_when_over(
			f"The clock of terminal Door of {OFFICE} is wrong",
			f"The clock of terminal Door of {OFFICE} is right again",
		)

	def test_many_wrong_clocks_are_told_by_terminal_whatever_their_numbers_are(self) -> None:
		"""One is called 10, and is fine; each of the others is 10 minutes ahead."""
		device = self.make_device()
		serials = [f"SN-{number:02}" for number in range(25)]
		for serial, ahead in [*((serial, 10) for serial in serials), ("10", 0)]:
			for number in range(8):
				arrival = lately(3) + timedelta(minutes=3 * number)
				punched = arrival + timedelta(minutes=ahead)
				self.sim.store.punch("1", punched, terminal_sn=serial, upload_time=arrival)
		self.look(device)
		self.look(device)
		self.assertEqual({subject for _kind, subject, _status in self.incidents()}, set(serials))
		self.assertEqual(self.rung(), [f"The clocks of 25 terminals of {OFFICE} are wrong"])

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


def no_order_of_arrival(request, answer):
	"""A server that answers for windows of punch time alone."""
	return answer(request) if "end_time" in request.args else faults.status(403)(request, answer)
