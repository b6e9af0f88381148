"""Somebody at a desk who runs the command against a simulator."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import count
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from werkzeug.wrappers import Request, Response

from tests.support.clients import Sleeps
from zkteco_biometric.simulator import Entry, Simulator
from zkteco_biometric.simulator.faults import Answer, Fault
from zkteco_biometric.standalone.cli import standalone
from zkteco_biometric.standalone.dry_run import Surroundings

SECRET = "correct-horse-7"
HEAD = "employee,attendance_device_id"
TODAY = ("--from", "2026-03-31")
"""A window from here to the desk's noon is no longer than a day, and is read in one go."""


@dataclass
class Desk:
	"""`now` is the clock of this machine; UTC is the zone of everything unless told."""

	directory: Path
	now: datetime = datetime(2026, 3, 31, 12, tzinfo=timezone.utc)
	server_is_behind: timedelta = timedelta()
	sleeps: Sleeps = field(default_factory=Sleeps)
	sim: Simulator = field(init=False)

	def __post_init__(self) -> None:
		self.sim = Simulator(password=SECRET, clock=lambda: self.now - self.server_is_behind)

	@property
	def people(self) -> Path:
		return self.directory / "people.csv"

	@property
	def database(self) -> Path:
		return self.directory / "punches.db"

	@property
	def csv(self) -> Path:
		return self.directory / "check-ins.csv"

	def hire(self, *lines: str, head: str = HEAD) -> None:
		"""Writes the file of employees."""
		self.people.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")

	def punches(self, code: str, number: int, day: str = "2026-03-31") -> None:
		"""That many punches of one person, a minute apart, from eight o'clock."""
		for minute in range(number):
			self.sim.store.punch(code, f"{day} {8 + minute // 60:02}:{minute % 60:02}:00")

	def arguments(self, *more: str, url: str | None = None) -> list[str]:
		required = {
			"--url": url or self.sim.url,
			"--username": "admin",
			"--employees": str(self.people),
			"--database": str(self.database),
		}
		zone = [] if "--time-zone" in more else ["--time-zone", "UTC"]
		return ["sync", *(part for pair in required.items() for part in pair), *zone, *more]

	def sync(self, *more: str, url: str | None = None, password: str | None = SECRET) -> Result:
		return self.run(*self.arguments(*more, url=url), password=password)

	def run(self, *arguments: str, password: str | None = SECRET) -> Result:
		around = Surroundings(now=lambda: self.now, sleep=self.sleeps)
		return CliRunner().invoke(
			standalone, arguments, obj=around, env={"ZKTECO_PASSWORD": password}, prog_name="zkteco"
		)

	def query(self, sql: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
		with closing(sqlite3.connect(self.database)) as connection:
			return connection.execute(sql, tuple(values)).fetchall()

	def check_ins(self) -> list[tuple[Any, ...]]:
		"""Employee, time and log type of every check-in, ordered by time."""
		return self.query("SELECT employee, time, log_type FROM employee_checkin ORDER BY time, employee")

	def break_windows(self, fault: Fault, after: int) -> None:
		"""The fault meets every request for a window of punch time after so many, and nothing else."""
		asked = count(1)

		def of_windows(request: Request, answer: Answer) -> Response:
			meant = "end_time" in request.args and next(asked) > after
			return fault(request, answer) if meant else answer(request)

		self.sim.faults.add(of_windows, path="transactions", times=None)

	def window_requests(self) -> list[Entry]:
		"""What was asked for by windows of punch time; neither by arrival nor ahead of time."""
		asked = self.sim.log.matching("/iclock/api/transactions/")
		return [entry for entry in asked if "end_time" in entry.query]

	def pages_asked(self) -> list[int]:
		return [int(entry.query["page"]) for entry in self.window_requests()]

	def windows_asked(self) -> list[tuple[str | None, str]]:
		return [(entry.query.get("start_time"), entry.query["end_time"]) for entry in self.window_requests()]


def counted(result: Result) -> dict[str, int]:
	"""The table of counters, read from what was printed."""
	names = ("created", "duplicate", "pending", "ignored")
	words = [line.split() for line in result.stdout.splitlines()]
	return {row[1]: int(row[0]) for row in words if len(row) > 2 and row[1] in names and row[0].isdigit()}
