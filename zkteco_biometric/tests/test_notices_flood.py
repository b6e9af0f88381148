"""No flood: one notice for what belongs together, and none for what only looks like trouble."""

from datetime import timedelta

import frappe

from zkteco_biometric.frappe_hr.names import INCIDENT
from zkteco_biometric.frappe_hr.notices import sweep_notices
from zkteco_biometric.notices.grouping import MOST_DEVICES
from zkteco_biometric.tests.control import let_notices_age
from zkteco_biometric.tests.notices import OFFICE, SeenTestCase
from zkteco_biometric.tests.support import lately, statements


class TestNoFlood(SeenTestCase):
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
		then = dict.fromkeys(("last_sync_timestamp", "complete_sync", "last_attempt"), lately(60))
		self.make_well(failures=1, failing_since=lately(60), status="Failed", **then)
		self.sweep()
		self.assertEqual(self.incidents(), [])

	def test_terminals_that_fall_silent_one_after_the_other_are_told_once_an_hour(self) -> None:
		self.make_device()
		self.remember_terminal("SN-X", lately(0))
		for number in range(3):
			self.remember_terminal(f"SN-{number}", lately(9.5 + number))
		self.make_well()
		self.sweep()
		first = f"No punches come from 2 terminals of {OFFICE}"
		self.assertEqual(self.rung(), [first])
		frappe.db.set_value("ZKTeco Terminal", {"serial_number": "SN-0"}, "last_punch", lately(10.5))
		frappe.db.commit()
		self.sweep()
		self.assertEqual((len(self.incidents()), self.rung()), (3, [first]))
		let_notices_age(timedelta(hours=1))
		self.sweep()
		later = f"No punches come from terminal SN-0 of {OFFICE}"
		self.assertEqual(self.rung(), [first, later])
		for number in range(3):
			ours = {"serial_number": f"SN-{number}"}
			frappe.db.set_value("ZKTeco Terminal", ours, "last_punch", lately(0))
			frappe.db.commit()
			self.sweep()
		over = f"Punches come from 3 terminals of {OFFICE} again"
		self.assertEqual(self.rung(), [first, later, over])
		self.assertEqual(self.incidents("awaits"), [(None,)] * 3)

	def test_terminals_of_a_server_that_is_cut_off_are_told_as_one_silence(self) -> None:
		self.make_device()
		for number in range(40):
			self.remember_terminal(f"SN-{number}", lately(11 + number / 15))
		self.make_well()
		self.sweep()
		self.assertEqual(self.rung(), [f"No punches come from {OFFICE}"])

	def test_a_check_in_of_the_future_hides_no_silence(self) -> None:
		device = self.make_device()
		self.remember_terminal("SN-1", lately(11))
		values = {"employee": self.employees["1"], "time": lately(-48), "zkteco_device": device.name}
		frappe.get_doc({"doctype": "Employee Checkin", **values}).insert()
		self.make_well()
		self.sweep()
		self.assertEqual(self.rung(), [f"No punches come from {OFFICE}"])

	def test_in_the_middle_of_a_sync_nothing_is_known_of_silence(self) -> None:
		"""last_sync_timestamp has come far, and its terminals are told of at the end."""
		self.make_device()
		self.remember_terminal("SN-1", lately(31))
		self.remember_terminal("SN-2", lately(30))
		self.make_well(complete_sync=lately(30), status="Running")
		self.sweep()
		self.assertEqual(self.incidents(), [])

	def test_a_sweep_asks_the_same_number_of_questions_however_many_devices(self) -> None:
		few = self.questions()
		self.assertLessEqual(few, 14, "nothing to do")
		self.make_device()
		self.make_well()
		one = self.questions()
		for number in range(6):
			self.make_device(f"ZKTeco Test {number}")
			self.make_well(f"ZKTeco Test {number}")
		self.assertEqual(self.questions(), one)
		self.assertLessEqual(one, 19)

	def test_the_cost_of_telling_does_not_grow_with_devices_for_each_reader(self) -> None:
		self.make_rejected()
		one = self.questions()
		frappe.db.delete(INCIDENT)
		for number in range(MOST_DEVICES + 20):
			self.make_rejected(f"ZKTeco Test {number}")
		self.assertLessEqual(self.questions(), one + 1, "the cache of a user may be older")

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
