"""bench --site SITE zkteco-retry: its options."""

from typing import Any

import click
from frappe.commands import pass_context

from zkteco_biometric.command_line.options import json_option, with_exit_statuses

_HELP = with_exit_statuses(
	"""
Try waiting punches again: by who has their Biometric ID now, by the devices' rules and by HRMS's. Asks no device.

What still waits is counted by its reason. A time that lay in the future when its punch came stays impossible: Retry in the list
of ZKTeco Pending Punch is for who knows better.
""",
	_0="every waiting punch was tried, whatever became of it",
	_2="a person must fix something: an option, or an error that is in the Error Log",
)


@click.command("zkteco-retry", help=_HELP, short_help="Try waiting punches again")
@click.option(
	"--device",
	metavar="NAME",
	help="Name of the ZKTeco Biometric Settings. [default: all, also disabled ones]",
)
@click.option(
	"--code", "codes", multiple=True, help="Only this Biometric ID, zeros and all; may be repeated."
)
@json_option
@pass_context
def zkteco_retry(context: Any, as_json: bool, device: str | None, codes: tuple[str, ...]) -> None:
	from zkteco_biometric.command_line.retry_aloud import retry_aloud
	from zkteco_biometric.command_line.running import on_one_site

	on_one_site(context, as_json, lambda: retry_aloud(device, frozenset(codes)))
