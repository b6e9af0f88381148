"""Running the simulator by hand."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from threading import Event

import click

from zkteco_biometric.simulator import wallclock
from zkteco_biometric.simulator.demo import UNKNOWN_CODE, Attempt, Population, Stream, populate
from zkteco_biometric.simulator.models import Person
from zkteco_biometric.simulator.rows import STATE_DISPLAY
from zkteco_biometric.simulator.server import Simulator

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def run_simulator(
	host: str = "127.0.0.1",
	port: int = 8081,
	people: int = 50,
	days: int = 7,
	interval: float = 5,
	time_zone: str = "UTC",
	seed: int = 1,
	username: str = "admin",
	password: str = "simulator",
	employees_csv: Path | None = None,
	stop: Event | None = None,
) -> None:
	"""Run a simulator with artificial people until Ctrl-C, or until `stop` is set.

	:raises click.ClickException: the address, the zone or the file cannot be used; the text names the remedy.
	"""
	sim = _simulator(host, port, time_zone, username, password)
	population = populate(sim.store, people, days, seed=seed)
	if employees_csv:
		_write_csv(employees_csv, population.people)
	_start(sim)
	try:
		_introduce(sim, population, username, password, time_zone)
		_go_on(Stream(sim.store, seed), interval, stop or Event())
	except KeyboardInterrupt:
		click.echo("\nStopped.")
	finally:
		sim.stop()


@click.command("simulator")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
	"--port", default=8081, show_default=True, type=click.IntRange(0, 65535), help="0: any free one."
)
@click.option("--people", default=50, show_default=True, type=click.IntRange(1, 8000))
@click.option("--days", default=7, show_default=True, type=click.IntRange(0, 3650), help="Days of history.")
@click.option(
	"--interval",
	default=5.0,
	show_default=True,
	type=click.FloatRange(0),
	help="Seconds between new punches; 0 for none.",
)
@click.option("--time-zone", default="UTC", show_default=True, help="Zone of all wall-clock times.")
@click.option(
	"--seed", default=1, show_default=True, type=int, help="The same seed, the same people and history."
)
@click.option("--username", default="admin", show_default=True)
@click.option("--password", default="simulator", show_default=True)
@click.option(
	"--employees-csv",
	type=click.Path(dir_okay=False, path_type=Path),
	help="Write the people to this file, to be imported as employees.",
)
def simulator(
	host: str,
	port: int,
	people: int,
	days: int,
	interval: float,
	time_zone: str,
	seed: int,
	username: str,
	password: str,
	employees_csv: Path | None,
) -> None:
	"""Run a BioTime server with artificial people, to try things out against."""
	run_simulator(host, port, people, days, interval, time_zone, seed, username, password, employees_csv)


def _simulator(host: str, port: int, time_zone: str, username: str, password: str) -> Simulator:
	try:
		zone = wallclock.zone(time_zone)
	except ValueError as error:
		raise click.BadParameter(str(error), param_hint="--time-zone") from error
	return Simulator(host=host, port=port, username=username, password=password, time_zone=zone)


def _write_csv(path: Path, people: Iterable[Person]) -> None:
	try:
		with path.open("w", newline="", encoding="utf-8") as file:
			rows = csv.writer(file)
			rows.writerow(["employee", "employee_name", "attendance_device_id"])
			for number, person in enumerate(people, 1):
				name = f"{person.first_name} {person.last_name}"
				rows.writerow([f"HR-EMP-{number:05}", name, person.emp_code])
	except OSError as error:
		raise click.ClickException(
			f"{path} cannot be written ({error.strerror}): name another file."
		) from error


def _start(sim: Simulator) -> None:
	try:
		sim.start()
	except OSError as error:
		raise click.ClickException(
			f"Cannot listen on {sim.host}, port {sim.port} ({error.strerror}): "
			"stop what runs there, or choose another --port or --host."
		) from error


def _introduce(sim: Simulator, population: Population, username: str, password: str, time_zone: str) -> None:
	click.echo(f"BioTime simulator at {sim.url}")
	click.echo(f"  user name     {username}")
	click.echo(f"  password      {password}")
	click.echo(
		f"  time zone     {time_zone}: a site in another zone has to name it as Time Zone of the Punches"
	)
	click.echo(f"  people        {len(population.people)}, and {UNKNOWN_CODE}, whom HR does not know")
	click.echo(f"  punches       {sim.store.punch_count}")
	click.echo(f"  control page  {sim.url}/simulator/")
	if sim.host not in LOOPBACK:
		click.echo(f"Others can reach it on {sim.host}; the control page only answers on this machine.")
	click.echo("Stop it with Ctrl-C.")


def _go_on(stream: Stream, interval: float, stop: Event) -> None:
	if interval:
		stream.run(interval, stop, _tell)
	else:
		stop.wait()


def _tell(attempt: Attempt) -> None:
	what = STATE_DISPLAY[attempt.state] if attempt.transaction else "refused: not a person of this terminal"
	click.echo(f"{wallclock.written(attempt.when)}  {attempt.emp_code:<6}  {attempt.terminal_sn}  {what}")
