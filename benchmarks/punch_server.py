"""The simulator in a process of its own, so that its work and its memory are not counted as the cycle's."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from benchmarks.history import History
from zkteco_biometric.simulator import Simulator
from zkteco_biometric.simulator.models import Transaction
from zkteco_biometric.simulator.punch_table import SortKey, Wanted
from zkteco_biometric.simulator.store import Store

if TYPE_CHECKING:
	from _typeshed.wsgi import StartResponse, WSGIEnvironment

PASSWORD = "benchmark-password"
_SECONDS_TO_STOP = 10
_FILTERS_UNKNOWN_HERE = {"emp_code", "terminal_sn", "terminal_alias"}
_PUNCHES = "/iclock/api/transactions/"


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


class _WorkedOut(Store):
	"""Punches that nobody holds: each page is worked out when it is asked for. They arrive as they happen, so that every
	order is that of their ids.
	"""

	def __init__(self, history: History) -> None:
		super().__init__()
		self._history = history
		self.asked = threading.local()

	def punch_page(
		self,
		wanted: Sequence[Wanted] = (),  # noqa: ARG002 the bounds come from the request
		*,
		order: SortKey | None = None,  # noqa: ARG002 all orders are one
		descending: bool = False,
		offset: int = 0,
		size: int = 10,
	) -> tuple[int, list[Transaction]]:
		places = self._history.within(self.asked.start, self.asked.end)
		shown = places[::-1] if descending else places
		return len(places), [self._transaction(place) for place in shown[offset : offset + size]]

	def _transaction(self, place: int) -> Transaction:
		code, when, state = self._history.row(place)
		return Transaction(place + 1, code, when, state, terminal_sn="", upload_time=when)


class ArithmeticSimulator(Simulator):
	"""The simulator, but for where its punches come from."""

	def __init__(self, history: History) -> None:
		self._punches = _WorkedOut(history)
		super().__init__(self._punches, password=PASSWORD)

	def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
		asked = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
		if environ["PATH_INFO"] == _PUNCHES and asked.keys() & _FILTERS_UNKNOWN_HERE:
			raise RuntimeError(f"The benchmark's server cannot answer what it was asked: {asked}")
		self._punches.asked.start = _time(asked.get("start_time"))
		self._punches.asked.end = _time(asked.get("end_time"))
		return super().wsgi_app(environ, start_response)


def _time(text: str | None) -> datetime | None:
	return datetime.fromisoformat(text) if text else None


def main() -> None:
	"""In the other process: says where it listens, and serves until its standard input ends."""
	parser = argparse.ArgumentParser()
	parser.add_argument("history", type=int, nargs=6)
	serve(ArithmeticSimulator(History(*parser.parse_args().history)))


def serve(simulator: Simulator) -> None:
	with simulator:
		print(simulator.url, flush=True)
		sys.stdin.read()


if __name__ == "__main__":
	main()
