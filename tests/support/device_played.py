"""Plays histories of device users: whatever happens, nobody is locked out, and everybody gets back what they had."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.support.device_histories import (
	CHIEF,
	CODES,
	DAYS,
	EXEMPT,
	LIMBO,
	NIGHTS,
	SIDE,
	ClockAhead,
	Dies,
	Elsewhere,
	EnableEveryone,
	Gap,
	History,
	Land,
	Meanwhile,
	Punch,
	SetDevice,
	SetExempt,
	SetRules,
	SetVariant,
	SomebodyMoves,
	SomebodySets,
	Step,
	Sweeps,
	Trouble,
)
from tests.support.device_memory import DeviceSite, Died
from tests.support.device_office import GATE, PARKING
from tests.support.device_oracle import LONG_AGO, Known, Somebody, is_parked, verdict
from tests.support.quick_client import quick_client
from tests.support.times import minutes
from zkteco_biometric.biotime.device_users import EMPLOYEES
from zkteco_biometric.device_users.asking import Ways
from zkteco_biometric.device_users.decision import Shift
from zkteco_biometric.device_users.lanes import Lanes
from zkteco_biometric.device_users.method import FieldMethod
from zkteco_biometric.device_users.run import ControlSettings
from zkteco_biometric.device_users.states import OUT
from zkteco_biometric.simulator import Person, Simulator, faults

FLAG = "ctl_flag"
OTHERS = "Limbo of Another"
_STATES = {OUT: "1"}
_ALLOWED = {"adjust_area": {"employees", "areas"}, "resync_to_device": {"employees"}}
_PATCHED = ({"area"}, {"area", "department"}, {FLAG})
_LATEST = minutes(14)
"""After that a request is carried out, or never."""
_BACK_OFF_OF_THE_ENABLED, _BACK_OFF_OF_THE_DISABLED = minutes(5), minutes(61)
_SETTLED_AFTER_LATE_ONES = minutes(40)


class World:
	"""A server, its people, and a site; checked after every round.

	There may be a second document for the same server, with a parking area of its own.
	"""

	def __init__(self, history: History, *, twice: bool = False) -> None:
		self.now = history.begin
		self.ahead = timedelta()
		self.begin = history.begin
		self.sim = Simulator(clock=self.clock, variant=history.variant)
		self.site = DeviceSite(history.rules)
		self.sites = [self.site, DeviceSite(history.rules)] if twice else [self.site]
		self.lanes = Lanes([quick_client(self.sim, lambda: None, now=self.clock)])
		self.ways = Ways()
		self.blank = False
		self.trouble_until: datetime | None = None
		self.last_trouble = LONG_AGO
		self.late_since: datetime | None = None
		self.last_late = LONG_AGO
		self.released = LONG_AGO
		self.rules_since = LONG_AGO
		self._found_server()
		self.people = {code: self._hire(code) for code in CODES}
		self.originals = {person.emp_code: person for person in self.sim.store.people}
		self._set_device(history.device)

	def clock(self) -> datetime:
		return self.now

	def clock_of_the_site(self) -> datetime:
		return self.now + self.ahead

	def _found_server(self) -> None:
		own = [self.sim.store.add_area(code, name).id for code, name in (("90", LIMBO), ("91", OTHERS))]
		self.parking = {1, *own}
		self.areas = {SIDE: self.sim.store.add_area("10", SIDE).id, "2": 2}
		self.sim.store.add_terminal(GATE)

	def _hire(self, code: str) -> Somebody:
		areas = [self.areas[SIDE], 2] if code == DAYS else [2]
		value: Any = {DAYS: True, NIGHTS: "odd"}.get(code, 1)
		self.sim.store.add_person(
			code,
			first_name="Employee",
			areas=areas,
			privilege=14 if code == CHIEF else 0,
			device_password="4711",
			extra={FLAG: value, "other": "x"},
		)
		daily = {DAYS: (9, 17), NIGHTS: (22, 30)}.get(code)
		person = Somebody(code, {frozenset(areas)}, {repr(value)}, code == CHIEF, code == EXEMPT, daily=daily)
		employee = self.site.employ(self._name(code), code, exempt="Exempt." if person.is_exempt else "")
		for site in self.sites:
			site.employees = self.site.employees
		employee.shifts = tuple(
			Shift(*times)
			for day in range(0, 40, 4)
			for times in person.shifts(self.begin + timedelta(days=day))
		)
		return person

	@staticmethod
	def _name(code: str) -> str:
		return f"EMP-{code}"

	def take(self, step: Step) -> None:
		match step:
			case Punch(code, log_type):
				if self.sim.store.person_punches(
					code, GATE, self.now.replace(tzinfo=None), _STATES.get(log_type, "0")
				):
					self._check_in(code, log_type, self.now)
			case Elsewhere(code, log_type, age):
				self._check_in(code, log_type, self.now - age)
			case Sweeps(number, every):
				for _ in range(number):
					self._pass_time(every)
					self.sweep()
			case Gap(span):
				self._pass_time(span)
			case ClockAhead(span):
				self._set_clock(span)
			case Trouble():
				self._begin_trouble(step)
			case Land():
				self._land()
			case Dies(moment):
				self.site.dies_in(moment)
			case Meanwhile(moment):
				self.site.meanwhile[self.site.moments + moment] = self._enable_everyone
			case _:
				self._set(step)

	def _set(self, step: Step) -> None:
		match step:
			case EnableEveryone():
				self._enable_everyone()
			case SetRules(rules):
				for site in self.sites:
					site.rules = rules
				self.rules_since = self.now
			case SetExempt(code, exempt):
				self.site.employees[self._name(code)].exempt = "Exempt." if exempt else ""
				self.people[code].is_exempt = exempt
				self.people[code].overruled = self.now
			case SetDevice():
				self._set_device(step)
			case SetVariant(variant):
				self.sim.variant = variant
			case SomebodyMoves(code, areas):
				self._somebody_moves(self.people[code], [self.areas[name] for name in areas])
			case SomebodySets(code, value):
				self._somebody_sets(self.people[code], value)

	def _check_in(self, code: str, log_type: str, time: datetime) -> None:
		name = self._name(code)
		self.site.check_in(name, time, log_type)
		for site in self.sites[1:]:
			site._changed[name] = site._changed.get(name, 0) + 1
		self.people[code].check_ins.append(Known(time, log_type, self.now))
		self.people[code].rounds = 0

	def _set_clock(self, ahead: timedelta) -> None:
		"""What was sent is carried out first: a clock that jumps says that it was long ago."""
		self._land()
		self.ahead = ahead
		self._disturb()

	def _disturb(self) -> None:
		"""Whoever is enabled or disabled by now may be so rightly."""
		self.last_trouble = self.now
		for person in self.people.values():
			person.overruled = self.now

	def _enable_everyone(self) -> None:
		self.released = self.clock_of_the_site()
		for site in self.sites:
			site.enable_everyone(self.released)

	def _set_device(self, device: SetDevice) -> None:
		field = FieldMethod(FLAG, "1", "0") if device.by_field else None
		parkings = frozenset({PARKING, "90", OTHERS} if len(self.sites) > 1 else ())
		settings = ControlSettings(device.parking, field, device.dry_run, parkings=parkings)
		control = device.control if device.control != self.site.control else None
		if control is not None or settings.dry_run != self.site.settings.dry_run:
			self.released = self.clock_of_the_site()
		self.site.switch(self.clock_of_the_site(), control=control, settings=settings)
		for site in self.sites[1:]:
			by_area = replace(settings, parking_area=OTHERS, field=None)
			site.switch(self.clock_of_the_site(), control=control, settings=by_area)

	def _somebody_moves(self, person: Somebody, areas: list[int]) -> None:
		self.sim.store.change_person(self._on_device(person.code).id, areas=areas)
		person.homes = (person.homes if self._may_land else set()) | {frozenset(areas)}
		person.overruled = self.now

	def _somebody_sets(self, person: Somebody, value: Any) -> None:
		found = self._on_device(person.code)
		self.sim.store.change_person(found.id, extra={**found.extra, FLAG: value})
		person.values = (person.values if self._may_land else set()) | {repr(value)}
		person.overruled = self.now

	@property
	def _may_land(self) -> bool:
		return self.late_since is not None

	def _begin_trouble(self, trouble: Trouble) -> None:
		self.sim.faults.clear()
		self.blank = trouble.fault == "blank"
		self.trouble_until = self.now + trouble.span
		fault = _fault(trouble)
		methods = ("POST", "PATCH") if trouble.writes_only and not self.blank else (None,)
		for method in methods:
			self.sim.faults.add(
				fault, path="personnel", method=method, after=trouble.after, times=trouble.times
			)

	def _pass_time(self, span: timedelta) -> None:
		until = self.now + span
		if self.late_since and until > self.late_since + _LATEST:
			self.now = self.late_since + _LATEST
			self._land()
		self.now = until
		if self.trouble_until and self.now >= self.trouble_until:
			self.sim.faults.clear()
			self.trouble_until = None

	def _land(self) -> None:
		if self.sim.carry_out_late():
			self.last_late = self.now
			for person in self.people.values():
				person.overruled = self.now
		self.late_since = None

	def sweep(self) -> None:
		meanwhile = bool(self.site.meanwhile)
		died = True
		with suppress(Died):
			for site in self.sites:
				site.sweep(self.lanes, self.clock_of_the_site, ways=self.ways)
			died = False
		self.site.meanwhile.clear()
		self.site.dies_at = None
		if self.late_since is None and len(self.sim._state.late):
			self.late_since = self.now
		if died or meanwhile or self.trouble_until or self.late_since:
			self.last_trouble = self.now
		if self.ahead or (self.trouble_until and self.blank):
			self._disturb()
		self.check()

	def check(self) -> None:
		for person in self.people.values():
			person.rounds += 1
			records = [site.record(self._name(person.code)) for site in self.sites]
			if any(record and record.released for record in records):
				# While Enable Everyone is under way, it overrules newer check-ins too.
				person.overruled = self.now
			self._check_status(person, self._on_device(person.code))
		if self.sim.log.entries:
			self._check_requests()
			for found in self.sim.store.people:
				self._check_that_nothing_else_changed(found)

	def _check_status(self, person: Somebody, found: Person) -> None:
		said = verdict(
			person,
			self.site.rules,
			controls=self.site.control and not self.site.settings.dry_run,
			released=self.released,
			rules_since=self.rules_since,
			now=self.now,
		)
		calm = self.now - self.last_trouble
		if said.enabled and self._is_calm_for_the_enabled(calm):
			self._check_is_as_before(person, found)
		# Two rounds, since whom somebody else has moved is let go of first.
		if said.disabled and person.rounds > 1 and self._is_calm_for_the_disabled(person, calm):
			assert self._is_disabled(found), self._told(person, found, "should be disabled")

	def _is_calm_for_the_disabled(self, person: Somebody, calm: timedelta) -> bool:
		newest = person.newest
		tried_in_peace = newest is not None and self.last_trouble < newest.since
		return tried_in_peace or calm >= _BACK_OFF_OF_THE_DISABLED

	def _is_calm_for_the_enabled(self, calm: timedelta) -> bool:
		needed = _BACK_OFF_OF_THE_ENABLED
		if self.now - self.last_late < _SETTLED_AFTER_LATE_ONES:
			needed = _SETTLED_AFTER_LATE_ONES
		return calm >= needed

	def _check_is_as_before(self, person: Somebody, found: Person) -> None:
		assert frozenset(found.area_ids) in person.homes, self._told(person, found, "has other areas")
		assert repr(found.extra[FLAG]) in person.values, self._told(person, found, "has another value")

	def _is_disabled(self, found: Person) -> bool:
		return is_parked(found.area_ids, self.parking) or str(found.extra[FLAG]) == "0"

	def _check_that_nothing_else_changed(self, found: Person) -> None:
		before = self.originals[found.emp_code]
		extra = {**found.extra, FLAG: before.extra[FLAG]}
		assert replace(found, areas=before.areas, extra=extra) == before

	def _check_requests(self) -> None:
		for entry in self.sim.log.entries:
			if entry.method == "GET" or entry.path.endswith("token-auth/"):
				continue
			last = entry.path.rsplit("/", 2)[1]
			if entry.method == "PATCH":
				assert set(entry.body) in _PATCHED, entry.body
			else:
				assert entry.method == "POST"
				assert set(entry.body) == _ALLOWED[last], entry.path
		self.sim.log.clear()

	def _on_device(self, code: str) -> Person:
		found = self.sim.store.person_by_code(code)
		assert found is not None, f"{code} was deleted"
		return found

	def _told(self, person: Somebody, found: Person, what: str) -> str:
		records = [site.record(self._name(person.code)) for site in self.sites]
		return f"{person.code} {what} at {self.now}: {found.area_ids}, {found.extra}, {person}, {records}"

	def calm_down(self) -> None:
		"""The server answers from now on."""
		self.take(ClockAhead(timedelta()))
		self.sim.faults.clear()
		if self.sim.variant.resync == "error500":
			self.sim.variant = replace(self.sim.variant, resync="works")
		self.trouble_until = None
		self._land()
		self.take(Sweeps(5, _BACK_OFF_OF_THE_DISABLED / 4))

	def end(self) -> None:
		"""Everybody is as their newest punch asks; then everybody is as they were."""
		self.calm_down()
		self._enable_everyone()
		self.take(Sweeps(2))
		for person in self.people.values():
			self._check_is_as_before(person, self._on_device(person.code))
		self.take(Sweeps(5))
		assert [site.held for site in self.sites if site.held] == []
		for person in self.people.values():
			self._check_is_as_before(person, self._on_device(person.code))


def _blank(request: Request, answer: faults.Answer) -> Response:
	"""Records of people that tell neither areas nor the field."""
	response = answer(request)
	told = response.get_json(silent=True)
	if request.method == "GET" and EMPLOYEES in request.path and isinstance(told, dict):
		for record in told.get("data", [told]):
			record.pop("area", None)
			record.pop(FLAG, None)
		response.set_data(json.dumps(told))
	return response


def _fault(trouble: Trouble) -> faults.Fault:
	if trouble.fault == "blank":
		return _blank
	if trouble.fault == "late":
		return faults.late(dropped=trouble.applied)
	if trouble.fault in ("html_error", "reset"):
		return {"html_error": faults.html_error, "reset": faults.reset}[trouble.fault](trouble.applied)
	if trouble.fault == "status":
		return faults.status(503 if trouble.applied else 500)
	return faults.BY_NAME[trouble.fault]()


def play(history: History, *, twice: bool = False) -> None:
	world = World(history, twice=twice)
	for step in history.steps:
		world.take(step)
	world.end()
