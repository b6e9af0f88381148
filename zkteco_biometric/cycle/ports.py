"""All that the cycle knows of the world: a source of punches, a site for check-ins, and who watches."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from zkteco_biometric.biotime.models import Page
from zkteco_biometric.cycle.plan import Fate
from zkteco_biometric.cycle.result import CycleResult, Stored
from zkteco_biometric.cycle.window import Checkpoint


@dataclass(frozen=True)
class SyncState:
	"""How far a device has been read: `last_sync` is aware, None before the first sync."""

	last_sync: datetime | None = None
	checkpoint: Checkpoint | None = None


class Superseded(Exception):
	"""Raised by a site: the settings that the cycle obeys are no longer the device's. What it has not stored is void."""


class PunchSource(Protocol):
	"""A device. Its methods raise `BioTimeError` and nothing else."""

	def ensure_token(self) -> object:
		"""Logs in if the token is absent or expired; a fresh one is stored before this returns."""
		...

	def pages(
		self, start: datetime | None, end: datetime | None, page_size: int, first_page: int = 1
	) -> Iterator[Page]:
		"""The pages of the punches in [start, end], naive wall clock of the terminals."""
		...


class HRSite(Protocol):
	"""Where employees and check-ins live. No method may leave a transaction open.

	`store_page` and `finish_window` raise `Superseded` where somebody has changed meanwhile what is to be read.
	"""

	def sync_state(self) -> SyncState: ...

	def employees_by_code(self, codes: Collection[str]) -> Mapping[str, str]:
		"""Biometric ID to employee, equal as text, for those of `codes` that somebody has; one query."""
		...

	def existing_check_ins(self, keys: Collection[tuple[str, datetime]]) -> Collection[tuple[str, datetime]]:
		"""Those of the (employee, second) pairs that have a check-in of whatever origin; one query."""
		...

	def store_page(self, fates: Sequence[Fate], checkpoint: Checkpoint) -> Stored:
		"""Creates the check-ins among `fates` and moves the checkpoint, which is never ahead of what it covers."""
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
