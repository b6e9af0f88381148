"""The ways to disable a person, and back: by area, or by a field of the personnel record (contract, section 3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from zkteco_biometric.biotime.errors import (
	BioTimeError,
	ErrorCode,
	FixTheSettings,
	HtmlInsteadOfJson,
	NotOffered,
	Rejected,
	ServerError,
	TryAgain,
	UnexpectedShape,
)
from zkteco_biometric.biotime.personnel import Area, Person
from zkteco_biometric.device_users.ports import People
from zkteco_biometric.device_users.states import Former, Kind

_FIELD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NEVER = {
	"id",
	"emp_code",
	"area",
	"areas",
	"department",
	"position",
	"first_name",
	"last_name",
	"nickname",
	"company",
	"hire_date",
	"app_role",
	"attemployee",
}
ABOUT_SOMETHING_ELSE = ("enable_att", "enable_attendance", "app_status")
"""Fields that let nobody in or out: the calculation of attendance, and the mobile app (contract, section 3)."""

_NEVER_PART = ("password", "privilege", "card", "finger", "face", "palm", "bio", "template", "photo")


class ControlUnsupported(FixTheSettings):
	"""The server, or what was configured, offers no way to disable people."""

	code = "control_unsupported"


class Place(Enum):
	"""Where a person is found on the device, seen from what was there before."""

	DISABLED = "disabled"
	AS_BEFORE = "as before"
	ELSEWHERE = "elsewhere"


class Way(Enum):
	"""How a person gets other areas; servers differ."""

	ADJUST_AREA = "adjust_area"
	PATCH_AREA = "patch_area"
	PATCH_WITH_DEPARTMENT = "patch_with_department"


@dataclass
class Ways:
	"""Which way to try first: the one that worked last. Shared by the lanes of a pass."""

	best: Way = Way.ADJUST_AREA

	def in_order(self) -> list[Way]:
		return sorted(Way, key=lambda way: way is not self.best)


@dataclass(frozen=True)
class Written:
	"""What came of a change: the person as read afterwards (None where that failed), and why it did not succeed.

	`unsure`: a request was sent of which the server may still make something. `resync_due`: the terminals are not told yet.
	"""

	person: Person | None = None
	error: BioTimeError | None = None
	unsure: bool = False
	resync_due: bool = False
	note: str = ""


@dataclass(frozen=True)
class AreaMethod:
	"""To a parking area that no terminal belongs to, and back to the very areas the person had."""

	parking: Area

	def former_of(self, person: Person) -> Former:
		"""Raises `ControlUnsupported` for who is in no area: there would be no way back."""
		if not person.areas:
			raise ControlUnsupported(
				f"{person.emp_code} is in no area on the device.",
				remedy="Put the person into an area on the BioTime server.",
			)
		ids, names = zip(*((area.id, area.name) for area in person.areas), strict=True)
		return Former(Kind.AREA, areas=ids, area_names=names, parking=self.parking.id)


@dataclass(frozen=True)
class FieldMethod:
	"""By a field of the personnel record, for servers and terminals that have a flag of their own."""

	field: str
	enabled_value: str
	disabled_value: str

	def former_of(self, person: Person) -> Former:
		"""Raises `ControlUnsupported` where the record has no such field."""
		if self.field not in person.fields:
			raise ControlUnsupported(
				f"The personnel record of {person.emp_code} has no field {self.field}.",
				remedy="Enter the field's name as the BioTime server's API shows it, or choose the method Area.",
			)
		return Former(
			Kind.FIELD,
			field=self.field,
			value=person.fields[self.field],
			disabled_value=self.disabled_value,
			enabled_value=self.enabled_value,
		)


Method = AreaMethod | FieldMethod


def find_parking(people: People, wanted: str) -> AreaMethod:
	"""The area of that name or code. Raises `ControlUnsupported` where there is none, or where a terminal belongs to it."""
	found = [area for area in people.areas() if wanted and wanted in (area.name, area.code)]
	if not found:
		raise ControlUnsupported(
			f"The device has no area {wanted}.",
			remedy="Create an area without terminals on the BioTime server, and enter its name as Parking Area.",
		)
	parking = sorted(found, key=lambda area: area.name != wanted)[0]
	held_by = [t.alias or t.sn for t in people.terminals() if t.area and t.area.id == parking.id]
	if held_by:
		raise ControlUnsupported(
			f"Terminals belong to the area {wanted}: {', '.join(held_by[:5])}.",
			remedy="Choose a Parking Area that no terminal belongs to: whoever is moved there must be held by none.",
		)
	return AreaMethod(parking)


def check_control_field(name: str, enabled: str, disabled: str) -> None:
	"""Raises ValueError, in words for the form, for a field or values that cannot enable and disable people."""
	if not _FIELD.fullmatch(name):
		raise ValueError(f"{name!r} is no field of a personnel record: letters, digits and underscores only.")
	if name.lower() in _NEVER or any(part in name.lower() for part in _NEVER_PART):
		raise ValueError(
			f"{name} is never changed by this app: choose a field that only enables and disables people."
		)
	if not enabled.strip() or not disabled.strip():
		raise ValueError(
			"Enter both values: what the field says of an enabled person, and of a disabled one."
		)
	if same(as_sent(enabled), as_sent(disabled)):
		raise ValueError("The two values must differ: nobody could be disabled otherwise.")


def as_sent(text: str) -> Any:
	"""A value as it is entered, as it is sent: true, false and whole numbers as such, anything else as text."""
	text = text.strip()
	lowered = text.lower()
	if lowered in ("true", "false"):
		return lowered == "true"
	return int(text) if re.fullmatch(r"-?(0|[1-9]\d{0,17})", text) else text


def same(one: Any, other: Any) -> bool:
	"""Whether two values of a field mean the same; servers write 1, "1" and true for each other."""
	return _plain(one) == _plain(other)


def _plain(value: Any) -> str:
	if isinstance(value, bool):
		return "1" if value else "0"
	text = "" if value is None else str(value).strip().lower()
	return {"true": "1", "false": "0"}.get(text, text)


def place_of(person: Person, former: Former) -> Place:
	"""Where the person is by now. Raises `UnexpectedShape` for a record that does not say: a person always has an area."""
	if former.kind is Kind.FIELD:
		if former.field not in person.fields:
			raise UnexpectedShape(f"The record of {person.emp_code} does not show its {former.field}.")
		value = person.fields.get(former.field)
		if same(value, former.disabled_value):
			return Place.DISABLED
		return Place.AS_BEFORE if same(value, former.value) else Place.ELSEWHERE
	areas = {area.id for area in person.areas}
	if not areas:
		raise UnexpectedShape(f"The record of {person.emp_code} does not show its areas.")
	if areas == {former.parking}:
		return Place.DISABLED
	return Place.AS_BEFORE if areas == set(former.areas) else Place.ELSEWHERE


def is_disabled(person: Person, method: Method) -> bool:
	"""Whether the person is where we would put them, whoever did it."""
	if isinstance(method, FieldMethod):
		return same(person.fields.get(method.field), method.disabled_value)
	return {area.id for area in person.areas} == {method.parking.id}


def is_parked(person: Person, parkings: frozenset[str]) -> bool:
	"""Whether the person is in parking areas only, by names and codes: those of other documents for the same server too."""
	return bool(person.areas) and all({area.name, area.code} & parkings for area in person.areas)


def disable(people: People, person: Person, former: Former, ways: Ways) -> Written:
	"""Asks the device, and reads what came of it."""
	if former.kind is Kind.FIELD:
		return _set_field(people, person, former, as_sent(former.disabled_value))
	return _move(people, person, [former.parking], ways)


def restore(people: People, person: Person, former: Former, ways: Ways) -> Written:
	"""What was there before; of areas that are gone since, those that are left."""
	if former.kind is Kind.FIELD:
		written = _set_field(people, person, former, former.value)
		if isinstance(written.error, Rejected):
			return _set_field(people, person, former, as_sent(former.enabled_value))
		return written
	written = _move(people, person, former.areas, ways)
	if written.person and isinstance(written.error, Rejected | ServerError | HtmlInsteadOfJson):
		return _move_to_what_is_left(people, person, former, ways, written)
	return written


def tell_terminals(people: People, person_id: int) -> bool:
	"""Lets the server send the person to the terminals anew; False where that is to be asked for again.

	A server that has no such order, or refuses it, tells them by itself.
	"""
	try:
		people.resync_to_device(person_id)
	except (NotOffered, Rejected):
		return True
	except BioTimeError:
		return False
	return True


def _move_to_what_is_left(
	people: People, person: Person, former: Former, ways: Ways, refused: Written
) -> Written:
	try:
		known = {area.id for area in people.areas()}
	except BioTimeError:
		return refused
	left = [id for id in former.areas if id in known]
	gone = [name for id, name in zip(former.areas, former.area_names, strict=False) if id not in known]
	if not left:
		error = ControlUnsupported(
			f"The areas that {person.emp_code} had are gone from the device: {', '.join(gone)}.",
			remedy="Put the person into an area on the BioTime server; this app then lets go of them.",
		)
		return replace(refused, error=error)
	if not gone:
		return refused
	moved = _move(people, person, left, ways)
	note = f"Without areas that are gone from the device: {', '.join(gone)}."
	return replace(moved, unsure=moved.unsure or refused.unsure, note=note)


def _set_field(people: People, person: Person, former: Former, value: Any) -> Written:
	return _change(
		people,
		person.id,
		[lambda: people.change_person(person.id, {former.field: value})],
		lambda after: same(after.fields.get(former.field), value),
	)


def _move(people: People, person: Person, areas: Sequence[int], ways: Ways) -> Written:
	"""By the way that worked last, then by the others. What is read after each decides, not what was answered."""
	order = ways.in_order()
	tried: list[Way] = []

	def send(way: Way) -> Callable[[], None]:
		def sending() -> None:
			tried.append(way)
			_send(people, person, areas, way)

		return sending

	written = _change(
		people,
		person.id,
		[send(way) for way in order if _can_go(way, person)],
		lambda after: {area.id for area in after.areas} == set(areas),
	)
	if written.error is None and tried:
		ways.best = tried[-1]
	return written


def _can_go(way: Way, person: Person) -> bool:
	return way is not Way.PATCH_WITH_DEPARTMENT or person.department is not None


def _send(people: People, person: Person, areas: Sequence[int], way: Way) -> None:
	if way is Way.ADJUST_AREA:
		people.adjust_area(person.id, areas)
	elif way is Way.PATCH_AREA:
		people.change_person(person.id, {"area": list(areas)})
	else:
		people.change_person(person.id, {"department": person.department, "area": list(areas)})


@dataclass
class _Attempts:
	"""What has been met while trying."""

	unsure: bool = False
	error: BioTimeError | None = None
	after: Person | None = None


def _change(
	people: People,
	person_id: int,
	tries: Sequence[Callable[[], None]],
	is_done: Callable[[Person], bool],
) -> Written:
	"""Tries one after the other until the person reads as wanted; an answer that never came ends it until another day."""
	met = _Attempts()
	for attempt in tries:
		answered = _send_once(attempt, met)
		try:
			met.after = people.person(person_id)
		except BioTimeError as error:
			return Written(None, met.error or error, unsure=True)
		if met.after and is_done(met.after):
			told = tell_terminals(people, person_id)
			return Written(met.after, None, met.unsure, resync_due=not told)
		if not answered:
			break
	return Written(met.after, met.error or _no_effect(), met.unsure)


def _send_once(attempt: Callable[[], None], met: _Attempts) -> bool:
	"""Whether the server answered, be it with an error: then the next way may be tried."""
	try:
		attempt()
	except TryAgain as error:
		met.error = error
		met.unsure = met.unsure or not isinstance(error, ErrorCode)
		return isinstance(error, ServerError | HtmlInsteadOfJson)
	except FixTheSettings as error:
		met.error = met.error or error if not isinstance(error, Rejected) else error
		return isinstance(error, Rejected | NotOffered)
	return True


def _no_effect() -> BioTimeError:
	return ControlUnsupported(
		"The device answers, and nothing changes.",
		remedy="Check on the BioTime server that this user may change personnel, or choose another method.",
	)
