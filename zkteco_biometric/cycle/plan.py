"""A page of punches into what becomes of each: a check-in, a duplicate, pending or ignored. Pure."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from hashlib import sha1
from typing import Any

from zkteco_biometric.biotime.models import Page, Punch, RejectedRow
from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.log_types import LogType, PunchStates
from zkteco_biometric.wording import _

OLDEST_POSSIBLE_YEAR = 2000
"""No terminal that speaks to BioTime is older: an earlier punch time is a clock that was never set."""

HARMLESS_LEAD = timedelta(minutes=10)
"""By how much a terminal's clock may be ahead of ours before its punches lie in the future."""


class Reason(Enum):
	"""Why a punch could not become a check-in yet. The values are what a person reads."""

	UNKNOWN_EMPLOYEE = "Unknown Employee"
	INACTIVE_EMPLOYEE = "Inactive Employee"
	REFUSED = "Refused by HRMS"
	IMPOSSIBLE_TIME = "Impossible Time"
	UNREADABLE_ROW = "Unreadable Row"


@dataclass(frozen=True)
class CheckIn:
	"""An Employee Checkin to be: `time` is naive, whole seconds, the site's wall clock.

	`waited`: the site keeps its punch as a pending one, which does not wait any more.
	"""

	employee: str
	time: datetime
	log_type: str | None
	punch: Punch = field(compare=False)
	waited: bool = field(default=False, compare=False)

	@property
	def key(self) -> tuple[str, datetime]:
		"""What makes it unique: the person and the second."""
		return self.employee, self.time


@dataclass(frozen=True)
class Pending:
	"""A row that cannot become a check-in yet, and why. `punch` is None for a row that cannot be read.

	`is_new`: the site does not keep it yet. `employee`: who has its code, if anybody.
	"""

	reason: Reason
	message: str
	row: Any = field(compare=False, repr=False)
	punch: Punch | None = None
	transaction_id: str = ""
	employee: str | None = None
	is_new: bool = field(default=True, compare=False)

	@property
	def key(self) -> str:
		return punch_key(self.punch) if self.punch else row_key(self.row, self.transaction_id)


@dataclass(frozen=True)
class Ignored:
	"""A punch that a rule, or a person, says to leave out, and which. `punch` is None for a row that cannot be read."""

	punch: Punch | None
	rule: str


@dataclass(frozen=True)
class Duplicate:
	"""A punch of a second for which its person has a check-in already."""

	check_in: CheckIn


Fate = CheckIn | Pending | Ignored | Duplicate


@dataclass(frozen=True)
class Known:
	"""A punch that the site keeps already: with which reason it waits, by whom it was ignored, or whose check-in it is."""

	reason: Reason = Reason.UNKNOWN_EMPLOYEE
	message: str = ""
	ignored_by: str = ""
	employee: str = ""


@dataclass(frozen=True)
class PlanRules:
	"""The settings that decide. `oldest` and `newest` bound the punch times, naive, in the terminals' wall clock.

	`newest` is what those clocks show now, and a little more: a later time has not come yet.
	"""

	clocks: WallClocks
	states: PunchStates = field(default_factory=PunchStates)
	oldest: datetime | None = None
	newest: datetime | None = None


def punch_key(punch: Punch) -> str:
	"""What a punch is known by on a device, whatever its id: the code, as text, and the second on the terminal."""
	return _digest([punch.emp_code, punch.time.isoformat()])


def row_key(row: Any, transaction_id: str = "") -> str:
	"""What a row is known by that cannot be read."""
	return _digest(["row", transaction_id, row_text(row)])


def _rejected_key(rejected: RejectedRow) -> str:
	return row_key(rejected.row, rejected.transaction_id)


def row_text(row: Any, indent: int | None = None) -> str:
	"""A row as received, as JSON to keep, and ASCII. Says so where it is nested too deeply to be written down."""
	try:
		return json.dumps(row, indent=indent, sort_keys=True, default=str)
	except (RecursionError, ValueError):
		return json.dumps("The row is nested too deeply to be written down.")


def _digest(value: list[str]) -> str:
	return sha1(json.dumps(value).encode()).hexdigest()


def keys(page: Page) -> list[str]:
	"""The keys of a page's rows, for one look-up of those that the site keeps."""
	return [*map(punch_key, page.punches), *map(_rejected_key, page.rejected)]


def codes(page: Page) -> frozenset[str]:
	"""The emp_codes of a page, for one look-up of their employees."""
	return frozenset(punch.emp_code for punch in page.punches)


def match(
	page: Page, employees: Mapping[str, str], rules: PlanRules, known: Mapping[str, Known] | None = None
) -> list[Fate]:
	"""One fate for each row of the page, in its order, before the site is asked what exists.

	`employees` maps an emp_code, compared as text with its leading zeros, to an employee; `known` a punch's key to what the
	site keeps of it.
	"""
	known = known or {}
	fates = [
		_fate(punch, employees.get(punch.emp_code), rules, known.get(punch_key(punch)) if known else None)
		for punch in page.punches
	]
	return [
		*fates,
		*(_unreadable(rejected, known.get(_rejected_key(rejected))) for rejected in page.rejected),
	]


def check_ins(fates: Iterable[Fate]) -> list[CheckIn]:
	return [fate for fate in fates if isinstance(fate, CheckIn)]


def pendings(fates: Iterable[Fate]) -> list[Pending]:
	return [fate for fate in fates if isinstance(fate, Pending)]


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


def _fate(punch: Punch, employee: str | None, rules: PlanRules, known: Known | None) -> Fate:
	rule = _rule_against(punch, rules, known)
	if rule:
		return Ignored(punch, rule)
	if known and known.employee:
		return Duplicate(_check_in(punch, known.employee, rules))
	if known and _waits_for_a_person(known):
		return _pending(punch, known.reason, known.message, employee, known)
	trouble = _trouble_with_the_time(punch, rules)
	if trouble:
		return _pending(punch, Reason.IMPOSSIBLE_TIME, trouble, employee, known)
	if employee is None:
		return _pending(punch, Reason.UNKNOWN_EMPLOYEE, _nobody(punch), None, known)
	return _check_in(punch, employee, rules, waited=known is not None)


def _check_in(punch: Punch, employee: str, rules: PlanRules, *, waited: bool = False) -> CheckIn:
	log_type = rules.states.log_type(punch.state)
	return CheckIn(employee, rules.clocks.to_site(punch.time), log_type.stored, punch, waited)


def _rule_against(punch: Punch, rules: PlanRules, known: Known | None) -> str:
	"""A clock that was never set says nothing about *Sync From*."""
	if known and known.ignored_by:
		return _("ignored by {0}").format(known.ignored_by)
	if rules.oldest and punch.time.year >= OLDEST_POSSIBLE_YEAR and punch.time < rules.oldest:
		return _("before Sync From")
	if rules.states.log_type(punch.state) is LogType.IGNORE:
		return _("punch state {0}").format(punch.state)
	return ""


def _waits_for_a_person(known: Known) -> bool:
	"""Not for an employee with its code: as soon as there is one, the punch becomes a check-in."""
	return known.reason is not Reason.UNKNOWN_EMPLOYEE


def _trouble_with_the_time(punch: Punch, rules: PlanRules) -> str:
	if punch.time.year < OLDEST_POSSIBLE_YEAR:
		return _("the terminal's clock was not set: it says {0}").format(punch.time)
	if rules.newest and punch.time > rules.newest:
		return _("the terminal's clock is ahead: it says {0}, and that time has not come yet").format(
			punch.time
		)
	try:
		rules.clocks.to_site(punch.time)
	except ValueError as error:
		return str(error)
	return ""


def _nobody(punch: Punch) -> str:
	return _("no Employee has the Biometric ID {0}").format(punch.emp_code)


def _pending(
	punch: Punch, reason: Reason, message: str, employee: str | None, known: Known | None
) -> Pending:
	number = "" if punch.id is None else str(punch.id)
	return Pending(reason, message, punch.row, punch, number, employee, is_new=known is None)


def _unreadable(rejected: RejectedRow, known: Known | None) -> Fate:
	if known and known.ignored_by:
		return Ignored(None, _("ignored by {0}").format(known.ignored_by))
	return Pending(
		Reason.UNREADABLE_ROW,
		rejected.reason,
		rejected.row,
		transaction_id=rejected.transaction_id,
		is_new=known is None,
	)
