"""The command line: sync and demo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from zkteco_biometric.biotime.url import normalise_url
from zkteco_biometric.standalone import problems
from zkteco_biometric.standalone.aloud import dry_run_aloud, introduce
from zkteco_biometric.standalone.demo import demo
from zkteco_biometric.standalone.dry_run import Surroundings
from zkteco_biometric.standalone.parameters import log_type, state, understood, wall_time
from zkteco_biometric.standalone.settings import PASSWORD, SyncOptions
from zkteco_biometric.standalone.zones import zone

_FILE = click.Path(dir_okay=False, path_type=Path)

_SYNC_HELP = f"""
Read a device's punches into a database file: a dry run.

It shows what would become check-ins in Frappe HR, and which codes on the device belong to no employee. Run again, it
goes on where it was. Punches that are stored keep what they became: to try other rules, begin with a new database.

The password comes from the environment variable {PASSWORD}, or is asked for.

\b
Exit status:
  0    every page was stored
  2    a person must fix something: an option, a file, the password, the address
  3    it may pass: the device is switched off, slow or failing
  130  stopped with Ctrl-C
"""


@click.group()
@click.pass_context
def standalone(context: click.Context) -> None:
	"""ZKTeco punches on this machine, without Frappe."""
	context.ensure_object(Surroundings)


@standalone.command(help=_SYNC_HELP)
@click.option(
	"--url",
	required=True,
	callback=understood(normalise_url),
	help="The BioTime server, such as http://192.0.2.10:8081.",
)
@click.option("--username", required=True, help="A BioTime user who may read transactions.")
@click.option(
	"--employees",
	required=True,
	type=_FILE,
	help="CSV file with the columns employee and attendance_device_id, or Frappe's export of employees.",
)
@click.option("--database", required=True, type=_FILE, help="SQLite file; made where there is none.")
@click.option(
	"--from",
	"sync_from",
	callback=understood(wall_time),
	metavar="TIME",
	help="Nothing older: YYYY-MM-DD or 'YYYY-MM-DD HH:MM:SS', in the site's zone. [default: as in the run before, else everything]",
)
@click.option(
	"--time-zone",
	callback=understood(zone),
	metavar="ZONE",
	help="Zone of the terminals' clocks, such as Asia/Kolkata. [default: this machine's]",
)
@click.option(
	"--site-time-zone",
	callback=understood(zone),
	metavar="ZONE",
	help="Zone in which check-ins are written, as on your Frappe site. [default: the terminals']",
)
@click.option(
	"--page-size",
	type=click.IntRange(1, 10_000),
	default=500,
	show_default=True,
	help="Punches asked for at once.",
)
@click.option(
	"--look-back",
	type=click.IntRange(0, 5_256_000),
	metavar="MINUTES",
	default=60,
	show_default=True,
	help="How far before the last run to read again, for punches that were uploaded late.",
)
@click.option(
	"--state",
	callback=understood(state),
	metavar="STATE=TYPE",
	multiple=True,
	help="What a punch state becomes: IN, OUT, none or ignore, such as 2=OUT; may be repeated. 255: no key.",
)
@click.option(
	"--default-log-type",
	callback=understood(log_type),
	metavar="TYPE",
	default="IN",
	show_default=True,
	help="What other states become; without rules 0 is IN and 1 is OUT.",
)
@click.option("--csv", type=_FILE, help="Write all check-ins to this file, for Frappe's Data Import.")
@click.option(
	"--ca-file",
	type=click.Path(exists=True, dir_okay=False, path_type=Path),
	help="Certificate authority, in PEM, of a server with a certificate of its own.",
)
@click.option(
	"--no-verify",
	is_flag=True,
	help="Do not check who answers: anybody in between could read the password. Better: --ca-file.",
)
@click.option(
	"--connect-timeout",
	type=click.IntRange(1, 3600),
	metavar="SECONDS",
	default=10,
	show_default=True,
	help="How long to wait for a connection.",
)
@click.option(
	"--read-timeout",
	type=click.IntRange(1, 3600),
	metavar="SECONDS",
	default=60,
	show_default=True,
	help="How long to wait for an answer.",
)
@click.option("--quiet", is_flag=True, help="Say nothing but failures.")
@click.pass_obj
def sync(around: Surroundings, /, **typed: Any) -> None:
	options = SyncOptions(**typed)
	with problems.spoken(str(options.database)):
		order = options.order(around.now())
		if not options.quiet:
			introduce(order)
		dry_run_aloud(order, around, quiet=options.quiet)


standalone.add_command(demo)
