"""The simulator in a process of its own, so that its work and its memory are not counted as the cycle's."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass

from benchmarks.history import History
from zkteco_biometric.simulator import Simulator

PASSWORD = "benchmark-password"
_SECONDS_TO_STOP = 10


@dataclass(frozen=True)
class PunchServer:
	"""A running simulator, on loopback."""

	url: str

	def requests(self) -> list[str]:
		"""Method and path of every request that it was sent so far, in their order."""
		with urllib.request.urlopen(f"{self.url}/simulator/requests", timeout=30) as answer:
			return [f"{request['method']} {request['path']}" for request in json.load(answer)]


@contextmanager
def serving(history: History) -> Iterator[PunchServer]:
	"""A simulator that holds this history until the `with` block ends, or this process does."""
	with started(__name__, *astuple(history)) as url:
		yield PunchServer(url)


@contextmanager
def started(module: str, *arguments: object) -> Iterator[str]:
	"""That module in a process of its own, which says where it listens."""
	command = [sys.executable, "-m", module, *map(str, arguments)]
	process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
	try:
		url = process.stdout.readline().strip()
		if not url:
			raise RuntimeError("The simulator did not start: what it wrote is above.")
		yield url
	finally:
		_stop(process)


def _stop(process: subprocess.Popen[str]) -> None:
	process.stdin.close()
	try:
		process.wait(_SECONDS_TO_STOP)
	except subprocess.TimeoutExpired:
		process.kill()
		process.wait()
	process.stdout.close()


def main() -> None:
	"""In the other process: says where it listens, and serves until its standard input ends."""
	parser = argparse.ArgumentParser()
	parser.add_argument("history", type=int, nargs=4)
	simulator = Simulator(password=PASSWORD)
	simulator.store.punches(History(*parser.parse_args().history).rows())
	serve(simulator)


def serve(simulator: Simulator) -> None:
	with simulator:
		print(simulator.url, flush=True)
		sys.stdin.read()


if __name__ == "__main__":
	main()
