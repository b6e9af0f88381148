"""What it costs to enable and disable people on a device."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from benchmarks.table import Line, number

ANSWERS_AFTER = 0.02
"""Seconds that a server takes for each answer where the time of many people is measured."""


@dataclass(frozen=True)
class Passed:
	"""What the control of people added to one cycle: requests by method, SQL statements, seconds, requests at a time."""

	people: int = 0
	requests: dict[str, int] = field(default_factory=dict)
	statements: int = 0
	seconds: float = 0
	at_once: int = 0
	sync_requests: int = 0

	@property
	def all_requests(self) -> int:
		return sum(self.requests.values())


@dataclass(frozen=True)
class DeviceUsers:
	"""`disabled` and `enabled`: a cycle each, after so many people's check-ins. `idle`: nobody has changed, by how many are
	disabled. `by_patch` and `by_field` disable by other ways than adjust_area. `lanes`: rounds by requests at a time.
	"""

	disabled: list[Passed]
	enabled: list[Passed]
	idle: dict[int, Passed]
	by_patch: Passed
	by_field: Passed
	lanes: dict[int, list[Passed]]

	@property
	def faster(self) -> float:
		"""How many times as fast all lanes are as one."""
		one, all_of_them = (median(one.seconds for one in self.lanes[n]) for n in sorted(self.lanes))
		return one / all_of_them

	def lines(self) -> list[Line]:
		few, many = self.disabled[0], self.disabled[-1]
		each = (many.all_requests - few.all_requests) / (many.people - few.people)
		statements = (many.statements - few.statements) / (many.people - few.people)
		most = max(self.lanes)
		at_once = max(one.at_once for one in self.lanes[most])
		return [
			*(_control_line("disable", one) for one in self.disabled),
			*(_control_line("enable", one) for one in self.enabled),
			Line("HTTP requests per person who is disabled", number(each)),
			_control_line("disable", self.by_patch, ", where adjust_area fails"),
			_control_line("disable", self.by_field, ", by a field"),
			Line(
				"SQL statements per person who is disabled",
				number(statements),
				"the rest of a pass, " + number(few.statements - statements),
			),
			*(_idle_line(disabled, one) for disabled, one in self.idle.items()),
			Line(
				f"{many.people} people, answers after {ANSWERS_AFTER * 1000:.0f} ms: seconds with {most} requests at a time",
				f"{median(one.seconds for one in self.lanes[most]):.1f}",
				f"{median(one.seconds for one in self.lanes[1]):.1f} with one; {self.faster:.1f} times as fast",
			),
			Line(
				"The most requests that the device had at a time",
				str(at_once),
				aim=f"at most {most}",
				reached=at_once <= most,
			),
		]

	def figures(self) -> dict[str, float]:
		return {"faster": self.faster, "lanes": max(self.lanes)}


def _control_line(what: str, one: Passed, how: str = "") -> Line:
	split = ", ".join(f"{method} {one.requests.get(method, 0)}" for method in ("GET", "POST", "PATCH"))
	return Line(
		f"HTTP requests of a cycle to {what} {one.people}{how}",
		str(one.all_requests),
		f"{split}; to sync {one.sync_requests}; {one.statements} SQL statements",
	)


def _idle_line(disabled: int, one: Passed) -> Line:
	return Line(
		f"Nobody has changed, {disabled} are disabled: HTTP requests",
		str(one.all_requests),
		f"{one.statements} SQL statements",
		aim="0",
		reached=not one.all_requests,
	)
