"""Check-ins enable and disable people on devices, on a real site, against the simulator."""

from datetime import timedelta

import frappe

from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_USER, SETTINGS, USER_ID
from zkteco_biometric.simulator import Variant
from zkteco_biometric.tests.control import (
	AT_HOME,
	OFFICE,
	PARKING,
	ControlTestCase,
	control_jobs,
	now,
	set_site,
	work_off_passes,
)
from zkteco_biometric.tests.jobs import forget_jobs
from zkteco_biometric.tests.support import lately
from zkteco_biometric.user_control import sweep

GATE = "ZKTeco Test Gate"


class TestDeviceUsers(ControlTestCase):
	def test_a_device_is_not_controlled_unless_somebody_says_so(self) -> None:
		device = self.make_device()
		self.assertEqual(device.control_users, 0)
		self.punch("1", lately(1), "1")
		self.sync(device)
		self.assertEqual(self.areas("1"), AT_HOME)
		self.assertEqual(frappe.db.count(DEVICE_USER), 0)
		self.assertEqual(self.sim.log.count("/personnel/api/employees/"), 0)

	def test_an_out_disables_and_remembers_what_was_there(self) -> None:
		device = self.make_controlled()
		self.punch("1", lately(0.5), "1")
		self.sync(device)
		self.assertEqual(self.areas("1"), [PARKING])
		row = self.row("1")
		self.assertEqual((row.status, row.outcome), ("Disabled", "Confirmed"))
		self.assertEqual(row.former_shown, "Office, Store Room")
		self.assertEqual(row.check_in, self.check_ins("name")[0].name)
		self.assertEqual(row.way_back, row.check_in_time + timedelta(hours=8))
		self.assertEqual(frappe.db.get_value("Employee", self.employees["1"], USER_ID), row.user_id)
		self.assertEqual(self.areas("2"), AT_HOME)

	def test_a_terminal_refuses_who_is_disabled_and_lets_in_who_is_back(self) -> None:
		device = self.make_controlled()
		self.out(device)
		self.assertIsNone(self.sim.store.person_punches("1", "SN-OFFICE", now(), "0"))
		self.check_in("1", lately(0.25), "IN")
		self.control(device)
		self.assertIsNotNone(self.sim.store.person_punches("1", "SN-OFFICE", now(), "0"))

	def test_an_in_by_hand_gives_back_the_very_areas(self) -> None:
		device = self.make_controlled()
		self.punch("1", lately(0.5), "1")
		self.sync(device)
		self.check_in("1", lately(0.25), "IN")
		self.control(device)
		self.assert_at_home("1")
		self.assertEqual(self.state("1"), ("Enabled", "Confirmed"))

	def test_the_sweep_brings_everybody_back_without_a_punch(self) -> None:
		device = self.make_controlled()
		self.punch("1", lately(0.5), "1")
		self.sync(device)
		set_site(way_back_hours=0)
		self.assertEqual(sweep(), [device.name])
		self.control(device)
		self.assert_at_home("1")

	def test_a_check_in_without_a_log_type_lets_in(self) -> None:
		device = self.make_controlled()
		self.out(device)
		self.check_in("1", lately(0.25), "")
		self.control(device)
		self.assert_at_home("1")


class TestSeveralDevices(ControlTestCase):
	def setUp(self) -> None:
		super().setUp()
		self.device = self.make_controlled()
		self.gate = self.make_controlled(GATE)
		forget_jobs()

	def test_an_out_at_one_device_disables_on_both(self) -> None:
		"""Both read the same server here, which parks a person once; each device has a row of its own."""
		self.punch("1", lately(0.5), "1")
		self.sync(self.device)
		self.assert_disabled("1")
		self.assertIsNone(self.row("1", GATE))
		self.assertEqual(control_jobs(), [GATE], "its own people were looked after at once")
		work_off_passes()
		self.assertEqual(self.row("1", GATE).outcome, "Changed Elsewhere", "it was parked there already")

	def test_an_out_at_one_server_disables_on_another_and_an_in_enables(self) -> None:
		other = self.another_server("1")
		frappe.db.set_value(SETTINGS, GATE, "url", other.url)
		self.punch("1", lately(0.5), "1")
		self.sync(self.device)
		self.assertEqual(control_jobs(), [GATE])
		work_off_passes()
		self.assertEqual(self.state("1", GATE), ("Disabled", "Confirmed"))
		self.assertEqual(other.store.person_by_code("1").area_names, [PARKING])
		other.store.punch("1", lately(0.25), "0")
		self.sync(self.gate)
		self.assertEqual(other.store.person_by_code("1").area_names, ["Default Area"])
		self.assertEqual(control_jobs(), [OFFICE])
		work_off_passes()
		self.assert_at_home("1")

	def test_a_device_that_is_not_controlled_gets_no_job(self) -> None:
		frappe.db.set_value(SETTINGS, GATE, "control_users", 0)
		self.punch("1", lately(0.5), "1")
		self.sync(self.device)
		self.assertEqual(control_jobs(), [])

	def test_a_sync_of_a_device_that_is_not_controlled_lets_the_others_look(self) -> None:
		plain = self.make_device("ZKTeco Test Plain")
		forget_jobs()
		self.punch("1", lately(0.5), "1")
		self.sync(plain)
		self.assertEqual(control_jobs(), [GATE, OFFICE])

	def test_a_sync_without_news_bothers_no_other_device(self) -> None:
		self.sync(self.device)
		self.assertEqual(control_jobs(), [])


class TestTheNewestCheckIn(ControlTestCase):
	def test_only_the_newest_counts(self) -> None:
		device = self.make_controlled()
		for hours, state in ((5, "1"), (4, "0"), (3, "1"), (2, "0")):
			self.punch("1", lately(hours), state)
		self.sync(device)
		self.assertEqual((self.areas("1"), self.row("1"), self.writes()), (AT_HOME, None, []))

	def test_many_punches_of_a_person_in_a_cycle_are_one_write(self) -> None:
		device = self.make_controlled()
		for minutes in range(40):
			self.punch("1", lately(3) + timedelta(minutes=minutes), str((minutes + 1) % 2))
		self.punch("1", lately(0.5), "1")
		self.sync(device)
		self.assert_disabled("1")
		self.assertEqual(self.moves(), 1)

	def test_another_out_of_who_is_disabled_writes_nothing_and_moves_the_way_back(self) -> None:
		device = self.make_controlled()
		self.out(device, hours=3)
		before = self.row("1").way_back
		self.sim.log.clear()
		newer = self.out(device, hours=1)
		self.assert_disabled("1")
		self.assertEqual(self.moves(), 0)
		row = self.row("1")
		self.assertEqual((row.check_in, row.way_back), (newer, row.check_in_time + timedelta(hours=8)))
		self.assertGreater(row.way_back, before + timedelta(hours=1.9))

	def test_a_late_older_punch_changes_nothing(self) -> None:
		device = self.make_controlled()
		self.check_in("1", lately(1), "IN")
		self.control(device)
		self.sim.log.clear()
		self.punch("1", lately(2), "1")
		self.sync(device)
		self.assertEqual((self.areas("1"), self.writes()), (AT_HOME, []))

	def test_a_late_older_in_enables_nobody(self) -> None:
		device = self.make_controlled()
		self.out(device)
		self.punch("1", lately(2), "0")
		self.sync(device)
		self.assert_disabled("1")

	def test_an_out_older_than_the_age_never_disables(self) -> None:
		set_site(way_back_hours=24, oldest_disabling_punch=2)
		device = self.make_controlled()
		self.punch("1", lately(3), "1")
		self.punch("2", lately(1), "1")
		self.sync(device)
		self.assertEqual((self.areas("1"), self.areas("2")), (AT_HOME, [PARKING]))
		self.assertEqual([entry.body["employees"] for entry in self.sim.log.matching("adjust_area/")], [[2]])

	def test_who_is_disabled_stays_so_when_their_out_has_become_old(self) -> None:
		set_site(way_back_hours=24, oldest_disabling_punch=2)
		device = self.make_controlled()
		self.out(device, hours=1)
		self.let_hours_pass(5)
		self.control(device)
		self.assert_disabled("1")

	def test_an_in_of_the_same_second_wins(self) -> None:
		device = self.make_controlled()
		when = lately(0.5)
		self.check_in("1", when, "OUT")
		self.check_in("1", when, "IN")
		self.control(device)
		self.assertEqual(self.areas("1"), AT_HOME)

	def test_a_check_in_that_lies_ahead_counts_for_nothing_yet(self) -> None:
		device = self.make_controlled()
		self.check_in("1", lately(-2), "OUT")
		self.control(device)
		self.assertEqual(self.areas("1"), AT_HOME)
		self.out(device, hours=0.5)
		self.check_in("1", lately(-3), "IN")
		self.control(device)
		self.assert_disabled("1")

	def test_an_out_that_hr_deletes_lets_in(self) -> None:
		device = self.make_controlled()
		name = self.out(device)
		frappe.delete_doc(CHECK_IN, name)
		frappe.db.commit()
		self.control(device)
		self.assert_at_home("1")

	def test_a_check_in_that_hr_edits_counts_as_it_is_now(self) -> None:
		device = self.make_controlled()
		name = self.out(device)
		doc = frappe.get_doc(CHECK_IN, name)
		doc.log_type = "IN"
		doc.save()
		frappe.db.commit()
		self.control(device)
		self.assert_at_home("1")
		self.let_hours_pass(0.5)
		doc.reload()
		doc.log_type = "OUT"
		doc.save()
		frappe.db.commit()
		self.control(device)
		self.assertEqual(self.areas("1"), AT_HOME, "an OUT that has had its effect has no other")

	def test_an_older_out_that_hr_moves_to_a_time_that_has_passed_moves_the_way_back(self) -> None:
		device = self.make_controlled()
		name = self.out(device, hours=1)
		doc = frappe.get_doc(CHECK_IN, name)
		doc.time = lately(9)
		doc.save()
		frappe.db.commit()
		self.control(device)
		self.assert_at_home("1")

	def test_deleting_a_check_in_that_a_row_links_to_works(self) -> None:
		device = self.make_controlled()
		name = self.out(device)
		self.assertEqual(self.row("1").check_in, name)
		frappe.delete_doc(CHECK_IN, name)
		self.assertFalse(frappe.db.exists(CHECK_IN, name))
		frappe.db.commit()


class TestSwitchingOn(ControlTestCase):
	def test_an_out_of_before_disables_nobody(self) -> None:
		self.check_in("1", lately(0.5), "OUT")
		device = self.make_device()
		device.control_users = 1
		switched_on = now()
		device.save()
		self.assertEqual(control_jobs(), [device.name])
		self.control(device)
		self.assertEqual((self.areas("1"), self.writes()), (AT_HOME, []))
		self.check_in("2", switched_on, "OUT")
		self.control(device)
		self.assertEqual(self.areas("2"), AT_HOME, "not even one of that very second")

	def test_the_next_out_disables(self) -> None:
		device = self.make_controlled(since=None)
		self.let_hours_pass(1)
		self.out(device)
		self.assert_disabled("1")

	def test_a_dry_run_shows_it_and_sends_no_write(self) -> None:
		device = self.make_controlled(control_dry_run=1)
		self.out(device)
		self.out(device, "2")
		for _ in range(2):
			self.assertEqual(self.state("1"), ("Disabled", "Dry Run"))
			self.assertEqual((self.areas("1"), self.areas("2"), self.writes()), (AT_HOME, AT_HOME, []))
			self.assertIn("Would be disabled", self.row("1").why)
			self.assertIsNone(self.row("1").former)
			self.control(device)
		self.check_in("1", lately(0.1), "IN")
		self.control(device)
		self.assertEqual(self.state("1"), ("Enabled", "Confirmed"))

	def test_a_dry_run_reads_no_more_than_it_must(self) -> None:
		device = self.make_controlled(control_dry_run=1)
		self.out(device)
		self.sim.log.clear()
		self.control(device)
		self.assertEqual(self.sim.log.entries, [], "nothing is new, and nobody's time has come")

	def test_a_dry_run_that_ends_acts_from_then_on(self) -> None:
		device = self.make_controlled(control_dry_run=1)
		self.out(device)
		device.control_dry_run = 0
		device.save()
		self.assertEqual(control_jobs(), [device.name])
		self.control(device)
		self.assertEqual((self.areas("1"), self.moves()), (AT_HOME, 0), "that OUT was of before")
		self.assertNotEqual(self.row("1").outcome, "Dry Run")
		self.let_hours_pass(1)
		self.out(device, "2", hours=0.25)
		self.assert_disabled("2")

	def test_a_server_without_adjust_area_is_managed_by_the_record(self) -> None:
		for variant in (
			Variant(adjust_area="error500"),
			Variant(adjust_area="missing_html", resync="missing_json"),
			Variant(adjust_area="missing_json", patch_area_alone="error500"),
		):
			self.start_over()
			self.sim.variant = variant
			device = self.make_controlled()
			self.out(device)
			self.assert_disabled("1")
			self.assertNotEqual(device.control_way or "adjust_area", "adjust_area")
			self.sim.log.clear()
			self.check_in("1", lately(0.25), "IN")
			self.control(device)
			self.assertEqual(self.areas("1"), AT_HOME)
			self.assertEqual(self.moves(), 1, "the way that worked is the first to be tried")
			self.let_hours_pass(0.5)  # until nothing can come any more of what the server failed at
			self.control(device)
			self.assert_at_home("1")
			self.assertEqual(self.moves(), 1)

	def test_a_field_of_the_record_is_set_and_its_very_value_given_back(self) -> None:
		self.sim.store.change_person(1, extra={"acc_flag": "weekdays"})
		device = self.make_controlled(
			control_method="Employee Field",
			control_field="acc_flag",
			enabled_value="yes",
			disabled_value="no",
			parking_area="",
		)
		self.out(device)
		self.assertEqual(self.sim.store.person(1).extra, {"acc_flag": "no"})
		self.assertEqual(self.areas("1"), AT_HOME)
		self.assertEqual(self.row("1").former_shown, 'acc_flag = "weekdays"')
		self.check_in("1", lately(0.25), "IN")
		self.control(device)
		self.assertEqual(self.sim.store.person(1).extra, {"acc_flag": "weekdays"})

	def test_a_field_that_the_record_lacks_is_unsupported_and_told(self) -> None:
		device = self.make_controlled(
			control_method="Employee Field", control_field="acc_flag", enabled_value="1", disabled_value="0"
		)
		self.out(device)
		self.assertEqual(self.row("1").outcome, "Unsupported")
		self.assertIn("acc_flag", self.row("1").error)
		self.assertEqual(self.writes(), [])

	def test_a_parking_area_that_is_missing_or_has_a_terminal_disables_nobody_and_is_told_once(self) -> None:
		for area, word in (("Nowhere", "no area Nowhere"), ("Office", "Terminals belong to the area")):
			self.start_over()
			device = self.make_controlled(parking_area=area)
			self.out(device)
			self.assertEqual((self.areas("1"), self.writes()), (AT_HOME, []))
			self.assertEqual(self.row("1").outcome, "Unsupported")
			self.assertIn(word, device.control_error)
			self.assertTrue(device.control_remedy)
			self.out(device, hours=0.25)
			(entry,) = self.told()
			self.assertIn(word, entry)
			self.assertIn(device.name, entry)
