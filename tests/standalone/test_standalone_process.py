"""The command as a process of its own, as people run it."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from threading import Thread

import pytest
import trustme

from tests.standalone.desk import SECRET, Desk
from zkteco_biometric.simulator import Simulator, faults

PROGRAM = [sys.executable, "-W", "error", "-m", "zkteco_biometric.standalone"]


def run(*arguments: str, password: str = SECRET) -> subprocess.CompletedProcess[str]:
	environment = os.environ | {"ZKTECO_PASSWORD": password}
	return subprocess.run(
		[*PROGRAM, *arguments],
		env=environment,
		capture_output=True,
		text=True,
		stdin=subprocess.DEVNULL,
		timeout=60,
		check=False,
	)


def test_a_sync_creates_check_ins_and_ends_with_zero(desk: Desk) -> None:
	desk.now = desk.now.replace(year=2020)
	desk.punches("1001", 3, day="2026-03-02")
	done = run(*desk.arguments("--csv", str(desk.csv)))
	assert (done.returncode, len(desk.check_ins())) == (0, 3)
	assert SECRET not in done.stdout + done.stderr
	assert len(desk.csv.read_text().splitlines()) == 4


def test_wrong_credentials_end_with_two_and_no_traceback(desk: Desk) -> None:
	done = run(*desk.arguments(), password="wrong-secret")
	assert done.returncode == 2
	assert done.stderr.startswith("Error: The server refused the log-in")
	assert "Traceback" not in done.stderr
	assert "wrong-secret" not in done.stdout + done.stderr


def test_a_password_can_be_typed_at_a_terminal_and_is_not_shown(desk: Desk) -> None:
	status, shown = at_a_terminal(desk.arguments(), typed=f"{SECRET}\n")
	assert status == 0
	assert "Password of admin:" in shown
	assert SECRET not in shown


def test_a_terminal_shows_a_bar(desk: Desk) -> None:
	desk.punches("1001", 4, day="2026-03-02")
	status, shown = at_a_terminal(desk.arguments("--page-size", "2"), typed=f"{SECRET}\n")
	assert status == 0
	assert "####" in shown
	assert "4/4" in shown


def test_ctrl_c_ends_a_process_with_130(desk: Desk) -> None:
	now = datetime.now(timezone.utc).replace(tzinfo=None)
	for minutes in range(4):
		desk.sim.store.punch("1001", now - timedelta(hours=1, minutes=minutes))
	desk.break_windows(faults.delay(30), after=1)
	window = ("--from", f"{now - timedelta(hours=12):%Y-%m-%d %H:%M}")
	process = subprocess.Popen(
		[*PROGRAM, *desk.arguments("--page-size", "2", *window)],
		env=os.environ | {"ZKTECO_PASSWORD": SECRET},
		stdout=subprocess.DEVNULL,
		stderr=subprocess.PIPE,
		text=True,
	)
	wait_until_asked(desk, times=2)
	process.send_signal(signal.SIGINT)
	_, said = process.communicate(timeout=30)
	assert process.returncode == 130
	assert "Stopped. What was stored stays stored" in said
	assert "Traceback" not in said
	assert len(desk.check_ins()) == 2


def test_the_demo_runs_and_ends_by_itself() -> None:
	done = run("demo", "--people", "8", "--days", "4")
	assert done.returncode == 0
	assert "Cycle 3 of 3" in done.stdout


def test_a_missing_package_is_named_with_the_remedy() -> None:
	code = (
		"import sys, runpy; sys.modules['click'] = None; "
		"runpy.run_module('zkteco_biometric.standalone', run_name='__main__')"
	)
	done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
	assert done.returncode == 2
	assert "pip install '.[standalone]'" in done.stderr
	assert "Traceback" not in done.stderr


class TestACertificateOfOnesOwn:
	def test_is_refused_with_the_remedy(self, desk: Desk, tmp_path: Path) -> None:
		with secure(tmp_path) as sim:
			done = desk.sync(url=sim.url)
		assert done.exit_code == 2
		assert "--ca-file" in done.stderr

	@pytest.mark.parametrize("more", [["--ca-file", "ca.pem"], ["--no-verify"]])
	def test_is_accepted_when_told(self, desk: Desk, tmp_path: Path, more: list[str]) -> None:
		with secure(tmp_path) as sim:
			done = desk.sync(
				*(str(tmp_path / part) if part == "ca.pem" else part for part in more), url=sim.url
			)
		assert done.exit_code == 0

	def test_needs_a_ca_file_that_is_one(self, desk: Desk, tmp_path: Path) -> None:
		with secure(tmp_path) as sim:
			done = desk.sync("--ca-file", str(desk.people), url=sim.url)
		assert done.exit_code == 2
		assert "Traceback" not in done.output


def secure(directory: Path) -> Simulator:
	authority = trustme.CA()
	authority.cert_pem.write_to_path(directory / "ca.pem")
	authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(directory / "server.pem")
	pem = str(directory / "server.pem")
	return Simulator(password=SECRET, ssl_context=(pem, pem))


def wait_until_asked(desk: Desk, times: int) -> None:
	for _ in range(1000):
		if len(desk.pages_asked()) >= times:
			return
		time.sleep(0.02)
	raise AssertionError("The device was never asked.")


def at_a_terminal(arguments: list[str], typed: str) -> tuple[int, str]:
	"""Runs the command with a terminal for everything, and types once it asks."""
	shown: list[bytes] = []
	child, terminal = pty.fork()
	if child == 0:
		os.environ.pop("ZKTECO_PASSWORD", None)
		os.execv(PROGRAM[0], [*PROGRAM, *arguments])
	reader = Thread(target=read_all, args=(terminal, shown))
	reader.start()
	while b"Password" not in b"".join(shown) and reader.is_alive():
		time.sleep(0.02)
	os.write(terminal, typed.encode())
	_, status = os.waitpid(child, 0)
	reader.join(timeout=30)
	return os.waitstatus_to_exitcode(status), b"".join(shown).decode()


def read_all(terminal: int, shown: list[bytes]) -> None:
	try:
		while part := os.read(terminal, 4096):
			shown.append(part)
	except OSError:
		return
