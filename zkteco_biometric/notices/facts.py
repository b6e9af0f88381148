"""What the site knows of devices, terminals and people; times are naive, the site's wall clock."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from zkteco_biometric.cycle.schedule import back_off
from zkteco_biometric.notices.working_hours import WorkingHours

_MANY = 100


@dataclass(frozen=True)
class Rules:
	"""What the site wants to know: None, 0 or False switch a kind off."""

	hours: WorkingHours
	silent_after: timedelta | None = None
	failing_after: timedelta | None = None
	waiting_above: int = 0
	clocks: bool = True


@dataclass(frozen=True)
class Device:
	"""An enabled device. `is_well`: its newest sync has ended, and has not failed. `read_until`: how far it has been read.

	`failing_for`: how long all attempts have failed, from the first of them to the newest; zero where the newest did not.
	"""

	name: str
	is_well: bool = True
	log_in_rejected: bool = False
	failing_for: timedelta = timedelta()
	last_punch: datetime | None = None
	read_until: datetime | None = None
	waiting: int = 0
	wrong_clocks: tuple[WrongClock, ...] = ()
	error: str = ""
	remedy: str = ""


@dataclass(frozen=True)
class Terminal:
	"""`watched`: whether somebody wants to know when it is silent."""

	device: str
	serial: str
	name: str = ""
	watched: bool = True
	last_punch: datetime | None = None


@dataclass(frozen=True)
class WrongClock:
	"""A terminal, and what is told of its clock; no serial where the terminal is not known."""

	serial: str
	name: str
	message: str


@dataclass(frozen=True)
class LatePerson:
	"""Who should be able to come in by now and cannot; their device may be disabled, or gone."""

	device: str
	employee: str
	name: str
	message: str


@dataclass(frozen=True)
class Facts:
	"""`on_record`: device and employee of everybody, late or not, of whom something is remembered and who was late before."""

	devices: tuple[Device, ...] = ()
	terminals: tuple[Terminal, ...] = ()
	late: tuple[LatePerson, ...] = ()
	on_record: frozenset[tuple[str, str]] = frozenset()


def wrong_clocks(lines: Sequence[str], terminals: Iterable[Terminal]) -> tuple[WrongClock, ...]:
	"""From what a sync writes down of clocks: a line each, in any language, that names a terminal by its serial number.

	Lines that name none of these terminals are told together, as the device's own.
	"""
	found: list[WrongClock] = []
	others: list[str] = []
	known = list(terminals)
	for line in lines:
		named = [one for one in known if _names(line, one.serial)]
		found += [WrongClock(one.serial, one.name, line) for one in named[:1]]
		others += [] if named else [line]
	return (*found, WrongClock("", "", " ".join(others))) if others else tuple(found)


def _names(line: str, serial: str) -> bool:
	return bool(serial) and re.search(rf"(?<!\w){re.escape(serial)}(?!\w)", line) is not None


def failing_for(failures: int, last_attempt: datetime | None, read_until: datetime | None) -> timedelta:
	"""At least so long, by the pauses that the scheduler leaves between attempts, and not longer than since the last good
	sync. Time in which nobody tried, as on a bench that was down, is none in which the device failed.
	"""
	paused = sum((back_off(number) for number in range(1, min(failures, _MANY))), timedelta())
	if last_attempt and read_until:
		return max(min(paused, last_attempt - read_until), timedelta())
	return paused
