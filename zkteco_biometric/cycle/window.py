"""What to ask a device for. Pure: instants and settings in, spans of punch time out."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.page_sizes import Place, sizes_within

_RESUMED_FOR = timedelta(hours=24)
# A later set-back repeats no time as early as the window's start; and until then no clock is put forward again.
_SET_BACK_WITHIN = timedelta(hours=24)


@dataclass(frozen=True)
class Window:
	"""A span of punch times, naive, in the terminals' wall clock, inclusive at both ends; start None: from the first.

	`until` is the aware instant that becomes last_sync_timestamp once every page of the window is stored.
	"""

	start: datetime | None
	end: datetime
	until: datetime


@dataclass(frozen=True)
class Checkpoint:
	"""Where an interrupted window goes on: `page` is the next one to read, in pages of `page_size` rows.

	`count` is how many rows the server had in the window; None where it did not say. `since`: when its reading began, aware.
	`is_even`: see `Place`.
	"""

	window: Window
	page: int
	page_size: int
	count: int | None = None
	since: datetime | None = None
	is_even: bool = False

	@staticmethod
	def at(place: Place, window: Window, since: datetime) -> Checkpoint:
		return Checkpoint(window, place.page, place.page_size, place.count, since, place.is_even)

	@property
	def place(self) -> Place:
		return Place(self.page, self.page_size, self.count, self.is_even)

	def as_json(self) -> str:
		"""For a site to keep; `from_json` reads it."""
		window = self.window
		return json.dumps(
			{
				"start": window.start.isoformat() if window.start else None,
				"end": window.end.isoformat(),
				"until": window.until.astimezone(timezone.utc).isoformat(),
				"page": self.page,
				"page_size": self.page_size,
				"count": self.count,
				"since": self.since.isoformat() if self.since else None,
				"is_even": self.is_even,
			}
		)

	@staticmethod
	def from_json(text: str) -> Checkpoint:
		kept = json.loads(text)
		start = datetime.fromisoformat(kept["start"]) if kept["start"] else None
		window = Window(start, datetime.fromisoformat(kept["end"]), datetime.fromisoformat(kept["until"]))
		since = datetime.fromisoformat(kept["since"]) if kept.get("since") else None
		is_even = kept.get("is_even", False)
		return Checkpoint(window, kept["page"], kept["page_size"], kept["count"], since, is_even)


@dataclass(frozen=True)
class Reading:
	"""A window and the place to begin at. `since`: when its reading began, aware; None for now."""

	window: Window
	place: Place = field(default_factory=Place)
	since: datetime | None = None


@dataclass(frozen=True)
class WindowRules:
	"""The settings that shape a window. `sync_from`: aware; nothing older is ever asked for.

	`page_size` is the most that is asked for at once; `page_size_borne` what the server bore the last time, None for all.
	"""

	clocks: WallClocks
	look_back: timedelta = timedelta(minutes=60)
	sync_from: datetime | None = None
	page_size: int = 500
	page_size_borne: int | None = None

	@property
	def oldest_wanted(self) -> datetime | None:
		"""The naive wall clock of the terminals at `sync_from`."""
		return self.clocks.on_device(self.sync_from) if self.sync_from else None


def interrupted(rules: WindowRules, checkpoint: Checkpoint | None, began: datetime) -> Reading | None:
	"""How a window goes on that was interrupted: a page early. None where none was, or its checkpoint is of no use any more."""
	if checkpoint is None or not _still_good(checkpoint, rules, began):
		return None
	return Reading(checkpoint.window, checkpoint.place.page_before, checkpoint.since)


def next_window(rules: WindowRules, last_sync: datetime | None, began: datetime) -> Window | None:
	"""From last_sync minus the look-back, or from *Sync From*, until the cycle began; None where that is no span.

	Where the clocks were set back in between, the hour that they showed twice is asked for from its beginning.
	"""
	end = rules.clocks.on_device(began)
	start = rules.oldest_wanted
	if last_sync:
		since = min(last_sync, began) - rules.look_back
		set_back = rules.clocks.set_back_between(since, min(began, since + _SET_BACK_WITHIN))
		read_from = rules.clocks.on_device(since) - set_back
		start = max(start, read_from) if start else read_from
	if start and start > end:
		return None
	return Window(start, end, began)


def last_sync_in_another_zone(last_sync: datetime, before: WallClocks, after: WallClocks) -> datetime:
	"""What last_sync becomes when the setting of the terminals' zone is corrected: aware, never later than it was.

	What had been read ended at a time on the terminals' clocks; the next window goes on at that same time.
	"""
	shown = before.on_device(last_sync)
	return min(shown.replace(tzinfo=after.device).astimezone(timezone.utc), last_sync)


def _still_good(checkpoint: Checkpoint, rules: WindowRules, began: datetime) -> bool:
	age = began - (checkpoint.since or checkpoint.window.until)
	same_clocks = rules.clocks.on_device(checkpoint.window.until) == checkpoint.window.end
	same_sizes = checkpoint.page_size in sizes_within(rules.page_size)
	return same_clocks and same_sizes and timedelta() <= age <= _RESUMED_FOR
