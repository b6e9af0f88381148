"""A device that was read yesterday evening, and what has come since: three pages, and a row that no window sees.

The cycle of today noon asks for, in this order: a token, pages 1, 2 and 3 of its window, what has arrived, and how many
punches the days before have. Each of these is a position at which a fault can strike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from ssl import SSLContext

from werkzeug.wrappers import Request, Response

from tests.support.times import clocks, utc
from zkteco_biometric.cycle.run import CycleRules
from zkteco_biometric.cycle.window import WindowRules
from zkteco_biometric.simulator import Simulator, Variant
from zkteco_biometric.simulator.faults import Answer, Fault

EVENING, NOON, LATER = utc(2024, 6, 4, 20), utc(2024, 6, 5, 12), utc(2024, 6, 5, 12, 15)
PAGE_SIZE = 2
RULES = CycleRules(
	WindowRules(clocks(), timedelta(minutes=60), utc(2024, 6, 4), PAGE_SIZE),
	past_days=1,
)
EMPLOYEES = {"7": "EMP-7", "007": "EMP-007"}
NEWS = {
	"A": ("7", datetime(2024, 6, 5, 8)),
	"B": ("007", datetime(2024, 6, 5, 8)),
	"C": ("nobody", datetime(2024, 6, 5, 8, 1)),
	"D": ("7", datetime(2024, 6, 5, 9)),
	"E": ("007", datetime(2024, 6, 5, 9, 30)),
	"L": ("7", datetime(2024, 6, 4, 7)),
}
"""Since yesterday evening; C has a code that nobody has, and L arrives last, after hours without a network."""

_POSITIONS: dict[str, Callable[[Request], bool]] = {
	"log-in": lambda request: request.path.endswith("token-auth/"),
	"first page": lambda request: _is_page(request, 1),
	"middle page": lambda request: _is_page(request, 2),
	"last page": lambda request: _is_page(request, 3),
	"arrivals page": lambda request: (
		"page" in request.args and not {"start_time", "end_time"} & request.args.keys()
	),
	"look-back count": lambda request: request.args.get("page_size") == "1",
}
POSITIONS = list(_POSITIONS)


def _is_page(request: Request, number: int) -> bool:
	"""Of a window that is read, not only counted."""
	asked = request.args
	return "end_time" in asked and asked["page_size"] != "1" and asked["page"] == str(number)


def strike(sim: Simulator, fault: Fault, position: str, *, once: bool) -> None:
	"""Every request at this position, or the first of them only, meets the fault; all others are answered."""
	left = iter([True]) if once else None

	def here(request: Request, answer: Answer) -> Response:
		strikes = _POSITIONS[position](request) and (left is None or next(left, False))
		return fault(request, answer) if strikes else answer(request)

	sim.faults.add(here, times=None)


@contextmanager
def device(clock: Callable[[], datetime], ssl_context: SSLContext | None = None) -> Iterator[Simulator]:
	"""As it was yesterday evening; it listens only where it is started."""
	sim = Simulator(clock=clock, ssl_context=ssl_context, variant=Variant())
	sim.store.punch("7", "2024-06-04 08:00:00", "0", upload_time="2024-06-04 08:00:05")
	sim.store.punch("7", "2024-06-04 17:00:00", "1", upload_time="2024-06-04 17:00:05")
	yield sim


def add_news(sim: Simulator) -> None:
	for number, (code, time) in enumerate(NEWS.values()):
		arrived = max(time, datetime(2024, 6, 5, 8)) + timedelta(
			seconds=5, hours=2 * (number == len(NEWS) - 1)
		)
		sim.store.punch(code, time, "0", upload_time=arrived)
