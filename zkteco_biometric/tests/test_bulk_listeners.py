"""Records that listen to Employee Checkin are heard: then a page goes through `insert()`, and the Sync Log says why."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import frappe

from zkteco_biometric.frappe_hr.names import CHECK_IN
from zkteco_biometric.tests.another_app import MARK, web_server
from zkteco_biometric.tests.choosing import PUNCHES, ChoiceTestCase
from zkteco_biometric.tests.customised import custom_fields, delete_fields, stored
from zkteco_biometric.tests.support import ensure_company

NAME = "ZKTeco Test Listener"
SCRIPT = {
	"name": NAME,
	"script_type": "DocType Event",
	"reference_doctype": CHECK_IN,
	"doctype_event": "Before Save",
	"script": f"doc.device_id = {MARK!r}",
}
NOTIFICATION = {
	"name": NAME,
	"subject": NAME,
	"document_type": CHECK_IN,
	"channel": "System Notification",
	"message": NAME,
	"set_property_after_alert": "skip_auto_attendance",
	"property_value": "1",
	"recipients": [{"receiver_by_document_field": "owner"}],
}
WEBHOOK = {
	"name": NAME,
	"webhook_doctype": CHECK_IN,
	"webhook_docevent": "after_insert",
	"request_structure": "JSON",
	"webhook_json": '{"employee": "{{ doc.employee }}"}',
}
ASSIGNMENT_RULE = {
	"name": NAME,
	"document_type": CHECK_IN,
	"description": NAME,
	"assign_condition": "True",
	"rule": "Round Robin",
	"users": [{"user": "Administrator"}],
	"assignment_days": [
		{"day": day} for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
	],
}
POINTS = {
	"rule_name": NAME,
	"reference_doctype": CHECK_IN,
	"for_doc_event": "New",
	"points": 1,
	"user_field": "owner",
	"enabled": 1,
}


class TestListeningRecords(ChoiceTestCase):
	def test_a_server_script_runs_for_each(self):
		with server_scripts_allowed(), stored("Server Script", **SCRIPT):
			self.assert_one_by_one(NAME)
		self.assertEqual(self.stored_values("device_id"), {MARK})

	def test_a_disabled_server_script_is_in_nobodys_way(self):
		with server_scripts_allowed(), stored("Server Script", **SCRIPT, disabled=1):
			self.assert_in_bulk()

	def test_a_server_script_that_is_no_listener_is_in_nobodys_way(self):
		api = {**SCRIPT, "script_type": "API", "api_method": "zkteco_test"}
		with server_scripts_allowed(), stored("Server Script", **api):
			self.assert_in_bulk()

	def test_a_notification_is_sent_for_each_new_check_in(self):
		with stored("Notification", **NOTIFICATION, event="New"):
			self.assert_one_by_one(NAME)
		self.assertEqual(self.stored_values("skip_auto_attendance"), {1})

	def test_a_notification_is_sent_for_each_saved_check_in(self):
		with stored("Notification", **NOTIFICATION, event="Save"):
			self.assert_one_by_one(NAME)
		self.assertEqual(self.stored_values("skip_auto_attendance"), {1})

	def test_a_notification_of_a_method_is_sent_for_each(self):
		with stored("Notification", **NOTIFICATION, event="Method", method="after_insert"):
			self.assert_one_by_one(NAME)
		self.assertEqual(self.stored_values("skip_auto_attendance"), {1})

	def test_a_notification_of_the_scheduler_is_in_nobodys_way(self):
		for event in ("Days Before", "Days After"):
			dated = {"event": event, "date_changed": "time", "days_in_advance": 1}
			with self.subTest(event), self.another_day(), stored("Notification", **NOTIFICATION, **dated):
				self.assert_in_bulk()

	def test_a_notification_of_a_changed_value_is_in_nobodys_way(self):
		with stored("Notification", **NOTIFICATION, event="Value Change", value_changed="shift"):
			self.assert_in_bulk()

	def test_a_disabled_notification_is_in_nobodys_way(self):
		with stored("Notification", **NOTIFICATION, event="New", enabled=0):
			self.assert_in_bulk()

	def test_a_webhook_is_called_for_each(self):
		with web_server() as (url, posted), stored("Webhook", **WEBHOOK, request_url=url):
			self.assert_one_by_one(NAME)
		self.assertEqual({call["employee"] for call in posted}, set(self.employees.values()))
		self.assertEqual(len(posted), PUNCHES)

	def test_a_disabled_webhook_is_in_nobodys_way(self):
		with web_server() as (url, posted), stored("Webhook", **WEBHOOK, request_url=url, enabled=0):
			self.assert_in_bulk()
		self.assertEqual(posted, [])

	def test_an_assignment_rule_assigns_each(self):
		with stored("Assignment Rule", **ASSIGNMENT_RULE):
			self.assert_one_by_one(NAME)
		self.assertEqual(self.number_of("ToDo", assignment_rule=NAME), PUNCHES)

	def test_a_disabled_assignment_rule_is_in_nobodys_way(self):
		with stored("Assignment Rule", **ASSIGNMENT_RULE, disabled=1):
			self.assert_in_bulk()

	def test_a_milestone_tracker_notes_each(self):
		with stored("Milestone Tracker", document_type=CHECK_IN, track_field="log_type") as tracker:
			self.assert_one_by_one("Milestone Tracker")
			self.assertEqual(self.number_of("Milestone", milestone_tracker=tracker.name), PUNCHES)
			self.forget_effects()

	def test_a_disabled_milestone_tracker_is_in_nobodys_way(self):
		with stored("Milestone Tracker", document_type=CHECK_IN, track_field="log_type", disabled=1):
			self.assert_in_bulk()

	def test_a_naming_rule_names_each(self):
		with stored("Document Naming Rule", document_type=CHECK_IN, prefix="ZKTeco-Test-", prefix_digits=4):
			self.assert_one_by_one("Document Naming Rule")
		self.assertEqual(min(self.stored_values("name")), "ZKTeco-Test-0001")
		self.assertEqual(max(self.stored_values("name")), f"ZKTeco-Test-{PUNCHES:04}")

	def test_a_disabled_naming_rule_is_in_nobodys_way(self):
		rule = {"document_type": CHECK_IN, "prefix": "ZKTeco-Test-", "prefix_digits": 4}
		with stored("Document Naming Rule", **rule, disabled=1):
			self.assert_in_bulk()

	def test_an_energy_point_rule_judges_each(self):
		if not frappe.db.table_exists("Energy Point Rule"):
			self.skipTest("this version has no energy points")
		with stored("Energy Point Rule", **POINTS):
			self.assert_one_by_one(NAME)

	def test_a_disabled_energy_point_rule_is_in_nobodys_way(self):
		if not frappe.db.table_exists("Energy Point Rule"):
			self.skipTest("this version has no energy points")
		with stored("Energy Point Rule", **{**POINTS, "enabled": 0}):
			self.assert_in_bulk()

	def test_a_workflow_gives_each_its_state(self):
		with a_workflow(is_active=1):
			self.assert_one_by_one(NAME)
			self.assertEqual(self.stored_values("workflow_state"), {NAME})

	def test_an_inactive_workflow_is_in_nobodys_way(self):
		with a_workflow(is_active=0):
			self.assert_in_bulk()

	def test_a_service_level_agreement_is_applied_to_each(self):
		with past_its_rules("Service Level Agreement", document_type=CHECK_IN, enabled=1):
			frappe.cache.delete_value("doctypes_with_active_sla")
			self.addCleanup(frappe.cache.delete_value, "doctypes_with_active_sla")
			self.assert_one_by_one("Service Level Agreement")

	def test_while_transactions_of_a_company_are_deleted_its_check_ins_wait(self):
		company = {
			"fieldname": "company",
			"fieldtype": "Link",
			"options": "Company",
			"fetch_from": "employee.company",
		}
		running = {"company": ensure_company(), "status": "Running", "docstatus": 1}
		with custom_fields([company], prefix=""), past_its_rules("Transaction Deletion Record", **running):
			log = self.sync_a_page()
		self.assertEqual((log.created, log.pending, log.written_in_bulk), (0, PUNCHES, 0))


@contextmanager
def server_scripts_allowed() -> Iterator[None]:
	allowed = {**frappe.get_common_site_config(), "server_script_enabled": 1}
	with patch.object(frappe, "get_common_site_config", lambda *_args, **_kwargs: frappe._dict(allowed)):
		yield


@contextmanager
def a_workflow(**values: Any) -> Iterator[None]:
	workflow = {
		"workflow_name": NAME,
		"document_type": CHECK_IN,
		"states": [{"state": NAME, "doc_status": "0", "allow_edit": "All"}],
		"transitions": [{"state": NAME, "action": NAME, "next_state": NAME, "allowed": "All"}],
	}
	try:
		with (
			stored("Workflow State", workflow_state_name=NAME),
			stored("Workflow Action Master", workflow_action_name=NAME),
			stored("Workflow", **workflow, **values),
		):
			yield
	finally:
		delete_fields(["workflow_state"])


@contextmanager
def past_its_rules(doctype: str, **values: Any) -> Iterator[None]:
	"""A row as that app would store it; making it by the rules would need half of the app."""
	doc = frappe.get_doc({"doctype": doctype, "name": NAME, **values})
	doc.db_insert()
	frappe.db.commit()
	try:
		yield
	finally:
		frappe.db.delete(doctype, {"name": NAME})
		frappe.db.commit()
