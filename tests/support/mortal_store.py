"""The embedded store of a process that may die at any statement."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from zkteco_biometric.standalone.database import opened

_numbers = count()
_Connection = TypeVar("_Connection", bound=sqlite3.Connection)


class Killed(BaseException):
	"""The process ends here: what was committed stays, nothing else happens."""


class MortalConnection(sqlite3.Connection):
	"""Dies at a moment of its choice: before or after a statement, before a row, before or after a commit.

	Statements that only read are no moments.
	"""

	_moment = ""
	_left = 0

	def die_at(self, moment: str, number: int = 1) -> None:
		"""The next but so many "statement", "row", "commit" or "committed"; or "any" of them."""
		self._moment, self._left = moment, number

	def execute(self, sql: str, values: Any = ()) -> sqlite3.Cursor:
		if sql.lstrip().startswith("SELECT"):
			return super().execute(sql, values)
		self._is_at("statement")
		cursor = super().execute(sql, values)
		self._is_at("statement")
		return cursor

	def executemany(self, sql: str, values: Iterable[Any]) -> sqlite3.Cursor:
		return super().executemany(sql, map(self._row, values))

	def __exit__(self, *error: Any) -> Any:
		if error[0] is None:
			self._is_at("commit")
		super().__exit__(*error)
		if error[0] is None:
			self._is_at("committed")
		return False

	def _row(self, values: Any) -> Any:
		self._is_at("row")
		return values

	def _is_at(self, moment: str) -> None:
		if self._moment in (moment, "any"):
			self._left -= 1
			if not self._left:
				raise Killed


class MortalStore:
	"""A database in memory that outlives its connections."""

	def __init__(self) -> None:
		self._name = f"file:history{next(_numbers)}?mode=memory&cache=shared"
		self._keeper = self._connect(sqlite3.Connection)
		_empty_database().backup(self._keeper)

	@contextmanager
	def connected(self) -> Iterator[MortalConnection]:
		"""For one process; what it has not committed when it dies is gone."""
		with closing(self._connect(MortalConnection)) as connection:
			yield connection

	def rows(self, sql: str) -> list[tuple[Any, ...]]:
		return self._keeper.execute(sql).fetchall()

	def close(self) -> None:
		self._keeper.close()

	def _connect(self, kind: type[_Connection]) -> _Connection:
		return sqlite3.connect(self._name, uri=True, isolation_level=None, factory=kind)


@lru_cache(maxsize=1)
def _empty_database() -> sqlite3.Connection:
	"""As `opened` makes it; copied, since that is quicker than to make it anew."""
	kept = sqlite3.connect(":memory:")
	with TemporaryDirectory() as directory, opened(Path(directory) / "empty.db") as made:
		made.backup(kept)
	return kept
