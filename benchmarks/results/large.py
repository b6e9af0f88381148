"""A table of very many check-ins: how fast a cycle is there, and what its statements read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from statistics import median

from benchmarks.results.speed import Took, per_second
from benchmarks.table import Line, as_table, number

_LARGE = 1_000
"""A table, or an index, of fewer rows may be read as a whole."""
_MOST_OF_A_ROW = 0.75
_LONGEST = 150
"""Characters of a statement that are shown."""


@dataclass(frozen=True)
class Step:
	"""One table of one statement, as `EXPLAIN` says; `read`: rows that were really read, where it was run; else its guess."""

	occasion: str
	statement: str
	table: str
	kind: str
	key: str
	read: float
	rows: int
	"""Of the table."""
	extra: str

	@property
	def is_full_scan(self) -> bool:
		"""Whether most of a large table, or of an index of it, is read, also where that is called a range."""
		return self.rows >= _LARGE and self.read >= self.rows / 2

	def cells(self) -> tuple[str, ...]:
		shown = re.sub(r"^(select\b).*?(\bfrom `tab)", r"\1 … \2", self.statement, flags=re.I)
		return (
			self.occasion,
			shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}…",
			self.table.removeprefix("tab"),
			self.key or "none",
			number(round(self.read)),
			"FULL SCAN" if self.is_full_scan else "",
		)


_PLAN_HEAD = ("when", "statement", "table", "index", "rows read", "")


@dataclass(frozen=True)
class Large:
	"""`full`, `empty`: rounds of a cycle into a table of so many `rows`, and into one without any. `indexes`: MiB of those of the
	full one.
	"""

	rows: int
	full: list[Took]
	empty: list[Took]
	steps: list[Step]
	indexes: float

	@property
	def ratio(self) -> float:
		"""The speed at a full table as a part of that at an empty one."""
		return median(took.each for took in self.empty) / median(took.each for took in self.full)

	def lines(self) -> list[Line]:
		scans = [step for step in self.steps if step.is_full_scan]
		return [
			Line(
				f"Check-ins per second into a table of {self.rows:,}",
				f"{per_second(self.full):,.0f}",
				f"{per_second(self.empty):,.0f} into an empty one: {self.ratio:.0%}",
				aim=f"at least {_MOST_OF_A_ROW:.0%}",
				reached=self.ratio >= _MOST_OF_A_ROW,
			),
			Line(f"Indexes of {self.rows:,} check-ins, MiB", number(round(self.indexes))),
			Line(
				f"Full scans at {self.rows:,} check-ins, of {len(self.steps)} look-ups",
				str(len(scans)),
				"; ".join(sorted({step.occasion for step in scans})),
				aim="0",
				reached=not scans,
			),
		]

	def plans(self) -> str:
		"""What is read of large tables, as a table of its own."""
		shown = [step for step in self.steps if step.rows >= _LARGE]
		return as_table([_PLAN_HEAD, *(step.cells() for step in shown)])

	def figures(self) -> dict[str, float]:
		return {"rows": self.rows, "full": per_second(self.full), "empty": per_second(self.empty)}
