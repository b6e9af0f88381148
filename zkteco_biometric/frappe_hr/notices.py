"""Notices: who is told what, once when it begins and once when it is over.

An incident and what is sent of it stand in one transaction: either both are there, or neither is.
"""

from collections.abc import Callable, Collection, Iterable

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.device_lock import notices_lock
from zkteco_biometric.frappe_hr.incident_rows import (
	incidents_at_hand,
	mark_told,
	take,
	write_opened,
	write_over,
)
from zkteco_biometric.frappe_hr.names import INCIDENT
from zkteco_biometric.frappe_hr.notice_facts import gather_facts, gather_people
from zkteco_biometric.frappe_hr.notice_rules import NoticeSettings, notice_settings
from zkteco_biometric.frappe_hr.notice_sending import send
from zkteco_biometric.frappe_hr.notice_state import note_sweep, notices_trouble, report_trouble
from zkteco_biometric.frappe_hr.notice_texts import describe
from zkteco_biometric.notices.incidents import Changes, Key, Kind, OpenIncident, Reading, Verdict, compare
from zkteco_biometric.notices.readings import read_everything, read_people
from zkteco_biometric.notices.telling import Awaits, Incident, beginnings_to_tell, ends_to_tell

__all__ = ["notices_trouble", "somebody_is_told_of", "sweep_notices", "tell_of_people"]

Read = Callable[[Collection[OpenIncident]], list[Reading]]
Seen = dict[Key, Reading]


def sweep_notices() -> None:
	"""The scheduler's entry. Asks no device; commits; never raises: what keeps it from its work is told by `notices_trouble`."""
	try:
		_look(tuple(Kind), _everything)
		note_sweep()
		frappe.db.commit()  # that it went well
	except Exception as error:  # noqa: BLE001 the rim: a sweep that fails must be seen, and once only
		_stopped(error)


def tell_of_people() -> None:
	"""People who could not be enabled in time, and those who are enabled again, at once. Commits, also what the caller has
	written; never raises: enabling people must not suffer from it.
	"""
	frappe.db.commit()  # what the caller has done stands, whatever happens here
	try:
		_look((Kind.PEOPLE,), _people)
	except Exception as error:  # noqa: BLE001 the rim: a pass over people goes on, and the next sweep tells
		_stopped(error)


def somebody_is_told_of() -> bool:
	"""Whether people who could not be enabled in time are an open incident."""
	return bool(frappe.db.exists(INCIDENT, {"status": "Open", "kind": Kind.PEOPLE.value}))


def _stopped(error: Exception) -> None:
	"""From the `except` block."""
	frappe.db.rollback()
	report_trouble(error)
	frappe.db.commit()  # the report


def _everything(known: Collection[OpenIncident]) -> list[Reading]:
	return read_everything(gather_facts([one.key for one in known]), notice_settings().rules, known)


def _people(known: Collection[OpenIncident]) -> list[Reading]:
	return read_people(gather_people([one.key for one in known]), known)


def _look(kinds: Collection[Kind], read: Read) -> None:
	"""Nothing, where somebody else is at it: what they do not see, the next sweep does."""
	with notices_lock() as ours:
		if not ours:
			return
		frappe.db.commit()  # what is read from here on is as it is since nobody else is at it
		at_hand = incidents_at_hand(kinds)
		known = [one.as_known() for one in at_hand if one.is_open]
		readings = read(known)
		changes = compare(known, readings)
		if changes or any(one.awaits is not Awaits.NOTHING for one in at_hand):
			_write_and_tell(kinds, changes, at_hand, {reading.key: reading for reading in readings})
		frappe.db.commit()  # the incidents, with the notices of them


def _write_and_tell(
	kinds: Collection[Kind], changes: Changes, at_hand: Iterable[Incident], seen: Seen
) -> None:
	settings = notice_settings()
	still = {one.key: one for one in at_hand if one.is_open}
	write_opened(changes.opened, describe, settings.send)
	write_over((still[key] for key in changes.unwatched), to_be_told=False)
	write_over((still[reading.key] for reading in changes.over), settings.send)
	to_tell = incidents_at_hand(kinds)
	if settings.send:
		_tell(settings, to_tell, seen)
	else:
		_forget_to_tell(to_tell)


def _forget_to_tell(at_hand: list[Incident]) -> None:
	"""Whoever switches notices on again is not told of what was before."""
	for awaited in (Awaits.BEGINNING, Awaits.END):
		take(at_hand, awaited)


def _tell(settings: NoticeSettings, at_hand: list[Incident], seen: Seen) -> None:
	"""A beginning only while it is seen: a terminal's silence is not, while its whole device is silent."""
	beginnings = [
		one
		for one in beginnings_to_tell(at_hand, now_datetime())
		if one.key in seen and seen[one.key].verdict is Verdict.TROUBLE
	]
	_send(settings, beginnings, Awaits.BEGINNING, "told_on", seen)
	_send(settings, ends_to_tell(at_hand), Awaits.END, "over_told_on", {})


def _send(
	settings: NoticeSettings, incidents: list[Incident], awaited: Awaits, told_on: str, seen: Seen
) -> None:
	ours = take(incidents, awaited)
	told = {one.name: seen.get(one.key) or _end_of(one) for one in incidents if one.name in ours}
	mark_told(send(told, settings, is_over=awaited is Awaits.END), told_on)


def _end_of(incident: Incident) -> Reading:
	return Reading(incident.key, Verdict.WELL, name=incident.subject_name)
