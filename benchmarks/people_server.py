"""The simulator with people on a terminal, in a process of its own; it counts how many requests it answers at once."""

from __future__ import annotations

import argparse
import json
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from benchmarks.history import code_of
from benchmarks.punch_server import PASSWORD, PunchServer, serve, started
from zkteco_biometric.simulator import Simulator, Variant, faults

if TYPE_CHECKING:
	from _typeshed.wsgi import StartResponse, WSGIEnvironment

FLAG = "access_flag"
"""A field of a person's record, as a firmware of its own may have it."""

_OURS = "/benchmark/"
_GATE = "GATE"


class PeopleServer(PunchServer):
	"""A running simulator, on loopback."""

	def punch(self, people: int, state: str, when: datetime) -> None:
		"""The first so many people punch at that time of the terminal's clock."""
		self._order("punch", people=people, state=state, when=when.isoformat(" ", "seconds"))

	def most_at_once(self) -> int:
		"""The greatest number of requests that were being answered at a time, since this was asked last."""
		return self._order("most-at-once")

	def _order(self, what: str, **asked: object) -> int:
		url = f"{self.url}{_OURS}{what}?{urlencode(asked)}"
		with urllib.request.urlopen(url, timeout=60) as answer:
			return int(json.load(answer))


@contextmanager
def holding(
	people: int, time_zone: str, *, delay: float = 0, adjust_area: str = "works"
) -> Iterator[PeopleServer]:
	"""A server with so many people, whose answers take `delay` seconds, until the `with` block ends."""
	with started(__name__, people, time_zone, delay, adjust_area) as url:
		yield PeopleServer(url)


class _Counting(Simulator):
	"""Beside what it answers, it takes orders of the benchmark, which are not among its requests."""

	_lock = Lock()
	_now = _most = 0

	def wsgi_app(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
		path = environ["PATH_INFO"]
		if path.startswith(_OURS):
			start_response("200 OK", [("Content-Type", "application/json")])
			return [json.dumps(self._obey(path, dict(parse_qsl(environ["QUERY_STRING"])))).encode()]
		with self._lock:
			self._now += 1
			self._most = max(self._most, self._now)
		try:
			return super().wsgi_app(environ, start_response)
		finally:
			with self._lock:
				self._now -= 1

	def _obey(self, path: str, asked: dict[str, str]) -> int:
		if path.endswith("punch"):
			rows = (
				(code_of(person), asked["when"], asked["state"]) for person in range(int(asked["people"]))
			)
			return len(self.store.punches(rows))
		with self._lock:
			most, self._most = self._most, 0
		return most


def main() -> None:
	"""In the other process."""
	parser = argparse.ArgumentParser()
	parser.add_argument("people", type=int)
	parser.add_argument("time_zone")
	parser.add_argument("delay", type=float)
	parser.add_argument("adjust_area")
	options = parser.parse_args()
	variant = Variant(adjust_area=options.adjust_area)
	simulator = _Counting(password=PASSWORD, variant=variant, time_zone=options.time_zone)
	simulator.store.add_terminal(_GATE)
	for person in range(options.people):
		simulator.store.add_person(code_of(person), extra={FLAG: 1})
	if options.delay:
		simulator.faults.add(faults.delay(options.delay), times=None)
	serve(simulator)


if __name__ == "__main__":
	main()
