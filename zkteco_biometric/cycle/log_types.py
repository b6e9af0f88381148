"""Punch state to log type, by the administrator's table over the mission's default: 0 is IN, 1 is OUT."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class LogType(Enum):
	"""What a punch state becomes. The values are what a person chooses in the table."""

	IN = "IN"
	OUT = "OUT"
	NONE = "No Log Type"
	IGNORE = "Ignore"

	@property
	def stored(self) -> str | None:
		"""The value of Employee Checkin's `log_type`; None leaves it empty."""
		return self.value if self in (LogType.IN, LogType.OUT) else None


_MISSION = {"0": LogType.IN, "1": LogType.OUT}


@dataclass(frozen=True)
class PunchStates:
	"""The table of one device. States that it does not name follow the mission, then `default`."""

	table: Mapping[str, LogType] = field(default_factory=dict)
	default: LogType = LogType.IN

	def log_type(self, state: str) -> LogType:
		return self.table.get(state) or _MISSION.get(state) or self.default
