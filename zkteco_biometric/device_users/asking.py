"""Asking a device to disable a person or to bring back what was there, by the ways that servers have. What is read decides."""

from __future__ import annotations

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
)
from zkteco_biometric.biotime.personnel import Person
from zkteco_biometric.device_users.method import ControlUnsupported, as_sent, same
from zkteco_biometric.device_users.ports import People
from zkteco_biometric.device_users.states import Former, Kind
from zkteco_biometric.wording import _


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
			_("The areas that {0} had are gone from the device: {1}.").format(
				person.emp_code, ", ".join(gone)
			),
			remedy=_("Put the person into an area on the BioTime server; this app then lets go of them."),
		)
		return replace(refused, error=error)
	if not gone:
		return refused
	moved = _move(people, person, left, ways)
	note = _("Without areas that are gone from the device: {0}.").format(", ".join(gone))
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
		_("The device answers, and nothing changes."),
		remedy=_(
			"Check on the BioTime server that this user may change personnel, or choose another method."
		),
	)
