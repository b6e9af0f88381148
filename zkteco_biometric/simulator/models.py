"""What the server stores: frozen snapshots; the store replaces them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Area:
	"""A group of terminals, and the people that those hold."""

	id: int
	code: str
	name: str


@dataclass(frozen=True)
class Terminal:
	"""A machine on the wall."""

	id: int
	sn: str
	area: Area
	alias: str
	ip_address: str
	state: str = "1"
	last_activity: datetime | None = None


@dataclass(frozen=True)
class Person:
	"""An employee as BioTime knows them: a snapshot, so read it again after a change.

	`extra` holds fields of a vendor's own firmware: shown in the record, and writable through the API.
	"""

	id: int
	emp_code: str
	areas: tuple[Area, ...]
	first_name: str = ""
	last_name: str = ""
	department: int = 1
	privilege: int = 0
	enable_att: bool = True
	app_status: int = 0
	device_password: str = field(default="", repr=False)
	extra: Mapping[str, Any] = field(default_factory=dict)

	@property
	def area_ids(self) -> list[int]:
		return [area.id for area in self.areas]

	@property
	def area_names(self) -> list[str]:
		return [area.name for area in self.areas]


@dataclass(frozen=True)
class Transaction:
	"""A punch; both times are naive: the terminal's wall clock, and the server's at arrival."""

	id: int
	emp_code: str
	punch_time: datetime
	punch_state: str | int | None
	terminal_sn: str
	upload_time: datetime
	longitude: float | None = None
	latitude: float | None = None
