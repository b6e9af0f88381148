"""What must stay true of the commands' source: no Frappe is needed here."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import zkteco_biometric

PACKAGE = Path(zkteco_biometric.__file__).parent
COMMANDS = sorted((PACKAGE / "command_line").glob("*_command.py"))
DOCS = (PACKAGE.parent / "docs" / "command-line.md").read_text()
CHEAP = {"typing", "click", "frappe.commands", "zkteco_biometric.command_line.options"}
"""What bench has loaded by then, or costs nothing."""


def parsed(path: Path) -> ast.Module:
	return ast.parse(path.read_text())


def imported_at_once(path: Path) -> set[str]:
	"""When the module is loaded, and not within functions."""
	body = parsed(path).body
	froms = {node.module or "" for node in body if isinstance(node, ast.ImportFrom)}
	return froms | {alias.name for node in body if isinstance(node, ast.Import) for alias in node.names}


def name_of(path: Path) -> str:
	return next(
		node.value
		for node in ast.walk(parsed(path))
		if isinstance(node, ast.Constant) and str(node.value).startswith("zkteco-") and " " not in node.value
	)


def options_of(path: Path) -> set[str]:
	return {
		node.value
		for node in ast.walk(parsed(path))
		if isinstance(node, ast.Constant)
		and isinstance(node.value, str)
		and node.value.startswith("--")
		and " " not in node.value
	}


def test_there_are_all_eight_commands() -> None:
	assert len(COMMANDS) == 8
	registered = (PACKAGE / "commands.py").read_text()
	assert all(f"command_line.{path.stem} import" in registered for path in COMMANDS)


@pytest.mark.parametrize("path", [*COMMANDS, PACKAGE / "commands.py"], ids=lambda path: path.stem)
def test_what_bench_loads_for_every_command_brings_nothing_along(path: Path) -> None:
	ours = {f"zkteco_biometric.command_line.{one.stem}" for one in COMMANDS}
	assert imported_at_once(path) <= CHEAP | ours


@pytest.mark.parametrize("path", COMMANDS, ids=lambda path: path.stem)
def test_every_command_is_described_with_its_options(path: Path) -> None:
	heading = f"## {name_of(path)}"
	assert heading in DOCS
	section = DOCS.split(heading)[1].split("\n## ")[0]
	assert [option for option in options_of(path) if f"`{option}" not in section] == []
