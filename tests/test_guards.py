"""What must stay true of the source itself."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import zkteco_biometric
from zkteco_biometric.biotime import errors
from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.errors import BioTimeError, FixTheSettings, TryAgain
from zkteco_biometric.biotime.transport import Transport

PACKAGE = Path(zkteco_biometric.__file__).parent
TESTS = Path(__file__).parent
WITHOUT_FRAPPE = ["biotime", "cycle", "device_users", "notices", "simulator", "standalone"]
WORDING = "wording"
"""How sentences are said: for every layer."""
PURE_OF_TAKEOVER = {
	f"zkteco_biometric.takeover.{name}" for name in ("mapping", "naming", "secrets_in_json", "words")
}
"""A package that needs Frappe, but for these."""
FRAPPE_SIDE = {"frappe", "erpnext", "hrms"}


def modules() -> list[Path]:
	found = [path for part in WITHOUT_FRAPPE for path in (PACKAGE / part).rglob("*.py")]
	single = [PACKAGE.parent / f"{name.replace('.', '/')}.py" for name in PURE_OF_TAKEOVER]
	return sorted([*found, *single, PACKAGE / f"{WORDING}.py"])


def imported(path: Path) -> Iterator[str]:
	"""The names of all modules that a module imports, also inside functions."""
	for node in ast.walk(ast.parse(path.read_text())):
		if isinstance(node, ast.Import):
			yield from (alias.name for alias in node.names)
		elif isinstance(node, ast.ImportFrom):
			assert not node.level, f"{path}: imports are absolute"
			yield node.module or ""


def test_there_is_something_to_guard() -> None:
	assert len(modules()) > 30


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_heart_does_not_import_frappe(path: Path) -> None:
	names = list(imported(path))
	assert not FRAPPE_SIDE & {name.split(".")[0] for name in names}
	inside = {name for name in names if name.startswith("zkteco_biometric.")} - PURE_OF_TAKEOVER
	assert all(name.split(".")[1] in {*WITHOUT_FRAPPE, WORDING} for name in inside)


LAYERS = {
	"biotime": {"biotime"},
	"cycle": {"biotime", "cycle"},
	"device_users": {"biotime", "device_users"},
	"notices": {"biotime", "cycle", "notices"},
	"simulator": {"simulator"},
}


@pytest.mark.parametrize("part", LAYERS)
def test_the_layers_know_only_those_below_them(part: str) -> None:
	for path in (PACKAGE / part).rglob("*.py"):
		inside = {name.split(".")[1] for name in imported(path) if name.startswith("zkteco_biometric.")}
		assert inside <= LAYERS[part] | {WORDING}, path


def test_requests_is_touched_in_one_place() -> None:
	users = [path.name for path in (PACKAGE / "biotime").glob("*.py") if "requests" in set(imported(path))]
	assert users == ["transport.py"]


def public_methods(tested: type) -> list[str]:
	return [name for name, _ in inspect.getmembers(tested, inspect.isfunction) if not name.startswith("_")]


@pytest.mark.parametrize("tested", [BioTimeClient, Transport])
def test_every_public_method_is_called_by_a_test(tested: type) -> None:
	called = {
		node.func.attr
		for path in TESTS.rglob("*.py")
		for node in ast.walk(ast.parse(path.read_text()))
		if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
	}
	assert set(public_methods(tested)) <= called


def concrete_errors() -> list[type[BioTimeError]]:
	found = [error for _, error in inspect.getmembers(errors, inspect.isclass)]
	families = (BioTimeError, FixTheSettings, TryAgain)
	return [error for error in found if issubclass(error, BioTimeError) and error not in families]


def test_every_error_has_a_code_of_its_own() -> None:
	codes = [error.code for error in concrete_errors()]
	assert len({*codes, BioTimeError.code}) == len(codes) + 1
	assert all(code == code.lower() and code.isidentifier() for code in codes)


@pytest.mark.parametrize("error", concrete_errors(), ids=lambda error: error.__name__)
def test_every_error_says_what_happens_next_and_what_to_do(error: type[BioTimeError]) -> None:
	assert issubclass(error, FixTheSettings) != issubclass(error, TryAgain)
	assert error.needs_a_person is issubclass(error, FixTheSettings)
	assert error.remedy not in ("", BioTimeError.remedy)
	assert error.remedy.endswith(".")
	assert error.__doc__


def test_an_error_may_carry_a_remedy_of_its_own() -> None:
	assert errors.TimedOut("slow", remedy="Wait.").remedy == "Wait."
	assert errors.TimedOut("slow").remedy == errors.TimedOut.remedy
	assert (str(errors.TimedOut("slow")), errors.TimedOut("slow").message) == ("slow", "slow")


def test_every_error_is_met_by_a_test() -> None:
	text = "\n".join(
		path.read_text() for path in TESTS.rglob("test_*.py") if path.name != Path(__file__).name
	)
	assert [error.__name__ for error in concrete_errors() if error.__name__ not in text] == []
