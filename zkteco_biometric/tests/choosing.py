"""What the tests share of how a page of check-ins is written: one sync, and what its log says of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import frappe

from zkteco_biometric.frappe_hr.names import CHECK_IN, PENDING, SETTINGS, SYNC_LOG
from zkteco_biometric.sync import sync_device
from zkteco_biometric.tests.people import acting_as
from zkteco_biometric.tests.support import DeviceTestCase, lately

PUNCHES = 14
"""Enough for a page to be written at once, which a few check-ins are not."""

_LEFT_BEHIND = {
	"Version": "docname",
	"ToDo": "reference_name",
	"Milestone": "reference_name",
	"Document Follow": "ref_docname",
	"Webhook Request Log": "reference_document",
	"Workflow Action": "reference_name",
	"Comment": "reference_name",
}


class ChoiceTestCase(DeviceTestCase):
	CODES = ("bulk 1", "bulk 2")

	def setUp(self) -> None:
		super().setUp()
		self.first = lately(5)
		self.addCleanup(self.forget_effects)

	def forget_effects(self) -> None:
		"""What listeners have made of the check-ins, before these are deleted."""
		names = frappe.get_all(
			CHECK_IN,
			filters={"employee": ("in", list(self.employees.values()))},
			pluck="name",
			order_by="name",
		)
		for doctype, field in _LEFT_BEHIND.items():
			frappe.db.delete(doctype, {field: ("in", names or [""])})
		frappe.db.commit()

	@contextmanager
	def another_day(self) -> Iterator[None]:
		"""Afterwards the site is without device and check-ins, as before."""
		try:
			yield
		finally:
			self.forget_effects()
			self.sim.store.restart_ids()
			frappe.db.delete(PENDING)  # a device whose punches wait is not deleted
			for device in frappe.get_all(SETTINGS, pluck="name", order_by="name"):
				frappe.delete_doc(SETTINGS, device, force=True)
			frappe.db.delete(CHECK_IN, {"employee": ("in", list(self.employees.values()))})
			frappe.db.delete(SYNC_LOG)
			frappe.db.commit()

	def sync_a_page(self, user: str = "Administrator") -> Any:
		"""The log of a sync that brings PUNCHES check-ins."""
		return self.sync_punches(PUNCHES, user)

	def sync_punches(self, number: int, user: str = "Administrator", **of_device: Any) -> Any:
		"""The log of a sync that brings so many, of one employee after the other, a minute apart from `first` on."""
		device = self.make_device(**of_device)
		self.punch(number)
		with acting_as(user):
			result = sync_device(device.name)
		frappe.db.rollback()
		assert result, frappe.get_last_doc("Error Log").error
		return frappe.get_last_doc(SYNC_LOG)

	def punch(self, number: int) -> None:
		for one in range(number):
			self.sim.store.punch(self.CODES[one % len(self.CODES)], self.first + timedelta(minutes=one))

	def assert_one_by_one(self, why: str) -> None:
		log = self.sync_a_page()
		self.assertEqual((log.created, log.written_in_bulk), (PUNCHES, 0))
		self.assertIn(why, log.why_one_by_one or "")

	def assert_in_bulk(self) -> None:
		"""All but the first, which shows whether the ways agree."""
		log = self.sync_a_page()
		self.assertEqual((log.created, log.written_in_bulk), (PUNCHES, PUNCHES - 1))
		self.assertFalse(log.why_one_by_one)

	def stored_values(self, field: str) -> set:
		return {row[field] for row in self.check_ins(field)}

	def number_of(self, doctype: str, **filters: Any) -> int:
		return frappe.db.count(doctype, filters)
