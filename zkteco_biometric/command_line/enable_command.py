"""bench --site SITE zkteco-enable-everyone: its options."""

from typing import Any

import click
from frappe.commands import pass_context

from zkteco_biometric.command_line.options import json_option, with_exit_statuses

_HELP = with_exit_statuses(
	"""
Enable everybody again whom this app has disabled on devices, with what stood there before: areas or value.

Nobody is disabled again before their next OUT. Who cannot be enabled now is listed, and tried again by the scheduler.
""",
	_0="nobody is disabled any more (but for people who have left, where the site wants it so)",
	_2="a person must fix something: an option, the device's settings, the licence, a person on the device or on one that is deleted",
)


@click.command(
	"zkteco-enable-everyone",
	help=_HELP,
	short_help="Enable everybody whom check-ins have disabled on devices",
)
@click.option(
	"--device",
	metavar="NAME",
	help="Name of the ZKTeco Biometric Settings. [default: all, also disabled ones]",
)
@click.option(
	"--include-left", is_flag=True, help="Also people who have left, where the site keeps them disabled."
)
@json_option
@pass_context
def zkteco_enable_everyone(context: Any, as_json: bool, **asked: Any) -> None:
	from zkteco_biometric.command_line.enable_aloud import enable_aloud
	from zkteco_biometric.command_line.running import on_one_site

	on_one_site(context, as_json, lambda: enable_aloud(**asked))
