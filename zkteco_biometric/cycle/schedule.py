"""When a device is due. Pure: decided from the device's own state, so that `bench migrate` cannot change it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from croniter import croniter
from dateutil.relativedelta import relativedelta

from zkteco_biometric.wording import _

_FIRST_BACK_OFF = timedelta(minutes=5)
_LONGEST_BACK_OFF = timedelta(hours=1)
_A_LITTLE = timedelta(seconds=30)
"""A sync begins some seconds after the scheduler's tick: without this a daily one would slip by a tick every day."""
_ANY_DAY = datetime(2024, 1, 1)  # noqa: DTZ001 a wall clock


class Frequency(Enum):
	"""How often a device is read. The values are what a person chooses."""

	ALL = "All"
	HOURLY = "Hourly"
	DAILY = "Daily"
	WEEKLY = "Weekly"
	MONTHLY = "Monthly"
	CRON = "Custom Cron"


_ELAPSES = {
	Frequency.ALL: relativedelta(),
	Frequency.HOURLY: relativedelta(hours=1),
	Frequency.DAILY: relativedelta(days=1),
	Frequency.WEEKLY: relativedelta(weeks=1),
	Frequency.MONTHLY: relativedelta(months=1),
}


@dataclass(frozen=True)
class Plan:
	"""A device's frequency and history; every time is naive, the site's wall clock.

	`since` is last_sync_timestamp, or None before the first sync; `set_up` when the device was entered, from which a
	cron expression counts before the first sync. `failures` counts the cycles that failed since the last good one,
	`last_attempt` is when the latest of them began.
	"""

	frequency: Frequency
	cron: str
	since: datetime | None
	set_up: datetime
	failures: int = 0
	last_attempt: datetime | None = None

	def next_sync(self) -> datetime | None:
		"""When the device is due; None means at once."""
		regular = self._regular()
		if not self.failures or not self.last_attempt:
			return regular
		after_failure = self.last_attempt + back_off(self.failures)
		return max(regular, after_failure) if regular else after_failure

	def is_due(self, now: datetime) -> bool:
		"""Whether to sync at `now`. What lies in the future, since a clock was set back, holds nothing up."""
		due = self._as_known_at(now).next_sync()
		early = timedelta() if self.frequency is Frequency.CRON else _A_LITTLE
		return due is None or due <= now + early

	def period(self, now: datetime) -> timedelta:
		"""How long it is from one sync to the next at about `now`; zero for every tick."""
		if self.failures and self.last_attempt:
			return back_off(self.failures)
		if self.frequency is not Frequency.CRON:
			return now + _ELAPSES[self.frequency] - now
		moments = croniter(self.cron, now)
		first: datetime = moments.get_next(datetime)
		following: datetime = moments.get_next(datetime)
		return following - first

	def waits_since(self, now: datetime) -> datetime:
		"""Since when a device that is due at `now` has been; one that is due at once, since it was last tried or was set up."""
		known = self._as_known_at(now)
		return known.next_sync() or known.last_attempt or self.set_up

	def _as_known_at(self, now: datetime) -> Plan:
		since = min(self.since, now) if self.since and self.frequency is Frequency.CRON else self.since
		return replace(
			self,
			since=None if since and since > now else since,
			last_attempt=None if self.last_attempt and self.last_attempt > now else self.last_attempt,
		)

	def _regular(self) -> datetime | None:
		if self.frequency is Frequency.CRON:
			following: datetime = croniter(self.cron, self.since or self.set_up).get_next(datetime)
			return following
		return self.since + _ELAPSES[self.frequency] if self.since else None


def back_off(failures: int) -> timedelta:
	"""How long a device that failed so many times in a row is left alone: 5 minutes, doubling, at most an hour."""
	return min(_FIRST_BACK_OFF * 2.0 ** min(failures - 1, 10), _LONGEST_BACK_OFF)


def check_cron(expression: str) -> None:
	"""Raises ValueError, with the remedy, unless the expression has five fields that make sense and come true one day."""
	if len(expression.split()) != 5 or not _comes_true(expression):
		raise ValueError(
			_(
				"{0} is no cron expression. Enter five fields: minute, hour, day of month, month and day of "
				"week, such as */15 6-20 * * 1-6."
			).format(repr(expression))
		)


def _comes_true(expression: str) -> bool:
	"""False also for croniter's own R, a random number: it would be another one each time that we look."""
	if re.search(r"\bR\b", expression, re.IGNORECASE):
		return False
	try:
		croniter(expression, _ANY_DAY).get_next(datetime)
	except ValueError:
		return False
	return True
