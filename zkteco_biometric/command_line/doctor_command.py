"""bench --site SITE zkteco-doctor: its options."""

from typing import Any

import click
from frappe.commands import pass_context

from zkteco_biometric.command_line.options import json_option, with_exit_statuses

_HELP = with_exit_statuses(
	"""
Check everything that makes a sync fail, and say what to do: scheduler, workers and queue; the site's fields, keys, time zone and
permissions; each device's connection, log-in, licence and clock; Biometric IDs, shifts and punches that wait.

Changes nothing but what Test Connection does. With --site all: every site that has this app.
""",
	_0="nothing keeps punches from becoming check-ins; warnings may be worth a look",
	_2="a person must fix something, also what has failed for more than a day; it is named with what to do",
	_3="it may pass: a device is switched off, slow or failing",
)


@click.command("zkteco-doctor", help=_HELP, short_help="Check everything that makes a sync fail")
@click.option(
	"--device", metavar="NAME", help="Of the devices only this ZKTeco Biometric Settings. [default: all]"
)
@click.option("--no-device", is_flag=True, help="Ask no device: only what this site knows of them.")
@json_option
@pass_context
def zkteco_doctor(context: Any, as_json: bool, device: str | None, no_device: bool) -> None:
	from zkteco_biometric.command_line.doctor_aloud import doctor_aloud
	from zkteco_biometric.command_line.running import on_each_site

	on_each_site(context, as_json, lambda: doctor_aloud(device, not no_device))
