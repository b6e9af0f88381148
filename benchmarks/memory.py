"""Peak memory of a cycle, in a process of its own: resident size, by the kernel's own high-water mark."""

from __future__ import annotations

from benchmarks.cycle_process import run_cycle
from benchmarks.history import History
from benchmarks.punch_server import serving
from benchmarks.results.memory import Memory, Peak
from benchmarks.sizes import Sizes
from benchmarks.workspace import job, start_over


def measure(site: str, sizes: Sizes) -> Memory:
	"""A cycle for each length, with no check-ins on the site beforehand; those of the last one stay."""
	return Memory([_measure(site, sizes, punches) for punches in sizes.memory])


def _measure(site: str, sizes: Sizes, punches: int) -> Peak:
	with serving(History(sizes.people, punches)) as server:
		with job(site):
			start_over(server.url, sizes.page_size)
		return Peak(**run_cycle(site))
