"""The tables of people, areas and terminals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from zkteco_biometric.simulator.models import Area, Person, Terminal

AreaRef = Area | int | str

NOT_AUTHORIZED = Area(1, "1", "Not Authorized")
DEFAULT_AREA = Area(2, "2", "Default Area")


class Personnel:
	"""People, areas and terminals by id; not thread-safe by itself."""

	def __init__(self) -> None:
		self.areas = {area.id: area for area in (NOT_AUTHORIZED, DEFAULT_AREA)}
		self.terminals: dict[str, Terminal] = {}
		self.people: dict[int, Person] = {}
		self._by_code: dict[str, int] = {}
		self._next_person = 1

	def person_by_code(self, emp_code: str) -> Person | None:
		"""The person with exactly this code."""
		return self.people.get(self._by_code.get(emp_code, 0))

	def add_person(self, emp_code: str, areas: Iterable[AreaRef] | None, fields: Mapping[str, Any]) -> Person:
		"""Add a person; without areas, to the default area.

		:raises ValueError: the code is empty, not a text, or taken; no area; an unknown area.
		"""
		if not isinstance(emp_code, str) or not emp_code:
			raise ValueError(f"The employee code {emp_code!r} has to be a text, such as '007'.")
		if emp_code in self._by_code:
			raise ValueError(f"There is a person {emp_code!r} already: choose another code.")
		held = self.resolve([DEFAULT_AREA] if areas is None else areas)
		person = Person(self._next_person, emp_code, held, **fields)
		self._next_person += 1
		self._by_code[emp_code] = person.id
		self.people[person.id] = person
		return person

	def change_person(self, id: int, changes: Mapping[str, Any]) -> Person:
		"""Replace fields of a person (not the code).

		:raises KeyError: there is no such person.
		"""
		person = replace(self.people[id], **changes)
		self.people[id] = person
		return person

	def delete_person(self, id: int) -> None:
		"""Forget a person; their punches stay.

		:raises KeyError: there is no such person.
		"""
		del self._by_code[self.people.pop(id).emp_code]

	def add_area(self, code: str, name: str) -> Area:
		"""Add an area.

		:raises ValueError: the code is taken.
		"""
		if any(area.code == code for area in self.areas.values()):
			raise ValueError(f"There is an area {code!r} already: choose another code.")
		area = Area(max(self.areas) + 1, code, name)
		self.areas[area.id] = area
		return area

	def add_terminal(self, sn: str, area: AreaRef | None, alias: str, ip_address: str | None) -> Terminal:
		"""Add a terminal; without an area, to the default area.

		:raises ValueError: the serial number is empty or taken; the area is unknown.
		"""
		if not sn or sn in self.terminals:
			raise ValueError(f"The serial number {sn!r} is empty or taken: choose another one.")
		(held,) = self.resolve([DEFAULT_AREA if area is None else area])
		id = max((terminal.id for terminal in self.terminals.values()), default=0) + 1
		self.terminals[sn] = Terminal(id, sn, held, alias, ip_address or f"192.0.2.{id % 255}")
		return self.terminals[sn]

	def resolve(self, areas: Iterable[AreaRef]) -> tuple[Area, ...]:
		"""The areas, each given as such, by id or by code.

		:raises ValueError: none is given, or one is unknown.
		"""
		found = tuple(self._area(area) for area in areas)
		if not found:
			raise ValueError("A person has at least one area: name one, or leave the areas out.")
		return found

	def _area(self, wanted: AreaRef) -> Area:
		for area in self.areas.values():
			if wanted in (area.id, area.code) or wanted == area:
				return area
		raise ValueError(f"There is no area {wanted!r}: add it with add_area first.")
