"""What ends a command: messages with a remedy, and the exit status that a script can act on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from zkteco_biometric.biotime.errors import (
	BioTimeError,
	NotBioTime,
	TimedOut,
	TlsFailed,
	Unreachable,
	WrongCredentials,
)
from zkteco_biometric.standalone.tables import printable

_INTERRUPTED = 130

STORED_STAYS = "What was stored stays stored: run the same command again, and it goes on there."

_REMEDIES: dict[type[BioTimeError], str] = {
	WrongCredentials: (
		"Check --username and the password, and that the account can log in to the BioTime web page. "
		"Do not try many times: BioTime locks accounts."
	),
	TlsFailed: (
		"If the server uses a private or self-signed certificate, name its CA file with --ca-file; "
		"if the port speaks plain HTTP, begin the URL with http://."
	),
	NotBioTime: "Check --url: it is the address of the BioTime server with its port, such as http://192.0.2.10:8081.",
	Unreachable: (
		"Check that the BioTime server is switched on, that address and port in --url are right, and that a "
		"firewall lets this machine through."
	),
	TimedOut: (
		"The server is slow or overloaded. If it happens again and again, give a lower --page-size or a longer "
		"--read-timeout."
	),
}


class Problem(click.ClickException):
	"""A failure that a person must fix: a message and a remedy, no traceback."""

	exit_code = 2

	def __init__(self, message: str, remedy: str) -> None:
		super().__init__(f"{message}\nWhat to do: {remedy}")
		self.said = message
		self.remedy = remedy


class PassingProblem(Problem):
	"""A failure that may pass without anybody doing anything."""

	exit_code = 3


def of_device(failure: BioTimeError) -> Problem:
	"""The problem that a device's failure is, with a remedy in the words of the command line."""
	by_itself = type(failure).remedy
	remedy = _REMEDIES.get(type(failure), by_itself) if failure.remedy == by_itself else failure.remedy
	kind = Problem if failure.needs_a_person else PassingProblem
	return kind(printable(failure.message), f"{printable(remedy)}\n{STORED_STAYS}")


@contextmanager
def spoken(database: str) -> Iterator[None]:
	"""Turns what may happen to a database and at a keyboard into words and an exit status."""
	try:
		yield
	except sqlite3.Error as error:
		raise _of_database(database, error) from error
	except (KeyboardInterrupt, click.Abort):
		_stop()


def _of_database(database: str, error: sqlite3.Error) -> Problem:
	if "locked" in str(error):
		remedy = f"Another program uses it. Wait for that, or close it. {STORED_STAYS}"
		return PassingProblem(f"The database {database} is locked.", remedy)
	remedy = f"Name another file with --database, or make this one usable. {STORED_STAYS}"
	return Problem(f"The database {database} cannot be used: {error}.", remedy)


def _stop() -> NoReturn:
	click.echo(f"\nStopped. {STORED_STAYS}", err=True)
	raise click.exceptions.Exit(_INTERRUPTED)
