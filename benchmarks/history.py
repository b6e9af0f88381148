"""Artificial punches, worked out by arithmetic: the rows that the simulator serves, and the same rows for the bare loop."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

IN, OUT = "0", "1"
STRANGER = "ZKBX"
_TIMES_OF_DAY = ((time(8), IN), (time(12), OUT), (time(13), IN), (time(17), OUT))

Row = tuple[str, datetime, str]
"""Code, wall clock, punch state."""


@dataclass(frozen=True)
class History:
	"""`punches` rows, four a day and person, up to yesterday; every person is a second behind the one before.

	No row is held: a million cost no more memory than one. Every `stranger_every`-th row is of a code that is nobody's; 0
	for none. The codes begin with that of `first_person`; all times are `later` by so many seconds. `last_day` is an
	ordinal, so that two processes agree on it also about midnight.
	"""

	people: int
	punches: int
	stranger_every: int = 0
	first_person: int = 0
	later: int = 0
	last_day: int = field(default_factory=lambda: date.today().toordinal() - 1)

	def rows(self) -> Iterator[Row]:
		"""In the order in which they happened."""
		return map(self.row, range(self.punches))

	def row(self, place: int) -> Row:
		"""The row at this place, from 0."""
		turn, person = divmod(place, self.people)
		day, slot = divmod(turn, len(_TIMES_OF_DAY))
		hour, state = _TIMES_OF_DAY[slot]
		when = datetime.combine(self._first_day + timedelta(days=day), hour)
		is_stranger = self.stranger_every and place % self.stranger_every == 0
		code = STRANGER if is_stranger else code_of(self.first_person + person)
		return code, when + timedelta(seconds=person + self.later), state

	def within(self, start: datetime | None, end: datetime | None) -> range:
		"""The places of the rows from `start` to `end`, both included."""
		places = range(self.punches)
		first = bisect_left(places, start, key=self._time) if start else 0
		last = bisect_right(places, end, key=self._time) if end else self.punches
		return range(first, max(first, last))

	@property
	def _first_day(self) -> date:
		days = -(-self.punches // (self.people * len(_TIMES_OF_DAY)))
		return date.fromordinal(self.last_day - days + 1)

	def _time(self, place: int) -> datetime:
		return self.row(place)[1]


def code_of(person: int) -> str:
	"""The Biometric ID of the person at this place, from 0; no terminal gives out such codes by itself."""
	return f"ZKB{person:04}"
