"""People, areas and terminals as the vendor's API tells them: frozen, parsed tolerantly. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from zkteco_biometric.biotime.errors import UnexpectedShape
from zkteco_biometric.biotime.models import as_text, optional_time, whole_number
from zkteco_biometric.wording import _

_NEVER_KEPT = ("password", "card")


@dataclass(frozen=True)
class Area:
	"""A group of terminals, and the people that those hold. `code` and `name` are empty where they are not told."""

	id: int
	code: str
	name: str


@dataclass(frozen=True)
class Person:
	"""One record of `/personnel/api/employees/`.

	`name` is first and last name, empty where there is none. `privilege` is 0 for a plain employee, None where it is
	unreadable. `fields` are the plain values of the record, for servers with a flag of their own: no passwords, no cards.
	"""

	id: int
	emp_code: str
	name: str
	areas: tuple[Area, ...]
	privilege: int | None
	department: int | None
	fields: Mapping[str, Any] = field(repr=False, compare=False)


@dataclass(frozen=True)
class Terminal:
	"""One row of `/iclock/api/terminals/`; `last_activity` is naive, the server's wall clock.

	`state` is "1" for online. `user_count` is how many people the terminal holds, `transaction_count` how many punches.
	"""

	id: int
	sn: str
	alias: str
	area: Area | None
	state: str
	last_activity: datetime | None
	user_count: int | None
	transaction_count: int | None
	ip_address: str = ""


def read_person(record: Any, asked_id: int | None = None) -> Person:
	"""The person of a record. One without an id, as PUT answers it, is the one asked for.

	Raises `UnexpectedShape` where code or areas cannot be read, and where the record is somebody else's.
	"""
	if not isinstance(record, Mapping):
		raise UnexpectedShape(_("The server's record of a person is not an object."))
	emp_code = as_text(record.get("emp_code"))
	if not emp_code:
		raise UnexpectedShape(_("The server's record of a person has no emp_code."))
	return Person(
		id=_person_id(record.get("id"), asked_id),
		emp_code=emp_code,
		name=" ".join(filter(None, (as_text(record.get(part)) for part in ("first_name", "last_name")))),
		areas=_areas(record.get("area"), emp_code),
		privilege=_privilege(record.get("dev_privilege")),
		department=_id_in(record.get("department")),
		fields={name: value for name, value in record.items() if _is_kept(name, value)},
	)


def read_area(row: Any) -> Area:
	"""An area, also where only its id is told. Raises `UnexpectedShape` where there is none."""
	id = _id_in(row)
	if id is None:
		raise UnexpectedShape(_("The server tells of an area without an id."))
	told = row if isinstance(row, Mapping) else {}
	return Area(id, as_text(told.get("area_code")), as_text(told.get("area_name")))


def read_terminal(row: Any) -> Terminal:
	"""A terminal. Raises `UnexpectedShape` where it has no id or no serial number."""
	id, sn = _id_in(row), as_text(row.get("sn")) if isinstance(row, Mapping) else ""
	if id is None or not sn:
		raise UnexpectedShape(_("The server tells of a terminal without an id or a serial number."))
	area = row.get("area")
	return Terminal(
		id=id,
		sn=sn,
		alias=as_text(row.get("alias")),
		area=None if _id_in(area) is None else read_area(area),
		state=as_text(row.get("state")),
		last_activity=optional_time(row.get("last_activity")),
		user_count=whole_number(row.get("user_count")),
		transaction_count=whole_number(row.get("transaction_count")),
		ip_address=as_text(row.get("ip_address")),
	)


def _person_id(told: Any, asked: int | None) -> int:
	id = whole_number(told)
	if id is None and told is None and asked is not None:
		return asked
	if id is None:
		raise UnexpectedShape(_("The server's record of a person has no id."))
	if asked not in (None, id):
		raise UnexpectedShape(
			_("Asked for the person with id {0}, the server sent the one with id {1}.").format(asked, id)
		)
	return id


def _areas(told: Any, emp_code: str) -> tuple[Area, ...]:
	"""None at all where the record does not speak of areas; unreadable ones must not pass for none."""
	if told is None:
		return ()
	if not isinstance(told, list):
		raise UnexpectedShape(_("The areas of the person with code {0} cannot be read.").format(emp_code))
	return tuple(read_area(area) for area in told)


def _privilege(told: Any) -> int | None:
	return 0 if told is None else whole_number(told)


def _id_in(told: Any) -> int | None:
	"""Of a row, or of what stands for one: its id alone."""
	return whole_number(told.get("id") if isinstance(told, Mapping) else told)


def _is_kept(name: str, value: Any) -> bool:
	plain = value is None or isinstance(value, str | int | float)
	return plain and not any(part in name.lower() for part in _NEVER_KEPT)
