"""What a check has found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum


class Level(Enum):
	"""`WARNING`: punches still become check-ins, and a person should look. `PASSING`: it fails, and may pass by itself."""

	OK = "ok"
	WARNING = "warning"
	PASSING = "passing"
	FAILURE = "failure"


@dataclass(frozen=True)
class Finding:
	"""One sentence, and what to do about it unless it is good."""

	level: Level
	area: str
	text: str
	remedy: str = ""

	def as_dict(self) -> dict[str, str]:
		return {"level": self.level.value, "area": self.area, "text": self.text, "remedy": self.remedy}


Check = Callable[[], Iterator[Finding]]


@dataclass(frozen=True)
class Area:
	"""Findings of one area."""

	name: str

	def good(self, text: str) -> Finding:
		return Finding(Level.OK, self.name, text)

	def warning(self, text: str, remedy: str) -> Finding:
		return Finding(Level.WARNING, self.name, text, remedy)

	def passing(self, text: str, remedy: str) -> Finding:
		return Finding(Level.PASSING, self.name, text, remedy)

	def failure(self, text: str, remedy: str) -> Finding:
		return Finding(Level.FAILURE, self.name, text, remedy)


def named(names: list[str], most: int = 5) -> str:
	"""The first few, and how many more there are."""
	more = f" and {len(names) - most} more" if len(names) > most else ""
	return ", ".join(names[:most]) + more
