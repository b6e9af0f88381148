"""Terminals whose clock is wrong, seen from when their punches arrive.

`upload_time - punch_time` of live punches is a few seconds. Where it is the same for a while, and not a few seconds, the
terminal's clock is wrong; where it shrinks, or several arrive in one second, a backlog is being uploaded (contract,
section 2).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from math import ceil
from statistics import median

from zkteco_biometric.biotime.models import Punch
from zkteco_biometric.wording import Wording, _, joined

_FEWEST = 5
_MOST = 8
_SAME = timedelta(seconds=90)
HARMLESS = timedelta(minutes=5)
"""A clock that is wrong by no more than this counts as right."""
_LONG_ENOUGH = timedelta(minutes=10)
"""A backlog that is uploaded row by row as fast as it was punched does not go on for so long."""
_MOST_TERMINALS = 500
_A_DAY = timedelta(days=1)
_FORGOTTEN_AFTER = timedelta(days=30)
_QUARTER = timedelta(minutes=15)
_FARTHEST_APART = timedelta(hours=26)

Sample = tuple[datetime, datetime]
"""When a punch arrived, by the server's wall clock, and when it was made, by the terminal's."""


@dataclass(frozen=True)
class WrongClock:
	"""A terminal and how far its clock is ahead of the server's; negative: behind."""

	terminal_sn: str
	alias: str
	ahead: timedelta

	def __str__(self) -> str:
		"""A wording."""
		told = (
			_(
				"The clock of terminal {0} is {1} ahead of the server's. Set the terminal's clock and time zone, best by a "
				"time server; the times of its punches are wrong by as much."
			)
			if self.ahead > timedelta()
			else _(
				"The clock of terminal {0} is {1} behind the server's. Set the terminal's clock and time zone, best by a "
				"time server; the times of its punches are wrong by as much."
			)
		)
		name = f"{self.terminal_sn} ({self.alias})" if self.alias else self.terminal_sn
		return told.format(name, _spoken(abs(self.ahead)))


@dataclass(frozen=True)
class Terminal:
	"""The latest samples of one terminal, in the order of arrival."""

	alias: str
	samples: tuple[Sample, ...] = ()

	def with_arrival(self, arrived: datetime, punch: Punch) -> Terminal:
		"""With one sample more, under the name that it has now; as it was, where the sample is known or older."""
		sample = arrived, punch.time
		if sample in self.samples or not _is_later(arrived, self):
			return self
		return Terminal(punch.terminal_alias or self.alias, (*self.samples, sample)[-_MOST:])

	def ahead(self, zones_apart: timedelta = timedelta()) -> timedelta | None:
		"""By how much its clock is ahead; None where that is little, or nothing can be said."""
		lead = self.lead(zones_apart)
		return lead if lead is not None and abs(lead) > HARMLESS else None

	def lead(self, zones_apart: timedelta = timedelta()) -> timedelta | None:
		"""By how much its clock is ahead, however little; None where nothing can be said.

		The least of what it is with and without `zones_apart`, by which the server's zone seems to be ahead: that is an estimate.
		"""
		live = list(_alone(self.samples))
		if len(live) < _FEWEST or live[-1][0] - live[0][0] < _LONG_ENOUGH:
			return None
		leads = [punched - arrived for arrived, punched in live]
		if max(leads) - min(leads) > _SAME:
			return None
		lead = timedelta(seconds=round(median(lead.total_seconds() for lead in leads)))
		return min(lead, lead + zones_apart, key=abs)


@dataclass(frozen=True)
class ClockWatch:
	"""What is remembered of the terminals of one device, by serial number.

	`server_leads`: by day, how far the newest upload time was ahead of the server's own UTC. An upload is never later than
	the moment at which it is read, so that the greatest of them tells the server's time zone, to a quarter of an hour.
	"""

	terminals: Mapping[str, Terminal] = field(default_factory=dict)
	server_leads: Mapping[str, float] = field(default_factory=dict)

	def saw(self, punches: Iterable[Punch], server_time: datetime | None = None) -> ClockWatch:
		"""With those punches that arrived after what is remembered of their terminal.

		`server_time` is the server's clock, aware. Terminals that were silent for a month by it are forgotten, and so are
		arrivals that it has not reached: it was set back.
		"""
		arrived = sorted(_arrived(punches), key=lambda pair: pair[0])
		terminals = dict(self.terminals)
		for moment, punch in arrived:
			known = terminals.pop(punch.terminal_sn, Terminal(punch.terminal_alias))
			# Put back at the end: those that were silent for longest are forgotten first.
			terminals[punch.terminal_sn] = known.with_arrival(moment, punch)
		if server_time is None:
			return ClockWatch(_latest(terminals), self.server_leads)
		now = server_time.astimezone(timezone.utc).replace(tzinfo=None)
		leads = _with_lead(self.server_leads, now, arrived[-1][0] if arrived else None)
		return ClockWatch(_latest(_current(terminals, now)), leads)

	def wrong(self, terminals_offset: timedelta | None = None) -> list[WrongClock]:
		"""The terminals whose clock is wrong by more than five minutes, and by how much.

		`terminals_offset` is that of their time zone from UTC. A difference that the server's zone explains is none.
		"""
		zones_apart = self._zones_apart(terminals_offset)
		found = (
			(number, terminal, terminal.ahead(zones_apart))
			for number, terminal in sorted(self.terminals.items())
		)
		return [WrongClock(number, terminal.alias, ahead) for number, terminal, ahead in found if ahead]

	def leads(self, terminals_offset: timedelta | None = None) -> dict[str, timedelta]:
		"""By serial number, how far the clock of a terminal is ahead; without those of which nothing can be said."""
		zones_apart = self._zones_apart(terminals_offset)
		found = {number: terminal.lead(zones_apart) for number, terminal in self.terminals.items()}
		return {number: lead for number, lead in found.items() if lead is not None}

	def server_offset(self) -> timedelta | None:
		"""That of the server's time zone from UTC, as the latest uploads tell it; None where there were none lately."""
		if not self.server_leads:
			return None
		return ceil(max(self.server_leads.values()) / _QUARTER.total_seconds()) * _QUARTER

	def _zones_apart(self, terminals_offset: timedelta | None) -> timedelta:
		"""How far the server's zone is ahead of the terminals'; zero where that is not known."""
		server_offset = self.server_offset()
		if terminals_offset is None or server_offset is None:
			return timedelta()
		apart = server_offset - terminals_offset
		return apart if abs(apart) <= _FARTHEST_APART else timedelta()

	def as_json(self) -> str:
		"""For a site to keep; `from_json` reads it."""
		terminals = {
			number: [terminal.alias, [[a.isoformat(), p.isoformat()] for a, p in terminal.samples]]
			for number, terminal in self.terminals.items()
		}
		return json.dumps({"terminals": terminals, "server_leads": dict(self.server_leads)})

	@staticmethod
	def from_json(text: str) -> ClockWatch:
		kept = json.loads(text)
		terminals = {
			number: Terminal(alias, tuple((_time(a), _time(p)) for a, p in samples))
			for number, (alias, samples) in kept["terminals"].items()
		}
		return ClockWatch(terminals, kept["server_leads"])


def _latest(terminals: Mapping[str, Terminal]) -> dict[str, Terminal]:
	return dict(list(terminals.items())[-_MOST_TERMINALS:])


def _current(terminals: Mapping[str, Terminal], now: datetime) -> dict[str, Terminal]:
	"""Without what cannot be, or does not matter any more, at `now`: UTC, which the server's wall clock may differ from."""
	kept = {
		number: replace(terminal, samples=tuple(one for one in terminal.samples if one[0] <= now + _A_DAY))
		for number, terminal in terminals.items()
	}
	return {
		number: terminal
		for number, terminal in kept.items()
		if terminal.samples and terminal.samples[-1][0] >= now - _FORGOTTEN_AFTER
	}


def _with_lead(leads: Mapping[str, float], now: datetime, newest: datetime | None) -> dict[str, float]:
	"""Of two days: the server's zone may have a clock change."""
	today, yesterday = now.date().isoformat(), (now - _A_DAY).date().isoformat()
	kept = {day: lead for day, lead in leads.items() if day in (today, yesterday)}
	if newest is None or abs(newest - now) > _A_DAY:
		return kept
	lead = (newest - now).total_seconds()
	return {**kept, today: max(lead, kept.get(today, lead))}


def _arrived(punches: Iterable[Punch]) -> Iterator[tuple[datetime, Punch]]:
	"""Manual rows have no terminal."""
	return ((punch.upload_time, punch) for punch in punches if punch.upload_time and punch.terminal_sn)


def _is_later(arrived: datetime, known: Terminal) -> bool:
	return not known.samples or arrived >= known.samples[-1][0]


def _alone(samples: Iterable[Sample]) -> Iterator[Sample]:
	"""Without those that arrived in the same second as another: they were uploaded together."""
	together = list(samples)
	moments = [arrived for arrived, _punched in together]
	return (sample for sample in together if moments.count(sample[0]) == 1)


def _time(text: str) -> datetime:
	return datetime.fromisoformat(text)


def _spoken(offset: timedelta) -> Wording:
	hours, rest = divmod(offset.seconds, 3600)
	return joined(
		_counted(offset.days, _("1 day"), _("{0} days")),
		_counted(hours, _("1 hour"), _("{0} hours")),
		_counted(rest // 60, _("1 minute"), _("{0} minutes")),
	)


def _counted(number: int, one: Wording, many: Wording) -> str:
	"""Empty for none."""
	if not number:
		return ""
	return one if number == 1 else many.format(number)
