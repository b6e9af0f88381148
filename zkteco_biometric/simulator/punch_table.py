"""The table of punches: ordered by id, cheap to page through."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from zkteco_biometric.simulator.models import Transaction

Wanted = Callable[[Transaction], bool]
SortKey = Callable[[Transaction], tuple[object, int]]


class PunchTable:
	"""Punches in ascending order of id; not thread-safe by itself."""

	def __init__(self) -> None:
		self._rows: list[Transaction] = []
		self.next_id = 1

	def __len__(self) -> int:
		return len(self._rows)

	def __iter__(self) -> Iterator[Transaction]:
		return iter(self._rows)

	def insert(self, row: Transaction) -> None:
		"""Put the row at the place of its id.

		:raises ValueError: the id is taken.
		"""
		place = self._place(row.id)
		if place < len(self._rows) and self._rows[place].id == row.id:
			raise ValueError(f"Transaction {row.id} exists already: delete it first, or leave the id out.")
		self._rows.insert(place, row)
		self.next_id = max(self.next_id, row.id + 1)

	def delete(self, id: int) -> None:
		"""Remove a row; its id is not used again.

		:raises KeyError: there is no such row.
		"""
		place = self._place(id)
		if place == len(self._rows) or self._rows[place].id != id:
			raise KeyError(f"There is no transaction {id}.")
		del self._rows[place]

	def restart(self, next_id: int) -> None:
		"""Forget the rows from this id on, and count from it again."""
		del self._rows[self._place(next_id) :]
		self.next_id = next_id

	def page(
		self, wanted: Sequence[Wanted], order: SortKey | None, descending: bool, offset: int, size: int
	) -> tuple[int, list[Transaction]]:
		"""How many rows satisfy every predicate, and one page of them."""
		rows = self._rows
		for predicate in wanted:
			rows = [row for row in rows if predicate(row)]
		if order:
			rows = sorted(rows, key=order, reverse=descending)
		return len(rows), rows[offset : offset + size]

	def _place(self, id: int) -> int:
		if self._rows and id > self._rows[-1].id:
			return len(self._rows)
		return bisect_left(self._rows, id, key=lambda row: row.id)
