"""What the site knows of its devices, their terminals and people, for notices: a fixed number of queries for all of them."""

from collections.abc import Collection, Iterable
from datetime import datetime

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.cycle.clock_watch import ClockWatch
from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.frappe_hr.control_reports import late_line, late_people
from zkteco_biometric.frappe_hr.device import wall_clocks
from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_FIELD, DEVICE_USER, SETTINGS
from zkteco_biometric.frappe_hr.notice_state import watched_for
from zkteco_biometric.frappe_hr.overview import Overview, overviews
from zkteco_biometric.frappe_hr.terminals import terminals_of
from zkteco_biometric.notices.facts import (
	Device,
	Facts,
	LatePerson,
	Terminal,
	WrongClock,
	failing_for,
)
from zkteco_biometric.notices.incidents import Key, Kind

_GOOD_ENDS = ("Success", "Unfinished")
_LONGEST = 140
"""What a serial number may be cut to, as in ZKTeco Terminal."""


def gather_facts(known: Collection[Key]) -> Facts:
	"""Of the enabled devices, and of people wherever they are held. `known`: what is open."""
	found = [one for one in overviews() if one.enabled]
	devices = [one.device for one in found]
	terminals, punches, read = _terminals(devices), _last_check_ins(devices), _read_until(devices)
	clocks = _wrong_clocks([one.device for one in found if one.wrong_clocks])
	people = gather_people(known)
	return Facts(
		devices=tuple(
			_device(one, terminals, punches.get(one.device), read[one.device], clocks.get(one.device, ()))
			for one in found
		),
		terminals=terminals,
		late=people.late,
		on_record=people.on_record,
		watched_for=watched_for(),
	)


def gather_people(known: Collection[Key]) -> Facts:
	"""Of people alone."""
	late = tuple(
		LatePerson(row.device, row.employee, row.employee_name or row.employee, late_line(row))
		for row in late_people()
	)
	return Facts(late=late, on_record=_on_record(key for key in known if key.kind is Kind.PEOPLE))


def _on_record(people: Iterable[Key]) -> frozenset[tuple[str, str]]:
	employees = sorted({key.subject for key in people})
	if not employees:
		return frozenset()
	rows = frappe.get_all(
		DEVICE_USER,
		filters={"employee": ("in", employees)},
		fields=["device", "employee"],
		order_by="device, employee",
	)
	return frozenset((row.device, row.employee) for row in rows)


def _terminals(devices: list[str]) -> tuple[Terminal, ...]:
	return tuple(
		Terminal(
			device=row.device,
			serial=row.serial_number,
			name=row.title,
			watched=row.watch,
			last_punch=row.last_punch,
		)
		for row in terminals_of(devices)
	)


def _last_check_ins(devices: list[str]) -> dict[str, datetime]:
	"""By device: one entry of the index on both columns for each. What lies ahead says nothing of when somebody punched."""
	if not devices:
		return {}
	rows = frappe.db.sql(
		f"""select device.name, (
				select check_in.time from `tab{CHECK_IN}` check_in
				where check_in.`{DEVICE_FIELD}` = device.name and check_in.time <= %(now)s
				order by check_in.time desc limit 1
			) from `tab{SETTINGS}` device where device.name in %(devices)s""",
		{"now": now_datetime(), "devices": tuple(devices)},
	)
	return {device: time for device, time in rows if time}


def _read_until(devices: list[str]) -> dict[str, datetime | None]:
	"""When the newest sync began that has read all there was. In the middle of one, less is known than how far it has come."""
	if not devices:
		return {}
	ours = {"name": ("in", devices)}
	rows = frappe.get_all(SETTINGS, filters=ours, fields=["name", "complete_sync"], order_by="name")
	return {row.name: row.complete_sync for row in rows}


def _wrong_clocks(devices: list[str]) -> dict[str, tuple[WrongClock, ...]]:
	"""By device, as the newest sync that looked at them has seen them."""
	if not devices:
		return {}
	fields = ["name", "clock_watch", "time_zone"]
	rows = frappe.get_all(SETTINGS, filters={"name": ("in", devices)}, fields=fields, order_by="name")
	return {row.name: _wrong_clocks_of(row) for row in rows if row.clock_watch}


def _wrong_clocks_of(row) -> tuple[WrongClock, ...]:
	offset = utc_now().astimezone(wall_clocks(row.time_zone).device).utcoffset()
	return tuple(
		WrongClock(one.terminal_sn[:_LONGEST], one.alias or one.terminal_sn, str(one))
		for one in ClockWatch.from_json(row.clock_watch).wrong(offset)
	)


def _device(
	seen: Overview,
	terminals: Iterable[Terminal],
	last_check_in: datetime | None,
	read_until: datetime | None,
	wrong_clocks: tuple[WrongClock, ...],
) -> Device:
	ours = [one for one in terminals if one.device == seen.device]
	punches = [one for one in (last_check_in, *(terminal.last_punch for terminal in ours)) if one]
	return Device(
		name=seen.device,
		is_well=seen.connected and seen.status in _GOOD_ENDS,
		log_in_rejected=not seen.syncs_by_itself,
		failing_for=failing_for(seen.failures, seen.failing_since, seen.last_attempt),
		last_punch=max(punches, default=None),
		read_until=read_until,
		last_attempt=seen.last_attempt.replace(microsecond=0) if seen.last_attempt else None,
		overdue_since=seen.overdue_since,
		waiting=seen.waiting,
		wrong_clocks=wrong_clocks,
		error=seen.error,
		remedy=seen.remedy,
	)
