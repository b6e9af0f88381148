"""Three cycles against the simulator: everything, nothing new, exactly what is new."""

from __future__ import annotations

import csv
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from zkteco_biometric.biotime.models import Credentials
from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.run import CycleRules
from zkteco_biometric.cycle.window import WindowRules
from zkteco_biometric.simulator import Person, Simulator, Transaction
from zkteco_biometric.simulator.demo import IN, OUT, Population, populate
from zkteco_biometric.standalone.aloud import dry_run_aloud, introduce
from zkteco_biometric.standalone.device import Device
from zkteco_biometric.standalone.dry_run import Order, Surroundings
from zkteco_biometric.standalone.zones import utc

_USERNAME = "admin"
_PAGE_SIZE = 100
_NEW_PUNCHES = 12
_HISTORY_ENDED = timedelta(minutes=30)
# Within the look-back, so that the second cycle meets punches that it has.
_JUST_NOW = timedelta(minutes=10)
# Any four days in a row hold at least one whole working day.
_FEWEST_DAYS = 4


@click.command()
@click.option("--people", type=click.IntRange(1, 8000), default=60, show_default=True)
@click.option(
	"--days", type=click.IntRange(_FEWEST_DAYS, 365), default=14, show_default=True, help="Days of history."
)
def demo(people: int, days: int) -> None:
	"""Show three cycles against a simulated device; it ends by itself and leaves nothing behind."""
	password = secrets.token_urlsafe()
	with TemporaryDirectory() as directory, Simulator(username=_USERNAME, password=password) as sim:
		order = _order(sim.url, password, Path(directory))
		population = populate(sim.store, people, days, sim.store.wall_clock() - _HISTORY_ENDED)
		_write_employees(order.employees, population.people)
		_Demo(sim, population, order).run()


@dataclass
class _Demo:
	sim: Simulator
	population: Population
	order: Order

	def run(self) -> None:
		"""Raises `ClickException` as soon as a cycle does not do what it says."""
		self._punch(ago=_JUST_NOW)
		history = self.sim.store.transactions
		introduce(self.order)
		_head(f"Cycle 1 of 3: the device holds {len(history)} punches, all of them new")
		self._cycle(self._expected(history))
		_head("Cycle 2 of 3: again, and nobody has punched meanwhile")
		self._cycle(0)
		new = self._punch()
		_head(f"Cycle 3 of 3: {len(new)} new punches, one of them with an unknown code")
		self._cycle(self._expected(new))
		click.echo("\nThe demo ends here. All three cycles did what they had to.")

	def _cycle(self, expected: int) -> None:
		created = dry_run_aloud(self.order, Surroundings()).result.counters.created
		if created != expected:
			raise click.ClickException(f"{expected} check-ins had to be created, but {created} were.")
		click.echo(f"\nAs it has to be: {created} created.")

	def _expected(self, punches: Iterable[Transaction]) -> int:
		"""One check-in for each second of each person whom HR knows."""
		unknown = self.population.unknown.emp_code
		return len({(one.emp_code, one.punch_time) for one in punches if one.emp_code != unknown})

	def _punch(self, ago: timedelta = timedelta()) -> list[Transaction]:
		"""Some known people and the unknown one, each at a second that no other punch has."""
		latest = self.sim.store.wall_clock() - ago
		people = [*self.population.people[:_NEW_PUNCHES], self.population.unknown]
		return [
			self.sim.store.punch(
				person.emp_code, latest - timedelta(seconds=seconds), IN if seconds % 2 else OUT
			)
			for seconds, person in enumerate(people)
		]


def _order(url: str, password: str, directory: Path) -> Order:
	rules = CycleRules(WindowRules(WallClocks(utc(), utc()), page_size=_PAGE_SIZE))
	return Order(
		Device(url, Credentials(_USERNAME, password)),
		rules,
		employees=directory / "people.csv",
		database=directory / "punches.db",
		csv=directory / "check-ins.csv",
	)


def _write_employees(path: Path, people: Iterable[Person]) -> None:
	with path.open("w", newline="", encoding="utf-8") as file:
		writer = csv.writer(file)
		writer.writerow(["employee", "attendance_device_id"])
		writer.writerows((f"HR-EMP-{number:05}", person.emp_code) for number, person in enumerate(people, 1))


def _head(text: str) -> None:
	click.echo(f"\n{text}\n{'=' * len(text)}")
