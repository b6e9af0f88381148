"""A page of punches into what becomes of each: a check-in, a duplicate, nobody's, ignored or rejected. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from zkteco_biometric.biotime.models import Page, Punch, RejectedRow
from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.log_types import LogType, PunchStates

OLDEST_POSSIBLE_YEAR = 2000
"""No terminal that speaks to BioTime is older: an earlier punch time is a clock that was never set."""


@dataclass(frozen=True)
class CheckIn:
	"""An Employee Checkin to be: `time` is naive, whole seconds, the site's wall clock."""

	employee: str
	time: datetime
	log_type: str | None
	punch: Punch = field(compare=False)

	@property
	def key(self) -> tuple[str, datetime]:
		"""What makes it unique: the person and the second."""
		return self.employee, self.time


@dataclass(frozen=True)
class Unmatched:
	"""A punch whose code is no employee's Biometric ID."""

	punch: Punch


@dataclass(frozen=True)
class Ignored:
	"""A punch that a rule says to leave out, and which rule."""

	punch: Punch
	rule: str


@dataclass(frozen=True)
class Duplicate:
	"""A punch of a second for which its person has a check-in already."""

	check_in: CheckIn


Fate = CheckIn | Unmatched | Ignored | Duplicate | RejectedRow


@dataclass(frozen=True)
class PlanRules:
	"""The settings that decide. `oldest` and `newest` bound the punch times, naive, in the terminals' wall clock."""

	clocks: WallClocks
	states: PunchStates = field(default_factory=PunchStates)
	oldest: datetime | None = None
	newest: datetime | None = None


def codes(page: Page) -> frozenset[str]:
	"""The emp_codes of a page, for one look-up of their employees."""
	return frozenset(punch.emp_code for punch in page.punches)


def match(page: Page, employees: Mapping[str, str], rules: PlanRules) -> list[Fate]:
	"""One fate for each row of the page, in its order, before the site is asked what exists.

	`employees` maps an emp_code, compared as text with its leading zeros, to an employee.
	"""
	fates: list[Fate] = [_fate(punch, employees.get(punch.emp_code), rules) for punch in page.punches]
	return [*fates, *page.rejected]


def check_ins(fates: Collection[Fate]) -> list[CheckIn]:
	return [fate for fate in fates if isinstance(fate, CheckIn)]


def drop_existing(fates: Collection[Fate], existing: Collection[tuple[str, datetime]]) -> list[Fate]:
	"""The fates with every check-in that exists, on the site or earlier on the page, turned into a duplicate."""
	return list(_without_duplicates(fates, set(existing)))


def _without_duplicates(fates: Collection[Fate], seen: set[tuple[str, datetime]]) -> Iterator[Fate]:
	for fate in fates:
		if not isinstance(fate, CheckIn):
			yield fate
			continue
		yield Duplicate(fate) if fate.key in seen else fate
		seen.add(fate.key)


def _fate(punch: Punch, employee: str | None, rules: PlanRules) -> Fate:
	if punch.time.year < OLDEST_POSSIBLE_YEAR:
		return _impossible(punch, f"the terminal's clock was not set: it says {punch.time}")
	if rules.oldest and punch.time < rules.oldest:
		return Ignored(punch, "before Sync From")
	if rules.newest and punch.time > rules.newest:
		return Ignored(punch, "after this cycle began")
	log_type = rules.states.log_type(punch.state)
	if log_type is LogType.IGNORE:
		return Ignored(punch, f"punch state {punch.state}")
	if employee is None:
		return Unmatched(punch)
	try:
		return CheckIn(employee, rules.clocks.to_site(punch.time), log_type.stored, punch)
	except ValueError as error:
		return _impossible(punch, str(error))


def _impossible(punch: Punch, reason: str) -> RejectedRow:
	return RejectedRow(f"impossible time: {reason}", "" if punch.id is None else str(punch.id), punch)
