"""The file that Frappe's Data Import takes for Employee Checkin."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from zkteco_biometric.standalone.ledger import Row
from zkteco_biometric.standalone.problems import Problem

# Labels of Employee Checkin in Frappe HR. No byte order mark: Data Import would take it for a part of the first one.
HEAD = ("Employee", "Time", "Log Type", "Location / Device ID")


def check_writable(path: Path) -> None:
	"""Before a long run. Raises `Problem`; makes the file where there is none."""
	try:
		path.open("a").close()
	except OSError as error:
		raise _unwritable(path, error) from error


def write_csv(path: Path, rows: Iterable[Row]) -> None:
	"""Writes the check-ins, values unchanged, in their order. Raises `Problem` where the file cannot be written."""
	try:
		with path.open("w", newline="", encoding="utf-8") as file:
			writer = csv.writer(file)
			writer.writerow(HEAD)
			writer.writerows((row.employee, row.time, row.log_type or "", row.device_id) for row in rows)
	except OSError as error:
		raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> Problem:
	return Problem(
		f"{path} cannot be written: {error.strerror}.", "Close it, or name another file with --csv."
	)
