"""Check-ins per second: a whole cycle, beside bare `insert()` in a loop over the same rows."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

import frappe

from benchmarks.history import IN, History
from benchmarks.punch_server import PunchServer, serving
from benchmarks.sizes import Sizes
from benchmarks.workspace import cycle, employee, job, start_over
from zkteco_biometric.frappe_hr.names import CHECK_IN


@dataclass(frozen=True)
class Took:
	"""Seconds for all the punches: by the clock on the wall, and of this process's own CPU time."""

	wall: float
	cpu: float


@dataclass(frozen=True)
class Speed:
	"""The rounds of both ways, in pairs that ran one right after the other."""

	punches: int
	cycle: list[Took]
	bare: list[Took]

	def per_second(self, way: list[Took]) -> float:
		"""Check-ins a second: the median of the rounds."""
		return self.punches / median(took.wall for took in way)

	def cpu_ms(self, way: list[Took]) -> float:
		"""Milliseconds of this process's CPU time a check-in: the median of the rounds."""
		return 1000 * median(took.cpu for took in way) / self.punches

	@property
	def ratio(self) -> float:
		"""The cycle's speed as a part of the bare loop's: the median of the pairs."""
		return median(bare.wall / cycle.wall for cycle, bare in zip(self.cycle, self.bare, strict=True))


def measure(site: str, sizes: Sizes) -> Speed:
	"""Both ways by turns, the first to go changing each round; one round beforehand is not counted."""
	history = History(sizes.people, sizes.punches)
	took: dict[Callable, list[Took]] = {run_cycle: [], run_bare: []}
	with serving(history) as server:
		for number in range(sizes.rounds + 1):
			for way in sorted(took, key=lambda way: (way is run_bare) ^ bool(number % 2)):
				took[way].append(_time(site, way, history, server, sizes.page_size))
	return Speed(sizes.punches, took[run_cycle][1:], took[run_bare][1:])


def run_cycle(history: History, _url: str, _page_size: int) -> None:
	created = cycle().counters.created
	if created != history.punches:
		raise RuntimeError(f"The cycle created {created} of {history.punches} check-ins.")


def run_bare(history: History, url: str, page_size: int) -> None:
	"""Only HRMS's own fields, and a commit for as many rows as a page has."""
	for number, (code, when, state) in enumerate(history.rows(), 1):
		frappe.get_doc(
			{
				"doctype": CHECK_IN,
				"employee": employee(code),
				"time": when,
				"log_type": "IN" if state == IN else "OUT",
				"device_id": url,
			}
		).insert()
		if number % page_size == 0 or number == history.punches:
			frappe.db.commit()


def _time(site: str, way: Callable, history: History, server: PunchServer, page_size: int) -> Took:
	with job(site):
		start_over(server.url, page_size)
		gc.collect()
		wall, cpu = time.perf_counter(), time.process_time()
		way(history, server.url, page_size)
		return Took(time.perf_counter() - wall, time.process_time() - cpu)
