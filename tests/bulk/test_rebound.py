"""Functions of other modules over other globals: their own code, and nothing of the modules changed."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from functools import wraps
from types import ModuleType
from typing import Any

import pytest

from zkteco_biometric.frappe_hr.bulk.known_source import fingerprint
from zkteco_biometric.frappe_hr.bulk.rebound import Rebound

_SHELF = """
class Book:
	kind = "book"
	def title(self):
		return find("title", self.kind)
	@staticmethod
	def shelf():
		return find("shelf")
	@property
	def author(self):
		return find("author")

class Lost(Exception):
	pass

def find(what, kind="page", *, place="shelf"):
	return f"{database.look(what)} of a {kind} on the {place}"

def told(function):
	@wraps(function)
	def wrapper(*args, **kwargs):
		return function(*args, **kwargs)
	return wrapper

@told
def announced(what):
	return find(what)
"""
_DESK = """
def ask(what):
	return "asked: " + find(what)

def ask_for(book):
	return Book().title()
"""


class Database:
	"""What the functions look things up in."""

	def __init__(self, name: str) -> None:
		self._name = name

	def look(self, what: str) -> str:
		return f"{what} from {self._name}"


@pytest.fixture
def shelf() -> Iterator[ModuleType]:
	yield from _module("rebound_shelf", _SHELF, database=Database("disk"), wraps=wraps)


@pytest.fixture
def desk(shelf: ModuleType) -> Iterator[ModuleType]:
	"""It has imported names of the other module."""
	yield from _module("rebound_desk", _DESK, find=shelf.find, Book=shelf.Book)


def _module(name: str, source: str, **names: Any) -> Iterator[ModuleType]:
	module = ModuleType(name)
	vars(module).update(names)
	exec(source, vars(module))
	sys.modules[name] = module
	yield module
	del sys.modules[name]


def _in_memory(*modules: ModuleType, shelf: ModuleType) -> Rebound:
	return Rebound(modules, {id(shelf.database): Database("memory")})


def test_a_copy_sees_what_stands_in_for_a_global(shelf: ModuleType) -> None:
	find = _in_memory(shelf, shelf=shelf).of(shelf, "find")
	assert find("a page") == "a page from memory of a page on the shelf"


def test_the_original_stays_as_it_was(shelf: ModuleType) -> None:
	before = dict(vars(shelf))
	_in_memory(shelf, shelf=shelf).of(shelf, "find")("a page")
	assert dict(vars(shelf)) == before
	assert shelf.find("a page") == "a page from disk of a page on the shelf"


def test_defaults_and_keywords_are_kept(shelf: ModuleType) -> None:
	find = _in_memory(shelf, shelf=shelf).of(shelf, "find")
	assert find("it", "map", place="floor") == "it from memory of a map on the floor"
	assert inspect.signature(find) == inspect.signature(shelf.find)


def test_copies_call_each_other_across_modules(shelf: ModuleType, desk: ModuleType) -> None:
	ask = _in_memory(desk, shelf, shelf=shelf).of(desk, "ask")
	assert ask("it") == "asked: it from memory of a page on the shelf"


def test_a_module_that_was_not_named_stays_the_original(shelf: ModuleType, desk: ModuleType) -> None:
	ask = _in_memory(desk, shelf=shelf).of(desk, "ask")
	assert ask("it") == "asked: it from disk of a page on the shelf"


def test_what_decorates_a_function_is_left_out(shelf: ModuleType) -> None:
	announced = _in_memory(shelf, shelf=shelf).of(shelf, "announced")
	assert announced("it") == "it from memory of a page on the shelf"


def test_a_class_has_copies_of_its_methods_and_is_still_one_of_its_kind(
	shelf: ModuleType, desk: ModuleType
) -> None:
	rebound = _in_memory(desk, shelf, shelf=shelf)
	book = rebound.of(shelf, "Book")()
	assert isinstance(book, shelf.Book)
	assert book.title() == "title from memory of a book on the shelf"
	assert (book.shelf(), book.author) == (shelf.Book.shelf(), shelf.Book().author)
	assert rebound.of(desk, "ask_for")(None) == book.title()


def test_an_exception_stays_the_one_that_others_catch(shelf: ModuleType) -> None:
	assert _in_memory(shelf, shelf=shelf).of(shelf, "Lost") is shelf.Lost


def test_a_function_in_place_of_another_is_seen_wherever_that_was(
	shelf: ModuleType, desk: ModuleType
) -> None:
	rebound = Rebound([desk, shelf], {id(shelf.find): lambda what, _kind="": f"no {what}"})
	assert rebound.of(desk, "ask")("it") == "asked: no it"
	assert rebound.of(shelf, "Book")().title() == "no title"


def _counted(number: int) -> int:
	# one more
	return number + 1


def _counted_twice(number: int) -> int:
	return number + 2


def test_a_fingerprint_is_of_words_and_not_of_comments() -> None:
	assert fingerprint(_counted) != fingerprint(_counted_twice)
	assert len(fingerprint(_counted)) == 40


def test_a_fingerprint_does_not_mind_indentation_and_comments(tmp_path: Any) -> None:
	sources = ["def f(x):\n\treturn x\n", "def f(x):  # well\n    # why\n\n    return x\n"]
	prints = []
	for number, source in enumerate(sources):
		path = tmp_path / f"laid_out_{number}.py"
		path.write_text(source)
		space: dict[str, Any] = {}
		exec(compile(source, str(path), "exec"), space)
		prints.append(fingerprint(space["f"]))
	assert prints[0] == prints[1]
