"""Once a day, a deeper look back: for each of the last days, whether the device still holds as many punches as it did.

A quiet day costs one request. What lies in the future is looked at too: no window reaches it before its time has come.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
	from zkteco_biometric.cycle.ports import PunchSource

_A_DAY = timedelta(days=1)
_A_SECOND = timedelta(seconds=1)
_AHEAD = "ahead"
"""What the days that have not come are counted under."""

Span = tuple[datetime, datetime | None]


@dataclass(frozen=True)
class PastDays:
	"""The state of the look-back on one device; days are those of the terminals' clocks.

	`on`: the day on which it was begun last. `left`: what it has still to compare, days and "ahead". `counts`: how many
	punches each of them had when it was read.
	"""

	on: date | None = None
	left: tuple[str, ...] = ()
	counts: Mapping[str, int] = field(default_factory=dict)

	def begun(self, today: date, days: int, oldest: date | None) -> PastDays:
		"""The state at a moment of `today`: another round, where there was none today. Counts that nobody needs are gone."""
		if self.on == today:
			return self
		earlier = [today - back * _A_DAY for back in range(1, days + 1)]
		wanted = [day.isoformat() for day in earlier if oldest is None or day >= oldest]
		counts = {day: count for day, count in self.counts.items() if day in {*wanted, _AHEAD}}
		return PastDays(today, (*wanted, _AHEAD), counts)

	def without_days(self) -> PastDays:
		"""For a device that has been read from the beginning just now: only what is ahead is left."""
		return replace(self, left=tuple(part for part in self.left if part == _AHEAD))

	def compared(self, part: str, count: int | None) -> PastDays:
		counts = self.counts if count is None else {**self.counts, part: count}
		return replace(self, left=tuple(one for one in self.left if one != part), counts=counts)

	def as_json(self) -> str:
		"""For a site to keep; `from_json` reads it."""
		on = self.on.isoformat() if self.on else None
		return json.dumps({"on": on, "left": self.left, "counts": dict(self.counts)})

	@staticmethod
	def from_json(text: str) -> PastDays:
		kept = json.loads(text)
		on = date.fromisoformat(kept["on"]) if kept["on"] else None
		return PastDays(on, tuple(kept["left"]), kept["counts"])


def changed_spans(
	source: PunchSource, state: PastDays, ahead_of: datetime, keep: Callable[[PastDays], None]
) -> Iterator[Span]:
	"""The spans of punch time that are to be read, since their number of punches is another than when they were read.

	`ahead_of`: naive wall clock of the terminals; what is later lies ahead. `keep` is called with the state after each
	comparison, once the span has been read. A server that does not count what it is asked for is left alone.
	"""
	for part in state.left:
		start, end = _span(part, ahead_of)
		count = source.count(start, end)
		if count is not None and count != state.counts.get(part, 0 if part == _AHEAD else None):
			yield start, end
		state = state.compared(part, count)
		keep(state)


def _span(part: str, ahead_of: datetime) -> Span:
	if part == _AHEAD:
		return ahead_of + _A_SECOND, None
	first = datetime.combine(date.fromisoformat(part), time())
	return first, first + _A_DAY - _A_SECOND
