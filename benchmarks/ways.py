"""The ways of writing the same check-ins: a cycle, in bulk or one by one, bare `insert()`, and a raw multi-row insert."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence

import frappe

from benchmarks.history import IN, History
from benchmarks.results.speed import Took
from benchmarks.workspace import DEVICE, cycle, employee
from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_FIELD, SYNC_LOG

Rows = list[tuple]


def took(rows: int, write: Callable[[], object]) -> Took:
	"""How long the writing of so many rows takes."""
	gc.collect()
	wall, cpu = time.perf_counter(), time.process_time()
	write()
	return Took(rows, time.perf_counter() - wall, time.process_time() - cpu)


def run_cycle(history: History) -> None:
	"""One sync of all of the history; raises where it did not create all of it."""
	created = cycle().counters.created
	if created != history.punches:
		raise RuntimeError(f"The cycle created {created} of {history.punches} check-ins.")


def run_bare(history: History, url: str, page_size: int) -> None:
	"""Only HRMS's own fields, and a commit for as many rows as a page has."""
	for number, (code, when, state) in enumerate(history.rows(), 1):
		frappe.get_doc(
			{
				"doctype": CHECK_IN,
				"employee": employee(code),
				"time": when,
				"log_type": "IN" if state == IN else "OUT",
				"device_id": url,
			}
		).insert()
		if number % page_size == 0 or number == history.punches:
			frappe.db.commit()


def stored_rows() -> Rows:
	"""Every column of what a cycle has stored, in the order of its names."""
	return list(
		frappe.db.sql(f"select * from `tab{CHECK_IN}` where {DEVICE_FIELD} = %s order by name", DEVICE)
	)


def run_raw(rows: Rows, page_size: int) -> None:
	"""The same values in every column, a statement and a commit for each page."""
	columns = frappe.db.get_table_columns(CHECK_IN)
	insert = f"insert into `tab{CHECK_IN}` ({', '.join(f'`{column}`' for column in columns)}) values "
	row = f"({', '.join(['%s'] * len(columns))})"
	for begin in range(0, len(rows), page_size):
		page = rows[begin : begin + page_size]
		frappe.db.sql(insert + ", ".join([row] * len(page)), _flat(page))
		frappe.db.commit()


def _flat(page: Sequence[tuple]) -> list:
	return [value for row in page for value in row]


def written_in_bulk() -> int:
	"""How many check-ins the device's last log says went in bulk."""
	if not frappe.get_meta(SYNC_LOG).has_field("written_in_bulk"):
		return 0
	logs = frappe.get_all(
		SYNC_LOG, {"device": DEVICE}, pluck="written_in_bulk", order_by="creation desc", limit=1
	)
	return (logs and logs[0]) or 0
