"""Moments gathered into spans, so that one query can look for them all. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

_LONGEST_GAP = timedelta(hours=12)
_MOST_SPANS = 60


def spans(times: Iterable[datetime]) -> list[tuple[datetime, datetime]]:
	"""Spans [first, last] that cover every time, with gaps of over half a day left out; at most 60 of them."""
	covered: list[tuple[datetime, datetime]] = []
	for time in sorted(set(times)):
		if covered and (time - covered[-1][1] <= _LONGEST_GAP or len(covered) == _MOST_SPANS):
			covered[-1] = (covered[-1][0], time)
		else:
			covered.append((time, time))
	return covered
