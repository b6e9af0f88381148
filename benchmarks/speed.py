"""Check-ins per second: a whole cycle over HTTP, beside other ways of writing the same rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.history import History
from benchmarks.punch_server import PunchServer, serving
from benchmarks.results.speed import Speed, Took
from benchmarks.sizes import Sizes
from benchmarks.ways import Rows, run_bare, run_cycle, run_raw, stored_rows, took, written_in_bulk
from benchmarks.workspace import job, start_over, write_one_by_one


def measure(site: str, sizes: Sizes) -> Speed:
	"""All ways by turns, another one first in each round; one round beforehand is not counted."""
	many, few = History(sizes.people, sizes.punches), History(sizes.people, sizes.slow_punches)
	with serving(many) as many_server, serving(few) as few_server:
		race = _Race(site, sizes.page_size, many, many_server, few, few_server)
		rounds = [race.run(number) for number in range(sizes.rounds + 1)][1:]
	return Speed(
		*([one[way] for one in rounds] for way in ("cycle", "one_by_one", "bare", "raw")), race.in_bulk
	)


@dataclass
class _Race:
	site: str
	page_size: int
	many: History
	many_server: PunchServer
	few: History
	few_server: PunchServer
	rows: Rows = field(default_factory=list)
	in_bulk: int = 0

	def run(self, number: int) -> dict[str, Took]:
		"""The cycle comes first in the first round: the raw insert writes what it has stored."""
		ways: list[Callable[[], Took]] = [self.cycle, self.raw, self.bare, self.one_by_one]
		turned = ways[number % len(ways) :] + ways[: number % len(ways)]
		return {way.__name__: way() for way in turned}

	def cycle(self) -> Took:
		return self._cycle(self.many, self.many_server, one_by_one=False)

	def one_by_one(self) -> Took:
		return self._cycle(self.few, self.few_server, one_by_one=True)

	def _cycle(self, history: History, server: PunchServer, one_by_one: bool) -> Took:
		with job(self.site):
			start_over(server.url, self.page_size)
			write_one_by_one(one_by_one)
		with job(self.site):
			measured = took(history.punches, lambda: run_cycle(history))
			if not one_by_one:
				self.in_bulk, self.rows = written_in_bulk(), self.rows or stored_rows()
			write_one_by_one(False)
		return measured

	def bare(self) -> Took:
		with job(self.site):
			start_over(self.few_server.url, self.page_size)
			return took(self.few.punches, lambda: run_bare(self.few, self.few_server.url, self.page_size))

	def raw(self) -> Took:
		with job(self.site):
			start_over(self.many_server.url, self.page_size)
			return took(len(self.rows), lambda: run_raw(self.rows, self.page_size))
