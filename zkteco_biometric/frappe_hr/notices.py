"""Notices: who is told what, once when it begins and once when it is over.

An incident and what is sent of it stand in one transaction: either both are there, or neither is.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

import frappe

from zkteco_biometric.frappe_hr.device_lock import notices_lock
from zkteco_biometric.frappe_hr.incident_rows import Row, mark_told, open_rows, write_opened, write_over
from zkteco_biometric.frappe_hr.notice_facts import gather_facts, gather_people
from zkteco_biometric.frappe_hr.notice_rules import NoticeSettings, notice_settings
from zkteco_biometric.frappe_hr.notice_sending import NOTICES, send
from zkteco_biometric.frappe_hr.notice_texts import describe
from zkteco_biometric.notices.grouping import gather_notices
from zkteco_biometric.notices.incidents import Changes, Key, Kind, OpenIncident, Reading, compare
from zkteco_biometric.notices.readings import read_everything, read_people

Read = Callable[[NoticeSettings, Collection[OpenIncident]], list[Reading]]


def sweep_notices() -> None:
	"""The scheduler's entry. Asks no device; commits."""
	_look(tuple(Kind), _everything)


def tell_of_people() -> None:
	"""People who could not be enabled in time, and those who are enabled again, at once. Commits, also what the caller has
	written; never raises: enabling people must not suffer from it.
	"""
	frappe.db.commit()  # what the caller has done stands, whatever happens here
	try:
		_look((Kind.PEOPLE,), _people)
	except Exception:  # noqa: BLE001 the rim: a pass over people goes on, and the next sweep tells
		frappe.db.rollback()
		frappe.log_error(title=NOTICES, message=frappe.get_traceback())
		frappe.db.commit()  # the report


def _everything(settings: NoticeSettings, known: Collection[OpenIncident]) -> list[Reading]:
	return read_everything(gather_facts([one.key for one in known]), settings.rules, known)


def _people(_settings: NoticeSettings, known: Collection[OpenIncident]) -> list[Reading]:
	return read_people(gather_people([one.key for one in known]), known)


def _look(kinds: Collection[Kind], read: Read) -> None:
	"""Nothing, where somebody else is at it: what they do not see, the next sweep does."""
	with notices_lock() as ours:
		if not ours:
			return
		frappe.db.commit()  # what is read from here on is as it is since nobody else is at it
		settings = notice_settings()
		rows = {row.key: row for row in open_rows(kinds)}
		known = [row.as_known() for row in rows.values()]
		changes = compare(known, read(settings, known))
		if changes:
			_write_and_tell(settings, changes, rows)
		frappe.db.commit()  # the incidents, with the notices of them


def _write_and_tell(settings: NoticeSettings, changes: Changes, rows: dict[Key, Row]) -> None:
	opened = write_opened(changes.opened, describe)
	write_over(rows[key] for key in changes.unwatched)
	closed = write_over(rows[reading.key] for reading in changes.over)
	if settings.send:
		_tell_opened(settings, changes.opened, opened)
		_tell_over(settings, changes.over, {key: row for key, row in rows.items() if row.name in closed})


def _tell_opened(settings: NoticeSettings, readings: Iterable[Reading], names: dict[Key, str]) -> None:
	for notice in gather_notices((one for one in readings if one.key in names), is_over=False):
		ours = [names[reading.key] for reading in notice.readings]
		if send(notice, settings, ours):
			mark_told(ours, "told_on")


def _tell_over(settings: NoticeSettings, readings: Iterable[Reading], rows: dict[Key, Row]) -> None:
	"""Of those only of which somebody was told."""
	told = [
		replace(reading, name=reading.name or rows[reading.key].subject_name)
		for reading in readings
		if reading.key in rows and rows[reading.key].told
	]
	for notice in gather_notices(told, is_over=True):
		ours = [rows[reading.key].name for reading in notice.readings]
		if send(notice, settings, ours):
			mark_told(ours, "over_told_on")
