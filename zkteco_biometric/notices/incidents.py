"""From what is seen now and what was open before: what has begun, and what is over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum


class Kind(Enum):
	"""What people are told of; the values are those of *ZKTeco Incident*."""

	SILENT_DEVICE = "Silent Device"
	SILENT_TERMINAL = "Silent Terminal"
	NOT_READ = "Device Not Read"
	LOG_IN = "Log-in Rejected"
	FAILING = "Device Failing"
	WAITING = "Waiting Punches"
	CLOCK = "Wrong Clock"
	PEOPLE = "People Not Enabled in Time"


SILENCE = (Kind.SILENT_DEVICE, Kind.SILENT_TERMINAL)
_ENDS_BY_A_SIGN = (*SILENCE, Kind.NOT_READ)


class Verdict(Enum):
	"""BETWEEN: neither begins an incident nor ends one."""

	TROUBLE = "trouble"
	BETWEEN = "between"
	WELL = "well"


@dataclass(frozen=True)
class Key:
	"""What an incident is about. `subject`: a terminal's serial number, or an employee; empty for the device itself."""

	kind: Kind
	device: str
	subject: str = ""


@dataclass(frozen=True)
class Reading:
	"""What is seen of it now. `since`: the last sign of life, of kinds of silence, or when a device should have been read, or
	was; `name`: that of the subject.
	"""

	key: Key
	verdict: Verdict
	since: datetime | None = None
	name: str = ""
	details: tuple[str, ...] = ()
	remedy: str = ""


@dataclass(frozen=True)
class OpenIncident:
	"""What was seen before and is not over. `since` as in its first reading."""

	key: Key
	since: datetime | None = None


@dataclass(frozen=True)
class Changes:
	"""`unwatched` end without a word: their device is disabled or gone, or the site wants to know no more."""

	opened: tuple[Reading, ...] = ()
	over: tuple[Reading, ...] = ()
	unwatched: tuple[Key, ...] = ()

	def __bool__(self) -> bool:
		return bool(self.opened or self.over or self.unwatched)


def compare(known: Iterable[OpenIncident], readings: Iterable[Reading]) -> Changes:
	"""What is known and read as neither well nor gone lasts, and nobody hears of it again."""
	seen = {reading.key: reading for reading in readings}
	before = {one.key: one for one in known}
	endings = [seen[key] for key in before if key in seen and seen[key].verdict is Verdict.WELL]
	over = tuple(reading for reading in endings if _is_over(before[reading.key], reading))
	no_more_asked_for = [reading.key for reading in endings if reading not in over]
	return Changes(
		opened=tuple(
			reading
			for key, reading in seen.items()
			if reading.verdict is Verdict.TROUBLE and key not in before
		),
		over=over,
		unwatched=(*(key for key in before if key not in seen), *no_more_asked_for),
	)


def _is_over(known: OpenIncident, reading: Reading) -> bool:
	"""A silence ends by a punch, and that of our own by an attempt. By other working hours, or another schedule, alone it is
	merely none that anybody asks for.
	"""
	if known.key.kind not in _ENDS_BY_A_SIGN or known.since is None:
		return True
	return reading.since is not None and reading.since > known.since
