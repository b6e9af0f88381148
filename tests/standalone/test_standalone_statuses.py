"""Exit statuses, and what a failure says."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.standalone.desk import SECRET, TODAY, Desk
from zkteco_biometric.simulator import faults
from zkteco_biometric.simulator.faults import Fault
from zkteco_biometric.standalone import aloud, database


def test_wrong_credentials_are_status_two_and_tried_once(desk: Desk) -> None:
	result = desk.sync(password="wrong-secret")
	assert result.exit_code == 2
	assert desk.sim.rejected_logins == 1
	assert "Unable to log in with provided credentials." in result.stderr
	assert "What to do: Check --username and the password" in result.stderr


def test_a_device_that_is_switched_off_is_status_three(desk: Desk) -> None:
	desk.sim.stop()
	result = desk.sync()
	assert result.exit_code == 3
	assert "cannot be reached" in result.stderr
	assert "What to do: Check that the BioTime server is switched on" in result.stderr
	assert "0 punches read" not in result.stdout


@pytest.mark.parametrize(
	("fault", "status"),
	[
		(faults.status(500), 3),
		(faults.status(503, retry_after=5), 3),
		(faults.html_error(), 3),
		(faults.reset(), 3),
		(faults.truncate(), 3),
		(faults.api_code(), 3),
		(faults.licence_missing(), 2),
		(faults.redirect_to_login(), 2),
		(faults.html_not_found(), 2),
		(faults.wrong_shape([]), 2),
	],
)
def test_a_failure_is_two_for_a_person_and_three_for_time(desk: Desk, fault: Fault, status: int) -> None:
	desk.sim.faults.add(fault, path="transactions", times=None)
	result = desk.sync()
	assert result.exit_code == status
	assert "What to do:" in result.stderr
	assert "Traceback" not in result.output


def test_a_failure_that_passes_is_waited_out(desk: Desk) -> None:
	desk.punches("1001", 3)
	desk.sim.faults.add(faults.status(503), path="transactions", times=2)
	assert desk.sync().exit_code == 0
	assert len(desk.sleeps) == 2


def test_a_failure_that_may_be_the_size_of_the_page_is_repeated_once_and_then_less_is_asked_for(
	desk: Desk,
) -> None:
	desk.punches("1001", 3)
	desk.sim.faults.add(faults.status(502), path="transactions", times=2)
	assert desk.sync().exit_code == 0
	assert len(desk.sleeps) == 1


def test_a_token_that_expires_between_two_pages_is_renewed(desk: Desk) -> None:
	desk.punches("1001", 4)
	desk.sim.faults.add(faults.unauthorized(), path="transactions", after=1)
	assert desk.sync("--page-size", "2", *TODAY).exit_code == 0
	assert len(desk.check_ins()) == 4


@pytest.mark.parametrize(
	"more",
	[
		["--page-size", "0"],
		["--page-size", "10001"],
		["--look-back", "-1"],
		["--state", "2"],
		["--state", "x=IN"],
		["--state", "2=INOUT"],
		["--state", "2=IN", "--state", "02=OUT"],
		["--default-log-type", "both"],
		["--connect-timeout", "0"],
		["--ca-file", "missing.pem"],
		["--surprise"],
	],
)
def test_an_argument_that_makes_no_sense_is_status_two(desk: Desk, more: list[str]) -> None:
	result = desk.sync(*more)
	assert result.exit_code == 2
	assert "Error:" in result.stderr
	assert not desk.sim.log.entries


@pytest.mark.parametrize("url", ["192.0.2.10:8081", "ftp://192.0.2.10", "http://", "http://[::1"])
def test_an_address_that_makes_no_sense_is_status_two(desk: Desk, url: str) -> None:
	result = desk.sync(url=url)
	assert result.exit_code == 2
	assert "such as http://192.0.2.10:8081" in " ".join(result.stderr.split())


def test_a_ca_file_and_no_verify_exclude_each_other(desk: Desk) -> None:
	desk.csv.touch()
	result = desk.sync("--no-verify", "--ca-file", str(desk.csv))
	assert result.exit_code == 2
	assert "exclude each other" in result.stderr


def test_one_file_cannot_be_two_things(desk: Desk) -> None:
	result = desk.sync("--csv", str(desk.database))
	assert result.exit_code == 2
	assert "must be different files" in result.stderr


def test_a_file_that_is_no_database_is_refused(desk: Desk) -> None:
	desk.database.write_text("This is a letter, and no database at all. " * 10)
	result = desk.sync()
	assert result.exit_code == 2
	assert "file is not a database" in result.stderr
	assert "--database" in result.stderr


def test_a_database_of_something_else_is_left_alone(desk: Desk) -> None:
	with closing(sqlite3.connect(desk.database)) as other:
		other.execute("CREATE TABLE recipes (name)")
	result = desk.sync()
	assert result.exit_code == 2
	assert "a database of something else" in result.stderr
	assert desk.query("SELECT name FROM sqlite_master") == [("recipes",)]


def test_a_database_of_an_older_version_is_left_alone(desk: Desk) -> None:
	with closing(sqlite3.connect(desk.database)) as older:
		older.execute("CREATE TABLE employee_checkin (name)")
		older.execute("PRAGMA user_version = 1")
	result = desk.sync()
	assert result.exit_code == 2
	assert "or of another version of this program" in result.stderr
	assert "What to do: Name another file with --database" in result.stderr
	assert desk.query("PRAGMA user_version") == [(1,)]
	assert desk.query("SELECT name FROM sqlite_master") == [("employee_checkin",)]
	assert not desk.sim.log.entries


def test_a_database_in_no_directory_is_refused(desk: Desk) -> None:
	result = desk.sync("--database", str(desk.directory / "missing" / "punches.db"))
	assert result.exit_code == 2
	assert "unable to open database file" in result.stderr


def test_a_locked_database_is_status_three(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr(database, "_BUSY_SECONDS", 0)
	desk.sync()
	with closing(sqlite3.connect(desk.database, isolation_level=None)) as other:
		other.execute("BEGIN EXCLUSIVE")
		result = desk.sync()
	assert result.exit_code == 3
	assert "is locked" in result.stderr


def test_ctrl_c_ends_cleanly(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
	desk.punches("1001", 4)

	def interrupt(*_: object) -> None:
		raise KeyboardInterrupt

	with monkeypatch.context() as patch:
		patch.setattr("zkteco_biometric.standalone.progress.Lines.page_stored", interrupt)
		result = desk.sync("--page-size", "2", *TODAY)
	assert result.exit_code == 130
	assert "Stopped. What was stored stays stored" in result.stderr
	assert len(desk.check_ins()) == 2
	assert desk.sync("--page-size", "2", *TODAY).exit_code == 0
	assert len(desk.check_ins()) == 4


def test_a_defect_of_ours_is_not_hidden(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
	def fail(*_: object, **__: object) -> None:
		raise LookupError("a defect")

	monkeypatch.setattr(aloud, "dry_run", fail)
	assert isinstance(desk.sync().exception, LookupError)


class TestThePassword:
	def test_is_never_printed(self, desk: Desk) -> None:
		desk.punches("1001", 3)
		assert SECRET not in desk.sync().output
		assert SECRET not in desk.sync("--from", "never").output
		desk.sim.change_password("another")
		assert SECRET not in desk.sync().output

	def test_is_in_no_file_and_neither_is_the_token(self, desk: Desk) -> None:
		desk.punches("1001", 3)
		desk.sync("--csv", str(desk.csv))
		token = desk.sim.log.matching("transactions/")[0].headers["Authorization"].split()[1]
		for file in desk.directory.iterdir():
			assert SECRET.encode() not in file.read_bytes()
			assert token.encode() not in file.read_bytes()

	@pytest.mark.parametrize("password", ["", None])
	def test_is_missed_where_nobody_can_type_it(self, desk: Desk, password: str | None) -> None:
		result = desk.sync(password=password)
		assert result.exit_code == 2
		assert "Set the environment variable ZKTECO_PASSWORD" in result.stderr
		assert not desk.database.exists()

	def test_is_asked_for_at_a_terminal(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
		at_a_terminal(monkeypatch, lambda *_, **__: SECRET)
		assert desk.sync(password=None).exit_code == 0

	def test_may_be_refused_with_ctrl_c(self, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
		def interrupt(*_: object, **__: object) -> str:
			raise KeyboardInterrupt

		at_a_terminal(monkeypatch, interrupt)
		assert desk.sync(password=None).exit_code == 130


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, typed: Callable[..., str]) -> None:
	monkeypatch.setattr("zkteco_biometric.standalone.settings._somebody_can_type", lambda: True)
	monkeypatch.setattr("click.prompt", typed)
