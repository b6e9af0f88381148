"""Last Sync of Checkin of the Shift Types: where it stands, up to when it may go, what holds it, and moving it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import frappe

from zkteco_biometric.cycle.attendance import begin_of_shift, forward, reach, read_up_to
from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.frappe_hr.device import wall_clocks
from zkteco_biometric.frappe_hr.device_state import last_sync_instant
from zkteco_biometric.frappe_hr.names import SETTINGS, SITE_SETTINGS
from zkteco_biometric.frappe_hr.waiting_people import WaitingDay, waiting_punches

_SHIFT_TYPE = "Shift Type"
_MOST_PEOPLE_NAMED = 5


@dataclass(frozen=True)
class DeviceReading:
	"""An enabled device, its last sync, and up to when it has been read for sure: the site's wall clock, or None."""

	device: str
	last_sync: datetime | None
	read: datetime | None


@dataclass(frozen=True)
class Standing:
	"""One Shift Type with auto attendance: up to when its Last Sync of Checkin may go, and the punches that hold it."""

	shift: dict
	point: datetime | None
	holding: tuple[WaitingDay, ...]


def move_last_sync_of_checkin() -> list[str]:
	"""Moves it forward where the site's settings say so; returns the Shift Types that moved. The caller commits.

	Never back, never past what an enabled device has still to deliver, never past the shift of a waiting punch of one of
	the shift's people. Without an enabled device nothing moves.
	"""
	if not frappe.db.get_single_value(SITE_SETTINGS, "move_last_sync_of_checkin"):
		return []
	moved = []
	for standing in _standings(_readings(), waiting_punches().days):
		point = forward(standing.shift.last_sync_of_checkin, standing.point)
		if point:
			_move(standing.shift.name, point)
			moved.append(standing.shift.name)
	return moved


def is_furthest_behind(device: str, last_sync: datetime) -> bool:
	"""Whether no enabled device was behind this one when it was at `last_sync`, as stored. Only then does reading it on move anything:
	what another device holds, moves when that is read.
	"""
	table = frappe.qb.DocType(SETTINGS)
	behind = table.last_sync_timestamp.isnull() | (table.last_sync_timestamp < last_sync)
	others = (
		frappe.qb.from_(table)
		.select(table.name)
		.where(table.enable == 1)
		.where(table.name != device)
		.where(behind)
		.limit(1)
	)
	return not others.run()


def overview() -> dict:
	"""What the form shows: every Shift Type with auto attendance, where it stands and what holds it; in plain text.

	`{"moving": bool, "devices": int, "nobodys": int, "untimed": int, "shifts": [{"shift", "last_sync", "point",
	"process_after", "moved_by_hrms", "not_read": [device], "furthest_behind": {"device", "last_sync"} | None,
	"waiting": {"punches", "first", "people": [{"employee", "employee_name"}], "more_people"} | None}]}`
	"""
	readings, waiting = _readings(), waiting_punches()
	behind = _furthest_behind(readings)
	devices = {
		"not_read": [reading.device for reading in readings if not reading.read],
		"furthest_behind": {"device": behind.device, "last_sync": behind.last_sync} if behind else None,
	}
	return {
		"moving": bool(frappe.db.get_single_value(SITE_SETTINGS, "move_last_sync_of_checkin")),
		"devices": len(readings),
		"nobodys": waiting.nobodys,
		"untimed": waiting.untimed,
		"shifts": [{**_told(standing), **devices} for standing in _standings(readings, waiting.days)],
	}


def _readings() -> list[DeviceReading]:
	"""Read before the punches that wait: what a cycle kept is committed no later than its last sync."""
	rows = frappe.get_all(
		SETTINGS,
		filters={"enable": 1},
		fields=["name", "time_zone", "last_sync_timestamp", "last_sync_zone", "complete_sync"],
		order_by="name",
	)
	return [_reading(row) for row in rows]


def _reading(row) -> DeviceReading:
	"""A last sync in the future, since a clock was set back, is no promise about what is still to come."""
	instant = last_sync_instant(row.last_sync_timestamp, row.last_sync_zone)
	if not instant:
		return DeviceReading(row.name, None, None)
	# A cycle may have read what was punched until now, and have failed before it read what came late.
	complete = last_sync_instant(row.complete_sync, row.last_sync_zone)
	instant = min(instant, complete) if complete else instant
	shown = wall_clocks(None).on_site(instant)
	return DeviceReading(row.name, shown, read_up_to(min(instant, utc_now()), wall_clocks(row.time_zone)))


def _furthest_behind(readings: Collection[DeviceReading]) -> DeviceReading | None:
	return min(
		(reading for reading in readings if reading.read), key=lambda reading: reading.read, default=None
	)


def _standings(readings: Collection[DeviceReading], days: Collection[WaitingDay]) -> list[Standing]:
	# Every field: older versions of HRMS lack auto_update_last_sync.
	shifts = frappe.get_all(_SHIFT_TYPE, filters={"enable_auto_attendance": 1}, fields=["*"], order_by="name")
	read = [reading.read for reading in readings]
	return [_standing(shift, read, days) for shift in shifts]


def _standing(shift, read: Collection[datetime | None], days: Collection[WaitingDay]) -> Standing:
	opens = shift.start_time - timedelta(minutes=shift.begin_check_in_before_shift_start_time or 0)
	holds = [(begin_of_shift(day.first, opens), day) for day in days if shift.name in day.shifts]
	free = reach(read, [])
	holding = tuple(day for hold, day in holds if free is None or hold < free)
	return Standing(shift, reach(read, [hold for hold, _ in holds]), holding)


def _move(shift: str, point: datetime) -> None:
	"""Past `modified`, so that nobody who has the form open meets a conflict; not back, whoever moved it meanwhile."""
	table = frappe.qb.DocType(_SHIFT_TYPE)
	earlier = table.last_sync_of_checkin.isnull() | (table.last_sync_of_checkin < point)
	(
		frappe.qb.update(table)
		.set(table.last_sync_of_checkin, point)
		.where(table.name == shift)
		.where(earlier)
	).run()
	frappe.clear_document_cache(_SHIFT_TYPE, shift)  # HRMS marks attendance from the cached document


def _told(standing: Standing) -> dict:
	shift = standing.shift
	return {
		"shift": shift.name,
		"last_sync": shift.last_sync_of_checkin,
		"point": standing.point,
		"process_after": shift.process_attendance_after,
		"moved_by_hrms": bool(shift.get("auto_update_last_sync")),
		"waiting": _waiting(standing.holding),
	}


def _waiting(days: Collection[WaitingDay]) -> dict | None:
	if not days:
		return None
	in_order = sorted(days, key=lambda day: day.first)
	people = list({day.employee: day.employee_name for day in in_order}.items())
	return {
		"punches": sum(day.punches for day in days),
		"first": in_order[0].first,
		"people": [
			{"employee": employee, "employee_name": name} for employee, name in people[:_MOST_PEOPLE_NAMED]
		],
		"more_people": len(people[_MOST_PEOPLE_NAMED:]),
	}
