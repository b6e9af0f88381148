"""Enable Everyone: everybody gets back just what they had, and nobody is disabled before the next OUT."""

import frappe

from zkteco_biometric.api import enable_everyone, enable_person
from zkteco_biometric.frappe_hr.device_user_triggers import overview
from zkteco_biometric.frappe_hr.names import DEVICE_USER
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.control import (
	AT_HOME,
	OFFICE,
	ControlTestCase,
	control_jobs,
	set_site,
	work_off_passes,
)
from zkteco_biometric.tests.jobs import forget_jobs
from zkteco_biometric.tests.support import elsewhere, lately
from zkteco_biometric.user_control import sweep

GATE = "ZKTeco Test Gate"


class TestEnableEveryone(ControlTestCase):
	def test_everybody_gets_back_just_what_they_had(self) -> None:
		self.sim.store.change_person(2, areas=[self.store_room])
		device = self.make_controlled()
		for code in self.CODES:
			self.out(device, code)
		self.assert_disabled(*self.CODES)
		answer = enable_everyone(device.name)
		self.assertEqual(answer, {"people": 3, "enqueued": True, "worker": False})
		self.assertEqual(control_jobs(), [device.name])
		work_off_passes()
		self.assertEqual([self.areas(code) for code in self.CODES], [AT_HOME, ["Store Room"], AT_HOME])
		self.assertEqual({self.state(code) for code in self.CODES}, {("Enabled", "Confirmed")})
		self.assertEqual(overview(device)["disabled"], 0)

	def test_a_field_gets_back_just_its_value(self) -> None:
		for id, value in enumerate(("yes", None, 7, True), start=1):
			if id > len(self.CODES):
				self.add_person("9")
			self.sim.store.change_person(min(id, 3), extra={"flag": value})
			self.sim.store.change_person(1, extra={"flag": value})
			device = self.make_controlled(
				f"ZKTeco Test {id}",
				control_method="Employee Field",
				control_field="flag",
				enabled_value="1",
				disabled_value="0",
			)
			self.out(device, hours=1 / id)
			self.assertEqual(self.sim.store.person(1).extra, {"flag": 0}, value)
			enable_everyone(device.name)
			self.control(device)
			self.assertEqual(self.sim.store.person(1).extra, {"flag": value})
			device.db_set("control_users", 0)

	def test_nobody_is_disabled_again_before_the_next_out(self) -> None:
		device = self.make_controlled()
		self.out(device, "1")
		self.punch("2", lately(0.2), "1")  # not read yet
		self.check_in("007", lately(0.3), "OUT")  # not processed yet
		enable_everyone(device.name)
		self.control(device)
		self.sync(device)
		for _ in range(3):
			self.control(device)
			self.let_hours_pass(0.4)
		for code in self.CODES:
			self.assertEqual(self.areas(code), AT_HOME, code)
		self.out(device, "1", hours=0.1)
		self.assert_disabled("1")

	def test_who_waits_for_the_end_of_a_shift_is_not_disabled_then(self) -> None:
		device = self.make_controlled()
		self.out(device)
		frappe.db.set_value(
			DEVICE_USER,
			self.row("1").name,
			{"former": None, "status": "Enabled", "outcome": "Waiting", "due_at": lately(-1)},
		)
		self.sim.store.change_person(1, areas=[self.office, self.store_room])
		enable_everyone(device.name)
		row = self.row("1")
		self.assertEqual((row.outcome, row.due_at), ("Confirmed", None))
		self.control(device)
		self.let_hours_pass(1.5)
		self.control(device)
		self.assertEqual(self.areas("1"), AT_HOME)

	def test_one_person_alone(self) -> None:
		device = self.make_controlled()
		self.out(device, "1")
		self.out(device, "2")
		answer = enable_person(self.row("1").name)
		self.assertEqual((answer["people"], control_jobs()), (1, [device.name]))
		for _ in range(3):
			self.control(device)
		self.assert_at_home("1")
		self.assert_disabled("2")
		self.assertEqual(enable_person(self.row("1").name)["people"], 0)
		self.out(device, "1", hours=0.1)
		self.control(device)
		self.assertEqual(self.areas("1"), AT_HOME, "an OUT of before the button")
		self.let_hours_pass(1)
		self.out(device, "1", hours=0.5)
		self.assert_disabled("1")

	def test_all_devices_or_one(self) -> None:
		device, gate = self.make_controlled(), self.make_controlled(GATE)
		self.out(device, "1")
		frappe.db.set_value(DEVICE_USER, self.row("1").name, "device", device.name)
		self.out(gate, "2")
		forget_jobs()
		self.assertEqual(enable_everyone(device.name)["people"], 1)
		self.assertEqual(control_jobs(), [device.name])
		forget_jobs()
		self.assertEqual(enable_everyone()["people"], 2)
		self.assertEqual(control_jobs(), [GATE, OFFICE])
		work_off_passes()
		self.assertEqual((self.areas("1"), self.areas("2")), (AT_HOME, AT_HOME))

	def test_where_nobody_is_disabled_nothing_is_asked(self) -> None:
		device = self.make_controlled()
		self.assertEqual(enable_everyone(device.name), {"people": 0, "enqueued": False, "worker": False})
		self.assertEqual((control_jobs(), self.sim.log.entries), ([], []))

	def test_who_has_left_stays_unless_included(self) -> None:
		set_site(keep_left_disabled=1)
		device = self.make_controlled()
		self.out(device, "1")
		self.out(device, "2")
		self.change_employee("1", status="Left")
		self.assertEqual(enable_everyone(device.name)["people"], 1)
		self.control(device)
		self.assert_disabled("1")
		self.assert_at_home("2")
		self.assertEqual(enable_everyone(device.name, include_left=True)["people"], 1)
		self.control(device)
		self.assert_at_home("1")
		self.control(device)
		self.assert_at_home("1")

	def test_one_who_has_left_is_enabled_by_name(self) -> None:
		set_site(keep_left_disabled=1)
		device = self.make_controlled()
		self.out(device, "1")
		self.change_employee("1", status="Left")
		self.assertEqual(enable_person(self.row("1").name)["people"], 1)
		self.control(device)
		self.assert_at_home("1")

	def test_a_device_that_is_down_is_tried_until_everybody_is_back(self) -> None:
		device = self.make_controlled()
		self.out(device)
		self.sim.stop()
		enable_everyone(device.name)
		for _ in range(3):
			self.control(device)
			self.let_hours_pass(0.1)
		self.assertEqual(self.state("1"), ("Enabled", "Failed"))
		self.assertEqual(self.row("1").released, 1)
		self.sim.start()
		self.assertEqual(sweep(), [device.name])
		self.control(device)
		self.assert_at_home("1")

	def test_a_pass_is_void_once_somebody_presses_it(self) -> None:
		"""Between the look at a person and what would be asked for."""
		device = self.make_controlled()
		site, answers = frappe.local.site, []
		press = faults.rows(lambda rows: (answers.append(elsewhere(site, _press, device.name)), rows)[1])
		self.sim.faults.add(press, path="/personnel/api/areas/")
		self.out(device, "1")
		self.assertEqual(answers, [0], "nobody was disabled yet")
		self.assertEqual((self.areas("1"), self.moves()), (AT_HOME, 0))
		for _ in range(2):
			self.control(device)
		self.assertEqual((self.areas("1"), self.moves()), (AT_HOME, 0))

	def test_who_is_being_disabled_while_somebody_presses_it_comes_back(self) -> None:
		device = self.make_controlled()
		site, answers = frappe.local.site, []

		def press(request, answer):
			answers.append(elsewhere(site, _press, device.name))
			return answer(request)

		self.sim.faults.add(press, path="adjust_area")
		self.out(device, "1")
		self.control(device)
		self.assertEqual(answers, [1])
		self.assert_at_home("1")


def _press(device: str) -> int:
	people = enable_everyone(device)["people"]
	frappe.db.commit()
	return people
