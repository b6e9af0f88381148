"""How long other people's check-ins take while a cycle writes."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from statistics import median

from benchmarks.table import Line, number

_A_FEW_TIMES = 4
_PERCENT = 99


@dataclass(frozen=True)
class Waits:
	"""Milliseconds of each check-in by another session, from `insert()` to the end of its commit."""

	milliseconds: list[float]

	@property
	def median(self) -> float:
		return median(self.milliseconds)

	@property
	def worst_of_hundred(self) -> float:
		"""The 99th percentile: the smallest that so many do not exceed."""
		ordered = sorted(self.milliseconds)
		return ordered[ceil(len(ordered) * _PERCENT / 100) - 1]


@dataclass(frozen=True)
class Others:
	"""With nothing else on the site, and beside a cycle that writes in bulk or one by one."""

	idle: Waits
	bulk: Waits
	one_by_one: Waits

	def lines(self) -> list[Line]:
		ways = {"a cycle in bulk": self.bulk, "a cycle one by one": self.one_by_one}
		return [
			Line(
				f"Another session's check-in, nothing else running, ms ({len(self.idle.milliseconds)} of them)",
				number(self.idle.median),
				f"99th percentile {number(self.idle.worst_of_hundred)}",
			),
			*(self._line(title, waits) for title, waits in ways.items()),
		]

	def figures(self) -> dict[str, dict[str, float]]:
		waits = {"idle": self.idle, "bulk": self.bulk, "one_by_one": self.one_by_one}
		return {
			name: {"median": one.median, "worst_of_hundred": one.worst_of_hundred}
			for name, one in waits.items()
		}

	def _line(self, title: str, waits: Waits) -> Line:
		times = waits.median / self.idle.median
		worst = waits.worst_of_hundred / self.idle.worst_of_hundred
		judged = waits is self.bulk
		return Line(
			f"The same beside {title}, ms",
			f"{number(waits.median)} ({times:.1f} times)",
			f"99th percentile {number(waits.worst_of_hundred)} ({worst:.1f} times), longest {number(max(waits.milliseconds))}",
			aim=f"at most {_A_FEW_TIMES} times" if judged else "",
			reached=max(times, worst) <= _A_FEW_TIMES if judged else None,
		)
