"""Check-ins per second by each way of writing them."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from benchmarks.table import Line, number

_TIMES_BARE = 10
_TIMES_RAW = 3


@dataclass(frozen=True)
class Took:
	"""Seconds for so many rows: by the clock on the wall, and of this process's own CPU time."""

	rows: int
	wall: float
	cpu: float

	@property
	def each(self) -> float:
		"""Seconds for one, by the clock on the wall."""
		return self.wall / self.rows


def per_second(rounds: list[Took]) -> float:
	"""The median of the rounds."""
	return 1 / median(took.each for took in rounds)


def ratio(slower: list[Took], faster: list[Took]) -> float:
	"""How many times as long a row takes: the median of the pairs that ran in the same round."""
	return median(one.each / other.each for one, other in zip(slower, faster, strict=True))


@dataclass(frozen=True)
class Speed:
	"""The rounds of each way, in pairs; `in_bulk`: how many check-ins of a cycle went in bulk, as its log says."""

	cycle: list[Took]
	one_by_one: list[Took]
	bare: list[Took]
	raw: list[Took]
	in_bulk: int

	@property
	def times_bare(self) -> float:
		"""How many times as fast as bare `insert()`."""
		return ratio(self.bare, self.cycle)

	@property
	def times_raw(self) -> float:
		"""How many times as long as the raw insert."""
		return ratio(self.cycle, self.raw)

	def lines(self) -> list[Line]:
		sizes = f"{self.cycle[0].rows:,}, or {self.bare[0].rows:,} where they are slow"
		beside = (("raw insert", self.raw), ("bare insert()", self.bare), ("one by one", self.one_by_one))
		return [
			Line(
				f"Check-ins per second, {len(self.cycle)} rounds of {sizes}",
				f"{per_second(self.cycle):,.0f}",
				", ".join(f"{per_second(rounds):,.0f} {name}" for name, rounds in beside),
			),
			Line(
				"Times as fast as bare insert()",
				number(self.times_bare),
				aim=f"at least {_TIMES_BARE}",
				reached=self.times_bare >= _TIMES_BARE,
			),
			Line(
				"Times the raw insert's time",
				number(self.times_raw),
				aim=f"at most {_TIMES_RAW}",
				reached=self.times_raw <= _TIMES_RAW,
			),
			Line(
				"Python's CPU time per check-in, ms",
				f"{_cpu_ms(self.cycle):.2f}",
				", ".join(f"{_cpu_ms(rounds):.2f} {name}" for name, rounds in beside),
			),
			Line("Check-ins that went in bulk", f"{self.in_bulk:,}", f"of {self.cycle[0].rows:,}"),
		]

	def figures(self) -> dict[str, float]:
		return {
			"raw": per_second(self.raw),
			"cycle": per_second(self.cycle),
			"one_by_one": per_second(self.one_by_one),
			"bare": per_second(self.bare),
			"times_bare": self.times_bare,
			"times_raw": self.times_raw,
		}


def _cpu_ms(rounds: list[Took]) -> float:
	return 1000 * median(took.cpu / took.rows for took in rounds)
