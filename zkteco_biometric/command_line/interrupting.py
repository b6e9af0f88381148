"""Ctrl-C in a command that stores what it reads page by page."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click


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
