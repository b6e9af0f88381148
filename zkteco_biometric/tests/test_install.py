"""What installing brings, uninstalling takes away, and neither touches a person's data."""

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import frappe
from frappe.core.doctype.log_settings.log_settings import run_log_clean_up
from frappe.core.doctype.scheduled_job_type.scheduled_job_type import sync_jobs
from frappe.installer import remove_app

from zkteco_biometric.frappe_hr.attendance import SITE_SETTINGS
from zkteco_biometric.frappe_hr.names import (
	CHECK_IN,
	DEVICE_USER,
	KEY_FIELD,
	LOG_FIELD,
	PENDING,
	SETTINGS,
	SYNC_LOG,
)
from zkteco_biometric.hooks import scheduler_events
from zkteco_biometric.install import CUSTOM_FIELDS, MODIFIED_INDEX, after_install, after_migrate
from zkteco_biometric.tests.support import DeviceTestCase, days_ago
from zkteco_biometric.uninstall import take_away

MODULE = "ZKTeco Biometric"
DISPATCHER = "zkteco_biometric.sync.enqueue_due_devices"
SWEEP = "zkteco_biometric.frappe_hr.pending_triggers.sweep_pending"
CONTROL = "zkteco_biometric.user_control.sweep"
OURS = {(doctype, field["fieldname"]) for doctype, fields in CUSTOM_FIELDS.items() for field in fields}


class TestInstall(DeviceTestCase):
	CODES = ("1", "2")

	def setUp(self) -> None:
		super().setUp()
		self.others = frappe.db.count(CHECK_IN, {KEY_FIELD: ("is", "set")})

	def uninstall(self) -> None:
		if self.others:
			self.skipTest(
				"Dropping the columns would take something from check-ins of this site's own devices."
			)
		for restore in (frappe.db.commit, sync_jobs, after_install):  # the last one first
			self.addCleanup(restore)
		take_away()

	def test_the_custom_fields_are_there_with_their_columns(self):
		for doctype, fieldname in OURS:
			self.assertTrue(frappe.get_meta(doctype).has_field(fieldname), fieldname)
			self.assertIn(fieldname, _columns(doctype))

	def test_the_sync_that_brought_a_check_in_is_found_by_an_index(self):
		self.assertIn((CHECK_IN, LOG_FIELD), OURS)
		rows = frappe.db.sql(f"show index from `tab{CHECK_IN}`", as_dict=True)
		self.assertIn(LOG_FIELD, {row.Column_name for row in rows if row.Seq_in_index == 1})

	def test_every_doctype_of_this_app_is_there(self):
		self.assertEqual(set(_doctypes()), _doctypes_of_the_source())
		self.assertLessEqual(
			{SETTINGS, PENDING, SYNC_LOG, SITE_SETTINGS, DEVICE_USER}, set(_doctypes().values())
		)

	def test_the_database_lets_a_punch_of_a_device_exist_once(self):
		rows = frappe.db.sql(
			f"show index from `tab{PENDING}` where Key_name = 'one_punch_of_a_device'", as_dict=True
		)
		self.assertEqual([row.Column_name for row in rows], ["device", "punch_key"])
		self.assertEqual({row.Non_unique for row in rows}, {0})

	def test_the_database_lets_a_person_on_a_device_exist_once(self):
		rows = frappe.db.sql(
			f"show index from `tab{DEVICE_USER}` where Key_name = 'one_person_on_a_device'", as_dict=True
		)
		self.assertEqual([row.Column_name for row in rows], ["device", "employee"])
		self.assertEqual({row.Non_unique for row in rows}, {0})

	def test_the_key_has_a_unique_index(self):
		self.assertEqual(_unique_columns(CHECK_IN) & {KEY_FIELD}, {KEY_FIELD})

	def test_check_ins_that_changed_are_found_by_one_index(self):
		self.assertEqual(len(_indexes_on("modified")), 1)
		for _ in range(2):
			after_migrate()
		self.assertEqual(len(_indexes_on("modified")), 1)

	def test_uninstalling_leaves_only_the_index_of_others_and_installing_again_brings_no_second(self):
		self.uninstall()
		self.assertNotIn(MODIFIED_INDEX, _indexes_on("modified"))
		after_install()
		self.assertEqual(len(_indexes_on("modified")), 1)

	def test_migrating_again_changes_nothing(self):
		before = (_custom_fields(), _columns(CHECK_IN), _columns("Employee"), _unique_columns(CHECK_IN))
		for _ in range(2):
			after_migrate()
		after = (_custom_fields(), _columns(CHECK_IN), _columns("Employee"), _unique_columns(CHECK_IN))
		self.assertEqual(after, before)

	def test_migrating_brings_back_a_field_that_is_missing(self):
		self.addCleanup(after_migrate)
		frappe.db.delete("Custom Field", {"dt": CHECK_IN, "fieldname": KEY_FIELD})
		frappe.clear_cache(doctype=CHECK_IN)
		after_migrate()
		self.assertTrue(frappe.get_meta(CHECK_IN).has_field(KEY_FIELD))
		self.assertIn(KEY_FIELD, _unique_columns(CHECK_IN))

	def test_uninstalling_takes_fields_columns_and_index_away(self):
		self.uninstall()
		self.assertEqual(_custom_fields(), [])
		for doctype, fieldname in OURS:
			self.assertNotIn(fieldname, _columns(doctype))
			self.assertFalse(frappe.get_meta(doctype).has_field(fieldname), fieldname)
		self.assertNotIn(KEY_FIELD, _unique_columns(CHECK_IN))

	def test_a_dry_run_names_every_doctype_of_this_app_and_takes_nothing_away(self):
		before = (_custom_fields(), _columns(CHECK_IN), _scheduled())
		with redirect_stdout(StringIO()) as told:
			remove_app("zkteco_biometric", dry_run=True, yes=True)
		for doctype in _doctypes().values():
			self.assertIn(f"removing DocType '{doctype}'", told.getvalue())
		self.assertEqual((_custom_fields(), _columns(CHECK_IN), _scheduled()), before)

	def test_uninstalling_twice_or_after_half_of_it_is_no_error(self):
		self.uninstall()
		take_away()

	def test_uninstalling_leaves_check_ins_and_employees_as_they_were(self):
		device = self.make_device()
		for code in self.CODES:
			self.sim.store.punch(code, days_ago(1))
		self.sync(device)
		before = {doctype: _rows(doctype) for doctype in CUSTOM_FIELDS}
		self.assertEqual(len(self.check_ins()), len(self.CODES))
		self.uninstall()
		for doctype, rows in before.items():
			self.assertEqual(_rows(doctype), rows, doctype)
		frappe.get_doc(CHECK_IN, self.check_ins("name")[0].name).save()

	def test_uninstalling_leaves_no_secret_behind(self):
		device = self.make_device()
		self.sync(device)
		self.uninstall()
		self.assertEqual(frappe.db.sql("select count(*) from `__Auth` where doctype = %s", SETTINGS), ((0,),))

	def test_uninstalling_leaves_the_scheduler_nothing_to_call(self):
		wanted = {method for methods in scheduler_events.values() for method in methods}
		self.assertEqual(_scheduled(), wanted)
		self.assertLessEqual({DISPATCHER, SWEEP, CONTROL}, wanted)
		self.uninstall()
		self.assertEqual(_scheduled(), set())

	def test_uninstalling_leaves_no_switch_that_would_be_on_at_the_next_installation(self):
		frappe.db.set_single_value(SITE_SETTINGS, "move_last_sync_of_checkin", 1)
		self.addCleanup(frappe.db.set_single_value, SITE_SETTINGS, "move_last_sync_of_checkin", 0)
		self.uninstall()
		self.assertEqual(frappe.db.sql("select field from tabSingles where doctype = %s", SITE_SETTINGS), ())

	def test_uninstalling_leaves_log_settings_nothing_to_clear(self):
		run_log_clean_up()
		kept = {"ref_doctype": ("in", (PENDING, SYNC_LOG))}
		self.assertEqual(frappe.db.count("Logs To Clear", kept), 2)
		self.uninstall()
		self.assertEqual(frappe.db.count("Logs To Clear", kept), 0)

	def test_after_installing_again_a_sync_creates_nothing_twice(self):
		device = self.make_device()
		for code in self.CODES:
			self.sim.store.punch(code, days_ago(1))
		self.sync(device)
		self.uninstall()
		after_install()
		self.assertIn(KEY_FIELD, _unique_columns(CHECK_IN))
		again = self.sync(self.make_device("ZKTeco Test Again"))
		self.assertEqual((again.counters.created, again.counters.duplicate), (0, 2))
		self.assertEqual(len(self.check_ins()), 2)


def _custom_fields() -> list:
	fields = frappe.get_all(
		"Custom Field",
		filters={"fieldname": ("in", [fieldname for _, fieldname in OURS])},
		fields=["dt", "fieldname", "label", "insert_after", "unique", "hidden", "read_only", "no_copy"],
		order_by="dt, fieldname",
	)
	return [field for field in fields if (field.dt, field.fieldname) in OURS]


def _doctypes() -> dict[str, str]:
	"""What belongs to this app on the site, by the name of its folder."""
	names = frappe.get_all("DocType", {"module": MODULE}, pluck="name", order_by="name")
	return {frappe.scrub(name): name for name in names}


def _doctypes_of_the_source() -> set[str]:
	folder = Path(frappe.get_module_path(MODULE), "doctype")
	return {path.stem for path in folder.glob("*/*.json") if path.stem == path.parent.name}


def _scheduled() -> set[str]:
	ours = {"method": ("like", "zkteco_biometric.%")}
	return set(frappe.get_all("Scheduled Job Type", ours, pluck="method", order_by="method"))


def _columns(doctype: str) -> list[str]:
	return [row[0] for row in frappe.db.sql(f"show columns from `tab{doctype}`")]


def _unique_columns(doctype: str) -> set[str]:
	rows = frappe.db.sql(f"show index from `tab{doctype}`", as_dict=True)
	return {row.Column_name for row in rows if not row.Non_unique}


def _indexes_on(column: str) -> list[str]:
	"""Of Employee Checkin, by which rows are found by that column alone."""
	rows = frappe.db.sql(f"show index from `tab{CHECK_IN}`", as_dict=True)
	return [row.Key_name for row in rows if row.Column_name == column and row.Seq_in_index == 1]


def _rows(doctype: str) -> list[dict]:
	"""Every row with every column but ours."""
	rows = frappe.db.sql(f"select * from `tab{doctype}` order by name", as_dict=True)
	return [{name: row[name] for name in row if (doctype, name) not in OURS} for row in rows]
