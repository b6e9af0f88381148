"""What people are to be on a device, reckoned from the issue's words, without the code that decides it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from zkteco_biometric.device_users.decision import ControlRules
from zkteco_biometric.device_users.states import OUT

LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
Areas = frozenset[int]


@dataclass(frozen=True)
class Known:
	"""A check-in: when it was, what it says, and since when the site has it."""

	time: datetime
	log_type: str
	since: datetime


@dataclass
class Somebody:
	"""What has happened to a person.

	`homes` and `values`: the areas, and the field's values as they are written, that are right for them while they are
	enabled: one, unless the server has carried out something of ours after somebody else's change. `overruled`: when
	something else than a check-in or a clock decided about them. `rounds`: how many there were since the last check-in. `daily`: the hour at which their shifts begin and end.
	"""

	code: str
	homes: set[Areas]
	values: set[str]
	is_chief: bool = False
	is_exempt: bool = False
	daily: tuple[int, int] | None = None
	check_ins: list[Known] = field(default_factory=list)
	overruled: datetime = LONG_AGO
	rounds: int = 0

	@property
	def newest(self) -> Known | None:
		return max(self.check_ins, key=lambda one: (one.time, one.log_type != OUT), default=None)

	def shifts(self, around: datetime) -> Iterator[tuple[datetime, datetime]]:
		if self.daily:
			midnight = around.replace(hour=0, minute=0, second=0)
			begins, ends = (timedelta(hours=hour) for hour in self.daily)
			for day in range(-2, 4):
				yield midnight + timedelta(days=day) + begins, midnight + timedelta(days=day) + ends

	def way_back(self, out: datetime, rules: ControlRules) -> datetime:
		"""The earliest of: some hours after the OUT, and the start of the next shift minus the margin."""
		starts = (start - rules.margin for start, _ in self.shifts(out) if start > out)
		return min([out + rules.hours, *starts])

	def may_be_disabled_from(self, out: datetime, rules: ControlRules) -> datetime:
		"""Who checks out in the middle of a shift may come back until it ends."""
		going_on = (end for start, end in self.shifts(out) if start <= out < end)
		return out if rules.during_shift else max(going_on, default=out)


@dataclass(frozen=True)
class Verdict:
	"""What a person must be; neither where both are right."""

	enabled: bool = False
	disabled: bool = False


def verdict(
	person: Somebody,
	rules: ControlRules,
	*,
	controls: bool,
	released: datetime,
	rules_since: datetime,
	now: datetime,
) -> Verdict:
	"""`controls`: whether people are controlled, and not in a dry run; `released`: when everybody was last enabled."""
	newest = person.newest
	if not controls or person.is_exempt or person.is_chief or newest is None or newest.log_type != OUT:
		return Verdict(enabled=True)
	out = newest.time
	begins, ends = person.may_be_disabled_from(out, rules), person.way_back(out, rules)
	too_old_when_it_came = newest.since - out > rules.oldest and rules_since <= newest.since
	if out <= released or now >= ends or begins >= ends or too_old_when_it_came:
		return Verdict(enabled=True)
	if now < begins:
		# Who was disabled by an earlier OUT is enabled; by this one, under other rules, perhaps not.
		return Verdict(enabled=rules_since <= newest.since)
	is_young = now - out <= rules.oldest
	return Verdict(disabled=is_young and out > max(person.overruled, rules_since))


def is_parked(areas: Collection[int], parking: Collection[int]) -> bool:
	return len(areas) == 1 and set(areas) <= set(parking)
