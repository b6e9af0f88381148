"""All that device users know of the world: a device's people, and a site that remembers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from zkteco_biometric.biotime.personnel import Area, Person, Terminal
from zkteco_biometric.device_users.decision import Facts
from zkteco_biometric.device_users.states import DeviceUser


@dataclass(frozen=True)
class Candidate:
	"""A person who may have to be enabled or disabled, and what is remembered of them."""

	facts: Facts
	record: DeviceUser | None = None


class Superseded(Exception):
	"""Raised by a site: somebody has changed meanwhile what is to be done. What was about to begin is void."""


class People(Protocol):
	"""The people of a device. Methods raise `BioTimeError` and nothing else. A write is sent once: after one that raises
	`TryAgain` nobody knows whether it was carried out, or still will be.
	"""

	def person(self, id: int) -> Person | None:
		"""None where the device has nobody of this id."""
		...

	def person_with_code(self, emp_code: str) -> Person | None:
		"""Who has exactly this code."""
		...

	def areas(self) -> list[Area]: ...

	def terminals(self) -> list[Terminal]: ...

	def adjust_area(self, person_id: int, area_ids: Sequence[int]) -> None: ...

	def resync_to_device(self, person_id: int) -> None: ...

	def change_person(self, person_id: int, changes: Mapping[str, Any]) -> None: ...


class Memory(Protocol):
	"""Where device users are remembered. No method may leave a transaction open."""

	def remember(self, records: Sequence[DeviceUser]) -> None:
		"""How things are, each beside its employee."""
		...

	def intend(self, records: Sequence[DeviceUser]) -> None:
		"""What is about to be asked of the device, before it is. Raises `Superseded`."""
		...
