"""bench --site SITE zkteco-import: its options. Bench loads this for every command, so that it brings nothing along."""

from typing import Any

import click
from frappe.commands import get_site, pass_context

_HELP = """
Import the punches of a date range, also from before Sync From, without moving the device's last sync.

It shows first what there is to import, and asks. An import that stopped goes on with --resume, or with Resume on its ZKTeco
Sync Log; nothing is created twice.

\b
Exit status:
  0    everything in the range is stored
  2    a person must fix something: an option, the device's settings, the licence
  3    it may pass: the device is switched off, slow or failing
  130  stopped with Ctrl-C
"""


@click.command("zkteco-import", help=_HELP, short_help="Import the punches of a date range")
@click.option("--device", help="Name of the ZKTeco Biometric Settings.")
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
@click.option("--json", "as_json", is_flag=True, help="Tell the outcome as JSON on standard output.")
@pass_context
def zkteco_import(context: Any, log: str | None, yes: bool, as_json: bool, **asked: Any) -> None:
	from zkteco_biometric.import_aloud import import_aloud, on_site

	with on_site(get_site(context)):
		import_aloud(log, yes, as_json, **asked)
