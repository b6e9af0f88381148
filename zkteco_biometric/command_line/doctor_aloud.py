"""What the doctor finds, area by area, the remedy below each finding."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import click
import frappe

from zkteco_biometric.command_line.choosing import chosen_devices
from zkteco_biometric.command_line.running import Told
from zkteco_biometric.command_line.statuses import FINE, FIX, PASSES, most_serious
from zkteco_biometric.command_line.writing import many
from zkteco_biometric.frappe_hr.doctor.checks import examine
from zkteco_biometric.frappe_hr.doctor.finding import Finding, Level
from zkteco_biometric.standalone.tables import printable

_SIGNS = {Level.OK: "✓", Level.WARNING: "!", Level.PASSING: "✗", Level.FAILURE: "✗"}
_STATUSES = {Level.OK: FINE, Level.WARNING: FINE, Level.PASSING: PASSES, Level.FAILURE: FIX}


def doctor_aloud(device: str | None, ask_devices: bool) -> Told:
	if device:
		chosen_devices(device)
	if ask_devices:
		click.echo("Asking the devices…", err=True)
	findings = examine(device, ask_devices)
	frappe.db.commit()  # what the devices answered, as Test Connection keeps it
	status = most_serious(_STATUSES[one.level] for one in findings)
	data = {"ok": status == FINE, "findings": [one.as_dict() for one in findings]}
	return Told(data, list(_lines(findings)), status=status)


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
	for area, some in groupby(findings, key=lambda one: one.area):
		yield printable(area)
		for one in some:
			yield f"  {_SIGNS[one.level]} {printable(one.text)}"
			if one.remedy:
				yield f"      What to do: {printable(one.remedy)}"
		yield ""
	yield _summary(findings)


def _summary(findings: Sequence[Finding]) -> str:
	met = Counter(one.level for one in findings)
	problems = met[Level.FAILURE] + met[Level.PASSING]
	return f"{met[Level.OK]} fine, {many(met[Level.WARNING], 'warning')}, {many(problems, 'problem')}."
