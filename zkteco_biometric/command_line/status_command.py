"""bench --site SITE zkteco-status: its options."""

from typing import Any

import click
from frappe.commands import pass_context

from zkteco_biometric.command_line.options import json_option, with_exit_statuses

_HELP = with_exit_statuses(
	"""
How each device is doing, from what the last syncs have left: its state, last and next sync, punches that wait, people
disabled, clocks; and whether the scheduler runs. Asks no device.

With --site all: every site that has this app.
""",
	_0="every enabled device is well, and the scheduler runs; or there is no device",
	_2="a person must fix something, also what has failed for more than a day, or a device that nobody reads",
	_3="it may pass: a device is switched off, slow or failing",
)


@click.command("zkteco-status", help=_HELP, short_help="How each device is doing")
@click.option(
	"--device",
	metavar="NAME",
	help="Name of the ZKTeco Biometric Settings. [default: all, also disabled ones]",
)
@json_option
@pass_context
def zkteco_status(context: Any, as_json: bool, device: str | None) -> None:
	from zkteco_biometric.command_line.running import on_each_site
	from zkteco_biometric.command_line.status_aloud import status_aloud

	on_each_site(context, as_json, lambda: status_aloud(device))
