"""bench zkteco-simulator: the command of the simulator, brought along only when it is called."""

from typing import Any

import click


class _Simulator(click.Command):
	"""Stands for the simulator's own command, whose modules would cost every other command of bench a twentieth of a second."""

	def make_context(
		self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
	) -> click.Context:
		from zkteco_biometric.simulator.cli import simulator

		return simulator.make_context(info_name, args, parent, **extra)


zkteco_simulator = _Simulator("zkteco-simulator", short_help="A BioTime server to try this app against")
