"""Runs the measurements on one site and prints one table: about 35 minutes, or 3 with --quick."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import (
	counts,
	device_users,
	large,
	machine,
	memory,
	others,
	profiling,
	scaling,
	speed,
	table,
	ticks,
)
from benchmarks.sizes import FULL, QUICK, Sizes
from benchmarks.workspace import NotHere, job, workspace

PARTS: dict[str, tuple[str, Callable[[str, Sizes], Any]]] = {
	"speed": ("a cycle, one by one, a bare loop and a raw insert by turns", speed.measure),
	"counts": ("SQL statements, Redis calls, HTTP requests", counts.measure),
	"others": ("other people's check-ins meanwhile", others.measure),
	"ticks": ("an idle tick, and the dispatcher", ticks.measure),
	"workers": ("several workers", scaling.measure),
	"people": ("people on devices", device_users.measure),
	"memory": ("peak memory", memory.measure),
	"large": ("a table of very many check-ins", large.measure),
}
"""In this order: the last one goes on with the table that memory has filled."""

_OUTPUT = Path(__file__).resolve().parent / "output" / "run.json"


def main() -> int:
	options = _options()
	# What was put on the site is taken away also where somebody ends the run.
	signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended from outside."))
	sizes = QUICK if options.quick else FULL
	try:
		with workspace(options.site, sizes.people, options.force):
			if options.profile:
				return profiling.show(options.site, sizes)
			return _run(options, sizes)
	except NotHere as reason:
		sys.exit(str(reason))


def _run(options: argparse.Namespace, sizes: Sizes) -> int:
	with job(options.site):
		about = machine.describe()
	print("\n".join(about), flush=True)
	results = _measure(options, sizes, about)
	print("\n" + table.written([line for result in results.values() for line in result.lines()]))
	if found := results.get("large"):
		print("\n" + found.plans())
	return 0 if len(results) == len(options.only) else 1


def _measure(options: argparse.Namespace, sizes: Sizes, about: list[str]) -> dict[str, Any]:
	"""A part that fails is told, and the others are measured; what there is, is written after each."""
	results: dict[str, Any] = {}
	for name in [name for name in PARTS if name in options.only]:
		what, measure = PARTS[name]
		print(f"... {name}: {what}", file=sys.stderr, flush=True)
		try:
			results[name] = measure(options.site, sizes)
			_write(options.json, about, sizes, results)
			print(table.written(results[name].lines()), file=sys.stderr, flush=True)
		except Exception:  # noqa: BLE001 half an hour of other measurements is not lost over one
			traceback.print_exc()
	return results


def _write(path: Path, about: list[str], sizes: Sizes, results: dict[str, Any]) -> None:
	"""Figures are what the picture is drawn from; raw is all that was measured."""
	written = {
		"machine": about,
		"sizes": asdict(sizes),
		"figures": {name: result.figures() for name, result in results.items()},
		"lines": [line.cells() for result in results.values() for line in result.lines()],
		"raw": {name: asdict(result) for name, result in results.items()},
	}
	path.parent.mkdir(parents=True, exist_ok=True)
	path.write_text(json.dumps(written, indent="\t") + "\n")


def _options() -> argparse.Namespace:
	parser = argparse.ArgumentParser(description=__doc__)
	parser.add_argument("--site", required=True, help="a site with this app, made for such things")
	parser.add_argument("--quick", action="store_true", help="small sizes: does it run? Not for figures")
	parser.add_argument(
		"--only",
		nargs="+",
		choices=list(PARTS),
		default=list(PARTS),
		metavar="NAME",
		help=f"of {', '.join(PARTS)} only these",
	)
	parser.add_argument("--json", type=Path, default=_OUTPUT, help=f"where results go (default: {_OUTPUT})")
	parser.add_argument("--profile", action="store_true", help="nothing but where the time of a cycle goes")
	parser.add_argument("--force", action="store_true", help="also on a site that has check-ins")
	options = parser.parse_args()
	options.json = options.json.resolve()
	return options


if __name__ == "__main__":
	sys.exit(main())
