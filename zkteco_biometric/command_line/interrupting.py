"""Ctrl-C in a command that stores what it reads page by page."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from zkteco_biometric.cycle.ports import Cancelled, Progress
from zkteco_biometric.cycle.result import CycleResult


@contextmanager
def ctrl_c() -> Iterator[Callable[[], bool]]:
	"""Yields whether it was pressed: who asks stops after the page in hand. Pressed again it is a KeyboardInterrupt at once."""
	pressed: list[int] = []

	def press(number: int, _frame: object) -> None:
		pressed.append(number)
		if len(pressed) > 1:
			raise KeyboardInterrupt
		click.echo("\nStopping after this page. Ctrl-C again: at once.", err=True)

	before = signal.signal(signal.SIGINT, press)
	try:
		yield lambda: bool(pressed)
	finally:
		signal.signal(signal.SIGINT, before)


@contextmanager
def broken_off(stop: Callable[[], bool]) -> Iterator[None]:
	"""Ends the block where Ctrl-C breaks off a query or a request in it, which surfaces as any error of theirs. Whatever else fails
	is raised.
	"""
	try:
		yield
	except BaseException:
		if not stop():
			raise


class Stoppable:
	"""Whoever watches, and whether somebody wants it to stop. Raises `Cancelled` after the page in hand."""

	def __init__(self, stop: Callable[[], bool], *watching: Progress) -> None:
		self._stop = stop
		self._watching = watching

	def page_stored(self, result: CycleResult) -> None:
		for progress in self._watching:
			progress.page_stored(result)
		if self._stop():
			raise Cancelled
