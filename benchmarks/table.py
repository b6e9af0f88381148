"""The one table that is printed."""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.counts import Counts
from benchmarks.memory import Memory
from benchmarks.speed import Speed

_HEAD = ("what", "measured", "beside", "aim", "")
_SLOWEST = 0.75
_REQUESTS = 5
_NO_GROWTH = 2.0
"""MiB more at many punches than at few: what the same cycle varies by from run to run."""


@dataclass(frozen=True)
class Line:
	"""One line of the table; `reached` is None where there is nothing to reach."""

	what: str
	measured: str
	beside: str = ""
	aim: str = ""
	reached: bool | None = None

	def cells(self) -> tuple[str, ...]:
		verdict = {None: "", True: "reached", False: "MISSED"}[self.reached]
		return self.what, self.measured, self.beside, self.aim, verdict


def speed_lines(speed: Speed) -> list[Line]:
	rates = [f"{speed.per_second(way):.0f}" for way in (speed.cycle, speed.bare)]
	cpu = [f"{speed.cpu_ms(way):.2f}" for way in (speed.cycle, speed.bare)]
	pairs = f"{len(speed.cycle)} rounds of {speed.punches:,}"
	return [
		Line(f"Check-ins per second, {pairs}", rates[0], f"{rates[1]} bare insert()"),
		Line(
			"The cycle's speed as a part of bare insert()'s",
			f"{speed.ratio:.0%}",
			aim=f"at least {_SLOWEST:.0%}",
			reached=speed.ratio >= _SLOWEST,
		),
		Line("Python's CPU time per check-in, ms", cpu[0], f"{cpu[1]} bare insert()"),
	]


def count_lines(counts: Counts) -> list[Line]:
	size = counts.new.result.counters.fetched // counts.new.result.pages
	return [
		Line(
			"SQL statements per check-in, all of a cycle's",
			_number(counts.per_check_in),
			f"{_number(counts.per_bare_check_in)} bare insert()",
		),
		Line(f"SQL statements per page of {size}, all new, inserts apart", _number(counts.new_page)),
		Line("SQL statements per page, duplicates only", _number(counts.duplicate_page)),
		Line("SQL statements per page, unknown codes only", _number(counts.unknown_page)),
		Line("SQL statements per cycle, pages apart", _number(counts.per_cycle)),
		_requests_line(counts),
		Line("An idle cycle: SQL statements", str(counts.idle.statements)),
		Line("An idle cycle: HTTP requests", str(len(counts.idle.requests))),
	]


def memory_lines(few: Memory, many: Memory) -> list[Line]:
	more = many.growth - few.growth
	return [
		*(Line(_cycle_of(memory), f"{memory.growth:.1f}", _from_to(memory)) for memory in (few, many)),
		Line(
			"The difference, MiB",
			f"{more:+.1f}",
			aim=f"no growth (under {_NO_GROWTH:.0f})",
			reached=more < _NO_GROWTH,
		),
		Line(f"Check-ins per second of the cycle of {many.punches:,}", f"{many.created / many.seconds:.0f}"),
	]


def written(lines: list[Line]) -> str:
	"""As a Markdown table that can also be read as it is."""
	rows = [_HEAD, *(line.cells() for line in lines)]
	widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
	rows.insert(1, tuple("-" * width for width in widths))
	return "\n".join(f"| {' | '.join(map(str.ljust, row, widths))} |" for row in rows)


def _requests_line(counts: Counts) -> Line:
	sent, new = len(counts.new.requests), counts.new.result
	logins = sum(request.startswith("POST") for request in counts.new.requests)
	aim = _REQUESTS if new.pages == _REQUESTS - 1 else new.pages + 1
	return Line(
		f"HTTP requests for {new.counters.fetched:,} punches",
		str(sent),
		f"log-in {logins}, pages {sent - logins}",
		aim=str(aim),
		reached=sent <= aim,
	)


def _cycle_of(memory: Memory) -> str:
	created = "all" if memory.created == memory.punches else f"{memory.created:,}"
	return f"Peak memory that {memory.punches:,} punches add, MiB ({created} created)"


def _from_to(memory: Memory) -> str:
	return f"{memory.before:.1f} to {memory.peak:.1f}"


def _number(count: float) -> str:
	return f"{count:.2f}".rstrip("0").rstrip(".")
