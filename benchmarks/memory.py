"""Peak memory of a cycle, in a process of its own: resident size, in MiB, by the kernel's own high-water mark."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.history import History
from benchmarks.punch_server import serving
from benchmarks.sizes import Sizes
from benchmarks.workspace import cycle, job, start_over

_SECONDS_AT_MOST = 3600
"""Longer than a cycle can last: it ends by itself after 50 minutes."""


@dataclass(frozen=True)
class Memory:
	"""One cycle in a fresh process: the resident size before it began, the highest that it had meanwhile, its seconds."""

	punches: int
	created: int
	before: float
	peak: float
	seconds: float

	@property
	def growth(self) -> float:
		return self.peak - self.before


def measure(site: str, sizes: Sizes, history: History) -> Memory:
	"""One cycle over the history, with no check-ins on the site beforehand."""
	with serving(history) as server:
		with job(site):
			start_over(server.url, sizes.page_size)
		command = [sys.executable, "-m", __name__, "--site", site]
		done = subprocess.run(
			command, stdout=subprocess.PIPE, text=True, timeout=_SECONDS_AT_MOST, check=True
		)
	return Memory(**json.loads(done.stdout.splitlines()[-1]))


def large_history(sizes: Sizes, per_second: float) -> History:
	"""As many check-ins as can be created in the time that a run may take; duplicates of them for the rest."""
	feasible = sizes.many <= per_second * 60 * sizes.most_minutes
	return History(sizes.people, sizes.many, 0 if feasible else sizes.created_at_least)


def main() -> None:
	"""In the other process: a cycle, and what it needed."""
	parser = argparse.ArgumentParser()
	parser.add_argument("--site", required=True)
	with job(parser.parse_args().site):
		_forget_the_peak()
		before = _mib("VmRSS")
		began = time.perf_counter()
		counters = cycle().counters
		seconds = time.perf_counter() - began
		print(json.dumps(asdict(Memory(counters.fetched, counters.created, before, _mib("VmHWM"), seconds))))


def _forget_the_peak() -> None:
	"""From now on, VmHWM is the highest since now (proc(5), clear_refs)."""
	Path("/proc/self/clear_refs").write_text("5")


def _mib(name: str) -> float:
	for line in Path("/proc/self/status").read_text().splitlines():
		if line.startswith(f"{name}:"):
			return int(line.split()[1]) / 1024
	raise RuntimeError(f"This system does not tell {name}: memory can only be measured on Linux.")


if __name__ == "__main__":
	main()
