"""Prints the fault matrix as it is now; the status is 1 where a cell is not as it must be."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tests.faults.matrix import CELLS, DEATHS, LEFT, NO_HARM, NOTHING, Expected, Left
from tests.faults.running import Seen, run_death, run_fault
from zkteco_biometric.standalone.tables import table

HEAD = ("fault", "position", "error", "who acts", "stored", "Last Sync", "goes on", "next sync", "")
LEGEND = (
	"stored: of the new punches, A and B are on page 1 of the window, C (whose code nobody has: it waits) and D on page 2,\n"
	"E on page 3; L came late and is in no window. goes on: where the window does. next sync: the pages of windows that it\n"
	"asks for, and whether it compares the days before. After it, each punch is there once."
)


@dataclass(frozen=True)
class Cell:
	fault: str
	position: str
	seen: Seen
	expected: Expected
	left: Left

	@property
	def is_right(self) -> bool:
		return self.seen.is_as(self.expected, self.left)


def cells() -> Iterator[Cell]:
	for row, position, expected in CELLS:
		left = LEFT[position] if expected.error else NO_HARM
		yield Cell(row.name, position, run_fault(row, position), expected, left)
	for death in DEATHS:
		yield Cell("the site's process dies", death.name, run_death(death), NOTHING, death.left)


def lines(found: Iterable[Cell]) -> Iterator[tuple[str, ...]]:
	"""The name of a fault stands at its first position."""
	former = ""
	for cell in found:
		yield ("" if cell.fault == former else cell.fault, *line(cell))
		former = cell.fault


def line(cell: Cell) -> tuple[str, ...]:
	seen, left = cell.seen, cell.seen.left
	return (
		cell.position,
		seen.error or "-",
		"a person" if seen.needs_a_person else "nobody",
		left.stored or "-",
		"moves" if left.has_moved else "stays",
		f"at page {left.checkpoint}" if left.checkpoint else "-",
		f"{' '.join(map(str, left.next_pages))}{', days' if left.looks_back else ''}",
		"" if cell.is_right else f"MISMATCH: {seen}, not {cell.expected}, {cell.left}",
	)


def main() -> int:
	found = list(cells())
	wrong = sum(not cell.is_right for cell in found)
	print("\n".join(table([HEAD, *lines(found)])))
	print(f"\n{LEGEND}\n{len(found)} cells, {wrong} not as expected.")
	return 1 if wrong else 0


if __name__ == "__main__":
	sys.exit(main())
