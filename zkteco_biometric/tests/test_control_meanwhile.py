"""What people do while a pass is at work: nobody is disabled without memory, and what is void is begun by nobody."""

import frappe

from zkteco_biometric.api import enable_everyone
from zkteco_biometric.frappe_hr.names import DEVICE_USER
from zkteco_biometric.frappe_hr.workers import enqueue_control
from zkteco_biometric.tests.control import (
	AT_HOME,
	PARKING,
	ControlTestCase,
	control_jobs,
	exempt,
	set_site,
	work_off_passes,
)
from zkteco_biometric.tests.jobs import forget_jobs
from zkteco_biometric.tests.support import lately

PEOPLE = "/personnel/api/employees/"
AREAS = "/personnel/api/areas/"
"""Asked once a pass, between the look at who is to be disabled and what is stored of it."""


class TestARowThatIsDeletedMeanwhile(ControlTestCase):
	def known(self, device, code: str = "1") -> str:
		"""Somebody who has come back: a row that may be deleted."""
		self.out(device, code, hours=1)
		self.check_in(code, lately(0.8), "IN")
		self.control(device)
		self.assert_at_home(code)
		return self.row(code).name

	def test_who_is_disabled_then_has_a_row_and_a_way_back(self) -> None:
		for path in (PEOPLE, AREAS):
			self.start_over()
			device = self.make_controlled()
			name = self.known(device)
			deleted = self.while_asked(path, _delete_row, name)
			self.out(device, "1")
			self.assertEqual(deleted, [True], path)
			self.assert_disabled("1")
			row = self.row("1")
			self.assertNotEqual(row.name, name)
			self.assertEqual((row.former_shown, frappe.db.count(DEVICE_USER)), ("Office, Store Room", 1))
			self.check_in("1", lately(0.2), "IN")
			self.control(device)
			self.assert_at_home("1")

	def test_the_rows_of_others_are_written_to_as_before(self) -> None:
		device = self.make_controlled()
		names = {code: self.known(device, code) for code in self.CODES}
		for code in self.CODES:
			self.check_in(code, lately(0.5), "OUT")
		self.while_asked(AREAS, _delete_row, names["2"])
		self.control(device)
		self.assert_disabled(*self.CODES)
		self.assertEqual(
			{code: self.row(code).name == names[code] for code in names}, {"1": True, "2": False, "007": True}
		)

	def test_who_is_left_alone_is_told_of_in_a_new_row(self) -> None:
		device = self.make_controlled()
		name = self.known(device)
		self.sim.store.change_person(1, privilege=14)
		self.while_asked(PEOPLE, _delete_row, name)
		self.out(device, "1")
		self.assertEqual((self.state("1"), self.areas("1")), (("Enabled", "Unmanaged"), AT_HOME))

	def test_once_it_holds_the_way_back_it_cannot_be_deleted(self) -> None:
		device = self.make_controlled()
		name = self.known(device)
		deleted = self.while_asked("adjust_area", _delete_row, name)
		self.out(device, "1")
		self.assertEqual(deleted, [False])
		self.assert_disabled("1")
		self.assertEqual(self.row("1").name, name)


class TestSettingsThatAreSavedMeanwhile(ControlTestCase):
	def test_who_is_exempted_just_before_is_not_disabled(self) -> None:
		device = self.make_controlled()
		self.while_asked(AREAS, exempt, "Employee", self.employees["1"])
		self.out(device, "1")
		self.assertEqual((self.areas("1"), self.moves(), control_jobs()), (AT_HOME, 0, [device.name]))
		forget_jobs()
		self.check_in("2", lately(0.2), "OUT")
		self.control(device)
		self.assertEqual((self.areas("1"), control_jobs()), (AT_HOME, []))
		self.assert_disabled("2")

	def test_a_way_back_that_is_over_by_the_new_ones_disables_nobody(self) -> None:
		device = self.make_controlled()
		self.while_asked(AREAS, _save_site, {"way_back_hours": 1})
		self.out(device, "1", hours=2)
		self.assertEqual((self.areas("1"), self.moves(), control_jobs()), (AT_HOME, 0, [device.name]))
		self.control(device)
		self.assertEqual((self.areas("1"), self.moves()), (AT_HOME, 0))

	def test_what_is_saved_about_attendance_makes_nothing_void(self) -> None:
		device = self.make_controlled()
		self.addCleanup(set_site, move_last_sync_of_checkin=0)
		self.while_asked(AREAS, _save_site, {"move_last_sync_of_checkin": 1})
		self.out(device, "1")
		self.assert_disabled("1")
		self.assertEqual(control_jobs(), [])

	def test_enable_everyone_where_nobody_is_disabled_yet_lets_another_pass_wait(self) -> None:
		device = self.make_controlled()
		pressed = self.while_asked(AREAS, _press, device.name)
		self.out(device, "1")
		self.assertEqual(pressed, [{"people": 0, "enqueued": False, "worker": False}])
		self.assertEqual(control_jobs(), [device.name], "it is the pass that was void that enqueues it")
		forget_jobs()
		self.control(device)
		self.assertEqual((self.areas("1"), self.moves(), control_jobs()), (AT_HOME, 0, []))

	def test_enable_everyone_while_somebody_is_disabled_and_another_is_to_be(self) -> None:
		device = self.make_controlled()
		self.out(device, "1", hours=1)
		forget_jobs()
		self.check_in("2", lately(0.5), "OUT")
		self.while_asked(AREAS, _press, device.name)
		self.control(device)
		self.assertEqual((self.areas("1"), self.areas("2")), ([PARKING], AT_HOME), "not begun")
		self.assertEqual(control_jobs(), [device.name])
		self.control(device)
		self.assert_at_home("1", "2")

	def test_a_worker_whose_pass_is_void_does_the_next_one_too(self) -> None:
		device = self.make_controlled()
		self.out(device, "1", hours=1)
		self.check_in("2", lately(0.5), "OUT")
		forget_jobs()
		self.while_asked(AREAS, _press, device.name)
		enqueue_control(device.name)
		work_off_passes()
		self.assert_at_home("1", "2")
		self.assertEqual(control_jobs(), [])


class TestARowThatCannotBeRead(ControlTestCase):
	def broken(self, text: str):
		"""A device on which everybody is disabled, and what was there before is unreadable of one of them."""
		device = self.make_controlled()
		for code in self.CODES:
			self.out(device, code, hours=1)
		frappe.db.set_value(DEVICE_USER, self.row("1").name, "former", text)
		frappe.db.commit()
		return device

	def assert_told(self) -> None:
		told = [entry for entry in self.told() if "cannot be read" in entry]
		self.assertTrue(told)
		for part in (self.employees["1"], "Biometric ID 1", "put them back by hand"):
			self.assertIn(part, told[0])
		self.assertEqual(self.row("1").outcome, "Failed")

	def test_it_keeps_nobody_else_from_being_enabled_and_is_told(self) -> None:
		for text in ("{", "[]", "{}", '{"kind": "Other", "areas": [], "area_names": []}', "null"):
			self.start_over()
			device = self.broken(text)
			for code in self.CODES:
				self.check_in(code, lately(0.5), "IN")
			self.control(device)
			self.assert_at_home("2", "007")
			self.assertEqual(self.row("1").former, text, "kept for whoever mends it")
			self.assert_told()

	def test_not_even_where_that_person_checks_out_again(self) -> None:
		device = self.broken("{")
		for code in ("2", "007"):
			self.check_in(code, lately(0.5), "IN")
		self.check_in("1", lately(0.4), "OUT")
		self.control(device)
		self.assertEqual([entry for entry in self.told() if "unexpected error" in entry], [])
		self.assert_at_home("2", "007")
		self.assertEqual(self.row("1").former, "{")
		self.assert_told()

	def test_it_is_told_once(self) -> None:
		device = self.broken("{")
		for _ in range(3):
			self.control(device)
		self.assertEqual(len([entry for entry in self.told() if "cannot be read" in entry]), 1)

	def test_enable_everyone_enables_the_others(self) -> None:
		device = self.broken("{")
		enable_everyone(device.name)
		self.control(device)
		self.assert_at_home("2", "007")
		self.assert_told()


def _delete_row(name: str) -> bool:
	"""As HR does in the list; whether it is gone."""
	try:
		frappe.delete_doc(DEVICE_USER, name)
	except frappe.ValidationError:
		return False
	frappe.db.commit()
	return True


def _save_site(values: dict) -> None:
	settings = frappe.get_doc("ZKTeco Site Settings")
	settings.update(values)
	settings.save()
	frappe.db.commit()


def _press(device: str) -> dict:
	answer = enable_everyone(device)
	frappe.db.commit()
	return answer
