"""Which fault strikes which request."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from werkzeug.wrappers import Request, Response

from zkteco_biometric.simulator.faults import Answer, Fault


@dataclass
class Armed:
	"""A fault and the requests that it waits for."""

	fault: Fault
	path: str
	method: str | None
	after: int
	times: int | None

	def matches(self, request: Request) -> bool:
		return self.path in request.path and self.method in (None, request.method)


class Faults:
	"""The faults that wait for their requests; at most one strikes a request, the oldest first."""

	def __init__(self) -> None:
		self._lock = Lock()
		self._armed: list[Armed] = []

	def add(
		self,
		fault: Fault,
		*,
		path: str = "",
		method: str | None = None,
		after: int = 0,
		times: int | None = 1,
	) -> None:
		"""Let the fault strike requests whose path contains `path`.

		The first `after` of them pass, counted whether or not another fault strikes them; then it strikes
		`times` of them, or all of them for None.

		:raises ValueError: it would never strike.
		"""
		if after < 0 or (times is not None and times < 1):
			raise ValueError("A fault needs after >= 0, and times >= 1 or None for ever.")
		with self._lock:
			self._armed.append(Armed(fault, path, method and method.upper(), after, times))

	def clear(self) -> None:
		"""Call off every fault."""
		with self._lock:
			self._armed.clear()

	def __len__(self) -> int:
		with self._lock:
			return len(self._armed)

	def wrap(self, request: Request, answer: Answer) -> Response:
		"""Carry out the request, through the fault that strikes it, if any."""
		fault = self._strike(request)
		return fault(request, answer) if fault else answer(request)

	def _strike(self, request: Request) -> Fault | None:
		with self._lock:
			matching = [armed for armed in self._armed if armed.matches(request)]
			ready = next((armed for armed in matching if not armed.after), None)
			for armed in matching:
				armed.after = max(0, armed.after - 1)
			return self._spend(ready) if ready else None

	def _spend(self, armed: Armed) -> Fault:
		if armed.times is not None:
			armed.times -= 1
			if not armed.times:
				self._armed.remove(armed)
		return armed.fault
