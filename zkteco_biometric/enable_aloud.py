"""Enable Everyone in the terminal: who is enabled, who is not and why, and an exit status."""

import json
from typing import Any

import click
import frappe

from zkteco_biometric.biotime.errors import ErrorCode, TryAgain
from zkteco_biometric.frappe_hr.device_user_release import held_people, staying_left
from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.standalone.problems import PassingProblem, Problem
from zkteco_biometric.standalone.tables import printable
from zkteco_biometric.user_control import enable_everyone_now

_PASSES = {kind.remedy for kind in (TryAgain, *TryAgain.__subclasses__(), ErrorCode)}
"""What is said where nobody needs to do anything."""

_TOLD = ("device", "employee", "employee_name", "emp_code", "former_shown", "error", "remedy")


def enable_aloud(device: str | None, include_left: bool, as_json: bool) -> None:
	"""Raises `Problem` for what a person must fix, and `PassingProblem` for what may pass."""
	devices = _devices(device)
	before = sum(len(held_people(name)) for name in devices)
	still = [row for name in devices for row in _enabled(name, include_left)]
	stays = set() if include_left else staying_left([row.employee for row in still])
	waiting = [row for row in still if row.employee not in stays]
	_tell(before - len(still), waiting, [row for row in still if row.employee in stays], as_json)
	if waiting:
		raise _problem(waiting)


def _devices(device: str | None) -> list[str]:
	names = frappe.get_all(SETTINGS, pluck="name", order_by="name")
	if device and device not in names:
		raise Problem(
			f"There is no device {device!r}.", f"Name one with --device: {', '.join(names) or 'none yet'}."
		)
	return [device] if device else names


def _enabled(device: str, include_left: bool) -> list:
	if not held_people(device):
		return []
	click.echo(f"{printable(device)}: enabling…", err=True)
	return enable_everyone_now(device, include_left)


def _tell(enabled: int, waiting: list, left: list, as_json: bool) -> None:
	if as_json:
		told = {"enabled": enabled, "disabled": _plain(waiting), "left": _plain(left)}
		click.echo(json.dumps(told, ensure_ascii=False))
		return
	click.echo(
		f"{enabled} enabled, {len(waiting)} could not be enabled, {len(left)} have left and stay disabled."
	)
	for row in waiting:
		click.echo(printable(_line(row)))


def _plain(rows: list) -> list[dict[str, Any]]:
	return [{field: row[field] for field in _TOLD} for row in rows]


def _line(row: Any) -> str:
	return (
		f"{row.device}: {row.employee_name or row.employee} (Biometric ID {row.emp_code}), before: {row.former_shown}. "
		f"{row.error or ''}"
	)


def _problem(rows: list) -> Problem:
	"""What may pass, unless something of it needs a person."""
	stuck = [row for row in rows if row.error and row.remedy not in _PASSES]
	told = (stuck or rows)[0]
	kind = Problem if stuck else PassingProblem
	return kind(
		f"{len(rows)} people are still disabled: {printable(told.error or '')}",
		f"{printable(told.remedy or 'Look at ZKTeco Device User.')} The scheduler goes on trying.",
	)
