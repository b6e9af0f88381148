"""The same worlds written in bulk and one by one: every column of every row is the same.

`ZKTECO_WORLDS` draws so many more of each kind, `ZKTECO_FIRST_WORLD` others, `ZKTECO_PUNCHES` larger ones.
"""

import os
from datetime import date, timedelta
from unittest.mock import patch

from frappe.utils import getdate

from zkteco_biometric.frappe_hr.bulk import assignments, writer
from zkteco_biometric.frappe_hr.names import CHECK_IN
from zkteco_biometric.tests.customised import HARMLESS_FIELDS, custom_fields, property_set, single, stored
from zkteco_biometric.tests.support import DeviceTestCase
from zkteco_biometric.tests.world_outcome import Outcome, first_difference
from zkteco_biometric.tests.world_site import WorldSite, delete_worlds
from zkteco_biometric.tests.worlds import DAYS, IGNORED_STATE, NO_LOG_TYPE_STATE, World, make_world

MORE = int(os.environ.get("ZKTECO_WORLDS") or 0)
FIRST = int(os.environ.get("ZKTECO_FIRST_WORLD") or 1)
PUNCHES = int(os.environ.get("ZKTECO_PUNCHES") or 420)

CALM, ROUGH, FIELDS, DEFAULT, MANDATORY, MUST = "calm", "rough", "fields", "default", "mandatory", "must"
NAMED, RULED, PLACELESS, PLACED, MANY, SHORT = "named", "ruled", "placeless", "placed", "many", "short"
WORLDS = {
	CALM: 7,
	ROUGH: 8,
	FIELDS: 3,
	DEFAULT: 1,
	MANDATORY: 1,
	MUST: 1,
	NAMED: 1,
	RULED: 1,
	PLACELESS: 1,
	PLACED: 1,
	MANY: 2,
	SHORT: 1,
}


def first_day() -> date:
	"""Lately: HRMS walks from a punch to today where somebody has no shift. A failure names the day, to draw it again."""
	told = os.environ.get("ZKTECO_FIRST_DAY")
	return getdate(told) if told else getdate() - timedelta(days=DAYS + 4)


class TestBulkSame(DeviceTestCase):
	CODES = ()

	def setUp(self) -> None:
		super().setUp()
		self.addCleanup(delete_worlds)
		states = [
			{"punch_state": IGNORED_STATE, "log_type": "Ignore"},
			{"punch_state": NO_LOG_TYPE_STATE, "log_type": "No Log Type"},
		]
		device = self.make_device(punch_states=states)
		self.site = WorldSite(self.sim, device.name)

	def compare(self, world: World) -> Outcome:
		"""The outcome of the bulk path, which is that of `insert()`."""
		self.site.build(world)
		one_by_one = self.site.run(world, one_by_one=True)
		with patch.object(writer, "_FEW", 1):
			in_bulk = self.site.run(world, one_by_one=False)
		difference = first_difference(one_by_one, in_bulk, in_order=world.calm)
		if difference:
			day = f"ZKTECO_FIRST_DAY={world.first_day} ZKTECO_FIRST_WORLD={world.number}"
			self.fail(f"World {world.number} ({day}, {PUNCHES} punches, calm: {world.calm}). {difference}")
		self.assertEqual(one_by_one.written_in_bulk, 0)
		return in_bulk

	def compare_worlds(self, kind: str) -> list[Outcome]:
		day = first_day()
		numbers = range(FIRST, FIRST + WORLDS[kind] + MORE)
		return [self.compare(make_world(number, day, PUNCHES, calm=kind != ROUGH)) for number in numbers]

	def assert_in_bulk(self, outcomes: list[Outcome]) -> None:
		"""All but the first of each sync, which shows whether the ways agree, and what comes alone on a page."""
		for outcome in outcomes:
			self.assertGreater(outcome.created, PUNCHES / 3)
			self.assertEqual(outcome.why_one_by_one, [])
			self.assertGreater(outcome.written_in_bulk, outcome.created * 0.9)

	def test_the_worlds_have_at_least_10_000_punches(self):
		self.assertGreaterEqual(sum(WORLDS.values()) * PUNCHES, 10_000)

	def test_where_hrms_refuses_nobody(self):
		self.assert_in_bulk(self.compare_worlds(CALM))

	def test_where_people_have_more_assignments_than_are_read_at_once(self):
		with patch.object(assignments, "_MANY", 1), patch.object(assignments, "_AROUND", timedelta(days=1)):
			self.assert_in_bulk(self.compare_worlds(MANY))

	def test_where_hrms_refuses_some(self):
		outcomes = self.compare_worlds(ROUGH)
		in_bulk = sum(outcome.written_in_bulk for outcome in outcomes)
		self.assertGreater(in_bulk, sum(outcome.created for outcome in outcomes) / 2)

	def test_with_fields_of_the_site_that_have_defaults_or_are_fetched(self):
		with custom_fields(HARMLESS_FIELDS):
			self.assert_in_bulk(self.compare_worlds(FIELDS))

	def test_with_a_default_log_type(self):
		with property_set("log_type", "default", "OUT"):
			self.assert_in_bulk(self.compare_worlds(DEFAULT))

	def test_where_every_check_in_must_have_a_shift(self):
		with property_set("shift", "reqd", "1", "Check"):
			self.compare_worlds(MANDATORY)

	def test_where_every_check_in_must_have_what_some_employees_lack(self):
		must = {"fieldname": "phone", "fieldtype": "Data", "fetch_from": "employee.cell_number", "reqd": 1}
		with custom_fields([must]):
			for outcome in self.compare_worlds(MUST):
				self.assertGreater(outcome.written_in_bulk, 0)

	def test_where_names_of_employees_must_be_short(self):
		with property_set("employee_name", "length", "25", "Int"):
			for outcome in self.compare_worlds(SHORT):
				self.assertGreater(outcome.written_in_bulk, 0)

	def test_with_names_by_employee(self):
		with property_set(None, "autoname", "CK-.YYYY.-.MM.-.employee.-.####"):
			self.compare_worlds(NAMED)

	def test_with_names_by_a_rule(self):
		rule = {"document_type": CHECK_IN, "prefix": "ZKTeco-Test-", "prefix_digits": 5}
		with stored("Document Naming Rule", **rule):
			self.compare_worlds(RULED)

	def test_where_hrms_wants_to_know_the_place(self):
		with single("HR Settings", "allow_geolocation_tracking", 1):
			for outcome in self.compare_worlds(PLACELESS):
				self.assertEqual(outcome.created, 0)

	def test_where_every_check_in_has_the_place_of_the_office(self):
		with (
			single("HR Settings", "allow_geolocation_tracking", 1),
			property_set("latitude", "default", "-1.2921"),
			property_set("longitude", "default", "36.8219"),
		):
			for outcome in self.compare_worlds(PLACED):
				self.assertGreater(outcome.created, 0)
