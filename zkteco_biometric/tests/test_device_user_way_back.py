"""Nobody is locked out: the hours, the next shift, an IN; and a shift that still goes on."""

from datetime import datetime, timedelta

import frappe

from zkteco_biometric.device_users.decision import Decision, decide
from zkteco_biometric.device_users.states import Status
from zkteco_biometric.frappe_hr.device import wall_clocks
from zkteco_biometric.frappe_hr.device_user_facts import control_rules, facts_of
from zkteco_biometric.frappe_hr.names import CHECK_IN
from zkteco_biometric.tests.control import AT_HOME, ControlTestCase, now, set_site
from zkteco_biometric.tests.shifts import ASSIGNMENT, DAY, NIGHT, OTHER, WEDNESDAY, ShiftTestCase
from zkteco_biometric.tests.support import lately

HOUR = timedelta(hours=1)
THURSDAY = WEDNESDAY + 24 * HOUR


class WayBackTestCase(ShiftTestCase, ControlTestCase):
	CODES = ("1", "2")

	def setUp(self) -> None:
		super().setUp()
		frappe.db.set_single_value("HR Settings", "allow_multiple_shift_assignments", 1)
		self.addCleanup(frappe.db.set_single_value, "HR Settings", "allow_multiple_shift_assignments", 0)

	def make_shift_from_now(self, begins: float, ends: float, name: str = DAY) -> str:
		"""A Shift Type that begins and ends so many hours from now, whatever the clock shows."""
		times = {"start_time": _clock(begins), "end_time": _clock(ends)}
		if frappe.db.exists("Shift Type", name):
			frappe.db.set_value("Shift Type", name, times)
		else:
			self.make_shift(name, **{"start": "09:00:00", "end": "17:00:00"})
			frappe.db.set_value("Shift Type", name, times)
		frappe.db.commit()
		return name

	def at(self, wall: datetime, code: str = "1") -> Decision:
		"""What is decided when the site's clock shows that, of the check-ins and shifts on the site."""
		clocks, rules = wall_clocks(None), control_rules()
		instant = clocks.instant_on_site(wall)
		facts = facts_of([self.employees[code]], clocks, rules, instant)
		return decide(facts[self.employees[code]], None, rules, instant)

	def assert_disabled_until(self, out: datetime, until: datetime, code: str = "1") -> None:
		found = self.at(out + timedelta(minutes=1), code)
		self.assertEqual(found.status, Status.DISABLED, found.why)
		self.assertEqual(wall_clocks(None).on_site(found.until), until)

	def assert_enabled(self, when: datetime, until: datetime | None = None) -> None:
		"""At that time; `until`: when the same check-in disables."""
		found = self.at(when)
		self.assertEqual(found.status, Status.ENABLED, found.why)
		self.assertEqual(found.until and wall_clocks(None).on_site(found.until), until)


class TestTheHours(WayBackTestCase):
	def test_after_the_hours_the_sweep_enables(self) -> None:
		device = self.make_controlled()
		self.out(device, hours=1)
		self.let_hours_pass(6.5)
		self.control(device)
		self.assert_disabled("1")
		self.let_hours_pass(0.6)
		self.control(device)
		self.assert_at_home("1")
		self.let_hours_pass(1)
		self.control(device)
		self.assert_at_home("1")

	def test_fewer_hours_are_the_way_back_of_who_is_disabled_too(self) -> None:
		device = self.make_controlled()
		self.out(device, hours=3)
		set_site(way_back_hours=4)
		self.control(device)
		row = self.row("1")
		self.assertEqual(row.way_back, row.check_in_time + 4 * HOUR)
		set_site(way_back_hours=2)
		self.control(device)
		self.assert_at_home("1")

	def test_who_is_back_is_not_disabled_by_the_same_out_where_the_hours_are_more(self) -> None:
		device = self.make_controlled()
		self.out(device, hours=3)
		set_site(way_back_hours=2)
		self.control(device)
		set_site(way_back_hours=24)
		self.control(device)
		self.assert_at_home("1")


class TestTheNextShift(WayBackTestCase):
	def test_of_the_default_shift(self) -> None:
		self.make_shift(DAY, "09:00:00", "17:00:00")
		self.give_default_shift("1", DAY)
		set_site(way_back_hours=24)
		out = WEDNESDAY + 17 * HOUR
		self.check_in("1", out, "OUT")
		self.assert_disabled_until(out, THURSDAY + 8 * HOUR)
		self.assert_enabled(THURSDAY + 8 * HOUR)

	def test_the_margin_is_a_setting(self) -> None:
		self.make_shift(DAY, "09:00:00", "17:00:00")
		self.give_default_shift("1", DAY)
		set_site(way_back_hours=24, way_back_margin=15)
		out = WEDNESDAY + 18 * HOUR
		self.check_in("1", out, "OUT")
		self.assert_disabled_until(out, THURSDAY + 9 * HOUR - timedelta(minutes=15))

	def test_the_hours_come_first_where_the_shift_is_far(self) -> None:
		self.make_shift(DAY, "09:00:00", "17:00:00")
		self.give_default_shift("1", DAY)
		out = WEDNESDAY + 17 * HOUR
		self.check_in("1", out, "OUT")
		self.assert_disabled_until(out, out + 8 * HOUR)

	def test_of_a_shift_assignment_which_counts_before_the_default_shift(self) -> None:
		self.make_shift(DAY, "09:00:00", "17:00:00")
		self.make_shift(OTHER, "06:00:00", "14:00:00")
		self.give_default_shift("1", DAY)
		self.assign("1", OTHER, THURSDAY, THURSDAY)
		set_site(way_back_hours=24)
		out = WEDNESDAY + 17 * HOUR
		self.check_in("1", out, "OUT")
		self.assert_disabled_until(out, THURSDAY + 5 * HOUR)

	def test_an_assignment_that_is_a_draft_cancelled_inactive_or_over_does_not_count(self) -> None:
		self.make_shift(DAY, "09:00:00", "17:00:00")
		self.make_shift(OTHER, "06:00:00", "14:00:00")
		self.give_default_shift("1", DAY)
		self.assign("1", OTHER, THURSDAY - 96 * HOUR, WEDNESDAY)
		self.assign("1", OTHER, THURSDAY, THURSDAY, submitted=False)
		self.assign("1", OTHER, THURSDAY, THURSDAY, status="Inactive")
		self.assign("1", OTHER, THURSDAY, THURSDAY)
		frappe.db.set_value(
			ASSIGNMENT, {"docstatus": 1, "status": "Active", "start_date": THURSDAY.date()}, "docstatus", 2
		)
		set_site(way_back_hours=24)
		out = WEDNESDAY + 17 * HOUR
		self.check_in("1", out, "OUT")
		self.assert_disabled_until(out, THURSDAY + 8 * HOUR)

	def test_of_two_shifts_a_day_the_evening_one_after_the_morning_out(self) -> None:
		self.make_shift(DAY, "07:00:00", "11:00:00")
		self.make_shift(OTHER, "17:00:00", "21:00:00")
		self.assign("1", DAY, WEDNESDAY)
		self.assign("1", OTHER, WEDNESDAY)
		set_site(way_back_hours=24)
		morning, evening = WEDNESDAY + 11 * HOUR, WEDNESDAY + 21 * HOUR
		self.check_in("1", morning, "OUT")
		self.assert_disabled_until(morning, WEDNESDAY + 16 * HOUR)
		self.assert_enabled(WEDNESDAY + 16 * HOUR)
		self.assert_enabled(WEDNESDAY + 18 * HOUR)
		self.check_in("1", evening, "OUT")
		self.assert_disabled_until(evening, THURSDAY + 6 * HOUR)

	def test_a_night_shift_over_midnight(self) -> None:
		self.make_shift(NIGHT, "22:00:00", "06:00:00")
		self.give_default_shift("1", NIGHT)
		set_site(way_back_hours=24)
		morning = THURSDAY + 6 * HOUR
		self.check_in("1", morning, "OUT")
		self.assert_disabled_until(morning, THURSDAY + 21 * HOUR)
		self.assert_enabled(THURSDAY + 21 * HOUR)

	def test_an_out_in_the_middle_of_the_night_shift_waits_for_its_end(self) -> None:
		self.make_shift(NIGHT, "22:00:00", "06:00:00")
		self.give_default_shift("1", NIGHT)
		for out in (WEDNESDAY + 23 * HOUR, THURSDAY + HOUR):
			self.check_in("1", out, "OUT")
			self.assert_enabled(out + timedelta(minutes=1), until=THURSDAY + 6 * HOUR)
		self.assertEqual(self.at(THURSDAY + 7 * HOUR).status, Status.DISABLED)
		self.assert_enabled(THURSDAY + 9 * HOUR)

	def test_after_midnight_the_night_shift_of_that_day_is_the_next(self) -> None:
		self.make_shift(NIGHT, "23:00:00", "07:00:00")
		self.assign("1", NIGHT, THURSDAY, THURSDAY)
		set_site(way_back_hours=48, oldest_disabling_punch=24)
		out = THURSDAY + HOUR
		values = {"employee": self.employees["1"], "time": out, "log_type": "OUT"}
		doc = frappe.get_doc({"doctype": CHECK_IN, "name": frappe.generate_hash(), **values})
		doc.db_insert()  # HRMS 15 breaks down where it looks for the shift of the day before
		self.assert_disabled_until(out, THURSDAY + 22 * HOUR)

	def test_who_checks_out_shortly_before_a_shift_is_not_disabled(self) -> None:
		self.make_shift(DAY, "09:00:00", "17:00:00")
		self.give_default_shift("1", DAY)
		for out in (WEDNESDAY + 8 * HOUR, WEDNESDAY + 8.5 * HOUR):
			self.check_in("1", out, "OUT")
			self.assert_enabled(out + timedelta(minutes=1))

	def test_a_shift_that_is_moved_earlier_brings_back_earlier(self) -> None:
		self.make_shift_from_now(6, 14)
		self.give_default_shift("1", DAY)
		device = self.make_controlled()
		self.out(device, hours=1)
		self.assert_disabled("1")
		self.assertAlmostEqual((self.row("1").way_back - now()) / HOUR, 5, delta=0.02)
		self.make_shift_from_now(3, 11)
		self.control(device)
		self.assertAlmostEqual((self.row("1").way_back - now()) / HOUR, 2, delta=0.02)
		self.make_shift_from_now(0.75, 9)
		self.control(device)
		self.assert_at_home("1")

	def test_the_sweep_enables_a_margin_before_the_shift(self) -> None:
		self.make_shift_from_now(3, 11)
		self.give_default_shift("1", DAY)
		device = self.make_controlled()
		self.out(device, hours=1)
		self.out(device, "2", hours=1)
		self.make_shift_from_now(1.1, 9.1)
		self.control(device)
		self.assert_disabled("1", "2")
		self.make_shift_from_now(0.9, 8.9)
		self.control(device)
		self.assert_at_home("1")
		self.assert_disabled("2")


class TestAnOutInTheMiddleOfAShift(WayBackTestCase):
	def test_it_waits_until_the_end_and_then_disables(self) -> None:
		self.make_shift_from_now(-3, 2)
		self.give_default_shift("1", DAY)
		device = self.make_controlled()
		self.out(device, hours=1)
		row = self.row("1")
		self.assertEqual((row.status, row.outcome, self.areas("1")), ("Enabled", "Waiting", AT_HOME))
		self.assertAlmostEqual((row.due_at - now()) / HOUR, 2, delta=0.02)
		self.assertEqual(self.moves(), 0)
		self.let_hours_pass(2.1)
		self.make_shift_from_now(-5.1, -0.1)
		self.control(device)
		self.assert_disabled("1")
		self.assertEqual(self.row("1").way_back, self.row("1").check_in_time + 8 * HOUR)

	def test_who_comes_back_from_lunch_is_not_disabled_at_the_end(self) -> None:
		self.make_shift_from_now(-3, 2)
		self.give_default_shift("1", DAY)
		device = self.make_controlled()
		self.out(device, hours=1)
		self.check_in("1", lately(0.5), "IN")
		self.control(device)
		self.assertEqual(self.state("1"), ("Enabled", "Confirmed"))
		self.let_hours_pass(2.1)
		self.make_shift_from_now(-5.1, -0.1)
		self.control(device)
		self.assertEqual((self.areas("1"), self.moves()), (AT_HOME, 0))

	def test_where_the_site_wants_it_it_disables_at_once(self) -> None:
		self.make_shift_from_now(-3, 2)
		self.give_default_shift("1", DAY)
		set_site(disable_during_shift=1)
		device = self.make_controlled()
		self.out(device, hours=1)
		self.assert_disabled("1")

	def test_a_person_who_is_disabled_while_the_setting_is_taken_back_comes_back(self) -> None:
		self.make_shift_from_now(-3, 2)
		self.give_default_shift("1", DAY)
		set_site(disable_during_shift=1)
		device = self.make_controlled()
		self.out(device, hours=1)
		set_site(disable_during_shift=0)
		self.control(device)
		self.assertEqual(self.areas("1"), AT_HOME)

	def test_a_shift_that_ends_after_the_hours_lets_the_out_disable_nobody(self) -> None:
		self.make_shift(DAY, "06:00:00", "20:00:00")
		self.give_default_shift("1", DAY)
		out = WEDNESDAY + 8 * HOUR
		self.check_in("1", out, "OUT")
		self.assert_enabled(out + timedelta(minutes=1))
		self.assert_enabled(out + 13 * HOUR)


def _clock(hours: float) -> timedelta:
	"""The time of day so many hours from now."""
	then = now() + hours * HOUR
	return then - then.replace(hour=0, minute=0, second=0)
