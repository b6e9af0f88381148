"""What must have become of a device's punches, reckoned without the code that decides it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from tests.support.histories import IGNORED_STATE, SPOILED, Setting
from zkteco_biometric.simulator.models import Transaction

CHECK_IN, UNKNOWN, IMPOSSIBLE, NOTHING = "check-in", "Unknown Employee", "Impossible Time", "nothing"
Key = tuple[str, datetime]
"""A code and a second of the terminal's clock."""

_A_LITTLE = timedelta(minutes=10)
_LATELY = timedelta(hours=3)
_OVERLAP = timedelta(minutes=10)


@dataclass
class Row:
	"""A row that the device has or had.

	`is_news`: it arrived after a first cycle had read all. `is_backdated`: the server's clock had been set back, so that it
	stands among older ones. `is_owed`: a cycle that was not disturbed has found it there, and it was not `is_hidden`.
	`was_ahead`: whether its time had not come yet, at each cycle that may have been the first to read it.
	"""

	punch: Transaction
	is_news: bool = False
	is_backdated: bool = False
	is_there: bool = True
	is_owed: bool = False
	is_hidden: bool = False
	was_ahead: set[bool] = field(default_factory=set)

	@property
	def is_readable(self) -> bool:
		return self.punch.terminal_sn not in SPOILED

	@property
	def key(self) -> Key:
		return self.punch.emp_code, self.punch.punch_time


@dataclass(frozen=True)
class Rules:
	"""What the settings of a history say of its punches."""

	setting: Setting

	def shown(self, instant: datetime) -> datetime:
		"""What the terminals' clock shows."""
		return instant.astimezone(ZoneInfo(self.setting.device)).replace(tzinfo=None, fold=0)

	def on_site(self, punched: datetime) -> datetime:
		"""When a punch was, by the site's clock: the offsets added up, the first of two times that look the same."""
		if self.setting.device == self.setting.site:
			return punched
		offset = ZoneInfo(self.setting.device).utcoffset(punched) or timedelta()
		instant = (punched - offset).replace(tzinfo=timezone.utc)
		return instant.astimezone(ZoneInfo(self.setting.site)).replace(tzinfo=None, fold=0)

	@property
	def oldest(self) -> datetime:
		"""What the terminals' clock showed at *Sync From*."""
		sync_from = self.setting.sync_from
		return datetime.min if sync_from is None else self.shown(self.setting.begin - sync_from)

	def is_ignored(self, punch: Transaction) -> bool:
		"""A clock that was never set says nothing about *Sync From*."""
		too_old = punch.punch_time.year >= 2000 and punch.punch_time < self.oldest
		return too_old or str(punch.punch_state) == IGNORED_STATE

	def is_looked_for(self, row: Row, began: datetime, ended: datetime) -> bool:
		"""Whether a cycle that found the row there must have read it.

		Not what is older than *Sync From* and was there before the first cycle, even if its clock was never set. Nor what
		comes true while the cycle runs, or minutes later: that is in the window of the next one.
		"""
		time = row.punch.punch_time
		comes_soon = self.shown(began) < time and False in self.ahead(time, ended)
		return (row.is_news or time >= self.oldest) and not comes_soon

	def ahead(self, time: datetime, now: datetime) -> set[bool]:
		"""Whether a time has not come yet, a little left aside; both, just after clocks were set back."""
		set_back = self.shown(now - _LATELY) + _LATELY - self.shown(now)
		latest = self.shown(now) + _A_LITTLE
		return {time > latest, time > latest + max(set_back, timedelta())}


def is_behind(uploaded: datetime, rows: Iterable[Row]) -> bool:
	"""Whether a moment of the server's clock is further back than new rows are looked for in the order of upload."""
	return any(uploaded < row.punch.upload_time - _OVERLAP for row in rows)


def fates(rows: Iterable[Row], rules: Rules, employees: Mapping[str, str]) -> dict[Key, set[str]]:
	"""What each code and second may have become."""
	return {key: _possible(same, rules, employees) for key, same in _by_key(rows).items()}


def _possible(same: list[Row], rules: Rules, employees: Mapping[str, str]) -> set[str]:
	"""Rows of one code and second are one punch: what the first that is read becomes."""
	counted = [row for row in same if not rules.is_ignored(row.punch)]
	found = {fate for row in counted for fate in _fates(row, employees)}
	return found if any(row.is_owed for row in counted) else {*found, NOTHING}


def _fates(row: Row, employees: Mapping[str, str]) -> set[str]:
	if row.punch.punch_time.year < 2000:
		return {IMPOSSIBLE}
	come = CHECK_IN if row.punch.emp_code in employees else UNKNOWN
	return {IMPOSSIBLE if ahead else come for ahead in row.was_ahead}


def _by_key(rows: Iterable[Row]) -> dict[Key, list[Row]]:
	found: dict[Key, list[Row]] = defaultdict(list)
	for row in rows:
		if row.is_readable:
			found[row.key].append(row)
	return found
