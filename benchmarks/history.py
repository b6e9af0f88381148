"""Artificial punches: the rows that the simulator serves, and the same rows for the bare loop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

IN, OUT = "0", "1"
STRANGER = "ZKBX"
_TIMES_OF_DAY = ((time(8), IN), (time(12), OUT), (time(13), IN), (time(17), OUT))

Row = tuple[str, datetime, str]
"""Code, wall clock, punch state."""


@dataclass(frozen=True)
class History:
	"""`punches` rows, four a day and person, up to yesterday; every person is a second behind the one before.

	Where there are fewer `distinct` ones, they come again, as duplicates. Every `stranger_every`-th row is of a code
	that is nobody's; 0 for none.
	"""

	people: int
	punches: int
	distinct: int = 0
	stranger_every: int = 0

	def rows(self) -> Iterator[Row]:
		"""In the order in which they happened, repeated ones after them."""
		distinct = self.distinct or self.punches
		first_day = date.today() - timedelta(days=self._days(distinct))
		for place in range(self.punches):
			row = self._row(place % distinct, first_day)
			is_stranger = self.stranger_every and place % self.stranger_every == 0
			yield (STRANGER, *row[1:]) if is_stranger else row

	def _days(self, distinct: int) -> int:
		return -(-distinct // (self.people * len(_TIMES_OF_DAY)))

	def _row(self, place: int, first_day: date) -> Row:
		turn, person = divmod(place, self.people)
		day, slot = divmod(turn, len(_TIMES_OF_DAY))
		hour, state = _TIMES_OF_DAY[slot]
		when = datetime.combine(first_day + timedelta(days=day), hour) + timedelta(seconds=person)
		return code_of(person), when, state


def code_of(person: int) -> str:
	"""The Biometric ID of the person at this place, from 0; no terminal gives out such codes by itself."""
	return f"ZKB{person:04}"
