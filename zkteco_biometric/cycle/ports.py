"""All that the cycle knows of the world: a source of punches, a site for check-ins, and who watches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from zkteco_biometric.biotime.models import Page
from zkteco_biometric.cycle.arrivals import Arrivals
from zkteco_biometric.cycle.clock_watch import ClockWatch
from zkteco_biometric.cycle.import_range import ImportPosition
from zkteco_biometric.cycle.past_days import PastDays
from zkteco_biometric.cycle.plan import Fate, Known
from zkteco_biometric.cycle.result import CycleResult, Stored
from zkteco_biometric.cycle.window import Checkpoint

Position = Checkpoint | Arrivals | PastDays | ClockWatch | ImportPosition
"""How far something has been read, for a site to remember. Each is kept beside the others."""


@dataclass(frozen=True)
class SyncState:
	"""How far a device has been read: `last_sync` is aware, None before the first sync; None for what is not known yet."""

	last_sync: datetime | None = None
	checkpoint: Checkpoint | None = None
	arrivals: Arrivals | None = None
	past_days: PastDays | None = None
	clock_watch: ClockWatch | None = None

	@property
	def windows_until(self) -> datetime | None:
		"""Up to when windows have been read: earlier than last_sync, where that has moved on since nothing came."""
		until = self.arrivals.windows_until if self.arrivals else None
		return min(until, self.last_sync) if until and self.last_sync else self.last_sync


class Superseded(Exception):
	"""Raised by a site: the settings that the cycle obeys are no longer the device's. What it has not stored is void."""


class Cancelled(Superseded):
	"""Raised by a site: a person has asked to stop."""


class PunchSource(Protocol):
	"""A device. Its methods raise `BioTimeError` and nothing else.

	Pages may be read by a helper thread (see `read_ahead`), never by two at once; whatever a source calls back that is bound
	to a thread it hands over (see `biotime.errand`).
	"""

	def ensure_token(self) -> object:
		"""Logs in if the token is absent or expired; a fresh one is stored before this returns."""
		...

	def pages(
		self,
		start: datetime | None,
		end: datetime | None,
		page_size: int,
		first_page: int = 1,
		*,
		ordering: str = "",
		emp_code: str = "",
		hasty: Callable[[], bool] = ...,
	) -> Iterator[Page]:
		"""The pages of the punches in [start, end], naive wall clock of the terminals; in the order of arrival.

		A server may ignore `ordering`, and take `emp_code` loosely. `hasty`, asked before each page: whether a failure that may
		be the size of the page is to be raised soon, rather than that the same is asked for again and again.
		"""
		...

	def count(self, start: datetime | None, end: datetime | None, emp_code: str = "") -> int | None:
		"""How many punches there are in [start, end]; None where the server does not say."""
		...


class HRSite(Protocol):
	"""Where employees and check-ins live. No method may leave a transaction open.

	`store_page`, `finish_window` and `keep` raise `Superseded` where somebody has changed meanwhile what is to be read.
	"""

	def sync_state(self) -> SyncState: ...

	def employees_by_code(self, codes: Collection[str]) -> Mapping[str, str]:
		"""Biometric ID to employee, equal as text, for those of `codes` that somebody has; one query."""
		...

	def known_punches(self, keys: Collection[str]) -> Mapping[str, Known]:
		"""Those of the keys (see `plan.keys`) that wait, were ignored or have become a check-in; a query or two.

		A check-in counts whoever has the code by now: a code that is given to another person doubles nothing.
		"""
		...

	def existing_check_ins(self, keys: Collection[tuple[str, datetime]]) -> Collection[tuple[str, datetime]]:
		"""Those of the (employee, second) pairs that have a check-in of whatever origin; one query."""
		...

	def store_page(self, fates: Sequence[Fate], position: Position | None) -> Stored:
		"""Creates the check-ins among `fates`, keeps what is pending and what it refuses as pending punches.

		All of it before, or with, `position`, which is never ahead of what it covers.
		"""
		...

	def keep(self, position: Position) -> None:
		"""Remembers how far has been read, where there are no rows to store with it."""
		...

	def finish_window(self, until: datetime) -> None:
		"""Every page of a window is stored: `until` (aware) is the last_sync_timestamp, the checkpoint is gone."""
		...


class Progress(Protocol):
	"""Who watches a cycle; told after each page is stored."""

	def page_stored(self, result: CycleResult) -> None: ...


class NobodyWatches:
	def page_stored(self, result: CycleResult) -> None:
		"""Nobody is told."""
