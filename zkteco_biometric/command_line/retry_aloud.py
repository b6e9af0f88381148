"""Waiting punches tried again in the terminal: a bar, what became check-ins, and what still waits and why."""

import sys
from collections.abc import Collection, Iterator

import click
import frappe

from zkteco_biometric.command_line.choosing import NO_DEVICE, chosen_devices
from zkteco_biometric.command_line.running import Told
from zkteco_biometric.command_line.writing import many
from zkteco_biometric.frappe_hr.names import PENDING
from zkteco_biometric.frappe_hr.pending import WAITING
from zkteco_biometric.frappe_hr.pending_outcome import Outcome
from zkteco_biometric.frappe_hr.pending_retry import retry
from zkteco_biometric.standalone.problems import Problem
from zkteco_biometric.standalone.tables import printable

_AT_ONCE = 500


def retry_aloud(device: str | None, codes: frozenset[str]) -> Told:
	"""Ctrl-C ends it: the punches that were decided stay so."""
	devices = chosen_devices(device)
	outcome = _tried(_waiting(devices, codes) if devices else [])
	return Told(_as_dict(outcome), list(_lines(outcome)) if devices else [NO_DEVICE], _problem(outcome))


def _waiting(devices: Collection[str], codes: frozenset[str]) -> list[str]:
	"""Names of punches. The database compares without regard to case and accents, so that codes are compared again."""
	filters = {"status": WAITING, "device": ("in", devices)}
	if codes:
		filters["emp_code"] = ("in", sorted(codes))
	rows = frappe.get_all(
		PENDING, filters=filters, fields=["name", "emp_code"], order_by="device, punch_time, name"
	)
	return [row.name for row in rows if not codes or row.emp_code in codes]


def _tried(names: list[str]) -> Outcome:
	outcome = Outcome()
	if not names:
		return outcome
	with click.progressbar(length=len(names), label="Trying punches", show_pos=True, file=sys.stderr) as bar:
		for first in range(0, len(names), _AT_ONCE):
			some = names[first : first + _AT_ONCE]
			outcome.add(retry({"name": ("in", some), "status": WAITING}))
			bar.update(len(some))
	return outcome


def _as_dict(outcome: Outcome) -> dict:
	return outcome.as_dict() | {
		"why": [
			{"punches": punches, "reason": reason, "message": message}
			for (reason, message), punches in outcome.waiting.most_common()
		]
	}


def _lines(outcome: Outcome) -> Iterator[str]:
	waiting = outcome.waiting.total()
	yield (
		f"{outcome.created} became check-ins, {outcome.existed} existed, {outcome.ignored} are ignored by a rule, "
		f"{waiting} still wait."
	)
	for (reason, message), punches in outcome.waiting.most_common():
		yield f"  {printable(many(punches, 'punch', 'punches'))}: {printable(reason)}: {printable(message)}"


def _problem(outcome: Outcome) -> Problem | None:
	if not outcome.untried:
		return None
	return Problem(
		f"{many(outcome.untried, 'punch', 'punches')} could not be tried, by an error of this app.",
		"Look at the Error Log, title ZKTeco Sync, and report it to the app's makers.",
	)
