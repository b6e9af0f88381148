"""Settled by Hand: somebody has put a person back on the server, and this app forgets what it had changed."""

import frappe

from zkteco_biometric.api import enable_person, settle_person
from zkteco_biometric.frappe_hr.device_user_triggers import overview
from zkteco_biometric.frappe_hr.names import DEVICE_USER, SETTINGS
from zkteco_biometric.tests.control import AT_HOME, PARKING, ControlTestCase, control_jobs
from zkteco_biometric.tests.jobs import forget_jobs
from zkteco_biometric.tests.people import WithUsers, acting_as
from zkteco_biometric.tests.support import lately
from zkteco_biometric.user_control import sweep


class TestSettledByHand(ControlTestCase):
	def gone(self):
		"""A device from whose server somebody who is disabled has been deleted."""
		device = self.make_controlled()
		self.out(device)
		self.sim.store.delete_person(1)
		self.check_in("1", lately(0.25), "IN")
		self.control(device)
		self.assertEqual(self.state("1"), ("Enabled", "Failed"))
		return device

	def test_it_forgets_what_was_there_and_says_who_did_it(self) -> None:
		device = self.gone()
		settle_person(self.row("1").name)
		row = self.row("1")
		self.assertEqual((row.status, row.outcome), ("Enabled", "Changed Elsewhere"))
		self.assertEqual((row.former, row.way_back, row.error, row.remedy, row.due_at), (None,) * 5)
		self.assertIn("Settled by hand by Administrator", row.why)
		self.assertEqual(overview(device)["failed"], 0)
		self.sim.log.clear()
		self.control(device)
		self.assertEqual((self.row("1").outcome, self.writes()), ("Changed Elsewhere", []))
		self.assertEqual(enable_person(row.name)["people"], 0)
		frappe.delete_doc(DEVICE_USER, row.name)

	def test_what_was_there_is_shown_no_longer(self) -> None:
		self.gone()
		settle_person(self.row("1").name)
		self.assertFalse(self.row("1").former_shown, "it would promise a way back")

	def test_the_next_out_disables_and_an_older_one_does_not(self) -> None:
		device = self.make_controlled()
		self.out(device)
		self.sim.store.change_person(1, areas=[self.office])
		settle_person(self.row("1").name)
		frappe.db.commit()
		self.out(device, hours=0.1)
		self.assertEqual(self.areas("1"), ["Office"], "of before it was settled")
		self.let_hours_pass(1)
		self.out(device, hours=0.5)
		self.assert_disabled("1")
		self.assertEqual(self.row("1").former_shown, "Office")

	def test_who_is_parked_still_is_left_there(self) -> None:
		"""It is on who settles it: the app knows nothing of the person any more."""
		device = self.make_controlled()
		self.out(device)
		settle_person(self.row("1").name)
		self.check_in("1", lately(0.1), "IN")
		self.control(device)
		self.assertEqual((self.areas("1"), self.row("1").former), ([PARKING], None))

	def test_a_pass_that_is_at_work_disables_the_person_no_more(self) -> None:
		device = self.make_controlled()
		self.out(device, hours=1)
		self.sim.store.change_person(1, areas=[self.office, self.store_room])
		self.while_asked("/personnel/api/areas/", _settle, self.row("1").name)
		self.check_in("2", lately(0.5), "OUT")
		self.control(device)
		self.control(device)
		self.assertEqual(self.areas("1"), AT_HOME)
		self.assert_disabled("2")

	def test_somebody_who_is_settled_while_their_request_is_under_way_is_not_forgotten(self) -> None:
		device = self.make_controlled()
		self.out(device, hours=1)
		self.check_in("1", lately(0.5), "IN")
		self.control(device)
		self.check_in("1", lately(0.3), "OUT")
		self.while_asked("adjust_area", _settle, self.row("1").name)
		self.control(device)
		self.assertEqual(self.areas("1"), [PARKING])
		self.assertEqual(self.row("1").former_shown, "Office, Store Room")
		self.assertTrue(self.row("1").former)
		self.check_in("1", lately(0.1), "IN")
		self.control(device)
		self.assert_at_home("1")

	def test_others_on_the_device_keep_their_way_back(self) -> None:
		device = self.make_controlled()
		self.out(device, "1")
		self.out(device, "2")
		settle_person(self.row("1").name)
		frappe.db.commit()
		self.assert_disabled("2")
		self.check_in("2", lately(0.1), "IN")
		self.control(device)
		self.assert_at_home("2")

	def test_a_row_that_does_not_exist_is_said_to_be_missing(self) -> None:
		for name in ("nothing", ""):
			with self.assertRaises(frappe.DoesNotExistError, msg=name):
				settle_person(name)
		frappe.clear_messages()


class TestADeviceThatIsGone(WithUsers, ControlTestCase):
	def setUp(self) -> None:
		super().setUp()
		device = self.make_controlled()
		for code in ("1", "2"):
			self.out(device, code)
		self.sim.stop()
		frappe.delete_doc(SETTINGS, device.name)
		frappe.db.commit()
		frappe.clear_messages()
		forget_jobs()

	def test_its_rows_can_be_deleted_and_the_sweep_asks_nobody(self) -> None:
		self.assertEqual((sweep(), control_jobs()), ([], []))
		for code in ("1", "2"):
			self.assertEqual(self.row(code).former_shown, "Office, Store Room")
			with acting_as(self.users["HR Manager"]):
				frappe.delete_doc(DEVICE_USER, self.row(code).name)
		self.assertEqual(frappe.db.count(DEVICE_USER), 0)
		self.assertEqual(sweep(), [])


def _settle(name: str) -> None:
	settle_person(name)
	frappe.db.commit()
