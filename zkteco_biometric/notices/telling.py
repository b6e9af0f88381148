"""When who is told: at once when something begins, then of what joins it at most once an hour, and once when all of it is over.

What befalls several terminals or people of a device, one after the other, is one story. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from zkteco_biometric.notices.incidents import Key, Kind, OpenIncident

AT_MOST_EVERY = timedelta(hours=1)


class Awaits(Enum):
	"""What is still to be told of an incident; the values are those of *ZKTeco Incident*."""

	NOTHING = ""
	BEGINNING = "Beginning"
	END = "End"


@dataclass(frozen=True)
class Incident:
	"""As it is kept. `told_on`: when its beginning was told to anybody. `since` as in its first reading."""

	name: str
	key: Key
	is_open: bool = True
	since: datetime | None = None
	subject_name: str = ""
	told_on: datetime | None = None
	awaits: Awaits = Awaits.NOTHING

	def as_known(self) -> OpenIncident:
		return OpenIncident(self.key, self.since)


def beginnings_to_tell(incidents: Iterable[Incident], now: datetime) -> list[Incident]:
	return [one for story in _stories(incidents) for one in _beginnings(story, now)]


def ends_to_tell(incidents: Iterable[Incident]) -> list[Incident]:
	return [one for story in _stories(incidents) for one in _ends(story)]


def _stories(incidents: Iterable[Incident]) -> Collection[list[Incident]]:
	"""One for a kind and a device."""
	found: dict[tuple[Kind, str], list[Incident]] = {}
	for one in incidents:
		found.setdefault((one.key.kind, one.key.device), []).append(one)
	return found.values()


def _beginnings(story: list[Incident], now: datetime) -> list[Incident]:
	"""What lies ahead was told by a clock that was set back since, and holds nothing up."""
	latest = max((one.told_on for one in story if one.told_on), default=None)
	if latest and timedelta() <= now - latest < AT_MOST_EVERY:
		return []
	return [one for one in story if one.awaits is Awaits.BEGINNING]


def _ends(story: list[Incident]) -> list[Incident]:
	"""What nobody was told of, nor will be, keeps no end from being told."""
	if any(one.is_open and (one.told_on or one.awaits is Awaits.BEGINNING) for one in story):
		return []
	return [one for one in story if one.awaits is Awaits.END]
