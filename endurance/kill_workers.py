"""Kills workers in the middle of an import, again and again, and counts what was lost: nothing, or it exits with 1.

A device of 20,000 punches is read by real workers of the bench. Each is ended by SIGKILL after a random time, and another one
is started, as a supervisor would. When enough have been killed, one may come to the end; then what the site holds is compared
with what the device holds. Everything is on this machine, and what was put on the site is taken away again.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from subprocess import DEVNULL, Popen

import frappe
import psutil

from benchmarks.history import STRANGER, History
from benchmarks.punch_server import serving
from benchmarks.workspace import DEVICE, NotHere, employee, job, start_over, workspace
from zkteco_biometric.cycle.import_range import ImportRange
from zkteco_biometric.frappe_hr.names import CHECK_IN, PENDING, SETTINGS, SYNC_LOG
from zkteco_biometric.frappe_hr.workers import enqueue_import, enqueue_sync
from zkteco_biometric.importing import start_import
from zkteco_biometric.sync import JOB_TIME_OUT
from zkteco_biometric.tests.jobs import forget_jobs, own_queue, worker_command, worker_environment

_PAGE_SIZE = 100
_STARTS_WITHIN = 60
_LONGEST_LIFE = 3.5
_MOST_ROUNDS = 2_000
_OVER = ("Success", "Failed", "Cancelled")


@dataclass
class Tally:
	"""What happened, for the report. `lives`: how long each worker that was killed had been at it, in seconds."""

	lives: list[float] = field(default_factory=list)
	in_the_middle: int = 0
	cut_off: int = 0


@dataclass(frozen=True)
class Verdict:
	"""What the site holds beside what it should: numbers of punches or check-ins."""

	expected: int
	created: int
	lost: int
	doubled: int
	too_many: int
	pending_expected: int
	pending: int
	still_running: int

	@property
	def is_good(self) -> bool:
		wrong = self.lost, self.doubled, self.too_many, self.still_running
		return not any(wrong) and self.pending == self.pending_expected


def main() -> int:
	options = _options()
	signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended from outside."))
	history = History(options.people, options.punches, stranger_every=50)
	print(f"Seed {options.seed}: give it again to kill at the same times.", flush=True)
	try:
		with workspace(options.site, options.people, options.force), serving(history) as server:
			return _endure(options, history, server.url)
	except NotHere as reason:
		sys.exit(str(reason))


def _endure(options: argparse.Namespace, history: History, url: str) -> int:
	good = True
	for name, begin in (("sync", _sync), ("import of a date range", _import)):
		with job(options.site), own_queue():
			start_over(url, _PAGE_SIZE)
			frappe.db.delete(PENDING, {"device": DEVICE})
			frappe.db.delete(SYNC_LOG, {"device": DEVICE})
			frappe.db.commit()
			tally = _kill_again_and_again(options, begin(history))
			verdict = _compare(history, tally)
		print(_told(name, options, tally, verdict), flush=True)
		good = good and verdict.is_good
	return 0 if good else 1


@dataclass(frozen=True)
class Work:
	"""What is killed: how a worker gets it, and whether it is over."""

	enqueue: Callable[[], object]
	is_over: Callable[[], bool]


def _sync(_history: History) -> Work:
	frappe.db.set_value(SETTINGS, DEVICE, "status", "Not Synced", update_modified=False)
	return Work(
		lambda: enqueue_sync(DEVICE, JOB_TIME_OUT),
		lambda: frappe.db.get_value(SETTINGS, DEVICE, "status") in _OVER,
	)


def _import(history: History) -> Work:
	times = [when for _, when, _ in history.rows()]
	log = start_import(DEVICE, ImportRange(min(times), max(times)))
	return Work(
		lambda: enqueue_import(log, JOB_TIME_OUT),
		lambda: frappe.db.get_value(SYNC_LOG, log, "status") in _OVER,
	)


def _kill_again_and_again(options: argparse.Namespace, work: Work) -> Tally:
	"""Until enough have been killed and one has come to the end.

	The queue takes a dead worker's job for a running one until it misses its heartbeat, some minutes later; here it is
	forgotten at once.
	"""
	tally, chance = Tally(), random.Random(options.seed)
	for _ in range(_MOST_ROUNDS):
		forget_jobs()
		work.enqueue()
		frappe.db.commit()
		with _worker() as worker:
			enough = len(tally.lives) >= options.kills
			_let_live(worker, None if enough else chance.uniform(0, _LONGEST_LIFE), work.is_over, tally)
		frappe.db.rollback()
		if work.is_over():
			break
	return tally


@contextmanager
def _worker() -> Iterator[Popen[bytes]]:
	"""The worker and the process in which it works are killed together, as by a power cut."""
	process = Popen(
		worker_command("long", "--burst"),
		cwd=os.path.abspath(frappe.local.sites_path),
		env=worker_environment(),
		stdout=DEVNULL,
		stderr=DEVNULL,
	)
	try:
		yield process
	finally:
		_kill(process)


def _let_live(worker: Popen[bytes], seconds: float | None, is_over: Callable[[], bool], tally: Tally) -> None:
	"""Counts from the moment at which it has begun to work; None: until it ends by itself."""
	before, started = _work_done(), time.monotonic()
	while worker.poll() is None and _work_done() == before and time.monotonic() - started < _STARTS_WITHIN:
		time.sleep(0.02)
	if seconds is None:
		worker.wait()
		return
	begun = time.monotonic()
	while worker.poll() is None and time.monotonic() - begun < seconds:
		time.sleep(0.01)
	if worker.poll() is None:
		_kill(worker)
		tally.lives.append(time.monotonic() - begun)
		tally.in_the_middle += not is_over()


def _work_done() -> tuple[int, object]:
	frappe.db.rollback()
	return frappe.db.count(CHECK_IN, {"zkteco_device": DEVICE}), frappe.db.get_value(
		SETTINGS, DEVICE, "status"
	)


def _kill(process: Popen[bytes]) -> None:
	"""The process that does its job has a group of its own, and would go on without it."""
	if process.poll() is None:
		for one in [*psutil.Process(process.pid).children(recursive=True), psutil.Process(process.pid)]:
			one.kill()
		process.wait()


def _compare(history: History, tally: Tally) -> Verdict:
	frappe.db.rollback()
	rows = list(history.rows())
	expected = {(employee(code), when) for code, when, _ in rows if code != STRANGER}
	strangers = {when for code, when, _ in rows if code == STRANGER}
	held = _check_ins()
	tally.cut_off = frappe.db.count(SYNC_LOG, {"device": DEVICE, "status": "Cut Off"})
	return Verdict(
		expected=len(expected),
		created=sum(held.values()),
		lost=len(expected - held.keys()),
		doubled=sum(number - 1 for number in held.values()),
		too_many=len(held.keys() - expected),
		pending_expected=len(strangers),
		pending=frappe.db.count(PENDING, {"device": DEVICE, "status": "Waiting", "emp_code": STRANGER}),
		still_running=frappe.db.count(SYNC_LOG, {"device": DEVICE, "status": ("in", ("Running", "Queued"))}),
	)


def _check_ins() -> Counter[tuple[str, datetime]]:
	people = frappe.get_all(CHECK_IN, {"zkteco_device": DEVICE}, ["employee", "time"], order_by="name")
	return Counter((row.employee, row.time) for row in people)


def _told(name: str, options: argparse.Namespace, tally: Tally, verdict: Verdict) -> str:
	lives = sorted(tally.lives) or [0.0]
	return (
		f"\n{name}: {options.punches:,} punches of {options.people} people, {len(tally.lives)} workers killed, "
		f"{tally.in_the_middle} of them in the middle,\n"
		f"  after {lives[0]:.2f} to {lives[-1]:.2f} seconds of work; {tally.cut_off} logs closed as Cut Off\n"
		f"  check-ins {verdict.created:,} of {verdict.expected:,}: {verdict.lost} lost, {verdict.doubled} doubled, "
		f"{verdict.too_many} that should not be\n"
		f"  pending {verdict.pending:,} of {verdict.pending_expected:,}; logs that still run: {verdict.still_running}\n"
		f"  {'as it has to be' if verdict.is_good else 'WRONG'}"
	)


def _options() -> argparse.Namespace:
	parser = argparse.ArgumentParser(description=__doc__)
	parser.add_argument("--site", required=True, help="a site with this app, made for such things")
	parser.add_argument("--kills", type=int, default=50, help="workers to kill in each part (default: 50)")
	parser.add_argument("--punches", type=int, default=20_000)
	parser.add_argument("--people", type=int, default=200)
	parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
	parser.add_argument("--force", action="store_true", help="also on a site that has check-ins")
	return parser.parse_args()


if __name__ == "__main__":
	sys.exit(main())
