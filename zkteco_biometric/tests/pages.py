"""Pages of check-ins with trouble: the same punches read in either way, and what happens in the middle of a sync."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import frappe

from zkteco_biometric.frappe_hr.names import CHECK_IN, PENDING, SITE_SETTINGS
from zkteco_biometric.tests.choosing import ChoiceTestCase
from zkteco_biometric.tests.customised import single
from zkteco_biometric.tests.support import elsewhere

PAGE = 20
PAGES = 3 * PAGE
SERIES = ("tabseries", "for update")
"""In a statement that waits for a number of a name."""
A_PAGE_OF_THEM = (f"insert into `tab{CHECK_IN.lower()}`", "), (")
"""In a statement that inserts several check-ins."""


class PagesTestCase(ChoiceTestCase):
	CODES = ("pages 1", "pages 2", "pages 3", "pages 4")

	def setUp(self) -> None:
		super().setUp()
		self.one, self.other, self.third, self.fourth = self.employees.values()

	def sync_three_pages(self) -> Any:
		return self.sync_punches(PAGES, page_size=PAGE)

	def give(self, employee: str, **values: Any) -> None:
		"""Until the end of the test."""
		before = frappe.db.get_value("Employee", employee, list(values), as_dict=True)
		self.addCleanup(_set, employee, before)
		_set(employee, values)

	def both_ways(self, *columns: str) -> tuple[Any, Any]:
		"""What one sync of the same punches leaves, one by one and in bulk: the counters, these columns, and who waits why."""
		one_by_one, in_bulk = (self._one_way(way, columns) for way in (1, 0))
		return one_by_one, in_bulk

	def _one_way(self, one_by_one: int, columns: tuple[str, ...]) -> tuple:
		way = single(SITE_SETTINGS, "write_one_by_one", one_by_one)
		with self.another_day(), way, _series_put_back():
			log = self.sync_punches(PAGE)
			counted = (log.status, log.created, log.duplicate, log.pending)
			check_ins = self.check_ins("employee", "time", *columns)
			waiting = frappe.get_all(
				PENDING, fields=["employee", "reason", "message"], order_by="punch_time, employee"
			)
			return counted, check_ins, waiting


@contextmanager
def right_before(marks: tuple[str, ...], do: Callable[[], object], number: int = 1) -> Iterator[list[str]]:
	"""Right before this connection sends such a statement for the so-manieth time. The list: those that it has sent."""
	sent: list[str] = []
	original = frappe.db.sql

	def sql(query: Any, *args: Any, **kwargs: Any) -> Any:
		text = str(query)
		if all(mark in text.lower() for mark in marks):
			sent.append(text)
			if len(sent) == number:
				do()
		return original(query, *args, **kwargs)

	frappe.db.sql = sql
	try:
		yield sent
	finally:
		frappe.db.sql = original


@contextmanager
def rows_read(mark: str) -> Iterator[list[int]]:
	"""How many rows this connection was sent for each such statement."""
	read: list[int] = []
	original = frappe.db.sql

	def sql(query: Any, *args: Any, **kwargs: Any) -> Any:
		found = original(query, *args, **kwargs)
		if mark in str(query).lower():
			read.append(len(found))
		return found

	frappe.db.sql = sql
	try:
		yield read
	finally:
		frappe.db.sql = original


def meanwhile(function: Callable, *args: object) -> Any:
	"""What another process does, and commits."""

	def do() -> Any:
		done = function(*args)
		frappe.db.commit()
		return done

	with ThreadPoolExecutor(1) as thread:
		return thread.submit(elsewhere, frappe.local.site, do).result()


@contextmanager
def _series_put_back() -> Iterator[None]:
	before = frappe.db.sql("select name, current from tabSeries")
	try:
		yield
	finally:
		frappe.db.delete("Series")
		frappe.db.bulk_insert("Series", ["name", "current"], before)


def _set(employee: str, values: dict[str, Any]) -> None:
	frappe.db.set_value("Employee", employee, values)
	frappe.db.value_cache.clear()  # as in a job of its own
	frappe.db.commit()
