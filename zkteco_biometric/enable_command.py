"""bench --site SITE zkteco-enable-everyone: its options. Bench loads this for every command, so that it brings nothing along."""

from typing import Any

import click
from frappe.commands import get_site, pass_context

_HELP = """
Enable everybody again whom this app has disabled on devices, with what stood there before: areas or value.

Nobody is disabled again before their next OUT. Who cannot be enabled now is listed, and tried again by the scheduler.

\b
Exit status:
  0  nobody is disabled any more (but for people who have left, where the site wants it so)
  2  a person must fix something: an option, the device's settings, the licence, a person on the device
  3  it may pass: the device is switched off, slow or failing
"""


@click.command(
	"zkteco-enable-everyone",
	help=_HELP,
	short_help="Enable everybody whom check-ins have disabled on devices",
)
@click.option("--device", help="Name of the ZKTeco Biometric Settings. [default: all of them]")
@click.option(
	"--include-left", is_flag=True, help="Also people who have left, where the site keeps them disabled."
)
@click.option("--json", "as_json", is_flag=True, help="Tell the outcome as JSON on standard output.")
@pass_context
def zkteco_enable_everyone(context: Any, **asked: Any) -> None:
	from zkteco_biometric.enable_aloud import enable_aloud
	from zkteco_biometric.import_aloud import on_site

	with on_site(get_site(context)):
		enable_aloud(**asked)
