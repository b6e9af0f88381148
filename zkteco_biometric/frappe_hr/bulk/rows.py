"""Rows of Employee Checkin as the database has them: written many at a time, and compared with what was expected."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

import frappe
from frappe.utils import cstr

from zkteco_biometric.frappe_hr.names import CHECK_IN, KEY_FIELD, LOG_FIELD, PUNCH_FIELD

AT_ONCE = 1000
"""Rows of one statement: of the longest no more fit into the packet that a database takes by default."""

_OF_THEIR_OWN = {"name", "creation", "modified"}
"""Columns in which what was rehearsed a moment ago differs from what was then inserted."""


def insert_rows(rows: Sequence[Mapping[str, Any]]) -> None:
	"""Within the caller's transaction; all of them have the same columns."""
	waiting = iter(rows)
	while some := list(islice(waiting, AT_ONCE)):
		_insert(some)


def _insert(rows: Sequence[Mapping[str, Any]]) -> None:
	"""What is the same in all of them, as most of a check-in is, is given once: the driver looks at every value."""
	columns, first = tuple(rows[0]), rows[0]
	varying = tuple(column for column in columns if any(row[column] is not first[column] for row in rows))
	statement, places = _statement(columns, varying, len(rows))
	values = dict(zip(places, (row[column] for row in rows for column in varying), strict=True))
	frappe.db.sql(statement, {**first, **values})


@lru_cache(maxsize=8)
def _statement(columns: tuple[str, ...], varying: tuple[str, ...], rows: int) -> tuple[str, tuple[str, ...]]:
	"""With the names of the values that vary, row by row; the others go by the names of their columns."""
	places, written = [], []
	for row in range(rows):
		named = {column: f"{row}:{number}" for number, column in enumerate(varying)}
		places += [named[column] for column in varying]
		written.append("(" + ", ".join(f"%({named.get(column, column)})s" for column in columns) + ")")
	names = ", ".join(f"`{column}`" for column in columns)
	return f"insert into `tab{CHECK_IN}` ({names}) values {', '.join(written)}", tuple(places)


def stored_row(expected: Mapping[str, Any]) -> Mapping[str, Any] | None:
	"""The row that came of a check-in; None where there is none of this very sync and punch, as after somebody else was faster."""
	ours = {name: expected[name] for name in (KEY_FIELD, LOG_FIELD, PUNCH_FIELD)}
	conditions = " and ".join(f"`{name}` = %({name})s" for name in ours)
	found = frappe.db.sql(f"select * from `tab{CHECK_IN}` where {conditions}", ours, as_dict=True)
	return found[0] if found else None


def first_difference(expected: Mapping[str, Any], stored: Mapping[str, Any]) -> str | None:
	"""The column in which a row is not what was expected. What is no field any more is left to the database in either way."""
	return next(
		(
			column
			for column in expected
			if column not in _OF_THEIR_OWN and not _is_same(stored.get(column), expected[column])
		),
		None,
	)


def _is_same(stored: Any, expected: Any) -> bool:
	if stored is None or expected is None:
		return stored is expected
	return stored == expected or cstr(stored) == cstr(expected)
