"""The ways to disable a person, and back: by area, or by a field of the personnel record (contract, section 3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

from zkteco_biometric.biotime.errors import (
	FixTheSettings,
	UnexpectedShape,
)
from zkteco_biometric.biotime.personnel import Area, Person
from zkteco_biometric.device_users.ports import People
from zkteco_biometric.device_users.states import Former, Kind
from zkteco_biometric.wording import _

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


@dataclass(frozen=True)
class AreaMethod:
	"""To a parking area that no terminal belongs to, and back to the very areas the person had."""

	parking: Area

	def former_of(self, person: Person) -> Former:
		"""Raises `ControlUnsupported` for who is in no area: there would be no way back."""
		if not person.areas:
			raise ControlUnsupported(
				_("{0} is in no area on the device.").format(person.emp_code),
				remedy=_("Put the person into an area on the BioTime server."),
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
				_("The personnel record of {0} has no field {1}.").format(person.emp_code, self.field),
				remedy=_(
					"Enter the field's name as the BioTime server's API shows it, or choose the method Area."
				),
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
			_("The device has no area {0}.").format(wanted),
			remedy=_(
				"Create an area without terminals on the BioTime server, and enter its name as Parking Area."
			),
		)
	parking = sorted(found, key=lambda area: area.name != wanted)[0]
	held_by = [t.alias or t.sn for t in people.terminals() if t.area and t.area.id == parking.id]
	if held_by:
		raise ControlUnsupported(
			_("Terminals belong to the area {0}: {1}.").format(wanted, ", ".join(held_by[:5])),
			remedy=_(
				"Choose a Parking Area that no terminal belongs to: whoever is moved there must be held by none."
			),
		)
	return AreaMethod(parking)


def check_control_field(name: str, enabled: str, disabled: str) -> None:
	"""Raises ValueError, in words for the form, for a field or values that cannot enable and disable people."""
	if not _FIELD.fullmatch(name):
		raise ValueError(
			_("{0} is no field of a personnel record: letters, digits and underscores only.").format(
				repr(name)
			)
		)
	if name.lower() in _NEVER or any(part in name.lower() for part in _NEVER_PART):
		raise ValueError(
			_(
				"{0} is never changed by this app: choose a field that only enables and disables people."
			).format(name)
		)
	if not enabled.strip() or not disabled.strip():
		raise ValueError(
			_("Enter both values: what the field says of an enabled person, and of a disabled one.")
		)
	if same(as_sent(enabled), as_sent(disabled)):
		raise ValueError(_("The two values must differ: nobody could be disabled otherwise."))


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
			raise UnexpectedShape(
				_("The record of {0} does not show its {1}.").format(person.emp_code, former.field)
			)
		value = person.fields.get(former.field)
		if same(value, former.disabled_value):
			return Place.DISABLED
		return Place.AS_BEFORE if same(value, former.value) else Place.ELSEWHERE
	areas = {area.id for area in person.areas}
	if not areas:
		raise UnexpectedShape(_("The record of {0} does not show its areas.").format(person.emp_code))
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
