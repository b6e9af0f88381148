"""Enable Everyone in the terminal: who is enabled, who is not and why, and an exit status."""

from typing import Any

import click

from zkteco_biometric.command_line.choosing import NO_DEVICE, chosen_devices
from zkteco_biometric.command_line.running import Told, problem_of
from zkteco_biometric.command_line.statuses import FIX, PASSES, of_code
from zkteco_biometric.command_line.writing import many
from zkteco_biometric.frappe_hr.device_user_release import held_people, staying_left
from zkteco_biometric.frappe_hr.left_behind import DELETED, people_left_behind
from zkteco_biometric.standalone.problems import Problem
from zkteco_biometric.standalone.tables import printable
from zkteco_biometric.user_control import enable_everyone_now

_TOLD = ("device", "employee", "employee_name", "emp_code", "former_shown", "error", "remedy")


def enable_aloud(device: str | None, include_left: bool) -> Told:
	devices = chosen_devices(device)
	before = sum(len(held_people(name)) for name in devices)
	still = [row for name in devices for row in _enabled(name, include_left)]
	enabled = before - len(still)
	if device is None:
		still += people_left_behind(devices)
	waiting, left = _apart(still, include_left)
	return Told(
		{"enabled": enabled, "disabled": _plain(waiting), "left": _plain(left)},
		[_counted(enabled, waiting, left) if devices or still else NO_DEVICE, *map(_line, waiting)],
		_problem(waiting) if waiting else None,
	)


def _enabled(device: str, include_left: bool) -> list:
	if not held_people(device):
		return []
	click.echo(f"{printable(device)}: enabling…", err=True)
	return enable_everyone_now(device, include_left)


def _apart(still: list, include_left: bool) -> tuple[list, list]:
	"""Those who are to be enabled, and those who have left and stay as they are."""
	stays = set() if include_left else staying_left([row.employee for row in still])
	return (
		[row for row in still if row.employee not in stays],
		[row for row in still if row.employee in stays],
	)


def _counted(enabled: int, waiting: list, left: list) -> str:
	return f"{enabled} enabled, {len(waiting)} could not be enabled, {len(left)} have left and stay disabled."


def _plain(rows: list) -> list[dict[str, Any]]:
	return [{field: row[field] for field in _TOLD} for row in rows]


def _line(row: Any) -> str:
	return printable(
		f"{row.device}: {row.employee_name or row.employee} (Biometric ID {row.emp_code}), before: {row.former_shown}. "
		f"{row.error or ''}"
	)


def _problem(rows: list) -> Problem:
	"""What may pass, unless something of it needs a person."""
	stuck = [row for row in rows if row.error and of_code(row.error_code) == FIX]
	told = (stuck or rows)[0]
	return problem_of(
		FIX if stuck else PASSES,
		f"{many(len(rows), 'person is', 'people are')} still disabled: {told.error or ''}",
		f"{told.remedy or 'Look at ZKTeco Device User.'}{_goes_on(rows)}",
	)


def _goes_on(rows: list) -> str:
	beyond = sum(row.error == DELETED for row in rows)
	if beyond == len(rows):
		return ""
	return " The scheduler goes on trying for the others." if beyond else " The scheduler goes on trying."
