"""Connections that are open and idle, kept for a moment for whoever speaks to the same server next."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock, Timer
from typing import Any, Generic, Protocol, TypeVar

LONGEST_IDLE = 15.0
"""Seconds. Many servers, and what stands between us and them, forget a connection not much later."""

_MOST = 8


class _Session(Protocol):
	"""Open connections, and the cookies that came over them."""

	@property
	def cookies(self) -> Any: ...

	def close(self) -> None: ...


_S = TypeVar("_S", bound=_Session)


@dataclass(frozen=True)
class Place:
	"""What a session is good for: one server, trusted in one way."""

	url: str
	verify: bool | str


@dataclass(frozen=True)
class _Idle(Generic[_S]):
	place: Place
	session: _S
	until: float


class IdleSessions(Generic[_S]):
	"""Hands a session to one user at a time; no cookie goes from one to the next, and none has a log-in of its own.

	Those that nobody wants end after `LONGEST_IDLE` seconds, and the oldest where there are too many.
	"""

	def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
		self._clock = clock
		self.forget()

	def forget(self) -> None:
		"""Without a word to any server: in a forked process the connections are still the parent's."""
		self._lock = Lock()
		self._idle: list[_Idle[_S]] = []
		self._sweeper: Timer | None = None

	def take(self, place: Place) -> _S | None:
		"""The one that was idle for the shortest time; None where there is none."""
		self.end_old()
		with self._lock:
			for number in reversed(range(len(self._idle))):
				if self._idle[number].place == place:
					return self._idle.pop(number).session
		return None

	def give_back(self, place: Place, session: _S) -> None:
		"""The caller does not use it any more, and none of its answers is being read."""
		session.cookies.clear()
		with self._lock:
			self._idle.append(_Idle(place, session, self._clock() + LONGEST_IDLE))
		self.end_old()
		self._sweep_later()

	def end_old(self) -> None:
		now = self._clock()
		with self._lock:
			kept = [idle for idle in self._idle if idle.until > now][-_MOST:]
			ended = [idle for idle in self._idle if idle not in kept]
			self._idle = kept
		for idle in ended:
			idle.session.close()

	def __len__(self) -> int:
		return len(self._idle)

	def _sweep_later(self) -> None:
		"""Also where nobody asks for a session again."""
		with self._lock:
			if self._sweeper or not self._idle:
				return
			self._sweeper = Timer(LONGEST_IDLE, self._sweep)
			self._sweeper.daemon = True
			self._sweeper.start()

	def _sweep(self) -> None:
		with self._lock:
			self._sweeper = None
		self.end_old()
		self._sweep_later()
