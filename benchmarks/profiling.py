"""Where the time of a cycle goes, by Python's own profiler: for whoever makes it faster, not for figures."""

from __future__ import annotations

import cProfile
import pstats

from benchmarks.history import History
from benchmarks.punch_server import serving
from benchmarks.sizes import Sizes
from benchmarks.ways import run_cycle
from benchmarks.workspace import job, start_over

_MOST = 40


def show(site: str, sizes: Sizes) -> int:
	"""One cycle to warm up, one under the profiler; the functions that take most, by themselves and with what they call."""
	history, profiler = History(sizes.people, sizes.punches), cProfile.Profile()
	with serving(history) as server:
		for watch in (None, profiler):
			with job(site):
				start_over(server.url, sizes.page_size)
			with job(site):
				_run(history, watch)
	statistics = pstats.Stats(profiler)
	for order in ("tottime", "cumulative"):
		statistics.sort_stats(order).print_stats(_MOST)
	return 0


def _run(history: History, watch: cProfile.Profile | None) -> None:
	if watch is None:
		run_cycle(history)
	else:
		watch.runcall(run_cycle, history)
