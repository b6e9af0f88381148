"""Runs one cell of the matrix: yesterday's cycle, today's with the fault, and a good one after it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import trustme

from tests.faults.device import (
	EMPLOYEES,
	EVENING,
	LATER,
	NEWS,
	NOON,
	RULES,
	add_news,
	device,
	strike,
)
from tests.faults.matrix import Death, Expected, Left, Row
from tests.support.clients import Sleeps, connected, page_requests
from tests.support.in_process import URL, connected_in_process
from tests.support.mortal_store import Killed, MortalConnection, MortalStore
from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.errors import BioTimeError
from zkteco_biometric.biotime.transport import RetryPolicy, TimeOuts
from zkteco_biometric.cycle.plan import Fate
from zkteco_biometric.cycle.ports import Position
from zkteco_biometric.cycle.result import Stored
from zkteco_biometric.cycle.run import run_cycle
from zkteco_biometric.simulator import Simulator
from zkteco_biometric.standalone.site import SQLiteSite

_TWO_ATTEMPTS = RetryPolicy(attempts=2)
_IMPATIENT = TimeOuts(read=0.2)


@dataclass(frozen=True)
class Seen:
	"""What came of a cell. `lost` and `doubled`: which of the new rows are, after a good cycle."""

	error: str
	message: str
	needs_a_person: bool
	left: Left
	lost: str
	doubled: str

	def is_as(self, expected: Expected, left: Left) -> bool:
		told = self.error == expected.error and expected.says in self.message
		return told and self.left == left and not self.lost and not self.doubled


class World:
	"""The device, the store, and the time."""

	def __init__(self, sim: Simulator, store: MortalStore) -> None:
		self.sim = sim
		self.store = store
		self.now = EVENING

	def cycle(
		self, at: datetime, client: AbstractContextManager[BioTimeClient], death: Death | None = None
	) -> BioTimeError | None:
		"""What the cycle that began then ended with; None for nothing, or for a death."""
		self.now = at
		with suppress(Killed), self.store.connected() as connection, client as source:
			site = MortalSite(connection, death)
			site.position.agree(RULES.window)
			return run_cycle(source, site, RULES, now=lambda: at).failure
		return None

	def kept(self) -> list[tuple[str, str]]:
		"""Code and time of everything that is a check-in or waits."""
		return self.store.rows(
			"SELECT emp_code, time FROM employee_checkin UNION ALL SELECT emp_code, time FROM pending_punch"
		)

	def stored(self, times: int = 1) -> str:
		"""Which of the new rows are kept at least so many times."""
		kept = self.kept()
		return "".join(name for name, (code, time) in NEWS.items() if kept.count((code, str(time))) >= times)

	def left(self) -> tuple[bool, int | None]:
		with self.store.connected() as connection:
			state = MortalSite(connection, None).sync_state()
		return state.last_sync == NOON, state.checkpoint.page if state.checkpoint else None


class MortalSite(SQLiteSite):
	"""A site whose process dies where a `Death` says."""

	def __init__(self, connection: MortalConnection, death: Death | None) -> None:
		super().__init__(connection, URL, EMPLOYEES)
		self._mortal = connection
		self._death = death
		self._pages = 0

	def store_page(self, fates: Sequence[Fate], position: Position | None) -> Stored:
		self._pages += 1
		self._die(self._pages)
		return super().store_page(fates, position)

	def finish_window(self, until: datetime) -> None:
		self._die(None)
		super().finish_window(until)

	def _die(self, page: int | None) -> None:
		if self._death and self._death.page == page:
			self._mortal.die_at(self._death.moment, self._death.number)


def run_fault(row: Row, position: str) -> Seen:
	with world() as here:
		if row.untrusted:
			with untrusted(here) as url:
				error = here.cycle(NOON, connected(url))
		elif row.slow:
			with here.sim:
				strike_with(here, row, position)
				error = here.cycle(NOON, connected(here.sim.url, retry=_TWO_ATTEMPTS, time_outs=_IMPATIENT))
		else:
			strike_with(here, row, position)
			error = here.cycle(NOON, in_process(here))
		return what_is_left(here, error)


def run_death(death: Death) -> Seen:
	with world() as here:
		return what_is_left(here, here.cycle(NOON, in_process(here), death))


@contextmanager
def world() -> Iterator[World]:
	"""Yesterday's cycle is over, and all the news has come."""
	store = MortalStore()
	with device(lambda: here.now) as sim:
		here = World(sim, store)
		assert here.cycle(EVENING, in_process(here)) is None
		add_news(sim)
		yield here
	store.close()


def in_process(here: World) -> AbstractContextManager[BioTimeClient]:
	return connected_in_process(here.sim, retry=_TWO_ATTEMPTS, sleep=Sleeps())


def strike_with(here: World, row: Row, position: str) -> None:
	assert row.fault
	strike(here.sim, row.fault, position, once=row.once)


@contextmanager
def untrusted(here: World) -> Iterator[str]:
	"""Where the same device listens with a certificate that nobody vouches for."""
	context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
	trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
	with Simulator(here.sim.store, ssl_context=context) as listening:
		yield listening.url


def what_is_left(here: World, error: BioTimeError | None) -> Seen:
	stored, (has_moved, checkpoint) = here.stored(), here.left()
	here.sim.faults.clear()
	here.sim.log.clear()
	assert here.cycle(LATER, in_process(here)) is None, "a good cycle fails"
	return Seen(
		type(error).__name__ if error else "",
		error.message if error else "",
		bool(error and error.needs_a_person),
		Left(stored, has_moved, checkpoint, window_pages(here.sim), looks_back(here.sim)),
		lost="".join(sorted(set(NEWS) - set(here.stored()))),
		doubled=here.stored(times=2),
	)


def window_pages(sim: Simulator) -> tuple[int, ...]:
	"""A window ends when its cycle began; a day that is looked at again ends with it."""
	ends = {str(began.replace(tzinfo=None)) for began in (NOON, LATER)}
	asked = [entry.query for entry in page_requests(sim)]
	return tuple(int(query["page"]) for query in asked if query.get("end_time") in ends)


def looks_back(sim: Simulator) -> bool:
	return any(entry.query["page_size"] == "1" for entry in page_requests(sim))
