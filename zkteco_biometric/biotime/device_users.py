"""People on terminals: who is where, and moving them (contract, section 3).

Whatever changes a person is sent once. Its answer is unpublished, and an error page may hide that the change happened:
who changed a person reads the person again, and only then knows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from zkteco_biometric.biotime.answers import Answer, Json, detail
from zkteco_biometric.biotime.errors import NotBioTime, NotOffered, UnexpectedShape
from zkteco_biometric.biotime.lists import Listing, read_list
from zkteco_biometric.biotime.models import as_text
from zkteco_biometric.biotime.personnel import Area, Person, Terminal, read_area, read_person, read_terminal
from zkteco_biometric.biotime.session import Session
from zkteco_biometric.biotime.writes import read_bulk_write, read_probe, read_write
from zkteco_biometric.wording import _

EMPLOYEES = "/personnel/api/employees/"
AREAS = "/personnel/api/areas/"
TERMINALS = "/iclock/api/terminals/"
ADJUST_AREA = f"{EMPLOYEES}adjust_area/"
RESYNC = f"{EMPLOYEES}resync_to_device/"


class DeviceUsers:
	"""Speaks of people, areas and terminals through a session. Every method raises `BioTimeError` only.

	Those that change a person raise `Rejected`, `NotFound` or `NotOffered` where the server says that it did not; after
	any other error, such as `TimedOut` or `HtmlInsteadOfJson`, the change may or may not have happened, or happen still.
	"""

	def __init__(self, session: Session) -> None:
		self._session = session

	def person(self, id: int) -> Person | None:
		"""The person with that id; None where there is none."""
		with self._session.hiding_secrets():
			answer = self._get(_record(id))
			if answer.status == 404 and answer.data is not None:
				return None
			if answer.status == 404:
				raise NotBioTime(_("The server has no records of people at this address (404)."))
			if answer.status != 200:
				raise UnexpectedShape(
					_("The server refused the request for a person: {0}").format(detail(answer.data))
				)
			return read_person(answer.data, id)

	def person_with_code(self, emp_code: str) -> Person | None:
		"""The person with exactly that code, compared as text; None where there is none.

		Never the first row of a loose search. Raises `UnexpectedShape` where two people have the code.
		"""
		code = emp_code.strip()
		if not code:
			return None
		rows = self._list(
			EMPLOYEES, Listing(_("people"), {"emp_code": code}), lambda row: _code_of(row) == code
		)
		# A row may slide to the next page while the list is read, and come twice.
		people = {person.id: person for person in map(read_person, rows)}
		if len(people) > 1:
			raise UnexpectedShape(
				_("The server knows {0} people with the code {1}: ids {2}.").format(
					len(people), code, ", ".join(map(str, people))
				),
				remedy=_("Give each person a code of their own on the BioTime server."),
			)
		return next(iter(people.values()), None)

	def areas(self) -> list[Area]:
		"""All of them."""
		return [read_area(row) for row in self._list(AREAS, Listing(_("areas"), {}))]

	def terminals(self) -> list[Terminal]:
		"""All of them."""
		return [read_terminal(row) for row in self._list(TERMINALS, Listing(_("terminals"), {}))]

	def adjust_area(self, person_id: int, area_ids: Sequence[int]) -> None:
		"""Let the person be in these areas and no others."""
		payload = {"employees": [person_id], "areas": list(area_ids)}
		self._write("POST", ADJUST_AREA, payload, read_bulk_write)

	def resync_to_device(self, person_id: int) -> None:
		"""Let the terminals of the person's areas be sent the person anew."""
		self._write("POST", RESYNC, {"employees": [person_id]}, read_bulk_write)

	def change_person(self, person_id: int, changes: Mapping[str, Any]) -> None:
		"""Change these fields of the record. A field that it does not have is ignored silently."""
		self._write("PATCH", _record(person_id), changes, read_write)

	def offers_adjust_area(self) -> bool:
		"""Whether the server has that route and does not fail at it: asked with nobody and no area, so nobody changes."""
		try:
			answer = self._write("POST", ADJUST_AREA, {"employees": [], "areas": []}, read_probe)
		except NotOffered:
			return False
		return answer.status != 500

	def _list(
		self, path: str, listing: Listing, wanted: Callable[[Any], bool] = lambda _row: True
	) -> list[Any]:
		with self._session.hiding_secrets():
			return read_list(lambda parameters: self._get(path, parameters), listing, wanted)

	def _get(self, path: str, parameters: Mapping[str, str] | None = None) -> Json:
		return self._session.get(path, parameters)

	def _write(
		self, method: str, path: str, payload: Mapping[str, Any], read: Callable[[Answer], Json]
	) -> Json:
		with self._session.hiding_secrets():
			return self._session.write(method, path, payload, read)


def _record(person_id: int) -> str:
	return f"{EMPLOYEES}{person_id}/"


def _code_of(row: Any) -> str:
	return as_text(row.get("emp_code")) if isinstance(row, Mapping) else ""
