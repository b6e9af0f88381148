"""Histories of a device and a site, step by step, as hypothesis makes them up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.support.times import ZONES, utc
from zkteco_biometric.simulator import Variant

NOON = utc(2024, 6, 5, 12)
EMPLOYEES = {"7": "EMP-7", "007": "EMP-007", "A7": "EMP-A7", "12": "EMP-12"}
NEWCOMER = "8"
CODES = [*EMPLOYEES, NEWCOMER, "a7", "nobody"]
IGNORED_STATE = "5"
SPOILED = ("no code", "no time", "impossible time", "no object")
"""What terminals are called whose rows cannot be read: for what they lack."""


@dataclass(frozen=True)
class Punch:
	"""Somebody punches `age` ago by the terminal's clock, or in the future, and it arrives now."""

	code: str
	age: timedelta = timedelta()
	state: str | int | None = "0"
	terminal: str = "gate"


@dataclass(frozen=True)
class PunchAt:
	"""The same, at a terminal whose clock shows anything."""

	code: str
	time: datetime


@dataclass(frozen=True)
class Backlog:
	"""A terminal uploads row by row, one a second, what people punched since `age` ago, `every` so often."""

	rows: int
	age: timedelta
	every: timedelta
	first: int = 0


@dataclass(frozen=True)
class Again:
	"""A row that is there arrives once more under another id, perhaps with another state."""

	which: int
	state: str | int | None = "0"


@dataclass(frozen=True)
class Delete:
	"""Rows disappear, one beside the other in the table."""

	which: int
	rows: int = 1


@dataclass(frozen=True)
class Restore:
	"""The server comes back from a backup: the last rows are gone, and others will get their ids."""

	lost: int


@dataclass(frozen=True)
class SetServerClock:
	"""Somebody sets the server's clock: so far behind the true time."""

	behind: timedelta


@dataclass(frozen=True)
class Hire:
	"""The newcomer's code becomes an employee's."""


@dataclass(frozen=True)
class Wait:
	span: timedelta


Happening = Punch | PunchAt | Backlog | Again | Delete | Restore | SetServerClock


@dataclass(frozen=True)
class Trouble:
	"""The device fails after so many requests of a cycle, once or for hours."""

	fault: str
	after: int
	once: bool = False


@dataclass(frozen=True)
class Meanwhile:
	"""This happens on the device before a request of a cycle is answered."""

	before: int
	step: Happening


@dataclass(frozen=True)
class Cycle:
	"""The site reads the device. `dies_after` counts moments of the store, `seconds` is how long it may take."""

	trouble: Trouble | None = None
	meanwhile: Meanwhile | None = None
	dies_after: int | None = None
	seconds: int | None = None


Step = Happening | Hire | Wait | Cycle


@dataclass(frozen=True)
class Setting:
	"""What stays as it is during a history. `sync_from`: so long before its beginning; `glances`: whether cycles begin with one."""

	device: str = "UTC"
	site: str = "UTC"
	server: str = "UTC"
	begin: datetime = NOON
	page_size: int = 3
	look_back: timedelta = timedelta(minutes=60)
	sync_from: timedelta | None = None
	past_days: int = 7
	variant: Variant = field(default_factory=Variant)
	glances: bool = True


@dataclass(frozen=True)
class History:
	setting: Setting
	steps: tuple[Step, ...]


@lru_cache
def beginnings(zone: str) -> list[datetime]:
	"""Instants of 2024: noon of an ordinary day, and two hours before each clock change of the zone."""
	hours = [utc(2024, 1, 1) + timedelta(hours=number) for number in range(366 * 24)]
	offsets = [hour.astimezone(ZoneInfo(zone)).utcoffset() for hour in hours]
	changes = [hours[at] for at in range(1, len(hours)) if offsets[at] != offsets[at - 1]]
	return [NOON, *(change - timedelta(hours=2) for change in changes)]


def spans(**units: int) -> st.SearchStrategy[timedelta]:
	"""From nothing to so many of one of the units: short ones are as likely as long ones."""
	return st.one_of([_up_to(most, timedelta(**{unit: 1})) for unit, most in units.items()])


def _up_to(most: int, unit: timedelta) -> st.SearchStrategy[timedelta]:
	return st.integers(0, most).map(lambda number: number * unit)


AGES = spans(days=40, hours=30, minutes=200, seconds=60) | spans(days=3, minutes=90).map(lambda span: -span)
STATES: st.SearchStrategy[Any] = st.sampled_from(["0", "0", "1", "255", "", None, 3, IGNORED_STATE])
TERMINALS = st.sampled_from(["gate", "gate", "gate", "gate", "", *SPOILED])
ODD_TIMES = st.sampled_from(
	[
		datetime(1970, 1, 1),
		datetime(1999, 12, 31, 23, 59, 59),
		datetime(2000, 1, 1),
		datetime(9999, 12, 31, 23, 59, 59),
	]
)
PLACES = st.integers(0, 30)

_BACKLOGS = st.builds(
	Backlog,
	st.integers(2, 10) | st.sampled_from([5, 25]),
	AGES,
	spans(hours=9, minutes=20, seconds=2),
	PLACES,
)
ARRIVALS = st.one_of(
	st.builds(Punch, st.sampled_from(CODES), AGES, STATES, TERMINALS),
	_BACKLOGS,
	_BACKLOGS,
	st.builds(PunchAt, st.sampled_from(CODES), ODD_TIMES),
	st.builds(Again, PLACES, STATES),
)
DELETIONS = st.builds(Delete, PLACES, st.integers(1, 6) | st.just(12))
RESTORES = st.builds(Restore, st.integers(1, 12) | st.just(30))
HIRING = st.just(Hire())
SERVER_CLOCKS = st.builds(SetServerClock, spans(minutes=15, hours=5))
WAITS = st.builds(Wait, spans(days=9, hours=30, minutes=90, seconds=30))
SHORT_WAITS = st.builds(Wait, spans(minutes=90, seconds=30))

_TROUBLES = st.builds(
	Trouble,
	st.sampled_from(
		["500", "reset", "html", "truncated", "half a JSON", "401", "code", "log-in page", "too large"]
	),
	st.integers(0, 40),
	st.sampled_from([True, False, False]),
)
_TOO_LARGE = st.builds(Trouble, st.just("too large"), st.integers(0, 40))
_MEANWHILE = st.builds(Meanwhile, st.integers(2, 40), DELETIONS | ARRIVALS)
_DEATHS = st.integers(0, 90)
GOOD_CYCLES = st.just(Cycle())
SELDOM = st.sampled_from([True, False, False, False])
ALWAYS = st.just(True)
BAD_CYCLES = st.one_of(
	st.builds(Cycle, _TROUBLES),
	st.builds(Cycle, st.none(), _MEANWHILE),
	st.builds(Cycle, _TROUBLES, _MEANWHILE),
	st.builds(Cycle, dies_after=_DEATHS),
	st.builds(Cycle, st.none(), _MEANWHILE, _DEATHS),
	st.builds(Cycle, seconds=st.integers(1, 40)),
)
WEAK_CYCLES = st.one_of(
	st.builds(Cycle, _TOO_LARGE),
	st.builds(Cycle, _TOO_LARGE, _MEANWHILE),
	st.builds(Cycle, _TOO_LARGE, dies_after=_DEATHS),
	st.builds(Cycle, _TOO_LARGE, seconds=st.integers(1, 40)),
)

_VARIANTS = st.builds(
	Variant,
	jwt=st.booleans(),
	ordering=st.booleans(),
	envelope=st.sampled_from(["data", "results"]),
	max_page_size=st.sampled_from([None, None, 2, 4]),
	min_page_size=st.sampled_from([None, None, None, 2, 4, 6]),
	punch_state=st.sampled_from(["str", "int"]),
	next_null=st.sampled_from(["null-value", "null-string"]),
	next_keeps_filters=st.booleans(),
	time_filters=st.sampled_from([True, True, True, False]),
)


@st.composite
def _settings(draw: st.DrawFn) -> Setting:
	device = draw(st.sampled_from(ZONES))
	elsewhere = st.just(device) | st.sampled_from(ZONES)
	return Setting(
		device,
		draw(elsewhere),
		draw(elsewhere),
		draw(st.sampled_from(beginnings(device))),
		draw(st.integers(1, 9)),
		draw(spans(minutes=120)),
		draw(st.none() | spans(days=60, hours=30)),
		draw(st.sampled_from([0, 1, 2, 7])),
		draw(_VARIANTS),
		draw(st.sampled_from([True, True, False])),
	)


@st.composite
def histories(
	draw: st.DrawFn,
	happenings: st.SearchStrategy[Step] = ARRIVALS,
	cycles: st.SearchStrategy[Cycle] = GOOD_CYCLES,
	pasts: st.SearchStrategy[bool] = SELDOM,
	most: int = 5,
	waits: st.SearchStrategy[Wait] = WAITS,
) -> History:
	"""Rounds of what happens on the device, of waiting, and of a cycle; `pasts`: whether it holds some pages before."""
	setting = draw(_settings())
	rounds = draw(
		st.lists(st.tuples(st.lists(happenings, max_size=3), waits, cycles), min_size=1, max_size=most)
	)
	steps = tuple(step for happened, wait, cycle in rounds for step in (*happened, wait, cycle))
	return History(setting, (*_past(setting), *steps) if draw(pasts) else steps)


def _past(setting: Setting) -> tuple[Step, ...]:
	"""Six pages; with large ones, more rows than a reader remembers."""
	return Backlog(6 * setting.page_size, timedelta(days=50), timedelta(minutes=7)), Wait(timedelta(hours=1))
