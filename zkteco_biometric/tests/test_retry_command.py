"""bench --site SITE zkteco-retry, as a person or a script runs it."""

import frappe

from zkteco_biometric.frappe_hr.names import BIOMETRIC_ID, PENDING, SETTINGS
from zkteco_biometric.tests.commands import CommandTestCase
from zkteco_biometric.tests.support import lately

GATE = "ZKTeco Test Gate"


class TestRetryCommand(CommandTestCase):
	COMMAND = "zkteco-retry"
	CODES = ("1", "2")

	def make_waiting(self, device, *codes: str) -> None:
		for hours, code in enumerate(codes, 1):
			self.sim.store.punch(code, lately(hours))
		self.sync(device)

	def give(self, code: str, employee: str) -> None:
		"""Past the hooks of Employee, which would retry by themselves."""
		before = frappe.db.get_value("Employee", employee, BIOMETRIC_ID)
		self.addCleanup(frappe.db.set_value, "Employee", employee, BIOMETRIC_ID, before)
		frappe.db.set_value("Employee", employee, BIOMETRIC_ID, code)

	def waiting(self) -> list[str]:
		return frappe.get_all(PENDING, {"status": "Waiting"}, pluck="emp_code", order_by="emp_code")

	def test_what_became_of_the_punches_and_what_still_waits_and_why(self) -> None:
		device = self.make_device()
		self.make_waiting(device, "901", "901", "902")
		self.give("901", self.employees["1"])
		self.sim.stop()  # no device is asked
		done = self.bench()
		self.assertEqual(done.returncode, 0, done.stderr)
		self.assertIn("2 became check-ins, 0 existed, 0 are ignored by a rule, 1 still wait.", done.stdout)
		self.assertIn("1 punch: Unknown Employee", done.stdout)
		self.assertIn("Trying punches", done.stderr)
		self.assertEqual((len(self.check_ins()), self.waiting()), (2, ["902"]))

	def test_of_a_device_and_of_codes_for_scripts(self) -> None:
		device, gate = self.make_device(), self.make_device(GATE)
		self.make_waiting(device, "901", "902")
		self.sim.store.punch("903", lately(6))
		self.sync(gate)
		self.give("901", self.employees["1"])
		told = self.json("--device", GATE, "--code", "903")
		self.assertEqual((told["created"], told["waiting"]), (0, 1))
		self.assertEqual((told["why"][0]["punches"], told["why"][0]["reason"]), (1, "Unknown Employee"))
		told = self.json("--device", device.name, "--code", "901", "--code", "902")
		self.assertEqual((told["created"], told["waiting"], told["untried"]), (1, 1, 0))

	def test_nothing_that_waits_is_no_failure(self) -> None:
		self.make_device()
		done = self.bench()
		self.assertEqual(done.returncode, 0)
		self.assertIn("0 became check-ins", done.stdout)
		self.assertEqual(done.stderr, "")

	def test_a_site_without_a_device_has_nothing_that_waits(self) -> None:
		done = self.bench()
		self.assertEqual((done.returncode, done.stderr), (0, ""))
		self.assertIn("There is no device yet", done.stdout)
		told = self.json()
		self.assertEqual((told["created"], told["waiting"], told["why"]), (0, 0, []))

	def test_what_a_person_ignores_stays_ignored(self) -> None:
		device = self.make_device()
		self.make_waiting(device, "901")
		frappe.db.set_value(
			PENDING, {"emp_code": "901"}, {"status": "Ignored", "ignored_by": "Administrator"}
		)
		self.give("901", self.employees["1"])
		self.assertEqual((self.json()["created"], self.check_ins()), (0, []))

	def test_an_unknown_device_ends_with_2(self) -> None:
		device = self.make_device()
		told = self.json("--device", "Nowhere", ends_with=2)
		self.assertIn(device.name, told["remedy"])

	def test_an_error_of_ours_ends_with_2_and_is_in_the_error_log(self) -> None:
		device = self.make_device()
		self.make_waiting(device, "901")
		frappe.db.set_value(SETTINGS, device.name, "time_zone", "Nowhere/Near")
		self.give("901", self.employees["1"])
		told = self.json(ends_with=2)
		self.assertEqual((told["untried"], told["created"]), (1, 0))
		self.assertIn("Error Log", told["remedy"])
		self.assertEqual(self.waiting(), ["901"])
