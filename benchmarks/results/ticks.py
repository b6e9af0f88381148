"""What it costs to find nothing to do, and to hand out work."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from benchmarks.table import Line, number

_STATEMENTS = 3
_REQUESTS = 1
_CONSTANT = 2
"""Statements by which the dispatcher may vary, for what it looks at now and then."""


@dataclass(frozen=True)
class Tick:
	"""One sync of a device on which nothing has happened, or one run of the dispatcher, which has `enqueued` so many."""

	statements: int
	of_transactions: int
	redis_calls: int
	requests: int
	milliseconds: float
	enqueued: int = 0


@dataclass(frozen=True)
class Ticks:
	"""`idle`: syncs one after the other, each with a connection of its own. `dispatcher`: by how many devices are due.
	`scheduler`: milliseconds that Frappe's scheduler, one process for all sites, needs for a look at one.
	"""

	idle: list[Tick]
	dispatcher: dict[int, Tick]
	scheduler: float

	def lines(self) -> list[Line]:
		own = self._median("statements") - self._median("of_transactions")
		return [
			Line(
				f"An idle tick of a device, median of {len(self.idle)}: SQL statements",
				number(own),
				f"{number(self._median('of_transactions'))} COMMIT and START TRANSACTION; Redis {number(self._median('redis_calls'))}",
				aim=f"at most {_STATEMENTS}",
				reached=own <= _STATEMENTS,
			),
			Line(
				"An idle tick: HTTP requests",
				number(self._median("requests")),
				aim=str(_REQUESTS),
				reached=self._median("requests") <= _REQUESTS,
			),
			Line("An idle tick: ms", number(self._median("milliseconds"))),
			*(_dispatcher_line(due, tick) for due, tick in self.dispatcher.items()),
			self._constant_line(),
			Line("Frappe's scheduler, a look at one site: ms", number(self.scheduler)),
		]

	def figures(self) -> dict:
		return {
			"idle": {"statements": self._median("statements"), "milliseconds": self._median("milliseconds")},
			"dispatcher": [
				{
					"due": due,
					"statements": tick.statements,
					"redis_calls": tick.redis_calls,
					"milliseconds": tick.milliseconds,
				}
				for due, tick in self.dispatcher.items()
			],
		}

	def _median(self, what: str) -> float:
		return median(getattr(tick, what) for tick in self.idle)

	def _constant_line(self) -> Line:
		statements = [tick.statements for tick in self.dispatcher.values()]
		more = max(statements) - min(statements)
		return Line(
			f"The dispatcher's SQL statements, more at {max(self.dispatcher):,} than at {min(self.dispatcher):,}",
			str(more),
			aim="constant",
			reached=more <= _CONSTANT,
		)


def _dispatcher_line(due: int, tick: Tick) -> Line:
	return Line(
		f"The dispatcher, {due:,} due at once: ms",
		number(tick.milliseconds),
		f"{tick.statements} SQL statements, {tick.redis_calls:,} Redis calls; {tick.enqueued:,} enqueued",
	)
