"""A cycle into a table of very many check-ins, beside one into an empty table; and what its statements read there."""

from __future__ import annotations

import frappe

from benchmarks import explain
from benchmarks.cycle_process import run_cycle as run_cycle_elsewhere
from benchmarks.history import History
from benchmarks.punch_server import serving
from benchmarks.results.large import Large
from benchmarks.results.speed import Took
from benchmarks.sizes import Sizes
from benchmarks.ways import run_cycle, took
from benchmarks.workspace import delete_check_ins, forget_what_was_read, job, start_over
from zkteco_biometric.frappe_hr.names import CHECK_IN

_LATER = 60
"""Seconds between the punches of one round and those of the next: no two rounds share one."""


def measure(site: str, sizes: Sizes) -> Large:
	"""The table is filled by a cycle, unless it is full still."""
	rows = sizes.memory[-1]
	_fill(site, sizes, rows)
	steps = explain.measure(site, sizes)
	indexes = _mib_of_indexes(site)
	full = [_measure(site, sizes, number) for number in range(sizes.rounds + 1)][1:]
	empty = [_measure(site, sizes, number, into_an_empty_table=True) for number in range(sizes.rounds + 1)][
		1:
	]
	return Large(rows, full, empty, steps, indexes)


def _mib_of_indexes(site: str) -> float:
	with job(site):
		size = frappe.db.sql(
			"select index_length from information_schema.tables where table_schema = database() and table_name = %s",
			f"tab{CHECK_IN}",
		)
	return size[0][0] / 2**20


def _fill(site: str, sizes: Sizes, rows: int) -> None:
	with job(site):
		if frappe.db.count(CHECK_IN) == rows:
			return
	with serving(History(sizes.people, rows)) as server:
		with job(site):
			start_over(server.url, sizes.page_size)
		run_cycle_elsewhere(site)


def _measure(site: str, sizes: Sizes, number: int, *, into_an_empty_table: bool = False) -> Took:
	"""The same people as those of the table; each round at seconds of its own."""
	history = History(sizes.people, sizes.punches, later=_LATER * (number + 1))
	with serving(history) as server:
		with job(site):
			if into_an_empty_table:
				delete_check_ins()
			forget_what_was_read(server.url, sizes.page_size)
		with job(site):
			return took(history.punches, lambda: run_cycle(history))
