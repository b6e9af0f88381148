"""Each fault at each position of a cycle: how it ends, what stays, and that the next good cycle has everything once."""

from __future__ import annotations

import pytest

from tests.faults.__main__ import Cell, line
from tests.faults.device import POSITIONS
from tests.faults.matrix import CELLS, DEATHS, LEFT, MATRIX, NO_HARM, NOTHING, Death, Expected, Row
from tests.faults.running import run_death, run_fault


@pytest.mark.parametrize(
	("row", "position", "expected"), CELLS, ids=[f"{row.name} - {position}" for row, position, _ in CELLS]
)
def test_a_fault_ends_a_cycle_as_expected_and_loses_nothing(
	row: Row, position: str, expected: Expected
) -> None:
	seen = run_fault(row, position)
	assert seen.error == expected.error
	assert expected.says in seen.message
	assert seen.left == (LEFT[position] if expected.error else NO_HARM)
	assert (seen.lost, seen.doubled) == ("", "")


@pytest.mark.parametrize("death", DEATHS, ids=lambda death: death.name)
def test_a_process_that_dies_while_it_writes_loses_nothing(death: Death) -> None:
	seen = run_death(death)
	assert seen.left == death.left
	assert (seen.error, seen.lost, seen.doubled) == ("", "", "")


def test_every_fault_is_met_at_every_position() -> None:
	partly = {row.name for row in MATRIX if any(row.expected(position) is None for position in POSITIONS)}
	assert partly == {"self-signed certificate"}
	assert len(CELLS) == (len(MATRIX) - 1) * len(POSITIONS) + 1
	assert any(expected == NOTHING for _, _, expected in CELLS)


def test_the_table_tells_what_is_not_as_it_must_be() -> None:
	row, position, expected = CELLS[0]
	seen = run_fault(row, position)
	assert line(Cell(row.name, position, seen, expected, NO_HARM))[-1] == ""
	for wrong in (
		Cell("", "", seen, Expected("TimedOut"), NO_HARM),
		Cell("", "", seen, expected, LEFT["log-in"]),
	):
		assert not wrong.is_right
		assert line(wrong)[-1].startswith("MISMATCH")
