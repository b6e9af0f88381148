"""The terminals of a device: what the server tells of them, what their punches show, and what is remembered. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone, tzinfo
from enum import Enum
from hashlib import sha1
from math import ceil

from zkteco_biometric.biotime.models import Punch
from zkteco_biometric.biotime.personnel import Terminal
from zkteco_biometric.cycle.clock_watch import HARMLESS, ClockWatch
from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.plan import HARMLESS_LEAD, OLDEST_POSSIBLE_YEAR, Duplicate, Fate, Pending, Reason

MOST_TERMINALS = 500
"""Of one device; more are not remembered."""

_LONGEST = 140
_LARGEST = 2**31 - 1
_QUARTER = timedelta(minutes=15)
_CLOCK_SLACK = timedelta(minutes=5)
_STALE = timedelta(hours=1)


class Status(Enum):
	"""What the server says of a terminal. The values are what a person reads."""

	ONLINE = "Online"
	OFFLINE = "Offline"
	UNKNOWN = "Unknown"
	GONE = "Gone"


class Clock(Enum):
	"""What the arrival of a terminal's punches says of its clock."""

	UNKNOWN = "Unknown"
	AGREES = "Agrees"
	AHEAD = "Ahead"
	BEHIND = "Behind"


_STATES = {"1": Status.ONLINE, "3": Status.OFFLINE, "4": Status.OFFLINE}
"""Contract, section 4."""


@dataclass(frozen=True)
class TerminalRow:
	"""What is remembered of one terminal. Times are naive, whole seconds, the site's wall clock.

	`serial_key` tells terminals apart; the texts are cut and harmless, to be shown. `status`: Gone, where the server named it
	once and does not any more; Unknown, where only punches are known. `server_zone` is the offset of the server's clock by
	which `last_activity` was converted, such as UTC+03:00; empty where it could only be taken for that of the terminals.
	`last_punch` is the newest that a sync has seen. `clock_offset` is in seconds, negative for a clock that is behind, 0 where
	nothing is known. `last_named`: when the server named it last; None where it never did, and again once a punch has shown
	that it lives although the server does not name it. `watch`: its silence matters to somebody.
	"""

	device: str
	serial_key: str
	serial_number: str
	alias: str = ""
	area: str = ""
	ip_address: str = ""
	status: Status = Status.UNKNOWN
	last_activity: datetime | None = None
	server_zone: str = ""
	last_punch: datetime | None = None
	punches: int = 0
	people: int = 0
	clock: Clock = Clock.UNKNOWN
	clock_offset: int = 0
	known_since: datetime | None = None
	last_named: datetime | None = None
	watch: bool = True

	@property
	def title(self) -> str:
		"""What people call it."""
		return self.alias or self.serial_number


def serial_key(serial_number: str) -> str:
	"""What a terminal is known by on a device, however long its serial number is and however a database compares it."""
	return sha1(serial_number.encode()).hexdigest()


@dataclass
class NewestPunches:
	"""The newest punch of each terminal among those that a cycle has seen, by serial number."""

	clocks: WallClocks
	by_serial: dict[str, Punch] = field(default_factory=dict)

	def see(self, fates: Iterable[Fate], now: datetime) -> None:
		"""`now` is aware: what lies in the future then is a wrong clock, and says nothing of when somebody punched."""
		latest = self.clocks.on_device(now) + HARMLESS_LEAD
		for punch in filter(None, map(_possible_punch, fates)):
			if punch.terminal_sn and punch.time <= latest:
				self._see(punch)

	def _see(self, punch: Punch) -> None:
		known = self.by_serial.get(punch.terminal_sn)
		if known is None and len(self.by_serial) >= MOST_TERMINALS:
			return
		if known is None or punch.time > known.time:
			self.by_serial[punch.terminal_sn] = punch


def _possible_punch(fate: Fate) -> Punch | None:
	if isinstance(fate, Duplicate):
		return fate.check_in.punch
	if isinstance(fate, Pending) and fate.reason is Reason.IMPOSSIBLE_TIME:
		return None
	return fate.punch


@dataclass(frozen=True)
class Look:
	"""What there is to be remembered of a device's terminals at `now`, aware.

	`told` is the server's list, None where it was not asked or did not answer; an empty one makes nobody gone: a server answers
	so too while it builds the list anew, and to a user who sees none of the areas. `newest` is the newest punch by serial
	number; `clock_watch` None where nobody has looked at the clocks.
	"""

	device: str
	now: datetime
	clocks: WallClocks
	told: Sequence[Terminal] | None = None
	newest: Mapping[str, Punch] = field(default_factory=dict)
	clock_watch: ClockWatch | None = None

	@property
	def site_now(self) -> datetime:
		return self.clocks.on_site(self.now)

	@property
	def terminals_offset(self) -> timedelta:
		return self.now.astimezone(self.clocks.device).utcoffset() or timedelta()


def changed_rows(known: Mapping[str, TerminalRow], look: Look) -> list[TerminalRow]:
	"""The rows that are new or no longer what they were; `known` is all that is remembered of the device, by serial key."""
	rows = _Rows(dict(known), look)
	if look.told is not None:
		rows.add_what_the_server_told(look.told)
	for punch in look.newest.values():
		rows.add_punch(punch)
	if look.told:
		rows.lose_who_is_not_named(look.told)
	if look.clock_watch is not None:
		rows.compare_clocks(look.clock_watch)
	return [row for key, row in rows.rows.items() if row != known.get(key)]


@dataclass
class _Rows:
	rows: dict[str, TerminalRow]
	look: Look

	def add_what_the_server_told(self, told: Sequence[Terminal]) -> None:
		zone = server_zone(told, self.look)
		for terminal in told:
			row = self.row_of(terminal.sn)
			if row:
				self.put(_told(row, terminal, zone, self.look))

	def lose_who_is_not_named(self, told: Sequence[Terminal]) -> None:
		named = {serial_key(terminal.sn) for terminal in told}
		for row in list(self.rows.values()):
			if row.last_named and row.serial_key not in named:
				self.put(replace(row, status=Status.GONE))

	def add_punch(self, punch: Punch) -> None:
		row, when = self.row_of(punch.terminal_sn), _on_site(punch, self.look.clocks)
		if row and when and (row.last_punch is None or when > row.last_punch):
			alias = row.alias if row.last_named else shown(punch.terminal_alias)
			self.put(replace(_back_by_punch(row, when), last_punch=when, alias=alias or row.alias))

	def compare_clocks(self, watch: ClockWatch) -> None:
		leads = watch.leads(self.look.terminals_offset)
		by_key = {serial_key(number): lead for number, lead in leads.items()}
		for key, row in list(self.rows.items()):
			self.put(_with_lead(row, by_key.get(key)))

	def row_of(self, serial_number: str) -> TerminalRow | None:
		"""A new one where there is none; None where there are too many already."""
		key = serial_key(serial_number)
		if key in self.rows:
			return self.rows[key]
		if len(self.rows) >= MOST_TERMINALS:
			return None
		return TerminalRow(self.look.device, key, shown(serial_number), known_since=self.look.site_now)

	def put(self, row: TerminalRow) -> None:
		self.rows[row.serial_key] = row


def server_zone(told: Sequence[Terminal], look: Look) -> timezone | None:
	"""The zone of the server's clock, which it tells nowhere; None where nothing shows it.

	Neither an upload nor the activity of a terminal that is online is ever later than now, and the latest of them was a
	moment ago. Where they lag behind the terminals' zone by less than an hour, they are old rather than of another zone.
	"""
	offsets = [
		offset for offset in (_offset_by_uploads(look), _offset_by_activity(told, look)) if offset is not None
	]
	if not offsets:
		return None
	offset = max(offsets)
	if timedelta() < look.terminals_offset - offset < _STALE:
		offset = look.terminals_offset
	return timezone(offset) if abs(offset) <= timedelta(hours=14) else None


def _offset_by_uploads(look: Look) -> timedelta | None:
	return look.clock_watch.server_offset() if look.clock_watch else None


def _offset_by_activity(told: Sequence[Terminal], look: Look) -> timedelta | None:
	online = [one.last_activity for one in told if one.last_activity and _status(one) is Status.ONLINE]
	if not online:
		return None
	lead = max(online) - look.now.astimezone(timezone.utc).replace(tzinfo=None)
	return ceil((lead - _CLOCK_SLACK) / _QUARTER) * _QUARTER


def _told(row: TerminalRow, terminal: Terminal, zone: timezone | None, look: Look) -> TerminalRow:
	"""What the server is silent about stays as it was."""
	activity = _converted(terminal.last_activity, zone or look.clocks.device, look.clocks)
	return replace(
		row,
		alias=shown(terminal.alias) or row.alias,
		area=shown(terminal.area.name or terminal.area.code) if terminal.area else row.area,
		ip_address=shown(terminal.ip_address) or row.ip_address,
		status=_status(terminal),
		last_activity=activity or row.last_activity,
		server_zone=(str(zone) if zone else "") if activity else row.server_zone,
		punches=_bounded(terminal.transaction_count, row.punches),
		people=_bounded(terminal.user_count, row.people),
		last_named=look.site_now,
	)


def _back_by_punch(row: TerminalRow, when: datetime) -> TerminalRow:
	"""It lives, whatever the server's list says; a punch from before it was named last may have come late."""
	if row.status is not Status.GONE or (row.last_named and when <= row.last_named):
		return row
	return replace(row, status=Status.UNKNOWN, last_named=None)


def _status(terminal: Terminal) -> Status:
	return _STATES.get(terminal.state, Status.UNKNOWN)


def _with_lead(row: TerminalRow, lead: timedelta | None) -> TerminalRow:
	if lead is None:
		return replace(row, clock=Clock.UNKNOWN, clock_offset=0)
	wrong = Clock.AHEAD if lead > timedelta() else Clock.BEHIND
	clock = wrong if abs(lead) > HARMLESS else Clock.AGREES
	return replace(row, clock=clock, clock_offset=round(lead.total_seconds()))


def _on_site(punch: Punch, clocks: WallClocks) -> datetime | None:
	try:
		return clocks.to_site(punch.time)
	except ValueError:
		return None


def _converted(wall: datetime | None, zone: tzinfo, clocks: WallClocks) -> datetime | None:
	"""None too where the clock was never set, or stands at the end of the calendar."""
	if wall is None or wall.year < OLDEST_POSSIBLE_YEAR:
		return None
	try:
		return clocks.on_site(wall.replace(tzinfo=zone))
	except (OverflowError, ValueError):
		return None


def _bounded(told: int | None, known: int) -> int:
	return known if told is None else min(told, _LARGEST)


def shown(text: str) -> str:
	"""Text of a device as a form can bear it: Frappe shows a read-only text as HTML."""
	return text.replace("<", "‹").replace(">", "›")[:_LONGEST]
