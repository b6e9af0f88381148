"""Commands of bench: `bench zkteco-simulator`, and with `--site` those that need a site."""

import click

from zkteco_biometric.enable_command import zkteco_enable_everyone
from zkteco_biometric.import_command import zkteco_import
from zkteco_biometric.simulator.cli import simulator

zkteco_simulator = click.Command(
	name="zkteco-simulator",
	callback=simulator.callback,
	params=simulator.params,
	help=simulator.help,
	short_help="A BioTime server to try this app against",
)

commands = [zkteco_simulator, zkteco_import, zkteco_enable_everyone]
