"""How far a device has been read, kept in the database for each URL."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from zkteco_biometric.biotime.models import TokenKind
from zkteco_biometric.cycle.arrivals import Arrivals
from zkteco_biometric.cycle.clock_watch import ClockWatch
from zkteco_biometric.cycle.past_days import PastDays
from zkteco_biometric.cycle.plan import Reason
from zkteco_biometric.cycle.ports import Position, SyncState
from zkteco_biometric.cycle.window import Checkpoint, WindowRules
from zkteco_biometric.standalone.database import transaction
from zkteco_biometric.standalone.problems import Problem

_FORGET = """
	UPDATE device SET last_sync_timestamp = NULL, checkpoint = NULL, past_days = NULL WHERE url = ?
"""
_DECIDE_AGAIN = "DELETE FROM pending_punch WHERE device_id = ? AND reason = ?"
_COLUMNS: Mapping[type[Position], str] = {
	Checkpoint: "checkpoint",
	Arrivals: "arrivals",
	PastDays: "past_days",
	ClockWatch: "clock_watch",
}
_Read = TypeVar("_Read", Checkpoint, Arrivals, PastDays, ClockWatch)


class DevicePosition:
	"""One device's row. No token and no password are ever in it."""

	def __init__(self, connection: sqlite3.Connection, url: str) -> None:
		self._connection = connection
		self._url = url

	def read(self) -> SyncState:
		return SyncState(
			_time(self._get("last_sync_timestamp")),
			self._read(Checkpoint),
			self._read(Arrivals),
			self._read(PastDays),
			self._read(ClockWatch),
		)

	def _read(self, kind: type[_Read]) -> _Read | None:
		text = self._get(_COLUMNS[kind])
		return kind.from_json(text) if text else None

	def move(self, position: Position) -> None:
		"""Within the transaction of the rows that it covers, where there are any."""
		self._set(_COLUMNS[type(position)], position.as_json())

	def finish(self, until: datetime) -> None:
		with transaction(self._connection):
			self._set("checkpoint", None)
			self._set("last_sync_timestamp", until.isoformat())

	def agree(self, rules: WindowRules) -> WindowRules:
		"""Makes the position fit the settings of this run, and the settings fit the run before.

		An earlier *Sync From* begins again there; without one, that of the run before stays. Raises `Problem` where
		check-ins were written in other zones.
		"""
		with transaction(self._connection):
			self._agree_on_zones(rules.clocks.device.key, rules.clocks.site.key)
			start = self._agree_on_start(rules.sync_from)
		borne = self._get("page_size_borne")
		return replace(rules, sync_from=start, page_size_borne=int(borne) if borne else None)

	def bears(self, page_size: int | None) -> None:
		"""What the server turned out to bear, for the next run; None for as much as is asked for."""
		self._set("page_size_borne", None if page_size is None else str(page_size))

	@property
	def token_kind(self) -> TokenKind:
		"""The kind of log-in that worked last."""
		return TokenKind(self._get("token_kind") or TokenKind.JWT.value)

	def keep_token_kind(self, kind: TokenKind) -> None:
		self._set("token_kind", kind.value)

	def _agree_on_zones(self, device: str, site: str) -> None:
		"""In other zones all is read again, and decided again which times are impossible."""
		former = self._get("device_zone"), self._get("site_zone")
		if former[0] and former != (device, site):
			self._refuse_other_zones(former)
			self._connection.execute(_FORGET, [self._url])
			self._connection.execute(_DECIDE_AGAIN, [self._url, Reason.IMPOSSIBLE_TIME.value])
		self._connection.execute(
			"INSERT INTO device (url, device_zone, site_zone) VALUES (?, ?, ?) "
			"ON CONFLICT (url) DO UPDATE SET device_zone = excluded.device_zone, site_zone = excluded.site_zone",
			[self._url, device, site],
		)

	def _refuse_other_zones(self, former: tuple[str | None, str | None]) -> None:
		if self._connection.execute(
			"SELECT 1 FROM employee_checkin WHERE device_id = ? LIMIT 1", [self._url]
		).fetchone():
			raise Problem(
				f"The database holds check-ins of this device that were read with --time-zone {former[0]} "
				f"and --site-time-zone {former[1]}.",
				"Give the same zones again, or begin with a new --database to read with other ones.",
			)

	def _agree_on_start(self, sync_from: datetime | None) -> datetime | None:
		former = _time(self._get("sync_from"))
		if sync_from is None:
			return former
		if former and sync_from < former:
			self._connection.execute(_FORGET, [self._url])
		self._set("sync_from", sync_from.isoformat())
		return sync_from

	def _get(self, column: str) -> str | None:
		row = self._connection.execute(f"SELECT {column} FROM device WHERE url = ?", [self._url]).fetchone()
		return row[0] if row else None

	def _set(self, column: str, value: str | None) -> None:
		self._connection.execute(f"UPDATE device SET {column} = ? WHERE url = ?", [value, self._url])


def written(wall: datetime) -> str:
	"""A naive time as the database holds it."""
	return wall.isoformat(" ", "seconds")


def _time(text: str | None) -> datetime | None:
	return datetime.fromisoformat(text) if text else None
