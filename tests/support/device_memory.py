"""A site in memory that remembers device users: it may die at any step of storing, or be told something else meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from zkteco_biometric.device_users.asking import Ways
from zkteco_biometric.device_users.decision import ControlRules, Facts, Shift
from zkteco_biometric.device_users.lanes import Lanes
from zkteco_biometric.device_users.ports import Candidate, Superseded
from zkteco_biometric.device_users.run import ControlSettings, PassResult, run_pass
from zkteco_biometric.device_users.states import IN, CheckInSeen, DeviceUser, Former


class Died(BaseException):
	"""The process ends here: what was stored stays, nothing else happens."""


@dataclass
class Employed:
	"""An employee, as the site has them."""

	name: str
	emp_code: str
	user_id: int | None = None
	exempt: str = ""
	left: bool = False
	shifts: tuple[Shift, ...] = ()
	check_ins: list[CheckInSeen] = field(default_factory=list)

	@property
	def newest(self) -> CheckInSeen | None:
		"""Of two at the same second, the IN."""
		return max(self.check_ins, key=lambda one: (one.time, one.log_type == IN), default=None)

	@property
	def facts(self) -> Facts:
		return Facts(
			self.name, self.emp_code, self.user_id, self.newest, self.exempt, self.left, tuple(self.shifts)
		)


@dataclass(frozen=True)
class Row:
	"""A device user as a table keeps it."""

	plain: DeviceUser
	former: str | None

	@classmethod
	def of(cls, record: DeviceUser) -> Row:
		return cls(replace(record, former=None), record.former.as_json() if record.former else None)

	@property
	def record(self) -> DeviceUser:
		return replace(self.plain, former=Former.from_json(self.former) if self.former else None)


class DeviceSite:
	"""Employees, what is remembered of them on one device, and the rule who is considered by a pass.

	`moments` counts the steps of storing: one before each call takes effect and one after. `dies_at` names the one that
	the process does not survive; `meanwhile` has what somebody else does at such a moment. `calls` tells what was stored.
	"""

	def __init__(self, rules: ControlRules | None = None, settings: ControlSettings | None = None) -> None:
		self.rules = rules or ControlRules()
		self.settings = settings or ControlSettings()
		self.control = True
		self.employees: dict[str, Employed] = {}
		self.calls: list[tuple[str, list[str]]] = []
		self.moments = 0
		self.dies_at: int | None = None
		self.meanwhile: dict[int, Callable[[], object]] = {}
		self.generation = 0
		self._rows: dict[str, Row] = {}
		self._changed: dict[str, int] = {}
		self._spent: datetime | None = None

	def employ(self, name: str, emp_code: str, **more: object) -> Employed:
		self.employees[name] = employee = Employed(name, emp_code, **more)  # type: ignore[arg-type]
		return employee

	def check_in(self, name: str, time: datetime, log_type: str) -> CheckInSeen:
		employee = self.employees[name]
		stored = CheckInSeen(f"{name}-{len(employee.check_ins)}", time, log_type)
		employee.check_ins.append(stored)
		self._changed[name] = self._changed.get(name, 0) + 1
		return stored

	def delete_check_ins(self, name: str) -> None:
		self.employees[name].check_ins.clear()
		self._changed[name] = self._changed.get(name, 0) + 1

	def record(self, name: str) -> DeviceUser | None:
		return self._rows[name].record if name in self._rows else None

	def put(self, record: DeviceUser) -> None:
		self._rows[record.employee] = Row.of(record)

	@property
	def held(self) -> list[DeviceUser]:
		records = (row.record for row in self._rows.values())
		return [record for record in records if record.is_held]

	def enable_everyone(self, now: datetime) -> None:
		"""The button: voids what is about to begin, and asks for the way back of all whom we hold."""
		self.generation += 1
		self._spent = now
		for record in self.held:
			if not self._stays(record.employee):
				self._rows[record.employee] = Row.of(replace(record, released=True, due_at=now))

	def switch(
		self, now: datetime, *, control: bool | None = None, settings: ControlSettings | None = None
	) -> None:
		"""Control on or off, other settings of the device."""
		self.generation += 1
		releases = control is not None or (settings and settings.dry_run != self.settings.dry_run)
		self._spent = now if releases else self._spent
		self.control = self.control if control is None else control
		self.settings = settings or self.settings

	def candidates(self, now: datetime) -> list[Candidate]:
		names = {record.employee for record in self.held}
		if self.control:
			names |= self._changed.keys() | {name for name in self._rows if self._is_due(name, now)}
		return [Candidate(self.employees[name].facts, self._known(name)) for name in sorted(names)]

	def sweep(
		self,
		lanes: Lanes,
		now: Callable[[], datetime],
		*,
		ways: Ways | None = None,
		stop_at: datetime | None = None,
	) -> PassResult:
		"""One pass. Whose check-ins have changed is forgotten once it is complete, unless they changed again."""
		seen, controlled = dict(self._changed), self.control
		memory = PassMemory(self, self.generation)
		result = run_pass(
			lanes,
			memory,
			self.candidates(now()),
			self.settings,
			self.rules,
			now=now,
			ways=ways,
			stop_at=stop_at,
		)
		if result.is_complete and controlled:
			self._changed = {name: n for name, n in self._changed.items() if seen.get(name) != n}
		return result

	def dies_in(self, moments: int) -> None:
		self.dies_at = self.moments + moments

	def reach_moment(self) -> None:
		self.moments += 1
		if self.moments in self.meanwhile:
			self.meanwhile.pop(self.moments)()
		if self.moments == self.dies_at:
			raise Died

	def store(self, record: DeviceUser) -> None:
		"""`released` is taken back only with what was held: somebody may ask for it while a pass is at work."""
		known = self.record(record.employee)
		if known and known.released and record.is_held:
			record = replace(record, released=True)
		self._rows[record.employee] = Row.of(record)

	def _is_due(self, name: str, now: datetime) -> bool:
		due_at = self._rows[name].plain.due_at
		return due_at is not None and due_at <= now

	def _stays(self, name: str) -> bool:
		return self.employees[name].left and self.rules.keep_left

	def _known(self, name: str) -> DeviceUser | None:
		"""With what holds for the whole device: that all are released, and that older check-ins disable nobody."""
		record, newest = self.record(name), self.employees[name].newest
		is_its_cause = record and record.is_disabled and record.check_in == newest
		if self._spent and newest and newest.time <= self._spent and not is_its_cause:
			record = record or DeviceUser(name, self.employees[name].emp_code)
			record = replace(record, spent=max(filter(None, (record.spent, self._spent))))
		if (
			record
			and record.is_held
			and (not self.control or self.settings.dry_run)
			and not self._stays(name)
		):
			record = replace(record, released=True)
		return record


class PassMemory:
	"""What a pass stores; what it intends is void where somebody has changed meanwhile what is to be done."""

	def __init__(self, site: DeviceSite, generation: int) -> None:
		self._site = site
		self._generation = generation

	def remember(self, records: Sequence[DeviceUser]) -> None:
		self._store("remember", records)

	def intend(self, records: Sequence[DeviceUser]) -> None:
		self._store("intend", records, guarded=True)

	def _store(self, what: str, records: Sequence[DeviceUser], *, guarded: bool = False) -> None:
		self._site.reach_moment()
		if guarded and self._site.generation != self._generation:
			raise Superseded
		for record in records:
			self._site.store(record)
		self._site.calls.append((what, [record.employee for record in records]))
		self._site.reach_moment()
