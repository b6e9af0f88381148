"""A simulator, a site in memory, and cycles between them at times of one's choice."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from werkzeug.wrappers import Request, Response

from tests.support.clients import TRANSACTIONS, connected, page_requests
from tests.support.memory_site import Key, MemorySite
from tests.support.times import clocks, utc
from zkteco_biometric.cycle.log_types import PunchStates
from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.cycle.run import CycleRules, run_cycle
from zkteco_biometric.cycle.window import WindowRules
from zkteco_biometric.simulator import Entry, Simulator, faults

MORNING = datetime(2024, 6, 5, 8)
NOON = utc(2024, 6, 5, 12)
TODAY = utc(2024, 6, 4, 18)
"""Whatever the zone, a window from here to noon is no longer than a day, and is read in one go."""
EMPLOYEES = {str(number): f"EMP-{number}" for number in range(10)} | {"007": "EMP-007", "A7": "EMP-A7"}


def rules(
	*,
	page_size: int = 10,
	look_back: timedelta = timedelta(minutes=60),
	sync_from: datetime | None = TODAY,
	device: str = "UTC",
	site: str = "UTC",
	states: PunchStates | None = None,
	past_days: int = 7,
) -> CycleRules:
	window = WindowRules(clocks(device, site), look_back, sync_from, page_size)
	return CycleRules(window, states or PunchStates(), past_days)


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


def window_requests(sim: Simulator) -> list[Entry]:
	"""What was asked for by windows of punch time, since the log was cleared; neither by arrival nor ahead of time."""
	return [entry for entry in page_requests(sim) if "end_time" in entry.query]


def break_windows(sim: Simulator, fault: faults.Fault, *, after: int = 0, times: int | None = 1) -> None:
	"""The fault meets requests of windows only, those that look by arrival or ahead are answered; else as `faults.add`."""
	met = count()

	def only_windows(request: Request, answer: faults.Answer) -> Response:
		if "end_time" not in request.args:
			return answer(request)
		number = next(met)
		is_met = number >= after and (times is None or number < after + times)
		return fault(request, answer) if is_met else answer(request)

	sim.faults.add(only_windows, path=TRANSACTIONS, times=None)


def pages_of_last_cycle(sim: Simulator) -> list[int]:
	"""The pages of windows asked for since the log was cleared."""
	asked = [int(entry.query["page"]) for entry in window_requests(sim)]
	sim.log.clear()
	return asked
