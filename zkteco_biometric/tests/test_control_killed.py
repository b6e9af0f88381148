"""A worker that dies in the middle of a pass: the sweep goes on, and nobody stays locked out."""

import frappe

from zkteco_biometric.frappe_hr.device_lock import control_lock
from zkteco_biometric.frappe_hr.names import DEVICE_USER
from zkteco_biometric.frappe_hr.workers import CONTROL_QUEUE, enqueue_control
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.control import AT_HOME, ControlTestCase, control_jobs
from zkteco_biometric.tests.jobs import forget_jobs, wait_until
from zkteco_biometric.tests.killed import is_free, kill_a_worker_when
from zkteco_biometric.tests.support import lately
from zkteco_biometric.user_control import sweep


class TestAWorkerThatIsKilled(ControlTestCase):
	CODES = ("1", "2", "3", "4", "5", "6")

	def test_while_people_are_disabled_and_all_of_them_come_back(self) -> None:
		device = self.make_controlled()
		for code in self.CODES:
			self.check_in(code, lately(0.5), "OUT")
		self.kill_in_the_middle(device, after=2)
		intended = frappe.get_all(DEVICE_USER, fields=["former", "outcome"], order_by="name")
		outcomes = sorted(row.outcome for row in intended)
		self.assertEqual(outcomes, ["Confirmed", *["Requested"] * 5], "the first one alone, then the others")
		self.assertTrue(all(row.former for row in intended))
		self.control(device)
		self.assert_disabled(*self.CODES)
		for code in self.CODES:
			self.check_in(code, lately(0.25), "IN")
		self.kill_in_the_middle(device, after=2)
		self.control(device)
		self.assertEqual([self.areas(code) for code in self.CODES], [AT_HOME] * len(self.CODES))

	def test_the_next_sweep_enqueues_another_beside_the_dead_one(self) -> None:
		device = self.make_controlled()
		self.check_in("1", lately(0.5), "OUT")
		self.kill_in_the_middle(device, after=0)
		before = control_jobs()
		self.assertEqual(sweep(), [device.name])
		self.assertEqual(control_jobs(), [*before, device.name], "the queue takes the dead one for running")

	def kill_in_the_middle(self, device, after: int) -> None:
		"""When so many were moved, and others are being asked for."""
		self.sim.log.clear()
		self.sim.faults.add(faults.delay(20), path="adjust_area", after=after, times=None)
		forget_jobs()
		enqueue_control(device.name)
		kill_a_worker_when(lambda: self.sim.log.count("adjust_area/") > after, CONTROL_QUEUE)
		self.sim.faults.clear()
		wait_until(lambda: is_free(control_lock, device.name))
		frappe.db.rollback()
