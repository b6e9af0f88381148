"""The SQLite file: its tables, and transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from zkteco_biometric.standalone.problems import Problem

_VERSION = 3
_UPGRADES = {2: "ALTER TABLE device ADD COLUMN page_size_borne INTEGER"}
"""From a version to the next."""
_BUSY_SECONDS = 30.0

_TABLES = (
	"""
	CREATE TABLE employee_checkin (
		name INTEGER PRIMARY KEY,
		employee TEXT NOT NULL,
		time TEXT NOT NULL, -- YYYY-MM-DD HH:MM:SS, the site's wall clock
		log_type TEXT,
		device_id TEXT NOT NULL,
		zkteco_transaction_id INTEGER,
		emp_code TEXT NOT NULL,
		terminal_sn TEXT NOT NULL,
		UNIQUE (employee, time),
		UNIQUE (device_id, emp_code, time) -- whoever has the code today, a punch stays the check-in that it became
	)
	""",
	"""
	CREATE TABLE pending_punch (
		name INTEGER PRIMARY KEY,
		device_id TEXT NOT NULL,
		punch_key TEXT NOT NULL,
		reason TEXT NOT NULL,
		message TEXT NOT NULL,
		zkteco_transaction_id INTEGER,
		emp_code TEXT NOT NULL, -- this and the following are empty where the row cannot be read
		person_name TEXT NOT NULL, -- as the device knows it
		time TEXT NOT NULL, -- the terminal's wall clock
		punch_state TEXT NOT NULL,
		terminal_sn TEXT NOT NULL,
		row TEXT NOT NULL, -- JSON, as received
		UNIQUE (device_id, punch_key)
	)
	""",
	"""
	CREATE TABLE device (
		url TEXT PRIMARY KEY,
		device_zone TEXT NOT NULL,
		site_zone TEXT NOT NULL,
		sync_from TEXT, -- ISO 8601, UTC
		token_kind TEXT,
		last_sync_timestamp TEXT, -- ISO 8601, UTC
		checkpoint TEXT, -- JSON, as are the following
		arrivals TEXT,
		past_days TEXT,
		clock_watch TEXT,
		page_size_borne INTEGER -- rows; NULL for as many as are asked for
	)
	""",
)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
	"""The database, made where there is none; closed at the end.

	Raises `Problem` for a database that this package has not made.
	"""
	with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
		with transaction(connection):
			_prepare(connection, path)
		yield connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
	"""All of it or nothing; the only writer meanwhile."""
	connection.execute("BEGIN IMMEDIATE")
	with connection:
		yield


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
	(version,) = connection.execute("PRAGMA user_version").fetchone()
	(tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
	if version == _VERSION:
		return
	if version in _UPGRADES:
		_make(connection, [_UPGRADES[version]])
		return
	if version or tables:
		raise Problem(
			f"{path} is a database of something else, or of another version of this program.",
			"Name another file with --database; it is made where there is none.",
		)
	_make(connection, _TABLES)


def _make(connection: sqlite3.Connection, statements: Iterable[str]) -> None:
	for statement in statements:
		connection.execute(statement)
	connection.execute(f"PRAGMA user_version = {_VERSION}")
