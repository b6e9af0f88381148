"""Where an app, a user or the site itself takes part in an Employee Checkin, a page goes through `insert()`, and the log says why."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import frappe
from hrms.hr.doctype.employee_checkin.employee_checkin import EmployeeCheckin

from zkteco_biometric.frappe_hr.names import CHECK_IN, SITE_SETTINGS
from zkteco_biometric.tests import choosing
from zkteco_biometric.tests.another_app import HOOK, MARK, OTHER_CLASS, heard, hooks_of_another_app
from zkteco_biometric.tests.choosing import PUNCHES, ChoiceTestCase
from zkteco_biometric.tests.customised import custom_fields, property_set, single
from zkteco_biometric.tests.people import WithUsers

EVENTS = (
	"before_insert",
	"before_validate",
	"validate",
	"before_save",
	"after_insert",
	"on_update",
	"on_change",
)
SPECIAL_FIELDS: tuple[dict[str, Any], ...] = (
	{"fieldtype": "Time"},
	{"fieldtype": "Datetime", "default": "Now"},
	{"fieldtype": "Text Editor"},
	{"fieldtype": "Code", "options": "Python"},
	{"fieldtype": "Attach"},
	{"fieldtype": "Password"},
	{"fieldtype": "Rating"},
	{"fieldtype": "Data", "options": "Email"},
	{"fieldtype": "Data", "unique": 1},
	{"fieldtype": "Data", "is_virtual": 1, "options": "doc.employee"},
	{"fieldtype": "Data", "fetch_from": "shift.color"},
)


class TestBulkChoice(ChoiceTestCase):
	def test_nobody_listens(self):
		self.assert_in_bulk()

	def test_the_site_wants_every_check_in_one_by_one(self):
		with single(SITE_SETTINGS, "write_one_by_one", 1):
			self.assert_one_by_one("ZKTeco Site Settings")

	def test_a_few_are_written_one_by_one_and_need_no_reason(self):
		with patch.object(choosing, "PUNCHES", 3):
			log = self.sync_a_page()
		self.assertEqual((log.created, log.written_in_bulk, log.why_one_by_one), (3, 0, None))


class TestListeningApps(ChoiceTestCase):
	def test_hooks_on_check_ins_hear_of_each(self):
		for event in EVENTS:
			with (
				self.subTest(event),
				self.another_day(),
				hooks_of_another_app(doc_events={CHECK_IN: {event: HOOK}}),
			):
				self.assert_one_by_one(HOOK)
				self.assertEqual(len(heard), PUNCHES)

	def test_hooks_on_all_doctypes_hear_of_each(self):
		for event in EVENTS:
			with (
				self.subTest(event),
				self.another_day(),
				hooks_of_another_app(doc_events={"*": {event: HOOK}}),
			):
				self.assert_one_by_one(HOOK)
				self.assertEqual(len(heard), PUNCHES)

	def test_hooks_on_several_doctypes_hear_of_each(self):
		with hooks_of_another_app(doc_events={("Employee", CHECK_IN): {"on_update": HOOK}}):
			self.assert_one_by_one(HOOK)
		self.assertEqual(len(heard), PUNCHES)

	def test_hooks_on_naming_hear_of_each(self):
		for event in ("before_naming", "autoname"):
			with (
				self.subTest(event),
				self.another_day(),
				hooks_of_another_app(doc_events={CHECK_IN: {event: HOOK}}),
			):
				self.assert_one_by_one(HOOK)
				self.assertEqual(len(heard), PUNCHES)

	def test_hooks_on_what_is_no_insert_are_in_nobodys_way(self):
		events = dict.fromkeys(("on_trash", "on_cancel", "after_rename", "on_update_after_submit"), HOOK)
		with hooks_of_another_app(doc_events={CHECK_IN: events, "Employee": {"validate": HOOK}}):
			self.assert_in_bulk()
		self.assertEqual(heard, [])

	def test_a_class_of_another_app_does_its_work(self):
		with hooks_of_another_app(override_doctype_class={CHECK_IN: OTHER_CLASS}):
			self.assert_one_by_one("another_app")
		self.assertEqual(self.stored_values("device_id"), {MARK})

	def test_a_class_that_somebody_has_changed_does_its_work(self):
		def before_save(doc) -> None:
			doc.device_id = MARK

		with patch.object(EmployeeCheckin, "before_save", before_save, create=True):
			self.assert_one_by_one("before_save")
		self.assertEqual(self.stored_values("device_id"), {MARK})

	def test_a_rule_of_hrms_that_somebody_has_changed_does_its_work(self):
		original = EmployeeCheckin.validate

		def validate(doc) -> None:
			original(doc)
			doc.device_id = MARK

		with patch.object(EmployeeCheckin, "validate", validate):
			self.assert_one_by_one("validate")
		self.assertEqual(self.stored_values("device_id"), {MARK})

	def test_what_is_stored_otherwise_than_expected_is_seen_at_the_first_check_in(self):
		with a_trigger_in_the_database():
			self.assert_one_by_one("Location / Device ID")
		self.assertEqual(self.stored_values("device_id"), {MARK})


class TestListeningUsers(WithUsers, ChoiceTestCase):
	def test_who_follows_what_they_create_follows_each(self):
		user = self.users["HR Manager"]
		follows = {"follow_created_documents": 1, "document_follow_notify": 1}
		frappe.db.set_value("User", user, follows)
		frappe.clear_document_cache("User", user)
		log = self.sync_a_page(user)
		self.assertEqual((log.created, log.written_in_bulk), (PUNCHES, 0))
		self.assertIn(user, log.why_one_by_one)
		self.assertEqual(self.number_of("Document Follow", user=user, ref_doctype=CHECK_IN), PUNCHES)
		frappe.db.set_value("User", user, dict.fromkeys(follows, 0))
		frappe.clear_document_cache("User", user)

	def test_check_ins_belong_to_who_pressed_sync_now(self):
		user = self.users["HR Manager"]
		log = self.sync_a_page(user)
		self.assertEqual((log.created, log.written_in_bulk), (PUNCHES, PUNCHES - 1))
		self.assertEqual(self.stored_values("owner"), {user})
		self.assertEqual(self.stored_values("modified_by"), {user})


class TestCustomisedCheckIns(ChoiceTestCase):
	def test_fields_that_are_filled_or_checked_one_by_one(self):
		for field in SPECIAL_FIELDS:
			special = {"fieldname": "field", **field}
			with self.subTest(field), self.another_day(), custom_fields([special]):
				self.assert_one_by_one("zkteco_test_field")

	def test_a_mandatory_field_that_nothing_fills_refuses_each(self):
		with custom_fields([{"fieldname": "field", "fieldtype": "Data", "reqd": 1}]):
			log = self.sync_a_page()
		self.assertEqual((log.created, log.pending, log.written_in_bulk), (0, PUNCHES, 0))

	def test_a_field_that_can_be_searched_goes_to_the_search(self):
		with property_set("employee_name", "in_global_search", "1", "Check"):
			self.assert_one_by_one("customized")

	def test_whether_changes_are_tracked_is_the_same_for_new_check_ins(self):
		with property_set(None, "track_changes", "0", "Check"):
			self.assert_in_bulk()
		self.assertEqual(self.number_of("Version", ref_doctype=CHECK_IN), self.versions)

	def setUp(self) -> None:
		super().setUp()
		self.versions = frappe.db.count("Version", {"ref_doctype": CHECK_IN})


@contextmanager
def a_trigger_in_the_database() -> Iterator[None]:
	frappe.db.sql_ddl(
		f"create trigger zkteco_test before insert on `tab{CHECK_IN}` for each row set new.device_id = '{MARK}'"
	)
	try:
		yield
	finally:
		frappe.db.sql_ddl("drop trigger zkteco_test")
