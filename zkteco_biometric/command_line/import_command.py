"""bench --site SITE zkteco-import: its options."""

from typing import Any

import click
from frappe.commands import pass_context

from zkteco_biometric.command_line.options import json_option, with_exit_statuses

_HELP = with_exit_statuses(
	"""
Import the punches of a date range, also from before Sync From, without moving the device's last sync.

It shows first what there is to import, and asks. An import that stopped goes on with --resume, or with Resume on its ZKTeco
Sync Log; nothing is created twice.
""",
	_0="everything in the range is stored",
)


@click.command("zkteco-import", help=_HELP, short_help="Import the punches of a date range")
@click.option("--device", metavar="NAME", help="Name of the ZKTeco Biometric Settings.")
@click.option(
	"--from", "from_time", metavar="TIME", help="YYYY-MM-DD or 'YYYY-MM-DD HH:MM:SS', by the site's clock."
)
@click.option("--to", "to_time", metavar="TIME", help="The same; a date is meant to its end. [default: now]")
@click.option(
	"--code", "codes", multiple=True, help="Only this Biometric ID, zeros and all; may be repeated."
)
@click.option(
	"--resume", "log", metavar="LOG", help="Go on with an import that stopped: the name of its sync log."
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_context
def zkteco_import(context: Any, log: str | None, yes: bool, as_json: bool, **asked: Any) -> None:
	from zkteco_biometric.command_line.import_aloud import import_aloud
	from zkteco_biometric.command_line.running import on_one_site

	on_one_site(context, as_json, lambda: import_aloud(log, yes, **asked))
