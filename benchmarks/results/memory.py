"""Peak memory of cycles of different lengths."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.table import Line, number

_NO_GROWTH = 4.0
"""MiB more at many punches than at few: what the same cycle varies by from run to run."""


@dataclass(frozen=True)
class Peak:
	"""One cycle in a fresh process: the resident size before it began, the highest that it had meanwhile in MiB, its seconds."""

	punches: int
	created: int
	before: float
	peak: float
	seconds: float

	@property
	def growth(self) -> float:
		return self.peak - self.before


@dataclass(frozen=True)
class Memory:
	"""The shortest cycle first."""

	peaks: list[Peak]

	@property
	def growth(self) -> float:
		"""MiB that the longest cycle adds beyond what the shortest does."""
		return self.peaks[-1].growth - self.peaks[0].growth

	def lines(self) -> list[Line]:
		return [
			*(_peak_line(peak) for peak in self.peaks),
			Line(
				"The difference, MiB",
				f"{self.growth:+.1f}",
				aim=f"flat (under {_NO_GROWTH:.0f})",
				reached=self.growth < _NO_GROWTH,
			),
		]

	def figures(self) -> list[dict[str, float]]:
		return [{"punches": peak.punches, "growth": peak.growth} for peak in self.peaks]


def _peak_line(peak: Peak) -> Line:
	created = "all created" if peak.created == peak.punches else f"{peak.created:,} created"
	return Line(
		f"Peak memory that {peak.punches:,} punches add, MiB ({created})",
		f"{peak.growth:.1f}",
		f"{peak.before:.1f} to {peak.peak:.1f}; {number(round(peak.created / peak.seconds))} check-ins a second",
	)
