from __future__ import annotations

import csv
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result

from zkteco_biometric.simulator import cli
from zkteco_biometric.simulator.cli import run_simulator, simulator
from zkteco_biometric.simulator.demo import Attempt

from .api import CREDENTIALS, JWT_LOGIN


class StoppedAtOnce(threading.Event):
	"""An event that is set from the start."""

	def __init__(self) -> None:
		super().__init__()
		self.set()


@pytest.fixture
def ending_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(cli, "Event", StoppedAtOnce)


def run(*arguments: str) -> Result:
	return CliRunner().invoke(simulator, ["--port", "0", *arguments])


@pytest.mark.usefixtures("ending_at_once")
def test_it_says_where_it_runs_and_what_to_enter() -> None:
	result = run("--people", "3", "--username", "api", "--password", "secret", "--time-zone", "Asia/Kolkata")
	assert result.exit_code == 0, result.output
	assert "BioTime simulator at http://127.0.0.1:" in result.output
	for line in (
		"user name     api",
		"password      secret",
		"time zone     Asia/Kolkata",
		"people        3, and V1",
	):
		assert line in result.output
	assert "Stop it with Ctrl-C." in result.output


@pytest.mark.usefixtures("ending_at_once")
def test_the_people_can_be_written_for_an_import(tmp_path: Path) -> None:
	file = tmp_path / "employees.csv"
	assert run("--people", "3", "--days", "0", "--employees-csv", str(file)).exit_code == 0
	with file.open(newline="", encoding="utf-8") as lines:
		rows = list(csv.reader(lines))
	assert rows == [
		["employee", "employee_name", "attendance_device_id"],
		["HR-EMP-00001", "Employee 001", "1001"],
		["HR-EMP-00002", "Employee 002", "007"],
		["HR-EMP-00003", "Employee 003", "A7"],
	]


@pytest.mark.usefixtures("ending_at_once")
def test_a_host_that_others_can_reach_is_pointed_out() -> None:
	assert "Others can reach it on 0.0.0.0" in run("--host", "0.0.0.0").output
	assert "Others can reach it" not in run().output


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
	result = run("--employees-csv", str(tmp_path / "missing" / "employees.csv"))
	assert result.exit_code == 1
	assert "cannot be written (No such file or directory): name another file." in result.output


def test_a_time_zone_that_nobody_knows_is_refused_with_an_example() -> None:
	result = run("--time-zone", "Mars/Olympus")
	assert result.exit_code == 2
	assert "Invalid value for --time-zone" in result.output
	assert "Europe/Berlin" in " ".join(result.output.split())


def test_a_port_that_is_taken_is_named_with_the_remedy() -> None:
	with socket.create_server(("127.0.0.1", 0)) as taken:
		port = taken.getsockname()[1]
		result = CliRunner().invoke(simulator, ["--port", str(port), "--days", "0"])
	assert result.exit_code == 1
	assert f"Cannot listen on 127.0.0.1, port {port}" in result.output
	assert "choose another --port" in result.output


@pytest.mark.parametrize(
	("option", "value"),
	[("--people", "0"), ("--people", "many"), ("--days", "-1"), ("--interval", "-1"), ("--port", "70000")],
)
def test_numbers_that_make_no_sense_are_refused(option: str, value: str) -> None:
	result = CliRunner().invoke(simulator, [option, value])
	assert result.exit_code == 2
	assert f"Invalid value for '{option}'" in result.output


def test_without_an_interval_it_serves_and_adds_nothing(capsys: pytest.CaptureFixture[str]) -> None:
	stop = threading.Event()
	timer = threading.Timer(0.1, stop.set)
	timer.start()
	run_simulator(port=0, people=2, interval=0, stop=stop)
	timer.join()
	assert capsys.readouterr().out.endswith("Stop it with Ctrl-C.\n")


def test_a_refused_person_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
	attempt = Attempt("7", "0", "T1", datetime.fromisoformat("2024-06-05 12:00:00"), None)
	cli._tell(attempt)
	assert "refused: not a person of this terminal" in capsys.readouterr().out


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
	"""`python -m` with a punch every hundredth of a second."""
	command = [sys.executable, "-W", "error", "-u", "-m", "zkteco_biometric.simulator"]
	options = ["--port", "0", "--people", "2", "--days", "0", "--interval", "0.01"]
	with subprocess.Popen(
		[*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
	) as running:
		yield running
		running.kill()


def test_it_runs_from_the_command_line_until_ctrl_c(process: subprocess.Popen[str]) -> None:
	assert process.stdout is not None
	url = process.stdout.readline().split()[-1]
	while "Stop it" not in process.stdout.readline():
		pass
	first_punch = process.stdout.readline()
	assert "DEMO000000" in first_punch
	assert "Check In" in first_punch
	assert requests.post(url + JWT_LOGIN, json=CREDENTIALS, timeout=5).status_code == 200
	process.send_signal(signal.SIGINT)
	rest, errors = process.communicate(timeout=5)
	assert (process.returncode, errors) == (0, "")
	assert rest.endswith("Stopped.\n")
