"""The one table that is printed."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from benchmarks.counts import Counts
from benchmarks.device_users import ANSWERS_AFTER, DeviceUsers, Passed
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


def device_user_lines(users: DeviceUsers) -> list[Line]:
	few, many = users.disabled[0], users.disabled[-1]
	each = (many.requests.total() - few.requests.total()) / (many.people - few.people)
	statements = (many.statements - few.statements) / (many.people - few.people)
	most = max(users.lanes)
	at_once = max(one.at_once for one in users.lanes[most])
	return [
		*(_control_line("disable", one) for one in users.disabled),
		*(_control_line("enable", one) for one in users.enabled),
		Line("HTTP requests per person who is disabled", _number(each)),
		_control_line("disable", users.by_patch, ", where adjust_area fails"),
		_control_line("disable", users.by_field, ", by a field"),
		Line(
			"SQL statements per person who is disabled",
			_number(statements),
			"the rest of a pass, " + _number(few.statements - statements),
		),
		*(_idle_line(disabled, one) for disabled, one in users.idle.items()),
		Line(
			f"{many.people} people, answers after {ANSWERS_AFTER * 1000:.0f} ms: seconds with {most} requests at a time",
			f"{median(one.seconds for one in users.lanes[most]):.1f}",
			f"{median(one.seconds for one in users.lanes[1]):.1f} with one; {users.faster:.1f} times as fast",
		),
		Line(
			"The most requests that the device had at a time",
			str(at_once),
			aim=f"at most {most}",
			reached=at_once <= most,
		),
	]


def written(lines: list[Line]) -> str:
	return as_table([_HEAD, *(line.cells() for line in lines)])


def as_table(rows: list[tuple[str, ...]]) -> str:
	"""As a Markdown table that can also be read as it is; the head is the first row."""
	widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
	lines = [rows[0], tuple("-" * width for width in widths), *rows[1:]]
	return "\n".join(f"| {' | '.join(map(str.ljust, row, widths))} |" for row in lines)


def _control_line(what: str, one: Passed, how: str = "") -> Line:
	split = ", ".join(f"{method} {one.requests[method]}" for method in ("GET", "POST", "PATCH"))
	return Line(
		f"HTTP requests of a cycle to {what} {one.people}{how}",
		str(one.requests.total()),
		f"{split}; to sync {one.sync_requests}; {one.statements} SQL statements",
	)


def _idle_line(disabled: int, one: Passed) -> Line:
	return Line(
		f"Nobody has changed, {disabled} are disabled: HTTP requests",
		str(one.requests.total()),
		f"{one.statements} SQL statements",
		aim="0",
		reached=not one.requests,
	)


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
