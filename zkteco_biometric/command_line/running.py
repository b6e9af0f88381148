"""A command's way from its site to its exit status: all of them are connected, told and ended alike."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from typing import Any

import click
import frappe
from frappe.commands import get_site

from zkteco_biometric.command_line.statuses import FINE, INTERRUPTED, PASSES, most_serious
from zkteco_biometric.command_line.writing import written
from zkteco_biometric.standalone.problems import PassingProblem, Problem
from zkteco_biometric.standalone.tables import printable

_APP = "zkteco_biometric"
_STOPPED = "Stopped."


@dataclass(frozen=True)
class Told:
	"""What a command has found: `data` for machines, `lines` for people. `problem` is what it ends with, if anything;
	`status` is the exit status where there is none.
	"""

	data: dict[str, Any]
	lines: Sequence[str] = ()
	problem: Problem | None = None
	status: int = FINE

	@property
	def exit_status(self) -> int:
		return self.problem.exit_code if self.problem else self.status


Work = Callable[[], Told]


def on_one_site(context: Any, as_json: bool, work: Work) -> None:
	"""Does the work on the site of `--site`, tells what came of it, and ends with its exit status.

	With `--json` one object goes to standard output, whatever happens: what came of it, with `site`, `exit`, and on a failure
	`error` and `remedy`. Everything else goes to standard error.
	"""
	get_site(context)  # raises where none is named
	if len(context.sites) > 1:
		_end(_tell("", _failed(_several_sites()), as_json))
	_end(_run(context.sites[0], as_json, work))


def on_each_site(context: Any, as_json: bool, work: Work) -> None:
	"""The same on all sites that `--site` names: an object each, a line each. Sites without this app are passed over."""
	get_site(context)  # raises where none is named
	several = len(context.sites) > 1
	statuses: list[int] = []
	for site in context.sites:
		statuses.append(_run(site, as_json, work, several))
		if statuses[-1] == INTERRUPTED:
			break
	_end(most_serious(statuses))


def _run(site: str, as_json: bool, work: Work, is_one_of_several: bool = False) -> int:
	try:
		with _connected(site), redirect_stdout(sys.stderr):
			if is_one_of_several and not _has_app():
				click.echo(f"{site}: {_APP} is not installed there.", err=True)
				return FINE
			told = _done(work)
	except Problem as problem:
		told = _failed(problem)
	if is_one_of_several and not as_json:
		click.echo(site)
	return _tell(site, told, as_json)


@contextmanager
def _connected(site: str) -> Iterator[None]:
	"""Raises `Problem` where the database cannot be reached."""
	frappe.init(site=site)
	try:
		with _database_told():
			frappe.connect()
			frappe.db.sql("select 1")  # only now it does connect
		yield
	finally:
		frappe.destroy()


@contextmanager
def _database_told() -> Iterator[None]:
	try:
		yield
	except Exception as error:
		if not _is_of_the_connection(error):
			raise
		raise PassingProblem(
			"The database of the site cannot be reached.",
			"Check that the database server runs, and db_host, db_name and db_password in site_config.json.",
		) from error


def _is_of_the_connection(error: Exception) -> bool:
	return bool(frappe.db) and isinstance(error, frappe.db.OperationalError)


def _has_app() -> bool:
	return _APP in frappe.get_installed_apps()


def _done(work: Work) -> Told:
	if not _has_app():
		site = frappe.local.site
		return _failed(
			Problem(
				f"{_APP} is not installed on {site}.", f"Install it: bench --site {site} install-app {_APP}."
			)
		)
	try:
		return work()
	except click.ClickException as problem:
		return _failed(problem)
	except KeyboardInterrupt:
		return Told({"error": _STOPPED, "remedy": ""}, status=INTERRUPTED)
	except Exception as error:
		if not _is_of_the_tables(error):
			raise
		return _failed(_not_migrated())


def _is_of_the_tables(error: Exception) -> bool:
	if not isinstance(error, frappe.db.ProgrammingError | frappe.db.OperationalError):
		return False
	return bool(frappe.db.is_missing_column(error) or frappe.db.is_table_missing(error))


def _not_migrated() -> Problem:
	site = frappe.local.site
	return Problem(
		"The site's tables are not those of this version of the app.", f"Run bench --site {site} migrate."
	)


def _several_sites() -> Problem:
	return Problem("This command works on one site at a time.", "Name it with --site.")


def _failed(problem: click.ClickException) -> Told:
	if not isinstance(problem, Problem):
		problem = Problem(problem.format_message(), "See --help.")
	return Told({"error": problem.said, "remedy": problem.remedy}, problem=problem)


def _tell(site: str, told: Told, as_json: bool) -> int:
	if as_json:
		click.echo(written({"site": site, **told.data, **_failure(told), "exit": told.exit_status}))
	for line in () if as_json else told.lines:
		click.echo(line)
	if told.problem:
		told.problem.show()
	elif told.exit_status == INTERRUPTED:
		click.echo(_STOPPED, err=True)
	return told.exit_status


def _failure(told: Told) -> dict[str, str]:
	return {"error": told.problem.said, "remedy": told.problem.remedy} if told.problem else {}


def _end(status: int) -> None:
	if status != FINE:
		raise click.exceptions.Exit(status)


def problem_of(status: int, message: str, remedy: str) -> Problem:
	"""Texts of a device are made harmless."""
	kind = PassingProblem if status == PASSES else Problem
	return kind(printable(message), "\n".join(printable(line) for line in remedy.splitlines()))
