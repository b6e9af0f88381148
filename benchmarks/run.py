"""Runs every measurement on one site and prints one table: about 20 minutes, or 2 with --quick."""

from __future__ import annotations

import argparse
import signal
import sys
from dataclasses import replace

from benchmarks import counts, device_users, machine, memory, speed, table
from benchmarks.history import History
from benchmarks.sizes import FULL, QUICK, Sizes
from benchmarks.workspace import NotHere, job, workspace


def main() -> None:
	options = _options()
	# What was put on the site is taken away also where somebody ends the run.
	signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended from outside."))
	sizes = replace(QUICK if options.quick else FULL, most_minutes=options.minutes)
	try:
		with workspace(options.site, sizes.people, options.force):
			lines = measure(options.site, sizes, options.device_users)
	except NotHere as reason:
		sys.exit(str(reason))
	print("\n" + table.written(lines))


def measure(site: str, sizes: Sizes, only_device_users: bool) -> list[table.Line]:
	with job(site):
		print("\n".join(machine.describe()), flush=True)
	punches = [] if only_device_users else _measure_punches(site, sizes)
	_tell(f"device users: up to {sizes.changed[-1]} people")
	return [*punches, *table.device_user_lines(device_users.measure(site, sizes))]


def _measure_punches(site: str, sizes: Sizes) -> list[table.Line]:
	_tell("speed: a cycle and a bare loop by turns")
	pace = speed.measure(site, sizes)
	_tell("SQL statements and HTTP requests")
	counted = counts.measure(site, sizes)
	_tell(f"memory: {sizes.punches:,} punches")
	few = memory.measure(site, sizes, History(sizes.people, sizes.punches))
	_tell(f"memory: {sizes.many:,} punches")
	many = memory.measure(site, sizes, memory.large_history(sizes, pace.per_second(pace.cycle)))
	return [*table.speed_lines(pace), *table.count_lines(counted), *table.memory_lines(few, many)]


def _options() -> argparse.Namespace:
	parser = argparse.ArgumentParser(description=__doc__)
	parser.add_argument("--site", required=True, help="a site with this app, made for such things")
	parser.add_argument("--quick", action="store_true", help="small sizes: does it run? Not for figures")
	parser.add_argument("--device-users", action="store_true", help="only what device users cost")
	parser.add_argument(
		"--minutes",
		type=float,
		default=15,
		help="how long the cycle of very many punches may take; where all of them would take longer, "
		"most are duplicates (default: 15)",
	)
	parser.add_argument("--force", action="store_true", help="also on a site that has check-ins")
	return parser.parse_args()


def _tell(what: str) -> None:
	print(f"... {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
	main()
