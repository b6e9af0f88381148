"""Stored things as rows of an answer, with the names and quirks of the vendor."""

from __future__ import annotations

from typing import Any

from zkteco_biometric.simulator.models import Area, Person, Terminal, Transaction
from zkteco_biometric.simulator.store import Store
from zkteco_biometric.simulator.variant import Variant
from zkteco_biometric.simulator.wallclock import written

Row = dict[str, Any]

DEPARTMENT = {"id": 1, "dept_code": "1", "dept_name": "Department"}
STATE_DISPLAY = {
	"0": "Check In",
	"1": "Check Out",
	"2": "Break Out",
	"3": "Break In",
	"4": "Overtime In",
	"5": "Overtime Out",
}


def transaction_row(row: Transaction, store: Store, variant: Variant) -> Row:
	"""A punch; the person's fields are null when nobody has its code (any more)."""
	person = store.person_by_code(row.emp_code)
	terminal = store.terminal(row.terminal_sn)
	fields = {
		"id": row.id,
		"emp": person and person.id,
		"emp_code": row.emp_code,
		"first_name": person and person.first_name,
		"last_name": person and person.last_name,
		"department": person and DEPARTMENT["dept_name"],
		"position": None,
		"punch_time": written(row.punch_time),
		"punch_state": _state(row.punch_state, variant),
		"punch_state_display": STATE_DISPLAY.get(str(row.punch_state), "Unknown"),
		"verify_type": 1,
		"verify_type_display": "Fingerprint",
		"work_code": "0",
		"gps_location": None,
		"area_alias": terminal.area.name if terminal else "",
		"terminal_sn": row.terminal_sn,
		"temperature": 0.0,
		"is_mask": "-",
		"terminal_alias": terminal.alias if terminal else None,
		"upload_time": written(row.upload_time),
	}
	if variant.coordinates:
		fields |= {"longitude": row.longitude, "latitude": row.latitude}
	return fields


def person_row(person: Person) -> Row:
	"""A personnel record, the clear-text `device_password` included as on real servers."""
	return {
		"id": person.id,
		"emp_code": person.emp_code,
		"first_name": person.first_name,
		"last_name": person.last_name,
		"department": DEPARTMENT,
		"position": None,
		"area": [area_row(area) for area in person.areas],
		"enable_att": person.enable_att,
		"attemployee": {"enable_attendance": person.enable_att},
		"app_status": person.app_status,
		"dev_privilege": person.privilege,
		"device_password": person.device_password,
		**person.extra,
	}


def area_row(area: Area) -> Row:
	"""An area."""
	return {"id": area.id, "area_code": area.code, "area_name": area.name}


def terminal_row(terminal: Terminal, store: Store) -> Row:
	"""A terminal, with how many people it holds and how many punches came from it."""
	return {
		"id": terminal.id,
		"sn": terminal.sn,
		"ip_address": terminal.ip_address,
		"alias": terminal.alias,
		"state": terminal.state,
		"terminal_tz": 0,
		"area": area_row(terminal.area),
		"last_activity": terminal.last_activity and written(terminal.last_activity),
		"user_count": sum(terminal.area.id in person.area_ids for person in store.people),
		"transaction_count": store.count_from(terminal.sn),
	}


def _state(state: str | int | None, variant: Variant) -> str | int | None:
	if variant.punch_state == "int" and str(state).isdigit():
		return int(str(state))
	return str(state) if isinstance(state, int) else state
