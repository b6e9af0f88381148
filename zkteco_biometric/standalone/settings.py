"""From the options of the command line to an order."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from zkteco_biometric.biotime.models import Credentials
from zkteco_biometric.biotime.transport import TimeOuts, Verify
from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.log_types import LogType, PunchStates
from zkteco_biometric.cycle.run import CycleRules
from zkteco_biometric.cycle.window import WindowRules
from zkteco_biometric.standalone.device import Device
from zkteco_biometric.standalone.dry_run import Order
from zkteco_biometric.standalone.parameters import instant
from zkteco_biometric.standalone.problems import Problem
from zkteco_biometric.standalone.zones import machine_zone, utc

PASSWORD = "ZKTECO_PASSWORD"


@dataclass(frozen=True)
class SyncOptions:
	"""The options of `sync`, each under its own name."""

	url: str
	username: str
	employees: Path
	database: Path
	sync_from: datetime | None
	time_zone: ZoneInfo | None
	site_time_zone: ZoneInfo | None
	page_size: int
	look_back: int
	state: tuple[tuple[str, LogType], ...]
	default_log_type: LogType
	csv: Path | None
	ca_file: Path | None
	no_verify: bool
	connect_timeout: int
	read_timeout: int
	quiet: bool

	def order(self, now: datetime) -> Order:
		"""Asks for the password where it is not in the environment. Raises `click.BadParameter` or `Problem`."""
		self._check_files()
		rules = self._rules(now)
		credentials = Credentials(self.username, password_of(self.username))
		time_outs = TimeOuts(self.connect_timeout, self.read_timeout)
		device = Device(self.url, credentials, self._verify(), time_outs)
		return Order(device, rules, self.employees, self.database, self.csv)

	def _rules(self, now: datetime) -> CycleRules:
		clocks = self._clocks()
		window = WindowRules(
			clocks, timedelta(minutes=self.look_back), self._sync_from(clocks, now), self.page_size
		)
		return CycleRules(window, PunchStates(_table(self.state), self.default_log_type))

	def _clocks(self) -> WallClocks:
		device = self.time_zone or _zone_here()
		return WallClocks(device, self.site_time_zone or device)

	def _sync_from(self, clocks: WallClocks, now: datetime) -> datetime | None:
		try:
			return instant(self.sync_from, clocks, now) if self.sync_from else None
		except ValueError as error:
			raise click.BadParameter(str(error), param_hint="--from") from error

	def _verify(self) -> Verify:
		if self.ca_file and self.no_verify:
			raise click.UsageError("--ca-file and --no-verify exclude each other: leave one out.")
		return str(self.ca_file) if self.ca_file else not self.no_verify

	def _check_files(self) -> None:
		named = [path.resolve() for path in (self.employees, self.database, self.csv) if path]
		if len(set(named)) < len(named):
			raise click.UsageError("--employees, --database and --csv must be different files.")


def password_of(username: str) -> str:
	"""From the environment, else typed without being shown. Raises `Problem` where nobody can type."""
	if os.environ.get(PASSWORD):
		return os.environ[PASSWORD]
	if not _somebody_can_type():
		raise Problem(
			"There is no password.", f"Set the environment variable {PASSWORD}, or run this at a terminal."
		)
	typed: str = click.prompt(f"Password of {username}", hide_input=True, err=True)
	return typed


def _somebody_can_type() -> bool:
	return sys.stdin.isatty()


def _zone_here() -> ZoneInfo:
	here = machine_zone()
	if here is None:
		click.echo(
			"The time zone of this machine is unknown: taking UTC. Name the terminals' with --time-zone.",
			err=True,
		)
	return here or utc()


def _table(states: tuple[tuple[str, LogType], ...]) -> Mapping[str, LogType]:
	table = dict(states)
	if len(table) < len(states):
		raise click.BadParameter("A punch state can have one rule only.", param_hint="--state")
	return table
