"""Artificial people with a believable history of working days, and punches that go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from threading import Event

from zkteco_biometric.simulator.models import Person, Terminal, Transaction
from zkteco_biometric.simulator.store import Store

IN, OUT, BREAK_OUT, BREAK_IN = "0", "1", "2", "3"
# Codes that are no plain numbers, by the place of the person who gets them.
ODD_CODES = {2: "007", 3: "A7"}
UNKNOWN_CODE = "V1"
TERMINALS = (("DEMO0000001", "Front door"), ("DEMO0000002", "Workshop"))

Planned = tuple[datetime, str]


@dataclass(frozen=True)
class Population:
	"""Who was created: the people, the one person whom HR shall not know, and the terminals."""

	people: list[Person]
	unknown: Person
	terminals: list[Terminal]


@dataclass(frozen=True)
class Attempt:
	"""Somebody at a terminal; without a transaction, the terminal refused them."""

	emp_code: str
	state: str
	terminal_sn: str
	when: datetime
	transaction: Transaction | None


def populate(
	store: Store, people: int = 50, days: int = 7, until: datetime | None = None, seed: int = 1
) -> Population:
	"""Fill the store with people "Employee 001" and so on, two terminals, and their punches.

	The history covers the working days among the last `days` days and ends at `until` (by the store's wall
	clock; None for now). The same arguments give the same people and punches.

	:raises ValueError: the store has these people or terminals already.
	"""
	population = Population(
		people=[_add_employee(store, number) for number in range(1, people + 1)],
		unknown=store.add_person(UNKNOWN_CODE, first_name="Visitor", last_name="001"),
		terminals=[store.add_terminal(sn, alias=alias) for sn, alias in TERMINALS],
	)
	codes = [person.emp_code for person in [*population.people, population.unknown]]
	_write_history(store, codes, days, until or store.wall_clock(), Random(seed))
	return population


class Stream:
	"""People who go on punching, each in turn in and out, at random terminals.

	A terminal that does not hold a person refuses them, so whoever is moved to "Not Authorized" stays out.
	"""

	def __init__(self, store: Store, seed: int = 1) -> None:
		self._store = store
		self._random = Random(seed)
		self._inside = {row.emp_code: row.punch_state in (IN, BREAK_IN) for row in store.transactions}

	def step(self) -> Attempt:
		"""One person tries to punch now.

		:raises ValueError: there are no people or no terminals.
		"""
		people, terminals = self._store.people, self._store.terminals
		if not people or not terminals:
			raise ValueError(
				"Nobody can punch: add people and terminals first, for instance with populate()."
			)
		code, sn = self._random.choice(people).emp_code, self._random.choice(terminals).sn
		state = OUT if self._inside.get(code) else IN
		when = self._store.wall_clock()
		row = self._store.person_punches(code, sn, when, state)
		self._inside[code] = (state == IN) if row else self._inside.get(code, False)
		return Attempt(code, state, sn, when, row)

	def run(self, interval: float, stop: Event, tell: Callable[[Attempt], None]) -> None:
		"""Step every `interval` seconds, and tell of it, until `stop` is set."""
		while not stop.wait(interval):
			tell(self.step())


def _add_employee(store: Store, number: int) -> Person:
	code = ODD_CODES.get(number, str(1000 + number))
	return store.add_person(code, first_name="Employee", last_name=f"{number:03}")


def _write_history(store: Store, codes: list[str], days: int, until: datetime, random: Random) -> None:
	planned = [
		(when, code, state, random.choice(TERMINALS)[0], random.randint(1, 5))
		for day in _working_days(until.date(), days)
		for code in codes
		for when, state in _double(_working_day(day, random), random)
	]
	for when, code, state, sn, seconds in sorted(planned):
		if when <= until:
			arrival = min(when + timedelta(seconds=seconds), until)
			store.punch(code, when, state, terminal_sn=sn, upload_time=arrival)


def _working_days(last: date, days: int) -> Iterator[date]:
	for back in reversed(range(days)):
		day = last - timedelta(days=back)
		if day.weekday() < 5:
			yield day


def _working_day(day: date, random: Random) -> Iterator[Planned]:
	if random.random() < 0.05:
		return
	yield _around(day, time(8, 30), 12, random), IN
	if random.random() < 0.7:
		lunch = _around(day, time(12, 15), 15, random)
		leave, back = random.choice([(BREAK_OUT, BREAK_IN), (OUT, IN)])
		yield lunch, leave
		yield lunch + timedelta(seconds=random.randint(1500, 3300)), back
	yield _around(day, time(17, 15), 20, random), OUT


def _double(punches: Iterable[Planned], random: Random) -> Iterator[Planned]:
	for when, state in punches:
		yield when, state
		if random.random() < 0.02:
			yield when + timedelta(seconds=random.randint(3, 50)), state


def _around(day: date, hour: time, minutes: int, random: Random) -> datetime:
	spread = random.triangular(-3, 3) * minutes * 60 / 3
	return datetime.combine(day, hour) + timedelta(seconds=round(spread))
