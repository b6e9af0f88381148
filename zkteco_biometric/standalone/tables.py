"""Columns of plain text."""

from __future__ import annotations

from collections.abc import Sequence

Row = Sequence[object]


def printable(text: object) -> str:
	"""One line without control characters: a device's text must not steer the terminal."""
	return "".join(
		char if char.isprintable() else " " if char.isspace() else "?" for char in _shown(text)
	).strip()


def table(rows: Sequence[Row], *, right: frozenset[int] = frozenset()) -> list[str]:
	"""Lines of aligned columns, indented; those in `right` hold numbers. The first row may be the columns' heads."""
	cells = [[printable(cell) for cell in row] for row in rows]
	widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
	return [_line(row, widths, right) for row in cells]


def _line(row: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> str:
	padded = (
		cell.rjust(width) if number in right else cell.ljust(width)
		for number, (cell, width) in enumerate(zip(row, widths, strict=True))
	)
	return ("  " + "  ".join(padded)).rstrip()


def _shown(value: object) -> str:
	return "" if value is None else str(value)
