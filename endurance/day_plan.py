"""Who punches when in a day of people, and what each of them may expect of a device: pure, and written apart from the app."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random

IN, OUT = "0", "1"
TICK = timedelta(minutes=4)
"""How often Frappe's scheduler comes round."""

TUESDAY = datetime(2024, 6, 4)
"""Long ago and far from any clock change, so that nothing depends on when this runs."""
WEDNESDAY = TUESDAY + timedelta(days=1)
BEGINS = TUESDAY + timedelta(hours=16)
ENDS = WEDNESDAY + timedelta(hours=24)
FAILS, WORKS_AGAIN = WEDNESDAY + timedelta(hours=20, minutes=30), WEDNESDAY + timedelta(hours=21, minutes=30)

MARGIN = timedelta(minutes=60)
HOURS = timedelta(hours=16)
"""Longer than usual, so that the next shift is what brings most people back: before it they must be able to come in."""

DAY, NIGHT = (time(9), time(17)), (time(22), time(6))
Hours = tuple[time, time]


@dataclass(frozen=True)
class Wish:
	"""A person means to punch. `asks_hr`: where the terminal refuses, HR is called, and enters the check-in by hand."""

	when: datetime
	state: str
	asks_hr: bool = False


@dataclass(frozen=True)
class Kind:
	"""People who are alike. `share`: of 500. `privilege`: their rights on the device."""

	name: str
	share: int
	shift: Hours | None
	wishes: Callable[[Random], list[Wish]]
	exempt: bool = False
	privilege: int = 0

	@property
	def is_free(self) -> bool:
		"""Whether they are never to be disabled."""
		return self.exempt or self.privilege > 0


def _at(day: datetime, hour: float, within: int, chance: Random) -> datetime:
	"""From that hour on, within so many minutes, to the second."""
	return day + timedelta(seconds=int(hour * 3600) + chance.randrange(within * 60))


def _usual(chance: Random, *, comes: float = 8.2, lunch: bool = True, goes: float = 17) -> list[Wish]:
	wishes = [
		Wish(_at(TUESDAY, 17, 15, chance), OUT),
		Wish(_at(WEDNESDAY, comes, 45, chance), IN),
		Wish(_at(WEDNESDAY, goes, 20, chance), OUT),
	]
	if lunch:
		out = _at(WEDNESDAY, 12, 30, chance)
		wishes += [Wish(out, OUT), Wish(out + timedelta(minutes=chance.randrange(25, 45)), IN)]
	return wishes


def _night(chance: Random) -> list[Wish]:
	meal = _at(WEDNESDAY, 2, 20, chance)
	return [
		Wish(_at(TUESDAY, 21.2, 45, chance), IN),
		Wish(meal, OUT),
		Wish(meal + timedelta(minutes=chance.randrange(15, 30)), IN),
		Wish(_at(WEDNESDAY, 6, 15, chance), OUT),
		Wish(_at(WEDNESDAY, 21.2, 45, chance), IN),
	]


def _on_call(chance: Random) -> list[Wish]:
	called = Wish(_at(WEDNESDAY, 18.5, 30, chance), IN, asks_hr=True)
	return [*_usual(chance), called, Wish(_at(WEDNESDAY, 20, 20, chance), OUT)]


KINDS = (
	Kind("day shift", 320, DAY, _usual),
	Kind("night shift", 60, NIGHT, _night),
	Kind("leaves early", 30, DAY, lambda chance: _usual(chance, lunch=False, goes=13 + 2 * chance.random())),
	Kind("comes before the way back", 10, DAY, lambda chance: _usual(chance, comes=7)),
	Kind("called back in the evening", 10, DAY, _on_call),
	Kind("goes while the device fails", 20, DAY, lambda chance: _usual(chance, goes=20.7)),
	Kind("no shift", 15, None, lambda chance: _usual(chance, comes=9.3, lunch=False)),
	Kind("exempt", 25, DAY, _usual, exempt=True),
	Kind("rights on the device", 10, DAY, _usual, privilege=14),
)


def kinds_of(people: int) -> Iterator[Kind]:
	"""One for each of so many people; the first kind takes what is left."""
	others = [kind for kind in KINDS[1:] for _ in range(max(1, kind.share * people // 500))]
	yield from [KINDS[0]] * (people - len(others))
	yield from others


@dataclass(frozen=True)
class Expected:
	"""What the newest check-in asks for: disabled from `begins` until before `ends`; never where both are the same."""

	begins: datetime
	ends: datetime

	def is_disabled_at(self, now: datetime) -> bool:
		return self.begins <= now < self.ends

	def is_due_at(self, now: datetime) -> bool:
		"""Whether the way back has come, or there was nothing to come back from."""
		return now >= self.ends


def expected(kind: Kind, when: datetime, state: str) -> Expected:
	"""Of a newest check-in at that time."""
	if state == IN or kind.is_free:
		return Expected(when, when)
	shifts = list(_shifts(kind.shift))
	going_on = [end for start, end in shifts if start <= when < end]
	next_starts = [start - MARGIN for start, _ in shifts if start > when]
	begins, ends = max([when, *going_on]), min([when + HOURS, *next_starts])
	return Expected(begins, ends) if begins < ends else Expected(when, when)


def _shifts(hours: Hours | None) -> Iterator[tuple[datetime, datetime]]:
	if hours is None:
		return
	for number in range(-1, 4):
		day = TUESDAY + timedelta(days=number)
		start, end = datetime.combine(day, hours[0]), datetime.combine(day, hours[1])
		yield start, end + (timedelta(days=1) if end <= start else timedelta())
