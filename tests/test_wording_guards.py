"""What must stay true of the source so that everything people read can be translated."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import zkteco_biometric
from zkteco_biometric.biotime.errors import BioTimeError
from zkteco_biometric.device_users import method, visit  # noqa: F401 their errors are subclasses, too

PACKAGE = Path(zkteco_biometric.__file__).parent
HEART = ("biotime", "cycle", "device_users")
ENGLISH = {"simulator", "standalone", "command_line", "doctor", "tests", "node_modules"}
"""The command line, and what stands for a server."""

MARKERS = {"_", "_lt"}
A_SENTENCE = re.compile(r"(?=.*[a-z]{2})[A-Za-z'{}]+[,:]? [^ ]+ [^ ]+")
FOR_PROGRAMMERS = {
	"502 bad gateway",
	"The JSON is nested too deeply.",
	"The row is nested too deeply to be written down.",
	"At least one client is needed.",
	"There is nothing to ask.",
	# What is chosen in a field, and translated with it.
	"No Log Type",
	"Refused by HRMS",
}
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def sources() -> list[Path]:
	return [path for path in sorted(PACKAGE.rglob("*.py")) if not ENGLISH & set(_parts(path))]


def heart() -> list[Path]:
	return [path for part in HEART for path in sorted((PACKAGE / part).rglob("*.py"))]


def scripts() -> list[Path]:
	return [path for path in sorted(PACKAGE.rglob("*.js")) if not ENGLISH & set(_parts(path))]


def _parts(path: Path) -> tuple[str, ...]:
	return path.relative_to(PACKAGE).parts


def _named(path: Path) -> str:
	return str(path.relative_to(PACKAGE))


def nodes(path: Path) -> Iterator[ast.AST]:
	return ast.walk(ast.parse(path.read_text()))


def marked(path: Path) -> Iterator[ast.Call]:
	"""The calls of `_`, `frappe._` and the like."""
	for node in nodes(path):
		if isinstance(node, ast.Call):
			name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
			if name in MARKERS:
				yield node


def text_of(call: ast.Call) -> str | None:
	first = call.args[0] if call.args else None
	return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


@pytest.mark.parametrize("path", sources(), ids=_named)
def test_what_is_marked_has_placeholders_by_position(path: Path) -> None:
	for call in marked(path):
		text = text_of(call)
		assert not isinstance(call.args[0], ast.JoinedStr | ast.BinOp), f"{path}:{call.lineno}"
		if text is None:
			continue  # a name, such as a field's label, which is translated with its document
		names = PLACEHOLDER.findall(text)
		assert all(name.isdecimal() for name in names), f"{path}:{call.lineno}: {text}"
		assert sorted({int(name) for name in names}) == list(range(len(set(names)))), f"{path}:{call.lineno}"


@pytest.mark.parametrize("path", sources(), ids=_named)
def test_nothing_is_marked_within_an_f_string_where_the_extractor_does_not_look(path: Path) -> None:
	within = [part for node in nodes(path) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)]
	called = [getattr(part.func, "id", "") for part in within if isinstance(part, ast.Call)]
	assert not MARKERS & set(called)


@pytest.mark.parametrize("path", sources(), ids=_named)
def test_as_many_things_are_told_as_a_sentence_has_places_for(path: Path) -> None:
	for node in nodes(path):
		if not (isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "format"):
			continue
		told = node.func.value  # type: ignore[attr-defined]
		is_marked = isinstance(told, ast.Call) and getattr(told.func, "id", "") in MARKERS
		if is_marked and text_of(told) and not any(isinstance(one, ast.Starred) for one in node.args):
			places = set(PLACEHOLDER.findall(text_of(told) or ""))
			assert len(node.args) == len(places), f"{path}:{node.lineno}"


@pytest.mark.parametrize("path", sources(), ids=_named)
def test_nothing_else_is_called_like_the_marker(path: Path) -> None:
	tree = ast.parse(path.read_text())
	imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
	if not any(alias.name == "_" and alias.asname is None for node in imports for alias in node.names):
		return
	names = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "_"]
	assert not [node.lineno for node in names if isinstance(node.ctx, ast.Store)], path


def spoken(path: Path) -> Iterator[tuple[int, str]]:
	"""Texts that look like a sentence, outside of docstrings and of what is marked."""
	tree = ast.parse(path.read_text())
	fine = {_place(part) for call in marked(path) for told in call.args for part in ast.walk(told)}
	fine |= {_place(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
	for node in ast.walk(tree):
		fine |= {_place(part) for part in node.values} if isinstance(node, ast.JoinedStr) else set()
	for node in ast.walk(tree):
		text = _text(node)
		if _place(node) not in fine and text not in FOR_PROGRAMMERS and A_SENTENCE.search(text):
			yield node.lineno, text  # type: ignore[attr-defined]


def _text(node: ast.AST) -> str:
	"""Of a string; empty for anything else."""
	if isinstance(node, ast.JoinedStr):
		return "".join(map(_text, node.values))
	if isinstance(node, ast.FormattedValue):
		return "{}"
	return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _place(node: ast.AST) -> tuple[str, int, int]:
	return type(node).__name__, getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


@pytest.mark.parametrize("path", heart(), ids=_named)
def test_the_heart_says_nothing_that_cannot_be_translated(path: Path) -> None:
	assert list(spoken(path)) == []


def test_a_sentence_that_is_not_marked_would_be_found(tmp_path: Path) -> None:
	module = tmp_path / "module.py"
	module.write_text(
		'"""A docstring of many words."""\n'
		"def f(x):\n"
		'\traise ValueError(f"The server says {x} again.")\n'
		'remedy = "Wait until it passes."\n'
		'told = _("This one is marked.") + _("And this {0} too").format("of two words")\n'
	)
	assert sorted(line for line, _text in spoken(module)) == [3, 4, 5]


def errors() -> set[str]:
	found, new = {BioTimeError}, {BioTimeError}
	while new:
		new = {kind for known in new for kind in known.__subclasses__()} - found
		found |= new
	return {kind.__name__ for kind in found} | {"ValueError", "RejectedRow"}


@pytest.mark.parametrize("path", heart(), ids=_named)
def test_errors_are_told_in_what_can_be_translated(path: Path) -> None:
	for node in nodes(path):
		if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") in errors()):
			continue
		told = [*node.args[:1], *(keyword.value for keyword in node.keywords if keyword.arg == "remedy")]
		for one in told:
			literal = isinstance(one, ast.Constant) and isinstance(one.value, str)
			internal = literal and one.value in FOR_PROGRAMMERS
			assert internal or not (literal or isinstance(one, ast.JoinedStr | ast.BinOp)), (
				f"{path}:{node.lineno}"
			)


def test_every_remedy_can_be_translated() -> None:
	kinds = [BioTimeError, *_kinds_below(BioTimeError)]
	ours = [kind for kind in kinds if kind.__module__.startswith("zkteco_biometric.")]
	assert len(ours) > 15
	assert [kind.__name__ for kind in ours if not hasattr(kind.remedy, "template")] == []


def _kinds_below(family: type[BioTimeError]) -> Iterator[type[BioTimeError]]:
	for kind in family.__subclasses__():
		yield kind
		yield from _kinds_below(kind)


STRINGS = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`(?:[^`\\]|\\.)*`')
COMMENTS = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.DOTALL)
MARKED_IN_JS = re.compile(r"__\(\s*$")
TEXT_OF_HTML = re.compile(r"<[^>]*>|\$\{[^}]*\}")
WORDS = re.compile(r"\b[A-Za-z]+ [a-z]+ [a-z]+\b")


def spoken_by(script: str) -> Iterator[str]:
	source = COMMENTS.sub("", script)
	for found in STRINGS.finditer(source):
		if MARKED_IN_JS.search(source[: found.start()]):
			continue
		words = WORDS.search(TEXT_OF_HTML.sub(" | ", found[0]))
		if words and not _is_a_selector(found[0]):
			yield found[0]


def _is_a_selector(text: str) -> bool:
	"""Classes, styles and icons."""
	return bool(re.search(r"class=|viewBox|<svg", text)) or not re.search(r"[A-Z]", text)


@pytest.mark.parametrize("path", scripts(), ids=_named)
def test_scripts_say_nothing_that_cannot_be_translated(path: Path) -> None:
	assert list(spoken_by(path.read_text())) == []


@pytest.mark.parametrize("path", scripts(), ids=_named)
def test_scripts_mark_literals_with_places_by_position(path: Path) -> None:
	source = COMMENTS.sub("", path.read_text())
	for found in re.finditer(r"(?<![\w.])__\(\s*(.)", source):
		# A name is a label or an option that is translated with its document.
		assert found[1] != "`", f"{path}: {source[found.start() : found.start() + 60]}"
	for found in re.finditer(r'(?<![\w.])__\(\s*("(?:[^"\\\n]|\\.)*")', source):
		assert all(name.isdecimal() for name in PLACEHOLDER.findall(found[1])), found[1]


def test_a_script_that_speaks_would_be_found() -> None:
	told = 'frappe.msgprint("The device is silent"); frappe.msgprint(__("The device is marked")); // As it is here'
	assert list(spoken_by(told)) == ['"The device is silent"']
