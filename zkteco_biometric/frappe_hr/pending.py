"""Pending punches in the database: keeping them with the page that brought them, and knowing them again."""

import json
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.plan import Known, Pending, Reason, row_text
from zkteco_biometric.frappe_hr.names import PENDING
from zkteco_biometric.frappe_hr.pending_rows import message_of

WAITING, CREATED, IGNORED = "Waiting", "Created", "Ignored"
_LONGEST = 140
_LONGEST_ROW = 20_000
_NAME = 20
"""So long that no two are the same: a duplicate name would be ignored like a duplicate punch."""

_ROWS_AT_ONCE = 100
"""Of the longest rows no more fit into the packet that a database takes by default."""
_AFTER_THE_CALENDAR = 9999


def known_punches(device: str, keys: Collection[str]) -> dict[str, Known]:
	"""Those of the keys (see `cycle.plan.keys`) that wait or were ignored on this device; one query."""
	if not keys:
		return {}
	rows = frappe.db.sql(  # a plain statement: Frappe's builders look at each of hundreds of keys
		f"""select punch_key, status, reason, message, ignored_by from `tab{PENDING}`
			where device = %(device)s and punch_key in %(keys)s and status in %(statuses)s order by punch_key""",
		{"device": device, "keys": tuple(keys), "statuses": (WAITING, IGNORED)},
		as_dict=True,
	)
	return {row.punch_key: _known(row) for row in rows}


def _known(row) -> Known:
	"""What a rule has left out is judged by the rules as they are now."""
	if row.status == WAITING:
		return Known(Reason(row.reason), row.message or "")
	return Known(ignored_by=row.ignored_by or "")


def keep(device: str, clocks: WallClocks, sync_log: str | None, pendings: Sequence[Pending]) -> None:
	"""Within the caller's transaction; what waits already, or is settled, stays as it is."""
	new = [pending for pending in pendings if pending.is_new]
	if new:
		now, user = now_datetime(), frappe.session.user
		rows = [_row(pending, device, clocks, sync_log, now, user) for pending in new]
		frappe.db.bulk_insert(
			PENDING,
			list(rows[0]),
			[list(row.values()) for row in rows],
			ignore_duplicates=True,
			chunk_size=_ROWS_AT_ONCE,
		)


def _row(
	pending: Pending, device: str, clocks: WallClocks, sync_log: str | None, now: datetime, user: str
) -> dict[str, Any]:
	return {
		"name": frappe.generate_hash(length=_NAME),
		"owner": user,
		"modified_by": user,
		"creation": now,
		"modified": now,
		"docstatus": 0,
		"device": device,
		"status": WAITING,
		"reason": pending.reason.value,
		"message": message_of(pending.message),
		"employee": pending.employee,
		"attempts": 1,
		"last_attempt": now,
		"transaction_id": pending.transaction_id[:_LONGEST],
		"sync_log": sync_log,
		"row": _written(pending.row),
		"punch_key": pending.key,
		**_punch_values(pending, clocks),
	}


def _punch_values(pending: Pending, clocks: WallClocks) -> dict[str, Any]:
	punch = pending.punch
	if punch is None:
		row = pending.row if isinstance(pending.row, dict) else {}
		return {
			"emp_code": _text(row.get("emp_code")),
			"person_name": "",
			"punch_time": None,
			"punch_time_received": _text(row.get("punch_time")),
			"punch_state": _text(row.get("punch_state")),
			"terminal_sn": _text(row.get("terminal_sn")),
			"terminal_alias": _text(row.get("terminal_alias")),
			"upload_time": _text(row.get("upload_time")),
		}
	return {
		"emp_code": _text(punch.emp_code),
		"person_name": _text(punch.person_name),
		"punch_time": site_time(punch.time, clocks),
		"punch_time_received": _text(punch.row.get("punch_time", punch.time)),
		"punch_state": _text(punch.state),
		"terminal_sn": _text(punch.terminal_sn),
		"terminal_alias": _text(punch.terminal_alias),
		"upload_time": _text(punch.row.get("upload_time")),
	}


def site_time(time: datetime, clocks: WallClocks) -> datetime | None:
	"""What is shown of a punch time. None for a time at the end of the calendar, which the database or the other zone cannot express."""
	if time.year >= _AFTER_THE_CALENDAR or time.year < 1000:
		return None
	return clocks.to_site(time)


def _text(value: object) -> str:
	return "" if value is None else str(value).encode("utf-8", "replace").decode()[:_LONGEST]


def _written(row: object) -> str:
	"""The row as received, readable for people. JSON may hold half a character, which no database takes."""
	text = row_text(row, indent=1)
	with suppress(RecursionError, ValueError):
		text = json.dumps(json.loads(text), indent=1, ensure_ascii=False)
	return text.encode("utf-8", "replace").decode()[:_LONGEST_ROW]
