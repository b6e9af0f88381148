"""Where the scheduler does not run nobody is disabled; where it does it brings back, and tells who is late."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import frappe
from frappe.utils import get_datetime

from zkteco_biometric.frappe_hr.device_lock import control_lock
from zkteco_biometric.frappe_hr.device_user_triggers import overview
from zkteco_biometric.frappe_hr.names import DEVICE_USER, SETTINGS, SITE_SETTINGS
from zkteco_biometric.tests.control import (
	AT_HOME,
	OFFICE,
	PARKING,
	ControlTestCase,
	control_jobs,
	now,
	scheduler_stopped,
)
from zkteco_biometric.tests.jobs import forget_jobs
from zkteco_biometric.tests.people import WithUsers
from zkteco_biometric.tests.support import elsewhere, lately
from zkteco_biometric.user_control import LAST_SWEEP, control_device_users, sweep


class TestASchedulerThatDoesNotRun(ControlTestCase):
	def assert_waits_for_it(self, device, code: str = "1") -> None:
		row = self.row(code)
		self.assertEqual((row.status, row.outcome, row.former), ("Enabled", "Waiting", None))
		self.assertIn("while the scheduler does not run", row.why)
		self.assertIn("while the scheduler does not run", device.control_error)
		self.assertIn("enable the scheduler", device.control_remedy)
		self.assertEqual((self.areas(code), self.moves()), (AT_HOME, 0))

	def test_an_out_disables_nobody_and_the_form_says_why_and_what_to_do(self) -> None:
		device = self.make_controlled()
		scheduler_stopped()
		self.out(device)
		self.assert_waits_for_it(device)
		self.assertEqual(overview(device)["waiting"], 1)
		for _ in range(3):
			self.let_hours_pass(0.1)
			self.control(device)
			self.assert_waits_for_it(device)
		(entry,) = self.told()
		self.assertIn("enable the scheduler", entry)

	def test_nor_where_it_never_ran(self) -> None:
		device = self.make_controlled()
		frappe.db.delete("Singles", {"doctype": SITE_SETTINGS, "field": LAST_SWEEP})
		self.out(device)
		self.assert_waits_for_it(device)

	def test_a_quarter_of_an_hour_is_no_trouble(self) -> None:
		device = self.make_controlled()
		scheduler_stopped(14 / 60)
		self.out(device, "1")
		self.assert_disabled("1")
		scheduler_stopped(16 / 60)
		self.out(device, "2")
		self.assertEqual(self.areas("2"), AT_HOME)

	def test_once_it_has_run_the_out_disables_and_the_form_is_calm(self) -> None:
		device = self.make_controlled()
		scheduler_stopped()
		self.out(device)
		self.assertEqual(sweep(), [device.name])
		self.control(device)
		self.assert_disabled("1")
		self.assertEqual((device.control_error, device.control_remedy, device.control_reported), (None,) * 3)

	def test_an_out_that_waited_long_disables_once_it_has_run(self) -> None:
		device = self.make_controlled()
		scheduler_stopped()
		self.out(device)
		self.let_hours_pass(0.5)
		self.control(device)
		self.let_hours_pass(0.5)
		sweep()
		self.control(device)
		self.assert_disabled("1")

	def test_an_out_whose_way_back_came_meanwhile_disables_nobody(self) -> None:
		device = self.make_controlled()
		scheduler_stopped()
		self.out(device)
		self.let_hours_pass(8)
		sweep()
		self.control(device)
		self.assertEqual((self.areas("1"), self.moves()), (AT_HOME, 0))

	def test_an_in_and_the_way_back_enable_all_the_same(self) -> None:
		device = self.make_controlled()
		self.out(device, "1", hours=1)
		self.out(device, "2", hours=1)
		scheduler_stopped()
		self.check_in("1", lately(0.5), "IN")
		self.control(device)
		self.assert_at_home("1")
		self.assert_disabled("2")
		self.let_hours_pass(7.5)
		self.control(device)
		self.assert_at_home("2")

	def test_a_dry_run_shows_what_would_be_done(self) -> None:
		device = self.make_controlled(control_dry_run=1)
		scheduler_stopped()
		self.out(device)
		self.assertEqual(self.state("1"), ("Disabled", "Dry Run"))
		self.assertIsNone(device.control_error)

	def test_the_sync_says_nothing_of_it_and_brings_check_ins(self) -> None:
		device = self.make_controlled()
		scheduler_stopped()
		self.punch("1", lately(0.5), "1")
		self.assertEqual(self.sync(device).counters.created, 1)
		self.assertEqual((device.status, device.last_error), ("Success", None))
		self.assert_waits_for_it(device)


class TestWhatTheSweepWrites(ControlTestCase):
	def last_sweep(self):
		return get_datetime(frappe.db.get_single_value(SITE_SETTINGS, LAST_SWEEP, cache=False))

	def test_that_it_has_run_where_somebody_is_controlled(self) -> None:
		scheduler_stopped(2)
		before = self.last_sweep()
		self.make_device()
		self.make_controlled("ZKTeco Test Off", enable=0)
		sweep()
		self.assertEqual(self.last_sweep(), before)
		self.make_controlled("ZKTeco Test Gate")
		sweep()
		self.assertGreaterEqual(self.last_sweep(), now())

	def test_a_form_of_the_site_settings_that_is_open_meanwhile_does_not_undo_it(self) -> None:
		self.make_controlled()
		scheduler_stopped(2)
		form = frappe.get_doc(SITE_SETTINGS)
		sweep()
		frappe.db.commit()
		form.way_back_hours = 7
		form.save()
		frappe.db.commit()
		self.assertGreater((self.last_sweep() - lately(0.1)).total_seconds(), 0)


class TestManyDevices(ControlTestCase):
	CODES = ("1",)

	def test_up_to_twenty_look_when_one_brings_something(self) -> None:
		device = self.make_controlled()
		self.add_devices(19)
		self.punch("1", lately(0.5), "1")
		self.sync(device)
		self.assertEqual(len(control_jobs()), 19)

	def test_more_are_left_to_the_sweep(self) -> None:
		device = self.make_controlled()
		self.add_devices(20)
		self.punch("1", lately(0.5), "1")
		self.sync(device)
		self.assert_disabled("1")
		self.assertEqual(control_jobs(), [], "its own people were looked after at once")
		self.assertEqual((len(sweep()), len(control_jobs())), (21, 21))

	def add_devices(self, number: int) -> None:
		for count in range(number):
			self.make_device(f"ZKTeco Test {count:02}", control_users=1)
		forget_jobs()


class TestWhoIsLate(WithUsers, ControlTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_controlled()
		self.out(self.device, "1")
		self.out(self.device, "2")

	def notifications(self) -> list:
		frappe.db.commit()
		theirs = {"document_type": SETTINGS, "for_user": self.users["HR Manager"]}
		return frappe.get_all("Notification Log", filters=theirs, pluck="subject", order_by="creation")

	def assert_told_once(self) -> None:
		for _ in range(3):
			sweep()
			frappe.db.commit()
		(subject,) = self.notifications()
		self.assertIn("2 people could not be enabled in time", subject)
		(entry,) = [entry for entry in self.told() if "could not be enabled in time" in entry]
		for part in (OFFICE, "ZKTeco Test 1", "ZKTeco Test 2", "Office, Store Room"):
			self.assertIn(part, entry)
		counted = overview(self.device)
		names = {self.row(code).name for code in ("1", "2")}
		self.assertEqual((counted["overdue"], set(counted["overdue_names"])), (2, names))

	def test_the_sweep_tells_where_no_worker_does_any_pass(self) -> None:
		self.let_hours_pass(7)
		sweep()
		self.assertEqual(self.notifications(), [], "nobody is late yet")
		self.let_hours_pass(1)
		self.assert_told_once()

	def test_the_sweep_tells_where_a_pass_hangs(self) -> None:
		self.let_hours_pass(8)
		with locked_elsewhere(OFFICE):
			self.assertIsNone(control_device_users(OFFICE), "somebody else is at it")
			self.assert_told_once()
		self.assertEqual(self.areas("1"), [PARKING])

	def test_the_sweep_tells_where_the_log_in_was_rejected(self) -> None:
		frappe.db.set_value(SETTINGS, OFFICE, "login_rejected", 1)
		self.let_hours_pass(8)
		self.assert_told_once()
		self.control(self.device)
		self.assert_told_once()

	def test_the_sweep_tells_where_control_is_off(self) -> None:
		self.sim.stop()
		self.device.reload()
		self.device.control_users = 0
		self.device.save()
		self.let_hours_pass(8)
		self.assert_told_once()

	def test_the_sweep_tells_of_a_device_that_is_gone_and_asks_nobody(self) -> None:
		self.sim.stop()
		frappe.delete_doc(SETTINGS, OFFICE)
		frappe.db.commit()
		frappe.clear_messages()
		forget_jobs()
		self.let_hours_pass(8)
		for _ in range(3):
			self.assertEqual((sweep(), control_jobs()), ([], []))
		self.assertEqual(len(self.notifications()), 1)
		for code in ("1", "2"):
			frappe.delete_doc(DEVICE_USER, self.row(code).name)
		frappe.db.commit()
		self.assertEqual((sweep(), frappe.db.count(DEVICE_USER)), ([], 0))

	def test_the_other_devices_are_told_of_too(self) -> None:
		gate = self.make_controlled("ZKTeco Test Gate")
		self.out(gate, "007")
		self.let_hours_pass(8)
		sweep()
		self.assertEqual(len(self.notifications()), 2)


@contextmanager
def locked_elsewhere(device: str) -> Iterator[None]:
	"""Another connection is at work on the device's people."""
	locked, enough = Event(), Event()

	def hold() -> None:
		with control_lock(device) as ours:
			assert ours
			locked.set()
			enough.wait(60)

	thread = Thread(target=elsewhere, args=(frappe.local.site, hold))
	thread.start()
	try:
		if not locked.wait(10):
			raise AssertionError("The lock could not be had.")
		yield
	finally:
		enough.set()
		thread.join()
