"""The one table that is printed; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_HEAD = ("what", "measured", "beside", "aim", "")


@dataclass(frozen=True)
class Line:
	"""One line of the table; `reached` is None where there is nothing to reach."""

	what: str
	measured: str
	beside: str = ""
	aim: str = ""
	reached: bool | None = None

	def cells(self) -> tuple[str, ...]:
		verdict = {None: "", True: "reached", False: "MISSED"}[self.reached]
		return self.what, self.measured, self.beside, self.aim, verdict


def written(lines: Sequence[Line]) -> str:
	return as_table([_HEAD, *(line.cells() for line in lines)])


def as_table(rows: Sequence[tuple[str, ...]]) -> str:
	"""As a Markdown table that can also be read as it is; the head is the first row."""
	widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
	lines = [rows[0], tuple("-" * width for width in widths), *rows[1:]]
	return "\n".join(f"| {' | '.join(map(str.ljust, row, widths))} |" for row in lines)


def number(count: float) -> str:
	"""With two decimals at most, and thousands apart."""
	return f"{count:,.2f}".rstrip("0").rstrip(".")
