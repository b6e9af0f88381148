"""A simulator, a site in memory, and cycles between them at times of one's choice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.support.clients import asked_pages, connected
from tests.support.memory_site import Key, MemorySite
from tests.support.times import clocks, utc
from zkteco_biometric.cycle.log_types import PunchStates
from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.cycle.run import CycleRules, run_cycle
from zkteco_biometric.cycle.window import WindowRules
from zkteco_biometric.simulator import Simulator

MORNING = datetime(2024, 6, 5, 8)
NOON = utc(2024, 6, 5, 12)
EMPLOYEES = {str(number): f"EMP-{number}" for number in range(10)} | {"007": "EMP-007", "A7": "EMP-A7"}


def rules(
	*,
	page_size: int = 10,
	look_back: timedelta = timedelta(minutes=60),
	sync_from: datetime | None = None,
	device: str = "UTC",
	site: str = "UTC",
	states: PunchStates | None = None,
) -> CycleRules:
	window = WindowRules(clocks(device, site), look_back, sync_from, page_size)
	return CycleRules(window, states or PunchStates())


def cycle(
	sim: Simulator, site: MemorySite, obeyed: CycleRules, at: datetime = NOON, **client: Any
) -> CycleResult:
	"""One cycle that begins at that instant."""
	progress = client.pop("progress", None)
	with connected(sim.url, **client) as source:
		return run_cycle(source, site, obeyed, now=lambda: at, progress=progress)


def fill(
	sim: Simulator, rows: int, *, every: timedelta = timedelta(minutes=1), start: datetime = MORNING
) -> None:
	"""Punches of ten people, in and out."""
	sim.store.punches((str(n % 10), start + n * every, str(n // 10 % 2)) for n in range(rows))


def expected(sim: Simulator) -> set[Key]:
	"""The check-ins that all punches of known people come to, with one zone for everything."""
	return {
		(EMPLOYEES[row.emp_code], row.punch_time)
		for row in sim.store.transactions
		if row.emp_code in EMPLOYEES
	}


def pages_of_last_cycle(sim: Simulator) -> list[int]:
	"""The pages asked for since the log was cleared."""
	asked = asked_pages(sim)
	sim.log.clear()
	return asked
