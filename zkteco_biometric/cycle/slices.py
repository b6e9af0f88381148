"""A long window cut into slices: of a day at most, or longer where all of it fits on one page. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from zkteco_biometric.biotime.models import Page
from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.window import Window

_DAY = timedelta(days=1)
_LONGEST = timedelta(days=512)
_BEFORE_ALL = datetime(2000, 1, 1)  # noqa: DTZ001 a terminal's wall clock has no zone


class TooMuch(Exception):
	"""The slice does not fit on a page, and can be cut down."""


class BoundsIgnored(Exception):
	"""The server sends punches outside of the slice that it was asked for."""


class Slices:
	"""What to ask for next, so that weak servers never search years, and an interruption costs little.

	After each `current` slice, tell whether it was `done` or is `too_much`. Neighbours share a second.
	"""

	def __init__(self, window: Window, clocks: WallClocks) -> None:
		self._window = window
		self._clocks = clocks
		self._start = window.start
		self._length = _DAY
		self._given_up = False
		self.current: Window | None = self._cut()

	@property
	def is_whole(self) -> bool:
		"""Whether the current slice is all that there is to ask for."""
		window = self.current
		uncut = window is not None and (window.start, window.end) == (self._window.start, self._window.end)
		return self._given_up or uncut

	@property
	def must_be_read(self) -> bool:
		"""Whether the current slice cannot be cut down any further."""
		window = self.current
		if window is None or window.start is None:
			return window is None or window.end <= _BEFORE_ALL
		return min(self._length, window.end - window.start) <= _DAY

	def check(self, page: Page) -> None:
		"""The first page of the current slice. Raises `TooMuch`, `BoundsIgnored`."""
		window = self.current
		if window is None or self.is_whole:
			return
		if not all((window.start or punch.time) <= punch.time <= window.end for punch in page.punches):
			raise BoundsIgnored
		# A page of rows that cannot be read does not show whether the bounds are heeded.
		if page.has_next and not page.punches:
			raise BoundsIgnored
		if page.has_next and not self.must_be_read:
			raise TooMuch

	def too_much(self) -> None:
		"""More than a page: what begins somewhere ends earlier, what has no beginning too."""
		self._length = self._length * 2 if self._start is None else max(_DAY, self._length / 2)
		self.current = self._cut()

	def done(self, few: bool) -> None:
		"""Stored. `few`: twice as long a slice is likely to fit on one page too."""
		window = self.current
		if window is None or window.end >= self._window.end:
			self.current = None
			return
		if self._start is not None and few:
			self._length = min(self._length * 2, _LONGEST)
		self._start = window.end
		self.current = self._cut()

	def give_up(self) -> None:
		"""The rest at once: the server does not heed the bounds."""
		self.current = replace(self._window, start=self._start)
		self._given_up = True

	def _cut(self) -> Window:
		end = self._window.end
		if self._start is None:
			earlier = end - self._length if end - _BEFORE_ALL > self._length else _BEFORE_ALL
			return self._ending(min(end, earlier))
		return self._ending(min(end, self._start + self._length))

	def _ending(self, end: datetime) -> Window:
		"""Where the clocks leave that time out, at the one that they show instead: `until` covers no more than `end`."""
		until = self._clocks.instant_on_device(end)
		shown = self._clocks.on_device(until)
		if shown >= self._window.end:
			return replace(self._window, start=self._start)
		return Window(self._start, shown, until)
