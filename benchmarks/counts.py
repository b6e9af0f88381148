"""What cycles send: SQL statements, calls of Redis, HTTP requests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from benchmarks.counters import counting
from benchmarks.history import History
from benchmarks.punch_server import PunchServer, serving
from benchmarks.results.counts import Counted, Counts, Pair
from benchmarks.sizes import Sizes
from benchmarks.ways import run_bare
from benchmarks.workspace import (
	cycle,
	delete_check_ins,
	forget_what_was_read,
	job,
	start_over,
	write_one_by_one,
)

_TIMES = 2
"""Everything is counted twice and the fewer are taken, since the first may fill caches of the site."""


def measure(site: str, sizes: Sizes) -> Counts:
	counter = _Counter(site, sizes.page_size)
	many = [History(sizes.people, punches) for punches in sizes.counted]
	few = [History(sizes.people, punches) for punches in sizes.slow_counted]
	strangers = [replace(history, stranger_every=1) for history in few]
	return Counts(
		new=Pair(*(counter.new(history) for history in many)),
		again=Pair(*(counter.again(history) for history in many)),
		unknown=Pair(*(counter.unknown(history) for history in strangers)),
		one_by_one=Pair(*(counter.one_by_one(history) for history in few)),
		bare=Pair(*(counter.bare(history) for history in few)),
	)


class _Counter:
	def __init__(self, site: str, page_size: int) -> None:
		self._site = site
		self._page_size = page_size

	def new(self, history: History) -> Counted:
		return self._count(history, start_over, created=history.punches)

	def again(self, history: History) -> Counted:
		with serving(history) as server:
			self._once(server, history, start_over, history.punches)
			return _fewer(lambda: self._once(server, history, forget_what_was_read, 0))

	def unknown(self, history: History) -> Counted:
		return self._count(history, start_over, created=0)

	def one_by_one(self, history: History) -> Counted:
		with job(self._site):
			write_one_by_one(True)
		try:
			return self._count(history, start_over, created=history.punches)
		finally:
			with job(self._site):
				write_one_by_one(False)

	def bare(self, history: History) -> Counted:
		return _fewer(lambda: self._bare(history))

	def _count(self, history: History, prepare: Callable, created: int) -> Counted:
		with serving(history) as server:
			return _fewer(lambda: self._once(server, history, prepare, created))

	def _once(self, server: PunchServer, history: History, prepare: Callable, created: int) -> Counted:
		with job(self._site):
			prepare(server.url, self._page_size)
		before = len(server.requests())
		with job(self._site), counting() as spent:
			result = cycle()
		if result.counters.created != created:
			raise RuntimeError(f"{result.counters.created} check-ins were created instead of {created}.")
		requests = len(server.requests()) - before
		return Counted(history.punches, spent.statements, spent.redis_calls, requests)

	def _bare(self, history: History) -> Counted:
		with job(self._site):
			delete_check_ins()
		with job(self._site), counting() as spent:
			run_bare(history, "http://127.0.0.1:1", self._page_size)
		return Counted(history.punches, spent.statements, spent.redis_calls, 0)


def _fewer(count: Callable[[], Counted]) -> Counted:
	return min((count() for _ in range(_TIMES)), key=lambda counted: counted.statements)
