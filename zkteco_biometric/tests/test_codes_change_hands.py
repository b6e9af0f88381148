"""A code that is given to another person, a link that was wrong, a check-in that is deleted: nothing lost, nothing doubled."""

import frappe

from zkteco_biometric.frappe_hr.names import CHECK_IN, PENDING
from zkteco_biometric.frappe_hr.pending_retry import retry
from zkteco_biometric.frappe_hr.pending_triggers import sweep_pending
from zkteco_biometric.tests.support import days_ago
from zkteco_biometric.tests.waiting import WaitingTestCase, row_of


class TestCodesChangeHands(WaitingTestCase):
	CODES = ("1", "2")

	def setUp(self) -> None:
		super().setUp()
		for employee in self.employees.values():
			self.give(employee, None)
		for code, employee in self.employees.items():
			self.give(employee, code)
		self.device = self.make_device(sync_from=days_ago(3))

	def owners(self) -> list[str]:
		return [row.employee for row in self.check_ins()]

	def test_a_code_that_is_given_to_another_person_doubles_nothing(self):
		self.sim.store.punch("1", days_ago(1))
		self.sync(self.device)
		self.give(self.employees["1"], None)
		self.give(self.employees["2"], "1")
		self.read_again()
		self.assertEqual(self.owners(), [self.employees["1"]])
		self.sim.store.punch("1", days_ago(1, 17))
		self.sync(self.device)
		self.assertEqual(self.owners(), [self.employees["1"], self.employees["2"]])

	def test_it_is_told_as_existing_already(self):
		self.sim.store.punch("1", days_ago(1))
		self.sync(self.device)
		self.give(self.employees["1"], None)
		result = self.read_again()
		self.assertEqual((result.counters.duplicate, result.counters.pending, result.is_quiet), (1, 0, True))

	def test_a_wrong_link_that_is_undone_leaves_the_punch_to_the_right_person(self):
		self.sim.store.punch("XYZ", days_ago(1))
		self.sync(self.device)
		self.give(self.employees["1"], "XYZ")
		sweep_pending()
		self.assertEqual(self.owners(), [self.employees["1"]])
		self.give(self.employees["1"], None)
		self.delete_check_in()
		self.assertEqual(self.statuses(), {"Waiting": 1})
		self.give(self.employees["2"], "XYZ")
		sweep_pending()
		self.assertEqual(self.owners(), [self.employees["2"]])
		self.assertEqual(self.statuses(), {"Created": 1})

	def test_a_check_in_that_a_person_did_not_want_does_not_come_back_from_its_pending_punch(self):
		(name,) = self.wait(self.device, row_of("XYZ", days_ago(2)))
		self.give(self.employees["1"], "XYZ")
		sweep_pending()
		self.delete_check_in()
		sweep_pending()
		self.assertEqual(self.owners(), [])
		self.assertEqual((self.of(name).status, self.of(name).ignored_by), ("Ignored", "Administrator"))
		self.assertEqual(self.of(name).ignore_comment, "Its check-in was deleted.")
		retry({"name": name}, by_person=True)
		self.assertEqual(self.owners(), [self.employees["1"]])

	def test_an_unreadable_row_that_was_ignored_stays_ignored(self):
		self.sim.store.punch("", days_ago(1))
		self.sync(self.device)
		(row,) = self.pending()
		frappe.db.set_value(PENDING, row.name, {"status": "Ignored", "ignored_by": "Administrator"})
		frappe.db.commit()
		result = self.read_again()
		self.assertEqual((result.counters.ignored, result.counters.pending), (1, 0))

	def test_what_waited_and_is_read_again_is_settled_with_its_check_in(self):
		self.sim.store.punch("XYZ", days_ago(1))
		self.sync(self.device)
		self.give(self.employees["1"], "XYZ")
		self.read_again()
		(row,) = self.pending()
		(check_in,) = self.check_ins("name", "employee")
		self.assertEqual(
			(row.status, row.check_in, row.employee), ("Created", check_in.name, check_in.employee)
		)

	def read_again(self):
		self.device.reload()
		self.device.sync_from = frappe.utils.add_to_date(self.device.sync_from, hours=-1)
		self.device.save()
		frappe.db.commit()
		return self.sync(self.device)

	def delete_check_in(self) -> None:
		(name,) = self.check_ins("name")
		frappe.delete_doc(CHECK_IN, name.name)
		frappe.db.commit()
