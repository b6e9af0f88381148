"""The file of employees: who has which Biometric ID."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from zkteco_biometric.standalone.problems import Problem

_EMPLOYEE = ("employee", "employee id", "id")
_CODE = ("attendance device id", "attendance device id biometric rf tag id", "biometric id")
_SEPARATOR = re.compile(r'"?sep=([,;\t|])"?[ ,;\t]*(?=[\r\n]|$)', re.IGNORECASE)
_EXAMPLE = "The first line names the columns; two of them are employee and attendance_device_id."
_SAVE_AS_UTF8 = "Save it as CSV in UTF-8 (in a spreadsheet: Save As, CSV UTF-8)."


@dataclass(frozen=True)
class People:
	"""Biometric ID, text with its leading zeros, to employee; and how many employees have none."""

	by_code: dict[str, str] = field(default_factory=dict)
	without_code: int = 0


@dataclass(frozen=True)
class _Line:
	number: int
	employee: str
	code: str


def read_people(path: Path) -> People:
	"""The employees of a CSV file, with commas, semicolons or tabs, with the columns in any order.

	The file may be what Frappe exports. Raises `Problem`, naming the line and the remedy, where it cannot be trusted.
	"""
	found: dict[str, _Line] = {}
	without_code = 0
	for line in _lines(path):
		if not line.code:
			without_code += 1
			continue
		_check(path, line, found.get(line.code))
		found.setdefault(line.code, line)
	if not found and not without_code:
		raise Problem(f"{path} names no employees.", f"Add one line for each employee. {_EXAMPLE}")
	return People({code: line.employee for code, line in found.items()}, without_code)


def _check(path: Path, line: _Line, earlier: _Line | None) -> None:
	if not line.employee:
		raise Problem(
			f"{path}, line {line.number}: Biometric ID {line.code!r} has no employee.",
			"Enter the employee's ID, or empty the line.",
		)
	if earlier and earlier.employee != line.employee:
		raise Problem(
			f"{path}, line {line.number}: employee {line.employee} has the Biometric ID {line.code!r}, "
			f"which employee {earlier.employee} has in line {earlier.number}.",
			"A Biometric ID belongs to one employee: correct one of the two lines.",
		)


def _lines(path: Path) -> Iterator[_Line]:
	text = _text(path)
	if not text.strip():
		raise Problem(f"{path} is empty.", _EXAMPLE)
	rows = _rows(path, text)
	number, head = next(rows, (1, []))
	employee, code = _column(path, number, head, _EMPLOYEE), _column(path, number, head, _CODE)
	for number, row in rows:
		yield _Line(number, _cell(row, employee), _cell(row, code))


def _text(path: Path) -> str:
	try:
		return path.read_bytes().decode("utf-8-sig")
	except OSError as error:
		raise Problem(
			f"{path} cannot be read: {error.strerror}.",
			f"Name the CSV file of your employees with --employees. {_EXAMPLE}",
		) from error
	except UnicodeDecodeError as error:
		line = error.object.count(b"\n", 0, error.start) + 1
		raise Problem(f"{path}, line {line}: the file is not UTF-8.", _SAVE_AS_UTF8) from error


def _rows(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
	"""Line numbers and rows, without the blank ones."""
	text, delimiter = _separated(text)
	reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
	try:
		for row in reader:
			if any(map(str.strip, row)):
				yield reader.line_num, row
	except csv.Error as error:
		raise Problem(f"{path}, line {reader.line_num}: {error}.", _SAVE_AS_UTF8) from error


def _separated(text: str) -> tuple[str, str]:
	"""The text and what separates its cells: Excel may name that in a first line of its own, which is blanked."""
	named = _SEPARATOR.match(text)
	if named:
		return text[named.end() :], named[1]
	head = text.lstrip().partition("\n")[0]
	return text, max(",;\t", key=head.count)


def _column(path: Path, number: int, head: list[str], names: tuple[str, ...]) -> int:
	heads = [_plain(name) for name in head]
	for name in names:
		if name in heads:
			return heads.index(name)
	raise Problem(
		f"{path}, line {number}: there is no column {names[0].replace(' ', '_')}; "
		f"the columns are {', '.join(head)}.",
		_EXAMPLE,
	)


def _plain(name: str) -> str:
	"""Attendance Device ID (Biometric/RF tag ID) and attendance_device_id without case, spaces and signs."""
	return " ".join(re.split(r"[\W_]+", name.lower())).strip()


def _cell(row: list[str], column: int) -> str:
	return row[column].strip() if column < len(row) else ""
