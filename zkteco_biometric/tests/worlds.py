"""Worlds of shifts, people and punches, drawn at random: the same number and day give the same world. Without frappe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random

DAYS = 8
"""For so many days people punch; HRMS walks day by day through assignments, so that a longer time is a slow one."""

NO_ID = "NO-ID"
"""The serial number of a terminal whose punches have no transaction id."""

IGNORED_STATE, NO_LOG_TYPE_STATE = "7", "8"

_MIDNIGHT = time()
_A_DAY = timedelta(days=1)
_MARGINS = (0, 1, 15, 60, 60, 180)
_HOURS = (
	(9, 17),
	(6, 14),
	(14, 22),
	(22, 6),
	(20, 4),
	(0, 23.98),
	(7, 6.9),
	(12, 12),
	(0, 8),
	(16, 24),
	(8, 12),
	(13, 17),
	(23, 7),
	(0, 1),
)
_STATUSES = ("Active",) * 9 + ("Inactive", "Suspended", "Left")
_STATES = ("0", "1", "0", "1", "255", "4", "5", None, IGNORED_STATE, NO_LOG_TYPE_STATE)
_ZONES = (None, None, None, "Asia/Dubai", "Europe/Paris", "America/New_York")
_CALM_LABELS = (
	"",
	"",
	"",
	"Ñandú Özgür",
	'O\'Hara "Bob"',
	"100% \\ %s %(x)s {0}",
	"李小龍 المدير",
	"Night 🌙",
)
_LABELS = (
	"<b>Bold",
	"<i onclick='x'>I</i> & co",
	"<script>x</script>",
	"a & b < c",
	" ".join(["long"] * 24),
)
"""As they are stored of an Employee whose name nobody has cleaned: they change on their way into a check-in."""

_CALM_CODES = (
	"{0}",
	"00{0}",
	"W{0}é'\"",
	"{0}%s\\",
	"{0}🌙",
	"{0} {0} {0} {0} {0} {0} {0} {0} {0} {0}" * 4 + "x",
)
_CODES = (*_CALM_CODES, *_CALM_CODES, "<b>{0}", "{0}>>>")
_PHONES = ("0700 000 000", "0700 000 001", "", "   ", "<p></p>", None)
"""Most of these are missing to Frappe, where a check-in must have one."""

_JITTERS = (0, 0, 0, 1, -1, 1, -1, 60, -60, 59, 3599)


@dataclass(frozen=True)
class Shift:
	"""Seconds after midnight, and minutes of margin; one that ends before it starts is a night shift."""

	name: str
	start: int
	end: int
	before: int
	after: int
	strict: bool
	holidays: bool

	@property
	def anchors(self) -> tuple[int, ...]:
		"""Where a punch is decided one way or the other, in seconds after the midnight of the day on which it starts."""
		end = self.end + (86_400 if self.end <= self.start else 0)
		return self.start, end, self.start - 60 * self.before, end + 60 * self.after


@dataclass(frozen=True)
class Person:
	code: str
	label: str
	status: str = "Active"
	default_shift: str | None = None
	relieving_date: date | None = None
	phone: str | None = None


@dataclass(frozen=True)
class Assignment:
	person: str
	shift: str
	start: date
	end: date | None
	docstatus: int = 1
	status: str = "Active"
	location: str | None = None


@dataclass(frozen=True)
class PunchedAt:
	code: str
	time: datetime
	state: str | None
	terminal: str = ""


@dataclass(frozen=True)
class Existing:
	"""A check-in that other means have stored, in the site's wall clock."""

	code: str
	time: datetime
	log_type: str | None


@dataclass(frozen=True)
class Change:
	"""What somebody does between two syncs: a field of an employee, by code."""

	code: str
	field: str
	value: str | None


@dataclass(frozen=True)
class World:
	"""`punches` are there at the first sync, `later` at the second, after the `changes` and the `new_assignments`."""

	number: int
	first_day: date
	calm: bool
	time_zone: str | None
	page_size: int
	default_log_type: str
	shifts: Sequence[Shift]
	people: Sequence[Person]
	assignments: Sequence[Assignment]
	existing: Sequence[Existing]
	punches: Sequence[PunchedAt]
	later: Sequence[PunchedAt]
	changes: Sequence[Change]
	new_assignments: Sequence[Assignment]


def make_world(number: int, first_day: date, punches: int, calm: bool = False) -> World:
	"""`calm`: nobody whom HRMS would refuse, so that every punch with an employee becomes a check-in."""
	return _Drawing(Random(number), number, first_day, calm).world(punches)


class _Drawing:
	def __init__(self, random: Random, number: int, first_day: date, calm: bool) -> None:
		self.random = random
		self.number = number
		self.first_day = first_day
		self.calm = calm
		self.shifts: list[Shift] = []
		for index in range(random.randint(3, 7)):
			self.add_shift(index)
		self.people = [self.person(index) for index in range(random.randint(6, 14))]

	def world(self, punches: int) -> World:
		random = self.random
		most = self.without_impossible(list(self.punches(punches)))
		cut = int(len(most) * random.uniform(0.5, 0.8))
		newcomer = f"new {self.number}"
		most += [PunchedAt(newcomer, self.moment(), "0") for _ in range(3)]
		random.shuffle(most)
		return World(
			number=self.number,
			first_day=self.first_day,
			calm=self.calm,
			time_zone=random.choice(_ZONES),
			page_size=random.choice((17, 40, 100, 130, 250)),
			default_log_type=random.choice(("IN", "OUT", "No Log Type")),
			shifts=self.shifts,
			people=self.people,
			assignments=[*self.assignments()],
			existing=[*self.existing(most)],
			punches=most[:cut],
			later=most[cut:],
			changes=[*self.changes(newcomer)],
			new_assignments=[self.assignment(random.choice(self.people)) for _ in range(2)],
		)

	def add_shift(self, index: int) -> None:
		"""Some begin like an earlier one, so that nothing but their order tells which of the two a punch belongs to."""
		shift = self.shift(index)
		if self.shifts and self.random.random() < 0.4:
			twin = self.random.choice(self.shifts)
			shift = replace(shift, start=twin.start, before=twin.before)
		self.shifts.append(shift)

	def shift(self, index: int) -> Shift:
		random = self.random
		start, end = random.choice(_HOURS)
		odd = random.choice((0, 0, 30 * 60, 45 * 60 + 7))
		return Shift(
			name=f"ZKTeco Test {self.number} {index} {random.choice(('Früh', 'O´Day', '50%', 'Night 🌙'))}",
			start=(int(start * 3600) + odd) % 86_400,
			end=(int(end * 3600) + odd) % 86_400,
			before=random.choice(_MARGINS),
			after=random.choice(_MARGINS),
			strict=random.random() < 0.3,
			holidays=random.random() < 0.5,
		)

	def person(self, index: int) -> Person:
		random = self.random
		code = random.choice(_CALM_CODES if self.calm else _CODES).format(index)
		return Person(
			code=f"{self.number}-{code}"[:140],
			label=random.choice(_CALM_LABELS if self.calm else (*_CALM_LABELS, *_CALM_LABELS, *_LABELS)),
			status="Active" if self.calm else random.choice(_STATUSES),
			default_shift=random.choice((None, random.choice(self.shifts).name)),
			relieving_date=self.day() if random.random() < 0.1 else None,
			phone=random.choice(_PHONES),
		)

	def day(self) -> date:
		return self.first_day + timedelta(days=self.random.randrange(DAYS))

	def moment(self) -> datetime:
		return datetime.combine(self.day(), _MIDNIGHT) + timedelta(seconds=self.random.randrange(86_400))

	def assignments(self) -> Iterator[Assignment]:
		for person in self.people:
			kind = self.random.choice(
				("none", "one", "several", "several", "same days", "roster", "long", "past")
			)
			if kind == "roster":
				yield from self.roster(person)
			elif kind == "long" and self.number % 5 == 0:
				yield replace(self.assignment(person), start=self.first_day - timedelta(days=150), end=None)
			elif kind == "past":
				before = self.first_day - _A_DAY
				yield replace(self.assignment(person), start=before - timedelta(days=3), end=before)
			elif kind == "same days":
				one = replace(self.assignment(person), docstatus=1, status="Active")
				yield from (replace(one, shift=shift.name) for shift in self.random.sample(self.shifts, 3))
			elif kind != "none":
				yield from (self.assignment(person) for _ in range(1 if kind == "one" else 4))

	def roster(self, person: Person) -> Iterator[Assignment]:
		"""A day each, for a week and more."""
		for number in range(-1, DAYS + 1):
			day = self.first_day + timedelta(days=number)
			yield replace(self.assignment(person), start=day, end=day, docstatus=1, status="Active")

	def assignment(self, person: Person) -> Assignment:
		random = self.random
		start = self.day() - timedelta(days=random.choice((0, 0, 1, 4)))
		end = random.choice((None, start, start + _A_DAY, start + timedelta(days=random.randrange(DAYS))))
		return Assignment(
			person=person.code,
			shift=random.choice(self.shifts).name,
			start=start,
			end=end,
			docstatus=random.choice((1, 1, 1, 1, 1, 1, 0, 2)),
			status=random.choice(("Active", "Active", "Active", "Active", "Inactive")),
			location=random.choice((None, None, "near", "far", "anywhere")),
		)

	def punches(self, number: int) -> Iterator[PunchedAt]:
		drawn: list[PunchedAt] = []
		while len(drawn) < number:
			drawn.append(self.again(drawn) if drawn and self.random.random() < 0.08 else self.punch())
		return iter(drawn)

	def punch(self) -> PunchedAt:
		random = self.random
		code = (
			random.choice(self.people).code if random.random() < 0.95 else f"nobody {random.randrange(5)} é%"
		)
		near = random.random() < 0.75
		terminal = NO_ID if random.random() < 0.05 else ""
		return PunchedAt(
			code, self.near_a_shift() if near else self.moment(), random.choice(_STATES), terminal
		)

	def near_a_shift(self) -> datetime:
		random = self.random
		anchor = random.choice((*random.choice(self.shifts).anchors, 0, 86_399, 43_200))
		jitter = random.choice((*_JITTERS, random.randint(-5400, 5400), random.randint(-5400, 5400)))
		return datetime.combine(self.day(), _MIDNIGHT) + timedelta(seconds=anchor + jitter)

	def again(self, drawn: Sequence[PunchedAt]) -> PunchedAt:
		"""The same second of the same person once more, by the same key or by another."""
		return replace(self.random.choice(drawn), state=self.random.choice(_STATES))

	def without_impossible(self, punches: list[PunchedAt]) -> list[PunchedAt]:
		"""A few get a time that no clock should have shown."""
		for wrong in (datetime(1999, 12, 31, 23, 59, 59), datetime(2099, 1, 1)):
			index = self.random.randrange(len(punches))
			punches[index] = replace(punches[index], time=wrong)
		return punches

	def existing(self, punches: Sequence[PunchedAt]) -> Iterator[Existing]:
		codes = {person.code for person in self.people}
		for punch in self.random.sample([one for one in punches if one.code in codes], 12):
			microsecond = self.random.choice((0, 0, 1, 999_999))
			log_type = self.random.choice(("IN", "OUT", "", None))
			yield Existing(punch.code, punch.time.replace(microsecond=microsecond), log_type)

	def changes(self, newcomer: str) -> Iterator[Change]:
		first, second, third = self.random.sample(self.people, 3)
		yield Change(first.code, "attendance_device_id", newcomer)
		yield Change(second.code, "employee_name", "ZKTeco Test Łódź renamed")
		yield Change(third.code, "default_shift", self.random.choice(self.shifts).name)
		if not self.calm:
			yield Change(third.code, "status", "Inactive")
