"""Check-ins by another session, at a steady pace, while a cycle writes: each process has a connection of its own."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from datetime import datetime, timedelta

import frappe

from benchmarks.cycle_process import cycle_at_work
from benchmarks.history import History, code_of
from benchmarks.punch_server import serving
from benchmarks.results.others import Others, Waits
from benchmarks.sizes import FULL, Sizes
from benchmarks.workspace import employee, job, start_over, write_one_by_one
from zkteco_biometric.frappe_hr.names import CHECK_IN

_FIRST = datetime(2021, 1, 1)
_NOT_COUNTED = 5
"""The first check-ins of a process load what every later one uses."""


def measure(site: str, sizes: Sizes) -> Others:
	with serving(History(sizes.people, FULL.memory[-1])) as server:
		with job(site):
			start_over(server.url, sizes.page_size)
		idle = _check_in(site, sizes)
		waits = [_beside_a_cycle(site, sizes, server.url, one_by_one) for one_by_one in (False, True)]
	return Others(idle, *waits)


def _beside_a_cycle(site: str, sizes: Sizes, url: str, one_by_one: bool) -> Waits:
	with job(site):
		start_over(url, sizes.page_size)
		write_one_by_one(one_by_one)
	try:
		with cycle_at_work(site):
			return _check_in(site, sizes)
	finally:
		with job(site):
			write_one_by_one(False)


def _check_in(site: str, sizes: Sizes) -> Waits:
	"""In a process of its own."""
	asked = (site, sizes.samples + _NOT_COUNTED, sizes.pace, code_of(sizes.people))
	command = [sys.executable, "-m", __name__, *map(str, asked)]
	patience = 60 + 10 * sizes.samples / sizes.pace
	done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=patience, check=True)
	return Waits(json.loads(done.stdout.splitlines()[-1])[_NOT_COUNTED:])


def main() -> None:
	"""In the other process: milliseconds of each check-in."""
	parser = argparse.ArgumentParser()
	parser.add_argument("site")
	parser.add_argument("samples", type=int)
	parser.add_argument("pace", type=float)
	parser.add_argument("code")
	options = parser.parse_args()
	with job(options.site):
		print(json.dumps(list(_at_a_steady_pace(options.samples, options.pace, employee(options.code)))))


def _at_a_steady_pace(samples: int, pace: float, person: str):
	"""Whoever is late does not hurry afterwards: a queue of late check-ins would measure itself."""
	for number in range(samples):
		began = time.perf_counter()
		_check_in_once(person, _FIRST + timedelta(minutes=number))
		took = time.perf_counter() - began
		yield 1000 * took
		time.sleep(max(0, 1 / pace - took))


def _check_in_once(person: str, when: datetime) -> None:
	frappe.get_doc({"doctype": CHECK_IN, "employee": person, "time": when, "log_type": "IN"}).insert()
	frappe.db.commit()


if __name__ == "__main__":
	main()
