"""What the site knows of devices, terminals and people; times are naive, the site's wall clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from zkteco_biometric.notices.working_hours import WorkingHours

_FEWEST_FAILURES = 2
"""One may pass by itself."""


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
	"""An enabled device. `is_well`: its newest sync has ended, and has not failed. `read_until`: what was there by then has
	been read, all of it, and is known of its terminals too.

	`failing_for`: how long all attempts have failed, from the first of them to the newest; zero where the newest did not.
	`overdue_since`: when it should have been read, where nobody has tried for long since.
	"""

	name: str
	is_well: bool = True
	log_in_rejected: bool = False
	failing_for: timedelta = timedelta()
	last_punch: datetime | None = None
	read_until: datetime | None = None
	last_attempt: datetime | None = None
	overdue_since: datetime | None = None
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
	"""A terminal, and what is told of its clock."""

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
	"""`on_record`: device and employee of everybody, late or not, of whom something is remembered and who was late before.

	`watched_for`: how long somebody has been looking without a pause; a bench that was down has read nothing meanwhile.
	"""

	devices: tuple[Device, ...] = ()
	terminals: tuple[Terminal, ...] = ()
	late: tuple[LatePerson, ...] = ()
	on_record: frozenset[tuple[str, str]] = frozenset()
	watched_for: timedelta = timedelta()


def failing_for(failures: int, since: datetime | None, last_attempt: datetime | None) -> timedelta:
	"""From the first failure in a row to the newest attempt: time in which nobody tried, as on a bench that was down, is none
	in which the device failed. Nor does one failure alone count.
	"""
	if failures < _FEWEST_FAILURES or since is None or last_attempt is None:
		return timedelta()
	return max(last_attempt - since, timedelta())
