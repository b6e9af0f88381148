"""What we remember of a person on a device: what was asked for, what was there before, and the way back."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

IN, OUT = "IN", "OUT"


class Status(Enum):
	"""What a person is to be on the device."""

	ENABLED = "Enabled"
	DISABLED = "Disabled"


class Outcome(Enum):
	"""How far that is.

	Waiting: it is not time yet. Requested: asked for, or about to be; the server may have done it or not. Confirmed: read
	again on the server. Failed: tried again later. Unsupported: the server has no way to do it. Unmanaged: not found there,
	or never to be disabled. Changed Elsewhere: somebody else decided on the server, and is respected. Dry Run: nothing was
	asked for.
	"""

	WAITING = "Waiting"
	REQUESTED = "Requested"
	CONFIRMED = "Confirmed"
	FAILED = "Failed"
	UNSUPPORTED = "Unsupported"
	UNMANAGED = "Unmanaged"
	CHANGED_ELSEWHERE = "Changed Elsewhere"
	DRY_RUN = "Dry Run"


class Kind(Enum):
	"""By what a person is disabled."""

	AREA = "Area"
	FIELD = "Employee Field"


@dataclass(frozen=True)
class CheckInSeen:
	"""An Employee Checkin: `time` is aware, `log_type` IN, OUT or empty."""

	name: str
	time: datetime
	log_type: str


@dataclass(frozen=True)
class Former:
	"""What was there before we touched a person, and how we did: all that the exact way back needs.

	`server`: the URL of the device then. By area: the ids and names of the person's areas, and the id of the parking area. By field: its name, its value
	then, and the values that we write. `resync_due`: how often to try to tell the terminals what the server knows; 0 once
	they were told.
	"""

	kind: Kind
	areas: tuple[int, ...] = ()
	area_names: tuple[str, ...] = ()
	parking: int = 0
	field: str = ""
	value: Any = None
	disabled_value: str = ""
	enabled_value: str = ""
	resync_due: int = 0
	server: str = ""

	def __str__(self) -> str:
		if self.kind is Kind.AREA:
			return ", ".join(self.area_names) or ", ".join(map(str, self.areas))
		return f"{self.field} = {json.dumps(self.value, ensure_ascii=False)}"

	def as_json(self) -> str:
		return json.dumps({**asdict(self), "kind": self.kind.value}, ensure_ascii=False)

	@classmethod
	def from_json(cls, text: str) -> Former:
		stored = json.loads(text)
		lists = {name: tuple(stored[name]) for name in ("areas", "area_names")}
		return cls(**{**stored, **lists, "kind": Kind(stored["kind"])})


@dataclass(frozen=True)
class DeviceUser:
	"""One person on one device. Times are aware.

	`former` is set from just before we first touch the person until what was there is confirmed to be there again: whoever
	has it may be disabled by us. `check_in` is the one that led to `status`. `due_at`: when to look again; None for when
	something happens. `unsure_since`: when a request was last sent of which the server may still make something.
	`why`, `error` and `remedy` are wordings, or what they were stored as; `error_code` is that of the `BioTimeError`.
	`spent`: check-ins up to here disable nobody any more. `released`: to be enabled, whatever the check-ins say.
	"""

	employee: str
	emp_code: str
	user_id: int | None = None
	status: Status = Status.ENABLED
	outcome: Outcome = Outcome.CONFIRMED
	former: Former | None = None
	check_in: CheckInSeen | None = None
	way_back: datetime | None = None
	disabled_on: datetime | None = None
	attempts: int = 0
	last_attempt: datetime | None = None
	due_at: datetime | None = None
	unsure_since: datetime | None = None
	spent: datetime | None = None
	released: bool = False
	why: str = field(default="", compare=False)
	error: str = field(default="", compare=False)
	error_code: str = field(default="", compare=False)
	remedy: str = field(default="", compare=False)

	@property
	def is_held(self) -> bool:
		"""Whether we may have disabled the person, and not given back yet what was there."""
		return self.former is not None

	@property
	def is_disabled(self) -> bool:
		"""As far as is known."""
		return self.is_held and self.status is Status.DISABLED
