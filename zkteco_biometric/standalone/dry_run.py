"""One dry run: what was asked for, the cycle, and what came of it."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.cycle.ports import Progress
from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.cycle.run import CycleRules, run_cycle
from zkteco_biometric.cycle.window import Reading, interrupted
from zkteco_biometric.standalone.data_import import check_writable, write_csv
from zkteco_biometric.standalone.database import opened
from zkteco_biometric.standalone.device import Device, connected
from zkteco_biometric.standalone.ledger import Ledger, Mark, Row, Undecided, WaitingCode
from zkteco_biometric.standalone.pending import settle_pending
from zkteco_biometric.standalone.people import People, read_people
from zkteco_biometric.standalone.site import SQLiteSite

_SAMPLE = 10
_MOST_UNDECIDED = 20


@dataclass(frozen=True)
class Surroundings:
	"""The clock, and how to wait between attempts; tests bring their own."""

	now: Callable[[], datetime] = utc_now
	sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Order:
	"""What a person asked for."""

	device: Device
	rules: CycleRules
	employees: Path
	database: Path
	csv: Path | None = None


@dataclass(frozen=True)
class Report:
	"""What came of it. `resumed`: where an interrupted run was gone on with.

	`settled`: check-ins from punches of earlier runs whose code is somebody's by now. `late`: new punches from before all
	times that were asked for. `waiting` and `undecided` are those of all runs; the latter are the last of `undecided_in_all`.
	"""

	people: People
	resumed: Reading | None
	result: CycleResult
	settled: int
	late: int
	sample: list[Row]
	waiting: list[WaitingCode]
	undecided: list[Undecided]
	undecided_in_all: int
	held: int


Watch = Callable[[int], AbstractContextManager[Progress]]
"""Who watches; is told first how many punches an interrupted run has read before."""


def dry_run(order: Order, watch: Watch, around: Surroundings) -> Report:
	"""Reads what is new on the device into the database, and writes the CSV file of all that it holds.

	A device that fails is told of in `result.failure`. Raises `Problem` for files that cannot be used.
	"""
	people = read_people(order.employees)
	if order.csv:
		check_writable(order.csv)
	with opened(order.database) as connection:
		report = _read(order, people, connection, watch, around)
		if order.csv:
			write_csv(order.csv, Ledger(connection, order.device.url).by_time())
	return report


def _read(
	order: Order, people: People, connection: sqlite3.Connection, watch: Watch, around: Surroundings
) -> Report:
	site = SQLiteSite(connection, order.device.url, people.by_code)
	ledger = Ledger(connection, order.device.url)
	order = replace(order, rules=replace(order.rules, window=site.position.agree(order.rules.window)))
	before = ledger.mark()
	settled = settle_pending(site, order.rules)
	begun = ledger.mark()
	resumed = interrupted(order.rules.window, site.sync_state().checkpoint, around.now())
	with (
		connected(order.device, site.position, around.sleep) as client,
		watch(_read_before(resumed)) as progress,
	):
		result = run_cycle(client, site, order.rules, now=around.now, progress=progress)
	site.position.bears(result.page_size_borne)
	return Report(
		people,
		resumed,
		result,
		settled,
		_late(ledger, begun, resumed, result, order),
		ledger.first_after(before, _SAMPLE),
		ledger.waiting_codes(),
		ledger.undecided(_MOST_UNDECIDED),
		ledger.count_undecided(),
		ledger.count(),
	)


def _read_before(resumed: Reading | None) -> int:
	return (resumed.place.page - 1) * resumed.place.page_size if resumed else 0


def _late(ledger: Ledger, begun: Mark, resumed: Reading | None, result: CycleResult, order: Order) -> int:
	starts = [resumed.window.start] if resumed else []
	starts += [result.window_start] if result.window_end else []
	known = [start for start in starts if start]
	if not known or len(known) < len(starts):
		return 0
	return ledger.stored_late(begun, order.rules.window.clocks.to_site(min(known)), min(known))
