"""bench --site SITE zkteco-sync: its options."""

from typing import Any

import click
from frappe.commands import pass_context

from zkteco_biometric.command_line.options import device_option, json_option, with_exit_statuses

_HELP = with_exit_statuses(
	"""
Sync devices now, one after the other, in this process: no scheduler and no worker is needed. It goes on where the last sync was,
and leaves a ZKTeco Sync Log.

Ctrl-C stops it after the page in hand; what was stored stays, and the next sync goes on there. A device that has rejected its
log-in is asked again only if --device names it: servers lock accounts.
""",
	_0="every device was read to the end, or none is enabled",
	_3="it may pass: a device is switched off, slow or failing, or another sync of it is running",
)


@click.command("zkteco-sync", help=_HELP, short_help="Sync devices now")
@device_option
@json_option
@pass_context
def zkteco_sync(context: Any, as_json: bool, device: str | None) -> None:
	from zkteco_biometric.command_line.running import on_one_site
	from zkteco_biometric.command_line.sync_aloud import sync_aloud

	on_one_site(context, as_json, lambda: sync_aloud(device))
