"""Progress for a person: a bar on a terminal, now and then a line in a log."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import datetime
from itertools import repeat
from typing import TYPE_CHECKING

import click

from zkteco_biometric.cycle.ports import NobodyWatches, Progress
from zkteco_biometric.cycle.result import CycleResult

if TYPE_CHECKING:
	from click._termui_impl import ProgressBar

_LABEL = "Reading punches"
_LINES = 10
_PAGES_A_LINE = 20


def watched(read_before: int) -> AbstractContextManager[Progress]:
	"""On stderr, as what that is. `read_before`: punches that an interrupted run has read."""
	return _bar(read_before) if sys.stderr.isatty() else nullcontext(Lines(read_before))


def unwatched(_read_before: int) -> AbstractContextManager[Progress]:
	return nullcontext(NobodyWatches())


class HowFar:
	"""Punches read, and of how many; neither another window of a cycle nor a list that grows shows more than all."""

	def __init__(self, read_before: int) -> None:
		self._read_before = read_before
		self._read = 0
		self._in_earlier_windows = 0
		self._window_end: datetime | None = None

	def after(self, result: CycleResult) -> tuple[int, int | None]:
		"""None where the server gives no total."""
		if result.window_end != self._window_end:
			self._window_end, self._in_earlier_windows = result.window_end, self._read
		self._read = self._read_before + result.counters.fetched
		if result.total is None:
			return self._read, None
		return self._read, max(self._in_earlier_windows + result.total, self._read)


class Lines:
	"""About ten lines a window, or one every twenty pages where the server gives no total."""

	def __init__(self, read_before: int) -> None:
		self._how_far = HowFar(read_before)
		self._next = 0

	def page_stored(self, result: CycleResult) -> None:
		read, total = self._how_far.after(result)
		if total is None:
			self._tell_now_and_then(result.pages, f"{read} punches, page {result.pages}")
		elif total:
			self._tell_by_tenths(read, total)

	def _tell_now_and_then(self, pages: int, text: str) -> None:
		if pages >= self._next and pages % _PAGES_A_LINE == 1:
			self._next = pages + 1
			click.echo(f"{_LABEL}: {text}", err=True)

	def _tell_by_tenths(self, read: int, total: int) -> None:
		"""Once for each tenth, and again where another window has thrown it back."""
		tenth = read * _LINES // total
		if tenth >= self._next or tenth < self._next - 1:
			click.echo(f"{_LABEL}: {read} of {total} ({100 * read // total} %)", err=True)
			self._next = tenth + 1


class Bar:
	"""One bar, opened with the first page, when the total is known; it grows where the total does."""

	def __init__(self, read_before: int, stack: ExitStack) -> None:
		self._how_far = HowFar(read_before)
		self._stack = stack
		self._bar: ProgressBar[None] | None = None

	def page_stored(self, result: CycleResult) -> None:
		read, total = self._how_far.after(result)
		bar = self._bar = self._bar or self._open(total)
		bar.length = total
		bar.update(read - bar.pos)

	def _open(self, total: int | None) -> ProgressBar[None]:
		bar = click.progressbar(
			repeat(None), total, _LABEL, show_pos=True, show_percent=total is not None, file=sys.stderr
		)
		return self._stack.enter_context(bar)


@contextmanager
def _bar(read_before: int) -> Iterator[Progress]:
	with ExitStack() as stack:
		yield Bar(read_before, stack)
