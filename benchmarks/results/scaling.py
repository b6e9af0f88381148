"""One site's check-ins per second by the number of workers."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.table import Line, number


@dataclass(frozen=True)
class Shift:
	"""So many workers at all the devices: from when the first job began to when the last one ended.

	`cpu`: the part of all the machine's cores that was busy meanwhile, with whatever.
	"""

	workers: int
	check_ins: int
	seconds: float
	cpu: float

	@property
	def per_second(self) -> float:
		return self.check_ins / self.seconds


@dataclass(frozen=True)
class Scaling:
	"""The fewest workers first. `empty_job`: milliseconds that a worker needs for a job which does nothing."""

	devices: int
	cores: int
	shifts: list[Shift]
	empty_job: float

	def ratio(self, shift: Shift) -> float:
		"""To the fewest workers."""
		return shift.per_second / self.shifts[0].per_second

	def lines(self) -> list[Line]:
		shifts = [
			Line(
				f"Check-ins per second, {self.devices} devices, {shift.workers} worker{'s' * (shift.workers > 1)}",
				f"{shift.per_second:,.0f}",
				f"{number(self.ratio(shift))} times; {shift.cpu:.0%} of {self.cores} cores busy",
			)
			for shift in self.shifts
		]
		return [*shifts, Line("A job that does nothing, one worker, ms", number(self.empty_job))]

	def figures(self) -> list[dict[str, float]]:
		return [{"workers": shift.workers, "per_second": shift.per_second} for shift in self.shifts]
