"""Plays a history, and after each cycle that read all looks whether every punch has become what it must."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tests.support.histories import (
	EMPLOYEES,
	IGNORED_STATE,
	NEWCOMER,
	Cycle,
	Hire,
	History,
	Setting,
	Step,
	Wait,
)
from tests.support.lived import A_SECOND, LivedDevice
from tests.support.mortal_store import Killed, MortalConnection, MortalStore
from tests.support.oracle import CHECK_IN, NOTHING, Key, Row, fates
from tests.support.quick_client import URL, quick_client
from tests.support.ticks import tick
from tests.support.times import clocks
from zkteco_biometric.biotime.models import Token
from zkteco_biometric.cycle.log_types import LogType, PunchStates
from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.cycle.run import CycleRules, run_cycle
from zkteco_biometric.cycle.window import WindowRules
from zkteco_biometric.standalone.pending import settle_pending
from zkteco_biometric.standalone.site import SQLiteSite

_GOOD_CYCLES = (timedelta(minutes=15), timedelta(minutes=15), timedelta(days=1))
"""How long after what is before: two on the same day, as often as not, and one on the next."""


def play(history: History) -> Played:
	"""The whole history, and cycles without any trouble after it; raises AssertionError where a punch is lost or doubled."""
	played = Played(history.setting)
	try:
		for step in history.steps:
			played.take(step)
		for pause in _GOOD_CYCLES:
			played.take(Wait(pause))
			assert played.cycle(Cycle()), "a cycle fails though nothing is wrong"
	finally:
		played.store.close()
	return played


class Played:
	"""A device and a site to play on."""

	def __init__(self, setting: Setting) -> None:
		self.device = LivedDevice(setting)
		self.store = MortalStore()
		self.employees = dict(EMPLOYEES)
		self.obeyed = _cycle_rules(setting)
		self._token: Token | None = None
		self.glanced = 0

	def take(self, step: Step) -> None:
		match step:
			case Hire():
				self.employees[NEWCOMER] = "EMP-8"
			case Wait(span):
				self.device.now += span
			case Cycle():
				self.cycle(step)
			case _:
				self.device.happens(step)

	def cycle(self, step: Cycle) -> bool:
		"""Whether it has read all."""
		began, found, result = self.device.now, self.device.there, None
		self.device.is_read(step)
		with suppress(Killed), self.store.connected() as connection:
			if step.dies_after is not None:
				connection.die_at("any", step.dies_after + 1)
			result = self._read(connection, step.seconds)
		self._note_what_was_ahead(began)
		if result is None or result.failure or result.unfinished:
			return False
		for row in found:
			row.is_hidden |= not row.is_owed and self.device.hides(row, began)
			row.is_owed |= self._must_have_read(row, began)
		self.device.read_at, self.device.lacks_rows = began, False
		self.glanced += result.glanced
		self._check_punches()
		self._check_unreadable_rows()
		return True

	def _read(self, connection: MortalConnection, seconds: int | None) -> CycleResult:
		site = SQLiteSite(connection, URL, self.employees)
		obeyed = replace(self.obeyed, window=site.position.agree(self.obeyed.window))
		settle_pending(site, self.obeyed)
		client = quick_client(
			self.device.sim, self.device.is_asked, token=self._token, on_token=self._keep_token
		)
		stop_at = self.device.now + seconds * A_SECOND if seconds else None
		read = tick if self.device.rules.setting.glances else run_cycle
		before = site.sync_state().last_sync
		try:
			result = read(client, site, obeyed, now=lambda: self.device.now, stop_at=stop_at)
		finally:
			last_sync = site.sync_state().last_sync
			assert before is None or (last_sync and last_sync >= before), "last_sync has gone back"
		if not result.glanced:
			site.position.bears(result.page_size_borne)
		return result

	def _keep_token(self, token: Token | None) -> None:
		self._token = token

	def _note_what_was_ahead(self, began: datetime) -> None:
		for row in self.device.rows:
			if not row.is_owed:
				for moment in (began, self.device.now):
					row.was_ahead |= self.device.rules.ahead(row.punch.punch_time, moment)

	def _must_have_read(self, row: Row, began: datetime) -> bool:
		looked_for = self.device.rules.is_looked_for(row, began, self.device.now)
		return row.is_there and looked_for and not row.is_hidden

	def _check_punches(self) -> None:
		"""Each has become one thing, and that is one that it may become; no check-in and nothing that waits is of none."""
		possible = fates(self.device.rows, self.device.rules, self.employees)
		became: dict[Key, list[str]] = {key: [] for key in possible}
		for code, time, reason in self.store.rows(
			"SELECT emp_code, time, reason FROM pending_punch WHERE emp_code != ''"
		):
			became[code, datetime.fromisoformat(time)].append(reason)
		for key in self._with_check_in(possible):
			became[key].append(CHECK_IN)
		for key, fate in became.items():
			assert "+".join(fate or [NOTHING]) in possible[key], f"{key} became {fate}, not {possible[key]}"

	def _with_check_in(self, possible: dict[Key, set[str]]) -> list[Key]:
		"""The punches that have one. Across clock changes, two may share a second of the site's clock."""
		made = {
			(employee, datetime.fromisoformat(time))
			for employee, time in self.store.rows("SELECT employee, time FROM employee_checkin")
		}
		wanted = {
			key: (self.employees[key[0]], self.device.rules.on_site(key[1]))
			for key, fate in possible.items()
			if CHECK_IN in fate
		}
		assert made <= set(wanted.values()), f"check-ins of no punch: {made - set(wanted.values())}"
		return [key for key, check_in in wanted.items() if check_in in made]

	def _check_unreadable_rows(self) -> None:
		kept = self.store.rows("SELECT row FROM pending_punch WHERE emp_code = ''")
		waiting = {_comparable(json.loads(row)) for (row,) in kept}
		spoiled = [row for row in self.device.rows if not row.is_readable]
		assert waiting <= {_comparable(self.device.served(row)) for row in spoiled}
		assert {_comparable(self.device.served(row)) for row in spoiled if row.is_owed} <= waiting


def _cycle_rules(setting: Setting) -> CycleRules:
	sync_from = None if setting.sync_from is None else setting.begin - setting.sync_from
	window = WindowRules(
		clocks(setting.device, setting.site), setting.look_back, sync_from, setting.page_size
	)
	return CycleRules(window, PunchStates({IGNORED_STATE: LogType.IGNORE}), setting.past_days)


def _comparable(row: Any) -> str:
	return json.dumps(row, sort_keys=True)
