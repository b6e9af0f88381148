"""bench --site SITE zkteco-test: its options."""

from typing import Any

import click
from frappe.commands import pass_context

from zkteco_biometric.command_line.options import device_option, json_option, with_exit_statuses

_HELP = with_exit_statuses(
	"""
Test the connection to devices, as Test Connection does on the device's page: address, log-in, licence, clock, and where people
are controlled, how. Changes nothing on the server.

A device that has rejected its log-in is asked again only if --device names it: servers lock accounts.
""",
	_0="every device answers as it should, or none is enabled",
)


@click.command("zkteco-test", help=_HELP, short_help="Test the connection to devices")
@device_option
@json_option
@pass_context
def zkteco_test(context: Any, as_json: bool, device: str | None) -> None:
	from zkteco_biometric.command_line.connection_aloud import test_aloud
	from zkteco_biometric.command_line.running import on_each_site

	on_each_site(context, as_json, lambda: test_aloud(device))
