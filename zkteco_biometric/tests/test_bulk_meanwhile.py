"""What others do while a page is being written: no punch is stored twice, and nobody's check-in by rules that hold no more."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial

import frappe
from frappe.model.document import Document

from zkteco_biometric.frappe_hr.check_ins import unique_key
from zkteco_biometric.frappe_hr.names import CHECK_IN, KEY_FIELD, SITE_SETTINGS, SYNC_LOG
from zkteco_biometric.simulator import faults
from zkteco_biometric.tests.customised import single
from zkteco_biometric.tests.imports import ImportTestCase
from zkteco_biometric.tests.jobs import work_off
from zkteco_biometric.tests.pages import (
	A_PAGE_OF_THEM,
	PAGE,
	PAGES,
	SERIES,
	PagesTestCase,
	meanwhile,
	right_before,
)
from zkteco_biometric.tests.support import elsewhere

NOTIFICATION = {
	"name": "ZKTeco Test Listener",
	"subject": "New",
	"document_type": CHECK_IN,
	"event": "New",
	"channel": "System Notification",
	"message": "New",
	"recipients": [{"receiver_by_document_field": "owner"}],
}
OF_THE_PAGE = 2
"""The first wait for a number is that of the check-in which is compared; the second is that of the rest of the page."""


class TestOthersWrite(PagesTestCase):
	def test_what_others_store_while_a_page_waits_for_its_names_is_no_double(self):
		for log_type in ("IN", "OUT"):
			with self.subTest(log_type), self.another_day(), self.names_wait_for(store_by_hand, log_type):
				self.assert_one_was_stored_already(self.sync_punches(PAGE))

	def test_who_is_inactive_by_then_is_refused(self):
		with self.names_wait_for(make_inactive):
			self.assert_the_third_waits(self.sync_punches(PAGE))

	def test_what_others_store_between_a_deadlock_and_the_next_attempt_is_no_double(self):
		for log_type in ("IN", "OUT"):
			with self.subTest(log_type), self.another_day(), self.a_deadlock_after(store_by_hand, log_type):
				self.assert_one_was_stored_already(self.sync_punches(PAGE))

	def test_who_is_inactive_after_a_deadlock_is_refused(self):
		with self.a_deadlock_after(make_inactive):
			self.assert_the_third_waits(self.sync_punches(PAGE))

	def test_after_a_deadlock_the_page_is_written_at_once_all_the_same(self):
		with self.a_deadlock_after(look_away):
			log = self.sync_punches(PAGE)
		self.assertEqual((log.created, log.written_in_bulk, log.why_one_by_one), (PAGE, PAGE - 1, None))

	def test_another_device_that_was_faster_with_the_first_check_in_is_no_difference(self):
		with right_before(SERIES, partial(meanwhile, store_by_device, self.one, self.first)):
			log = self.sync_three_pages()
		self.assertEqual((log.created, log.duplicate, log.pending), (PAGES - 1, 1, 0))
		self.assertIsNone(log.why_one_by_one)
		self.assertGreaterEqual(log.written_in_bulk, PAGES - PAGE - 1)
		self.assert_nothing_is_twice()

	def setUp(self) -> None:
		super().setUp()
		self.addCleanup(make_active, self.third)

	@contextmanager
	def names_wait_for(self, function: Callable, *args: object) -> Iterator[None]:
		"""For another process, which does this with the third employee's first punch."""
		do = partial(meanwhile, function, self.third, self.first + timedelta(minutes=2), *args)
		with right_before(SERIES, do, OF_THE_PAGE) as sent:
			yield
		self.assertGreaterEqual(len(sent), OF_THE_PAGE)

	@contextmanager
	def a_deadlock_after(self, function: Callable, *args: object) -> Iterator[None]:
		"""The same, and the database makes our page the victim of a deadlock."""

		def be_the_victim() -> None:
			meanwhile(function, self.third, self.first + timedelta(minutes=2), *args)
			raise frappe.QueryDeadlockError

		with right_before(A_PAGE_OF_THEM, be_the_victim) as sent:
			yield
		self.assertEqual(len(sent), 2)

	def assert_one_was_stored_already(self, log: Document) -> None:
		self.assertEqual((log.created, log.duplicate, log.pending), (PAGE - 1, 1, 0))
		self.assert_nothing_is_twice()

	def assert_the_third_waits(self, log: Document) -> None:
		self.assertEqual((log.created, log.pending), (PAGE * 3 / 4, PAGE / 4))
		self.assertNotIn(self.third, self.stored_values("employee"))
		self.assertEqual({row.reason for row in self.pending_punches()}, {"Inactive Employee"})

	def assert_nothing_is_twice(self) -> None:
		stored = [(row.employee, row.time) for row in self.check_ins()]
		self.assertEqual(len(stored), len(set(stored)))


class TestTheSiteDecidesOtherwise(PagesTestCase):
	"""While the first of three pages is being written."""

	def test_a_tick_in_the_settings_holds_from_the_next_page_on(self):
		with single(SITE_SETTINGS, "write_one_by_one", 0):
			self.assert_only_the_first_page_in_bulk(tick_one_by_one, "ZKTeco Site Settings")

	def test_a_notification_is_sent_from_the_next_page_on(self):
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.delete_doc, "Notification", NOTIFICATION["name"], force=True)
		self.assert_only_the_first_page_in_bulk(make_notification, NOTIFICATION["name"])

	def assert_only_the_first_page_in_bulk(self, does: Callable, why: str) -> None:
		with right_before(A_PAGE_OF_THEM, partial(meanwhile, does)):
			log = self.sync_three_pages()
		self.assertEqual((log.created, log.written_in_bulk), (PAGES, PAGE - 1))
		self.assertIn(why, log.why_one_by_one)


class TestImports(ImportTestCase):
	CODES = ("1", "2")

	def test_how_check_ins_were_written_is_counted_with_each_page(self):
		device = self.make_device(page_size=20)
		self.punch_ten_days(a_day=10)
		site = frappe.local.site
		seen: list[tuple[int, int]] = []
		look = faults.rows(lambda rows: (seen.append(elsewhere(site, counted)), rows)[1])
		self.sim.faults.add(look, path="transactions", times=None)
		name = self.start(device)
		work_off()
		log = self.log(name)
		self.assertEqual((log.created, log.written_in_bulk), (200, 199))
		under_way = [one for one in seen if 0 < one[0] < 200]
		self.assertTrue(under_way)
		for created, in_bulk in under_way:
			self.assertEqual(in_bulk, created - 1)


def store_by_hand(employee: str, time: datetime, log_type: str) -> None:
	"""As HR does, or another integration: without the key that the database lets exist once."""
	values = {"employee": employee, "time": time, "log_type": log_type}
	frappe.get_doc({"doctype": CHECK_IN, **values}).insert()


def store_by_device(employee: str, time: datetime) -> None:
	values = {"employee": employee, "time": time, KEY_FIELD: unique_key(employee, time)}
	frappe.get_doc({"doctype": CHECK_IN, **values}).insert()


def make_inactive(employee: str, _time: datetime) -> None:
	frappe.db.set_value("Employee", employee, "status", "Inactive")


def look_away(_employee: str, _time: datetime) -> None:
	"""What others do is none of our business."""


def make_active(employee: str) -> None:
	frappe.db.set_value("Employee", employee, "status", "Active")
	frappe.db.commit()


def tick_one_by_one() -> None:
	frappe.db.set_single_value(SITE_SETTINGS, "write_one_by_one", 1)


def make_notification() -> None:
	frappe.get_doc({"doctype": "Notification", **NOTIFICATION}).insert()


def counted() -> tuple[int, int]:
	return frappe.db.get_value(SYNC_LOG, {}, ["created", "written_in_bulk"], order_by="creation desc")
