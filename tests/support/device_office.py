"""A server with a terminal, and a site whose employees check in and out there: what a test of device users begins with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.support.device_memory import DeviceSite
from tests.support.times import utc
from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.device_users.asking import Ways
from zkteco_biometric.device_users.decision import Shift
from zkteco_biometric.device_users.lanes import Lanes
from zkteco_biometric.device_users.run import PassResult
from zkteco_biometric.device_users.states import IN, OUT, DeviceUser
from zkteco_biometric.simulator import Area, Entry, Person, Simulator

GATE = "GATE-1"
PARKING, HOME = "Not Authorized", "Default Area"
EVENING = utc(2024, 6, 5, 17)
SWEEP_EVERY = timedelta(minutes=4)
_WRITES = ("POST", "PATCH", "PUT", "DELETE")


def hours(number: float) -> timedelta:
	return timedelta(hours=number)


class Office:
	"""`now` is the site's clock; the employee of code 7 is EMP-7."""

	def __init__(self, sim: Simulator, *clients: BioTimeClient, site: DeviceSite | None = None) -> None:
		self.sim = sim
		self.clients = clients
		self.site = site or DeviceSite()
		self.ways = Ways()
		self.now = EVENING
		if sim.store.terminal(GATE) is None:
			sim.store.add_terminal(GATE)

	def hire(self, code: str, *, shifts: tuple[Shift, ...] = (), **on_device: Any) -> Person:
		self.site.employ(f"EMP-{code}", code, shifts=shifts)
		return self.sim.store.add_person(code, **on_device)

	def out(self, code: str, ago: timedelta = timedelta()) -> None:
		self.site.check_in(f"EMP-{code}", self.now - ago, OUT)

	def in_(self, code: str, ago: timedelta = timedelta()) -> None:
		self.site.check_in(f"EMP-{code}", self.now - ago, IN)

	def punches(self, code: str, state: str) -> bool:
		"""Somebody stands at the gate: whether it lets them punch; then the site has the check-in."""
		row = self.sim.store.person_punches(code, GATE, self.now.replace(tzinfo=None), state)
		if row:
			self.site.check_in(f"EMP-{code}", self.now, OUT if state == "1" else IN)
		return row is not None

	def sweep(self, after: timedelta = timedelta(), **options: Any) -> PassResult:
		self.now += after
		return self.site.sweep(Lanes(self.clients), self.clock, ways=self.ways, **options)

	def sweeps(self, span: timedelta, meanwhile: Callable[[], object] = lambda: None) -> None:
		"""As the scheduler does it, until that span is over."""
		until = self.now + span
		while self.now < until:
			self.now = min(until, self.now + SWEEP_EVERY)
			self.sweep()
			meanwhile()

	def clock(self) -> datetime:
		return self.now

	def somebody_moves(self, code: str, *areas: Area | int) -> None:
		"""By hand, on the server."""
		self.sim.store.change_person(self.person(code).id, areas=areas)

	def somebody_changes_code(self, code: str, new: str) -> None:
		"""By hand, on the server, where the simulator's store has no word for it."""
		table = self.sim.store._personnel
		person = table.people[table._by_code.pop(code)]
		table.people[person.id] = replace(person, emp_code=new)
		table._by_code[new] = person.id

	def somebody_deletes_area(self, area: Area) -> None:
		del self.sim.store._personnel.areas[area.id]

	def person(self, code: str) -> Person:
		found = self.sim.store.person_by_code(code)
		assert found is not None
		return found

	def areas(self, code: str) -> list[str]:
		return self.person(code).area_names

	def record(self, code: str) -> DeviceUser:
		found = self.site.record(f"EMP-{code}")
		assert found is not None
		return found

	@property
	def writes(self) -> list[Entry]:
		"""What was asked of the server that changes something, log-ins left aside, oldest first."""
		entries = self.sim.log.entries
		return [one for one in entries if one.method in _WRITES and not one.path.endswith("token-auth/")]

	@property
	def moves(self) -> list[str]:
		"""How people were changed, in short; what only tells the terminals left aside."""
		return [_told(one) for one in self.writes if not one.path.endswith("resync_to_device/")]

	@property
	def resyncs(self) -> int:
		return self.sim.log.count("resync_to_device/")


def _told(entry: Entry) -> str:
	if entry.path.endswith("adjust_area/"):
		return f"adjust_area {entry.body['areas']}"
	return f"{entry.method} " + " ".join(f"{name}={entry.body[name]}" for name in sorted(entry.body))
