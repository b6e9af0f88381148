"""What the site knows of its devices, their terminals and people, for notices: a fixed number of queries for all of them."""

from collections.abc import Collection, Iterable
from datetime import datetime

import frappe
from frappe.query_builder.functions import Max

from zkteco_biometric.frappe_hr.control_reports import late_line, late_people
from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_FIELD, DEVICE_USER
from zkteco_biometric.frappe_hr.overview import Overview, overviews
from zkteco_biometric.frappe_hr.terminals import terminals_of
from zkteco_biometric.notices.facts import (
	Device,
	Facts,
	LatePerson,
	Terminal,
	failing_for,
	wrong_clocks,
)
from zkteco_biometric.notices.incidents import Key, Kind

_GOOD_ENDS = ("Success", "Unfinished")
_MOST_CLOCKS = 20
"""As many as a sync writes down; the line that follows them counts the others."""


def gather_facts(known: Collection[Key]) -> Facts:
	"""Of the enabled devices, and of people wherever they are held. `known`: what is open."""
	found = [one for one in overviews() if one.enabled]
	terminals = _terminals([one.device for one in found])
	punches = _last_check_ins([one.device for one in found])
	people = gather_people(known)
	return Facts(
		devices=tuple(_device(one, terminals, punches.get(one.device)) for one in found),
		terminals=terminals,
		late=people.late,
		on_record=people.on_record,
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
	"""By device; the index on both columns answers it."""
	if not devices:
		return {}
	table = frappe.qb.DocType(CHECK_IN)
	query = frappe.qb.from_(table).select(table[DEVICE_FIELD], Max(table.time))
	return dict(query.where(table[DEVICE_FIELD].isin(devices)).groupby(table[DEVICE_FIELD]).run())


def _device(seen: Overview, terminals: Iterable[Terminal], last_check_in: datetime | None) -> Device:
	ours = [one for one in terminals if one.device == seen.device]
	punches = [one for one in (last_check_in, *(terminal.last_punch for terminal in ours)) if one]
	return Device(
		name=seen.device,
		is_well=seen.connected and seen.status in _GOOD_ENDS,
		log_in_rejected=not seen.syncs_by_itself,
		failing_for=failing_for(seen.failures, seen.last_attempt, seen.last_sync),
		last_punch=max(punches, default=None),
		read_until=seen.last_sync,
		waiting=seen.waiting,
		wrong_clocks=wrong_clocks(seen.wrong_clocks[:_MOST_CLOCKS], ours),
		error=seen.error,
		remedy=seen.remedy,
	)
