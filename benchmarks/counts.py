"""Exact counts: SQL statements by the database's own counter, HTTP requests by the simulator's log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import frappe

from benchmarks.history import History
from benchmarks.punch_server import PunchServer, serving
from benchmarks.sizes import Sizes
from benchmarks.speed import run_bare
from benchmarks.workspace import cycle, delete_check_ins, forget_what_was_read, job, start_over
from zkteco_biometric.cycle.result import CycleResult

_TIMES = 2
_PER_COMMIT = 2
"""COMMIT, and the START TRANSACTION that Frappe sends after it."""


@dataclass(frozen=True)
class Counted:
	"""One cycle: what became of its punches, and what it sent."""

	result: CycleResult
	statements: int
	requests: list[str]


@dataclass(frozen=True)
class Counts:
	"""Cycles over the same history: all `new`, all there `again`, `idle` with nothing to read; and the `bare` loop.

	SQL statements include START TRANSACTION, COMMIT and savepoints. Everything is counted twice and the fewer are taken,
	since the first may fill caches of the site.
	"""

	new: Counted
	again: Counted
	idle: Counted
	bare: int
	duplicate_page: float
	unknown_page: float

	@property
	def per_check_in(self) -> float:
		"""All SQL statements of a cycle that creates every check-in, by check-in."""
		return self.new.statements / self.new.result.counters.created

	@property
	def per_bare_check_in(self) -> float:
		"""All SQL statements of the bare loop, its commits too, by check-in."""
		return self.bare / self.new.result.counters.created

	@property
	def per_cycle(self) -> float:
		"""SQL statements of a cycle beside those of its pages."""
		return self.again.statements - self.again.result.pages * self.duplicate_page

	@property
	def new_page(self) -> float:
		"""SQL statements of a page of new check-ins beside their inserts, which cost what they cost in the bare loop."""
		pages = self.new.result.pages
		inserts = self.bare - _PER_COMMIT * pages
		return (self.new.statements - inserts - self.per_cycle) / pages


def measure(site: str, sizes: Sizes) -> Counts:
	size, history = sizes.page_size, History(sizes.people, sizes.punches)
	with serving(history) as server:
		new = _fewer(lambda: _count_cycle(site, server, start_over, size))
		again = _fewer(lambda: _count_cycle(site, server, forget_what_was_read, size))
		idle = _fewer(lambda: _count_cycle(site, server))
		duplicate_page = _per_page(site, server, again, size)
		bare = min(_count_bare(site, server, history, size) for _ in range(_TIMES))
	with serving(History(sizes.people, sizes.punches, stranger_every=1)) as server:
		nobodys = _fewer(lambda: _count_cycle(site, server, start_over, size))
		unknown_page = _per_page(site, server, nobodys, size)
	return Counts(new, again, idle, bare, duplicate_page, unknown_page)


def _per_page(site: str, server: PunchServer, whole: Counted, page_size: int) -> float:
	"""What pages add of which nothing is created: from the same punches again in pages of half the size."""
	halves = _fewer(lambda: _count_cycle(site, server, forget_what_was_read, page_size // 2))
	if whole.result.counters != halves.result.counters or whole.result.counters.created:
		raise RuntimeError("The same punches came to something else in smaller pages.")
	return (halves.statements - whole.statements) / (halves.result.pages - whole.result.pages)


def _fewer(count: Callable[[], Counted]) -> Counted:
	return min((count() for _ in range(_TIMES)), key=lambda counted: counted.statements)


def _count_cycle(
	site: str, server: PunchServer, prepare: Callable | None = None, page_size: int = 0
) -> Counted:
	with job(site):
		if prepare:
			prepare(server.url, page_size)
		requests, statements = len(server.requests()), statements_so_far()
		result = cycle()
		# The counter counts the question for itself too.
		return Counted(result, statements_so_far() - statements - 1, server.requests()[requests:])


def _count_bare(site: str, server: PunchServer, history: History, page_size: int) -> int:
	with job(site):
		delete_check_ins()
		statements = statements_so_far()
		run_bare(history, server.url, page_size)
		return statements_so_far() - statements - 1


def statements_so_far() -> int:
	"""How many statements this connection has sent, as the server has counted them."""
	return int(frappe.db.sql("show session status like 'Questions'")[0][1])
