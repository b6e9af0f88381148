"""One cycle in a process of its own: what memory it needs, and how an import looks to everybody else."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.workspace import cycle, job
from zkteco_biometric.cycle.ports import Cancelled
from zkteco_biometric.cycle.result import CycleResult

_SECONDS_AT_MOST = 3600
_SECONDS_FOR_A_PAGE = 60
_IS_AT_WORK = "at work"


def run_cycle(site: str) -> dict[str, float]:
	"""To its end: punches fetched and created, seconds, and MiB of resident memory before it and at its peak."""
	done = subprocess.run(
		_command(site), stdout=subprocess.PIPE, text=True, timeout=_SECONDS_AT_MOST, check=True
	)
	return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def cycle_at_work(site: str) -> Iterator[dict[str, float]]:
	"""From the first page until the block ends; what it has created by then is known afterwards.

	Raises where it came to its end before.
	"""
	process = subprocess.Popen(_command(site, "--watched"), stdout=subprocess.PIPE, text=True)
	told: dict[str, float] = {}
	try:
		if _IS_AT_WORK not in process.stdout.readline():
			raise RuntimeError("The cycle did not begin: what it wrote is above.")
		yield told
		if process.poll() is not None:
			raise RuntimeError("The cycle ended while others were measured beside it.")
		process.terminate()
		told |= json.loads(process.communicate(timeout=_SECONDS_FOR_A_PAGE)[0].splitlines()[-1])
	finally:
		process.kill()
		process.wait()
		process.stdout.close()


def _command(site: str, *options: str) -> list[str]:
	return [sys.executable, "-m", __name__, "--site", site, *options]


class _UntilTold:
	"""Says when the first page is stored, and ends the cycle after the page in hand once this process is asked to end."""

	def __init__(self) -> None:
		self._told = self._has_begun = False
		signal.signal(signal.SIGTERM, self._end)

	def page_stored(self, _result: CycleResult) -> None:
		if not self._has_begun:
			self._has_begun = True
			print(_IS_AT_WORK, flush=True)
		if self._told:
			raise Cancelled

	def _end(self, *_: object) -> None:
		self._told = True


def main() -> None:
	"""In the other process."""
	parser = argparse.ArgumentParser()
	parser.add_argument("--site", required=True)
	parser.add_argument("--watched", action="store_true")
	options = parser.parse_args()
	with job(options.site):
		watch = _UntilTold() if options.watched else None
		_forget_the_peak()
		before = _mib("VmRSS")
		began = time.perf_counter()
		counters = cycle(watch).counters
		print(
			json.dumps(
				{
					"punches": counters.fetched,
					"created": counters.created,
					"before": before,
					"peak": _mib("VmHWM"),
					"seconds": time.perf_counter() - began,
				}
			)
		)


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
