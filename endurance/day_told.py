"""What has happened to the people of a day, as a table, and the promises that were broken."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from benchmarks.table import as_table
from endurance.day_plan import (
	BEGINS,
	ENDS,
	FAILS,
	IN,
	KINDS,
	TICK,
	WORKS_AGAIN,
	Expected,
	Kind,
	expected,
)
from zkteco_biometric.frappe_hr.control_reports import USER_STATUS
from zkteco_biometric.simulator import Entry, Person

_TOLD_AFTER = timedelta(minutes=10) + TICK
_CONTROLS = ("/personnel/api/", "/iclock/api/terminals/")


@dataclass
class Life:
	"""A person, and what has happened to them. `newest`: what their newest check-in asks for."""

	code: str
	kind: Kind
	before: Person
	newest: Expected
	tried: int = 0
	refused: int = 0
	refused_by_failure: int = 0
	refused_when_due: int = 0
	check_ins: set[tuple[datetime, str]] = field(default_factory=set)
	is_parked: bool = False
	disabled: int = 0
	enabled: int = 0
	late: timedelta = timedelta()
	late_by_failure: timedelta = timedelta()
	enabled_late_on: datetime | None = None
	told_on: datetime | None = None
	parked_though_free: int = 0
	ends_wrong: bool = False
	not_as_before: bool = False

	def checks_in(self, when: datetime, state: str) -> None:
		self.check_ins.add((when, "IN" if state == IN else "OUT"))
		self.newest = expected(self.kind, when, state)


@dataclass
class Played:
	"""What came of the day. `passes` and `syncs`: how many there were; `held`: who was left after Enable Everyone."""

	lives: list[Life]
	requests: list[Entry] = field(default_factory=list)
	syncs: int = 0
	passes: int = 0
	held: int = 0
	lost: int = 0
	too_many: int = 0
	notifications: int = 0
	logged: int = 0
	seconds: float = 0


def told(played: Played) -> str:
	return "\n\n".join([as_table([_HEAD, *_rows(played)]), _late(played), _summary(played)])


_HEAD = (
	"kind",
	"people",
	"punches tried",
	"refused by a terminal",
	"of these past their way back",
	"check-ins",
	"disabled",
	"enabled",
	"minutes past their way back",
	"because the device failed",
	"not as the newest check-in asks",
	"not as before after Enable Everyone",
	"requests a change",
)


def _rows(played: Played) -> Iterator[tuple[str, ...]]:
	requests = _requests_by_code(played)
	groups = [(kind.name, [life for life in played.lives if life.kind is kind]) for kind in KINDS]
	for name, lives in [*groups, ("all", played.lives)]:
		changes = sum(life.disabled + life.enabled for life in lives)
		asked = sum(requests[life.code] for life in lives)
		numbers = (
			len(lives),
			sum(life.tried for life in lives),
			sum(life.refused for life in lives),
			sum(life.refused_when_due + life.refused_by_failure for life in lives),
			sum(len(life.check_ins) for life in lives),
			sum(life.disabled for life in lives),
			sum(life.enabled for life in lives),
			_minutes(sum((life.late for life in lives), timedelta())),
			_minutes(sum((life.late_by_failure for life in lives), timedelta())),
			sum(life.ends_wrong for life in lives),
			sum(life.not_as_before for life in lives),
			f"{asked / changes:.1f}" if changes else f"{asked} in all",
		)
		yield (name, *map(str, numbers))


def _requests_by_code(played: Played) -> Counter[str]:
	codes = {life.before.id: life.code for life in played.lives}
	found: Counter[str] = Counter()
	for entry in played.requests:
		if "/personnel/api/employees/" not in entry.path:
			continue
		id = entry.path.rstrip("/").rpartition("/")[2]
		if id.isdigit():
			found[codes[int(id)]] += 1
		elif "emp_code" in entry.query:
			found[entry.query["emp_code"]] += 1
		else:
			found.update(codes[id] for id in entry.body["employees"])
	return found


def _late(played: Played) -> str:
	"""Who was enabled late because the device failed, those alike in one line."""
	alike: Counter[tuple[str, str, str, str]] = Counter()
	for life in played.lives:
		if life.late_by_failure:
			moments = (life.enabled_late_on, life.told_on)
			shown = [f"{moment:%H:%M}" if moment else "never" for moment in moments]
			alike[(life.kind.name, str(_minutes(life.late_by_failure)), *shown)] += 1
	if not alike:
		return "Nobody was late because the device failed."
	head = ("late because the device failed", "people", "minutes", "enabled at", "HR told at")
	return as_table([head, *((kind, str(people), *rest) for (kind, *rest), people in sorted(alike.items()))])


def _summary(played: Played) -> str:
	control = [one for one in played.requests if any(path in one.path for path in _CONTROLS)]
	return (
		f"{played.syncs} syncs and {played.passes} sweeps in {ENDS - BEGINS}, played in {played.seconds:.0f} seconds; "
		f"{len(control):,} requests for device users, {len(played.requests) - len(control):,} others.\n"
		f"The device failed from {FAILS:%H:%M} to {WORKS_AGAIN:%H:%M}; HR had {played.notifications} notifications, the Error Log "
		f"{played.logged} entries under {USER_STATUS}.\n"
		f"Check-ins lost: {played.lost}, too many: {played.too_many}. Still held after Enable Everyone: {played.held}."
	)


def broken(played: Played) -> list[str]:
	"""The promises that were not kept."""
	found: dict[str, list[str]] = defaultdict(list)
	for life in played.lives:
		late = life.late_by_failure
		of_life = {
			"disabled past their way back": bool(life.late),
			"refused by a terminal past their way back": bool(life.refused_when_due),
			"disabled though exempt, or with rights on the device": bool(life.parked_though_free),
			"HR was not told that they are late": late >= _TOLD_AFTER and not life.told_on,
			"not as their newest check-in asks, at the end": life.ends_wrong,
			"not as before after Enable Everyone": life.not_as_before,
			"never disabled": not life.kind.is_free and not life.disabled,
		}
		for promise, is_broken in of_life.items():
			if is_broken:
				found[promise].append(life.code)
	if played.lost or played.too_many:
		found["check-ins are not the punches that the terminals took"] = []
	if played.held:
		found["people are held after Enable Everyone"] = []
	return [f"{promise}: {len(codes)} ({', '.join(codes[:5])})" for promise, codes in found.items()]


def _minutes(span: timedelta) -> int:
	return span // timedelta(minutes=1)
