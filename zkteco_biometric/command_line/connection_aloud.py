"""Test Connection in the terminal."""

from collections.abc import Iterator
from typing import Any

import click
import frappe

from zkteco_biometric.command_line.choosing import NONE_ENABLED, chosen_devices, chosen_enabled
from zkteco_biometric.command_line.running import Told
from zkteco_biometric.command_line.statuses import FINE, FIX, PASSES, most_serious
from zkteco_biometric.frappe_hr.connection_test import run_connection_test, test_unless_rejected
from zkteco_biometric.standalone.tables import printable

_GOOD, _BAD = "✓", "✗"


def test_aloud(device: str | None) -> Told:
	"""A device may be named that is not enabled yet."""
	devices = chosen_devices(device) if device else chosen_enabled(None)
	tested = {name: _found_out(name, asked_for=bool(device)) for name in devices}
	frappe.db.commit()  # a fresh token, and how the device answered
	data = {"devices": [{"device": name, **found} for name, found in tested.items()]}
	lines = [line for name, found in tested.items() for line in _lines(name, found)]
	return Told(data, lines or [NONE_ENABLED], status=most_serious(map(_status, tested.values())))


def _found_out(device: str, asked_for: bool) -> dict[str, Any]:
	click.echo(f"{printable(device)}: asking…", err=True)
	return run_connection_test(device) if asked_for else test_unless_rejected(device)


def _status(found: dict[str, Any]) -> int:
	if found["ok"]:
		return FINE
	return PASSES if found["may_pass"] else FIX


def _lines(device: str, found: dict[str, Any]) -> Iterator[str]:
	yield printable(device)
	for line in found["lines"]:
		yield f"  {_GOOD if line['ok'] else _BAD} {printable(line['text'])}"
		if line.get("remedy"):
			yield f"      What to do: {printable(line['remedy'])}"
