"""A piece of work in a thread of its own, and calls that only the thread which waits for it may make."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from queue import SimpleQueue
from threading import Thread, local
from typing import Generic, TypeVar

_T = TypeVar("_T")
_Call = tuple[Callable[[], object], "Future[object]"]
_here = local()


class Errand(Generic[_T]):
	"""Does `work` in a helper thread, begun by `begin`; `result` waits for it, and is for one thread alone.

	What `work` hands over (see `handed_over`) is called by whoever waits in `result`; until somebody does, it waits too.
	A signal interrupts that waiting. The thread is a daemon: no process stays alive for it.
	"""

	def __init__(self, work: Callable[[], _T]) -> None:
		self._work = work
		self._outcome: Future[_T] = Future()
		self._calls: SimpleQueue[_Call | None] = SimpleQueue()
		self._thread = Thread(target=self._run, name="errand", daemon=True)
		self.is_left = False

	def begin(self) -> None:
		self._thread.start()

	def result(self) -> _T:
		"""What the work has come to; what it raised, or a call that it handed over, is raised here."""
		while (handed_over := self._calls.get()) is not None:
			_make(*handed_over)
		return self._outcome.result()

	def leave(self, patience: float) -> None:
		"""Nobody wants the result any more: what is handed over is refused, and no request is begun for it.

		Waits until the work has ended, but no longer than `patience`, in seconds.
		"""
		self.is_left = True
		while not self._calls.empty():
			if (handed_over := self._calls.get()) is not None:
				handed_over[1].cancel()
		if self._thread.is_alive():
			self._thread.join(patience)

	def hand_over(self, call: Callable[[], object]) -> object:
		answer: Future[object] = Future()
		self._calls.put((call, answer))
		if self.is_left:
			answer.cancel()
		return answer.result()

	def _run(self) -> None:
		_here.errand = self
		try:
			self._outcome.set_result(self._work())
		except BaseException as error:  # noqa: BLE001 raised by `result`, in the thread that can act on it
			self._outcome.set_exception(error)
		finally:
			self._calls.put(None)


def handed_over(call: Callable[[], object]) -> None:
	"""Made by the thread that waits for the errand which this is; at once, where it is none.

	Raises `CancelledError` within an errand that nobody waits for any more, or whose waiter failed at the call.
	"""
	errand = _current()
	if errand:
		errand.hand_over(call)
	else:
		call()


def refuse_if_left() -> None:
	"""Raises `CancelledError` within an errand that nobody waits for any more."""
	errand = _current()
	if errand and errand.is_left:
		raise CancelledError


def _make(call: Callable[[], object], answer: Future[object]) -> None:
	try:
		answer.set_result(call())
	except BaseException:  # goes on to whoever waits; who asked must not wait for ever
		answer.cancel()
		raise


def _current() -> Errand[object] | None:
	return getattr(_here, "errand", None)
