"""The server's state, apart from how it is served."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timezone
from threading import RLock
from typing import Any

from zkteco_biometric.simulator import wallclock
from zkteco_biometric.simulator.models import Area, Person, Terminal, Transaction
from zkteco_biometric.simulator.personnel import AreaRef, Personnel
from zkteco_biometric.simulator.punch_table import PunchTable, SortKey, Wanted

Time = datetime | str


class Store:
	"""People, areas, terminals and punches. Every method may be called from any thread.

	Times are naive wall-clock times, as `datetime` or "YYYY-MM-DD HH:MM:SS". Areas are given as
	`Area`, by id or by code. A new store has the stock areas "Not Authorized" and "Default Area".
	"""

	def __init__(self) -> None:
		self.lock = RLock()
		self.wall_clock = wallclock.wall_clock(wallclock.utc_now, timezone.utc)
		self._personnel = Personnel()
		self._punches = PunchTable()

	def add_person(
		self,
		emp_code: str,
		*,
		first_name: str = "",
		last_name: str = "",
		areas: Iterable[AreaRef] | None = None,
		privilege: int = 0,
		**fields: Any,
	) -> Person:
		"""Add a person, to the default area unless areas are given; `fields` are others of `Person`.

		:raises ValueError: the code is empty or taken, or the areas are none or unknown.
		"""
		fields |= {"first_name": first_name, "last_name": last_name, "privilege": privilege}
		with self.lock:
			return self._personnel.add_person(emp_code, areas, fields)

	def change_person(self, id: int, *, areas: Iterable[AreaRef] | None = None, **changes: Any) -> Person:
		"""Replace fields of a person, and their areas if given.

		:raises KeyError: there is no such person.
		"""
		with self.lock:
			if areas is not None:
				changes["areas"] = self._personnel.resolve(areas)
			return self._personnel.change_person(id, changes)

	def delete_person(self, id: int) -> None:
		"""Forget a person; their punches stay, without `emp`.

		:raises KeyError: there is no such person.
		"""
		with self.lock:
			self._personnel.delete_person(id)

	def person(self, id: int) -> Person | None:
		"""The person with this id."""
		with self.lock:
			return self._personnel.people.get(id)

	def person_by_code(self, emp_code: str) -> Person | None:
		"""The person with exactly this code."""
		with self.lock:
			return self._personnel.person_by_code(emp_code)

	@property
	def people(self) -> list[Person]:
		"""Everybody, ordered by code as text."""
		with self.lock:
			return sorted(self._personnel.people.values(), key=lambda person: person.emp_code)

	def add_area(self, code: str, name: str) -> Area:
		"""Add an area.

		:raises ValueError: the code is taken.
		"""
		with self.lock:
			return self._personnel.add_area(code, name)

	@property
	def areas(self) -> list[Area]:
		"""All areas, ordered by id."""
		with self.lock:
			return list(self._personnel.areas.values())

	def add_terminal(
		self, sn: str, *, alias: str = "", area: AreaRef | None = None, ip_address: str | None = None
	) -> Terminal:
		"""Add a terminal, to the default area unless one is given.

		:raises ValueError: the serial number is empty or taken, or the area is unknown.
		"""
		with self.lock:
			return self._personnel.add_terminal(sn, area, alias, ip_address)

	def change_terminal(self, sn: str, **changes: Any) -> Terminal:
		"""Replace fields of a terminal, such as `state` or `last_activity`.

		:raises KeyError: there is no such terminal.
		"""
		with self.lock:
			self._personnel.terminals[sn] = replace(self._personnel.terminals[sn], **changes)
			return self._personnel.terminals[sn]

	def delete_terminal(self, sn: str) -> None:
		"""Forget a terminal; its punches stay.

		:raises KeyError: there is no such terminal.
		"""
		with self.lock:
			del self._personnel.terminals[sn]

	@property
	def terminals(self) -> list[Terminal]:
		"""All terminals, in the order in which they were added."""
		with self.lock:
			return list(self._personnel.terminals.values())

	def terminal(self, sn: str) -> Terminal | None:
		"""The terminal with this serial number."""
		with self.lock:
			return self._personnel.terminals.get(sn)

	def punch(
		self,
		emp_code: str,
		when: Time,
		state: str | int | None = "0",
		*,
		terminal_sn: str | None = None,
		upload_time: Time | None = None,
		id: int | None = None,
		longitude: float | None = None,
		latitude: float | None = None,
	) -> Transaction:
		"""Add a punch, of a known person or not.

		It arrives now, by the server's clock, unless `upload_time` says when. Without `terminal_sn` it comes
		from the first terminal, if there is one; "" makes it a manual row.

		:raises ValueError: not a naive time, or the id is taken.
		"""
		with self.lock:
			row = Transaction(
				id=self._punches.next_id if id is None else id,
				emp_code=emp_code,
				punch_time=wallclock.parse(when),
				punch_state=state,
				terminal_sn=self._sn(terminal_sn),
				upload_time=wallclock.parse(self.wall_clock() if upload_time is None else upload_time),
				longitude=longitude,
				latitude=latitude,
			)
			self._punches.insert(row)
			self._note_activity(row)
			return row

	def punches(self, rows: Iterable[tuple[str, Time, str | int | None]]) -> list[Transaction]:
		"""Add many punches at once, each (emp_code, when, state)."""
		with self.lock:
			return [self.punch(emp_code, when, state) for emp_code, when, state in rows]

	def person_punches(
		self, emp_code: str, terminal_sn: str, when: Time, state: str | int | None = "0"
	) -> Transaction | None:
		"""A person tries to punch: None when the terminal refuses, because its area does not hold them.

		:raises KeyError: there is no such terminal.
		"""
		with self.lock:
			area = self._personnel.terminals[terminal_sn].area
			person = self._personnel.person_by_code(emp_code)
			if person is None or area.id not in person.area_ids:
				return None
			return self.punch(emp_code, when, state, terminal_sn=terminal_sn)

	def delete_punch(self, id: int) -> None:
		"""Delete a punch; its id is not used again.

		:raises KeyError: there is no such punch.
		"""
		with self.lock:
			self._punches.delete(id)

	def restart_ids(self, next_id: int = 1) -> None:
		"""As after a restored backup: punches from this id on are gone, and counting goes on from it."""
		with self.lock:
			self._punches.restart(next_id)

	@property
	def transactions(self) -> list[Transaction]:
		"""All punches, ordered by id: a copy."""
		with self.lock:
			return list(self._punches)

	@property
	def punch_count(self) -> int:
		"""How many punches there are."""
		with self.lock:
			return len(self._punches)

	def count_from(self, terminal_sn: str) -> int:
		"""How many punches came from this terminal."""
		with self.lock:
			return sum(row.terminal_sn == terminal_sn for row in self._punches)

	def punch_page(
		self,
		wanted: Sequence[Wanted] = (),
		*,
		order: SortKey | None = None,
		descending: bool = False,
		offset: int = 0,
		size: int = 10,
	) -> tuple[int, list[Transaction]]:
		"""How many punches satisfy every predicate, and one page of them; ordered by id unless told."""
		with self.lock:
			return self._punches.page(wanted, order, descending, offset, size)

	def _sn(self, terminal_sn: str | None) -> str:
		if terminal_sn is None:
			return next(iter(self._personnel.terminals), "")
		return terminal_sn

	def _note_activity(self, row: Transaction) -> None:
		terminal = self._personnel.terminals.get(row.terminal_sn)
		if terminal:
			self._personnel.terminals[row.terminal_sn] = replace(terminal, last_activity=row.upload_time)
