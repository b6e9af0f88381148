"""A device whose URL changes while somebody is disabled there, and two devices that are one server."""

import frappe

from zkteco_biometric.api import enable_everyone
from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.control import AT_HOME, OFFICE, PARKING, ControlTestCase, control_jobs
from zkteco_biometric.tests.jobs import forget_jobs
from zkteco_biometric.tests.support import lately
from zkteco_biometric.user_control import control_device_users, sweep

GATE = "ZKTeco Test Gate"
GATE_PARKING = "Gate Parking"


class TestAnotherServer(ControlTestCase):
	CODES = ("1", "2")

	def setUp(self) -> None:
		super().setUp()
		self.other = self.another_server("1", "2")
		self.device = self.make_controlled()
		self.out(self.device, "1", hours=1)
		self.assert_disabled("1")

	def move(self, url: str) -> list[str]:
		"""What is told to who saves it."""
		frappe.clear_messages()
		self.device.reload()
		self.device.url = url
		self.device.save()
		frappe.db.commit()
		told = [message["message"] for message in frappe.get_message_log()]
		frappe.clear_messages()
		return told

	def asked_to_change(self) -> list[str]:
		return [
			entry.path
			for entry in self.other.log.entries
			if "/personnel/" in entry.path and entry.method != "GET"
		]

	def test_who_saves_it_is_told_how_many_stay_disabled_and_what_to_do(self) -> None:
		(message,) = self.move(self.other.url)
		for part in ("1 person is disabled at", self.sim.url, self.other.url, "Enable Everyone"):
			self.assertIn(part, message)
		enable_everyone(self.device.name)
		(message,) = self.move(self.sim.url)
		self.control(self.device)
		self.assert_at_home("1")
		self.assertEqual(self.move(self.other.url), [], "nobody is disabled any more")

	def test_nobody_is_taken_for_whom_we_disabled_and_the_way_back_is_kept(self) -> None:
		before = self.row("1").former
		self.move(self.other.url)
		self.check_in("1", lately(0.5), "IN")
		self.control(self.device)
		row = self.row("1")
		self.assertEqual((row.status, row.outcome, row.former), ("Enabled", "Failed", before))
		for part in (self.sim.url, self.other.url):
			self.assertIn(part, row.error)
		self.assertIn("change it back", row.remedy)
		self.assertEqual((self.areas("1"), self.asked_to_change()), ([PARKING], []))
		self.assertEqual(self.other.store.person_by_code("1").area_names, ["Default Area"])
		self.assertTrue([entry for entry in self.told() if self.employees["1"] in entry])

	def test_who_is_disabled_still_is_not_taken_for_enabled_there(self) -> None:
		before = self.row("1").former
		self.move(self.other.url)
		self.let_hours_pass(1.1)  # until they are looked at once more
		self.control(self.device)
		row = self.row("1")
		self.assertEqual((row.status, row.outcome, row.former), ("Disabled", "Failed", before))
		self.assertIn(self.sim.url, row.error)
		self.assertEqual(self.asked_to_change(), [])

	def test_others_are_disabled_and_enabled_there_as_ever(self) -> None:
		self.move(self.other.url)
		self.out(self.device, "2", hours=0.5)
		self.assertEqual(self.other.store.person_by_code("2").area_names, [PARKING])
		self.assertEqual(self.areas("2"), AT_HOME)
		self.check_in("2", lately(0.2), "IN")
		self.control(self.device)
		self.assertEqual(self.other.store.person_by_code("2").area_names, ["Default Area"])

	def test_changed_back_it_restores_at_once_by_enable_everyone(self) -> None:
		self.move(self.other.url)
		self.control(self.device)
		self.move(self.sim.url)
		enable_everyone(self.device.name)
		self.control(self.device)
		self.assert_at_home("1")

	def test_changed_back_it_restores_by_itself(self) -> None:
		self.move(self.other.url)
		self.check_in("1", lately(0.5), "IN")
		self.control(self.device)
		self.move(self.sim.url)
		self.assertEqual(control_jobs(), [self.device.name])
		self.let_hours_pass(1.1)
		self.control(self.device)
		self.assert_at_home("1")

	def test_who_is_late_by_it_is_told_of(self) -> None:
		self.move(self.other.url)
		self.let_hours_pass(8)
		self.control(self.device)
		(late,) = [entry for entry in self.told() if "could not be enabled in time" in entry]
		self.assertIn("Office, Store Room", late)


class TestTheSameServerUnderAnotherAddress(ControlTestCase):
	CODES = ("1",)

	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_controlled()
		self.out(self.device, hours=1)
		self.device.url = self.sim.url.replace("127.0.0.1", "localhost")
		self.device.save()
		frappe.db.commit()
		frappe.clear_messages()
		self.assertNotEqual(self.device.url, self.sim.url)

	def test_everybody_is_restored_as_ever(self) -> None:
		self.check_in("1", lately(0.5), "IN")
		self.control(self.device)
		self.assert_at_home("1")
		self.assertEqual((self.state("1"), self.told()), (("Enabled", "Confirmed"), []))

	def test_who_is_disabled_stays_so_and_comes_back_in_time(self) -> None:
		self.let_hours_pass(1.1)
		self.control(self.device)
		self.assert_disabled("1")
		self.let_hours_pass(6)
		self.control(self.device)
		self.assert_at_home("1")

	def test_a_request_that_was_not_answered_keeps_nobody_held_for_good(self) -> None:
		self.sim.faults.add(faults.reset(applied=True), path="adjust_area")
		self.check_in("1", lately(0.5), "IN")
		self.control(self.device)
		self.assertEqual(self.areas("1"), AT_HOME)
		self.let_hours_pass(0.3)
		self.control(self.device)
		self.assert_at_home("1")

	def test_terminals_that_could_not_be_told_are_told_later(self) -> None:
		self.sim.faults.add(faults.status(500), path="resync_to_device")
		self.check_in("1", lately(0.5), "IN")
		self.control(self.device)
		self.assertEqual(self.areas("1"), AT_HOME)
		before = self.sim.log.count("resync_to_device/")
		self.let_hours_pass(0.3)
		self.control(self.device)
		self.assertGreater(self.sim.log.count("resync_to_device/"), before)
		self.assert_at_home("1")


class TestTwoDevicesThatAreOneServer(ControlTestCase):
	CODES = ("1", "2")

	def setUp(self) -> None:
		super().setUp()
		self.sim.store.add_area("20", GATE_PARKING)
		self.device = self.make_controlled()
		self.gate = self.make_controlled(GATE, parking_area=GATE_PARKING)
		forget_jobs()

	def pass_over(self, *devices) -> None:
		for device in devices:
			self.control(device)

	def test_the_person_comes_back_to_their_own_areas_whichever_device_is_first(self) -> None:
		for out_order in ((OFFICE, GATE), (GATE, OFFICE)):
			for in_order in ((OFFICE, GATE), (GATE, OFFICE)):
				self.start_over()
				devices = {
					OFFICE: self.make_controlled(),
					GATE: self.make_controlled(GATE, parking_area=GATE_PARKING),
				}
				self.check_in("1", lately(0.5), "OUT")
				self.pass_over(*(devices[name] for name in out_order))
				parked = PARKING if out_order[0] == OFFICE else GATE_PARKING
				self.assertEqual(self.areas("1"), [parked], out_order)
				self.assertEqual(self.state("1", out_order[1]), ("Enabled", "Changed Elsewhere"))
				self.let_hours_pass(1.1)
				self.pass_over(*(devices[name] for name in out_order))
				self.assertEqual(self.areas("1"), [parked], "looked at once more")
				self.check_in("1", lately(0.2), "IN")
				self.pass_over(*(devices[name] for name in in_order))
				self.assertEqual(self.areas("1"), AT_HOME, (out_order, in_order))
				for name in devices:
					self.assertIsNone(self.row("1", name).former)

	def test_both_at_once(self) -> None:
		"""Both have seen the person at home before either has moved them."""
		self.check_in("1", lately(0.5), "OUT")
		self.while_asked("adjust_area", control_device_users, GATE)
		self.control(self.device)
		self.assertIn(self.areas("1"), ([PARKING], [GATE_PARKING]))
		self.check_in("1", lately(0.2), "IN")
		self.pass_over(self.device, self.gate)
		self.assertEqual(self.areas("1"), AT_HOME)

	def test_both_at_once_and_the_other_one_is_first_to_enable(self) -> None:
		self.check_in("1", lately(0.5), "OUT")
		self.while_asked("adjust_area", control_device_users, GATE)
		self.control(self.device)
		self.check_in("1", lately(0.2), "IN")
		self.pass_over(self.gate, self.device)
		self.assertEqual(self.areas("1"), AT_HOME)

	def test_the_way_back_comes_for_both(self) -> None:
		for code in self.CODES:
			self.check_in(code, lately(0.5), "OUT")
		self.pass_over(self.device, self.gate)
		self.let_hours_pass(8)
		self.assertEqual(sweep(), [GATE, OFFICE])
		self.pass_over(self.gate, self.device, self.gate)
		for code in self.CODES:
			self.assertEqual(self.areas(code), AT_HOME)

	def test_enable_everyone_on_all_devices(self) -> None:
		for code in self.CODES:
			self.check_in(code, lately(0.5), "OUT")
		self.while_asked("adjust_area", control_device_users, GATE)
		self.pass_over(self.device, self.gate)
		enable_everyone()
		self.pass_over(self.gate, self.device)
		for code in self.CODES:
			self.assertEqual(self.areas(code), AT_HOME)
		self.assertEqual(frappe.db.count(SETTINGS, {"control_error": ("is", "set")}), 0)
