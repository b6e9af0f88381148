"""Working time: what counts when a device or a terminal is silent. Times are naive, the site's wall clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

LONGEST_LOOK = 400
"""Days. Whoever has been silent for longer has been so for long enough, or nobody works there."""

_A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingHours:
	"""`days`: weekdays on which work begins, Monday is 0. An `end` that is not after `begin` lies on the next day, so that
	equal times mean round the clock. `holidays`: days on which no work begins.
	"""

	days: frozenset[int]
	begin: time
	end: time
	holidays: frozenset[date] = frozenset()

	def reach(self, since: datetime, until: datetime, threshold: timedelta) -> bool:
		"""Whether at least so much working time lies between those moments."""
		worked = timedelta()
		for begin, end in self._back_from(since, until):
			worked += max(min(end, until) - max(begin, since), timedelta())
			if worked >= threshold:
				return True
		return False

	def _back_from(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
		"""The stretches of work that may touch the time between, the latest first."""
		for back in range(LONGEST_LOOK):
			day = until.date() - back * _A_DAY
			if day < since.date() - _A_DAY:
				return
			if day.weekday() in self.days and day not in self.holidays:
				yield self._on(day)

	def _on(self, day: date) -> tuple[datetime, datetime]:
		begin, end = datetime.combine(day, self.begin), datetime.combine(day, self.end)
		return begin, end if begin < end else end + _A_DAY
