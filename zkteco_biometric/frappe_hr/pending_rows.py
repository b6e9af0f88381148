"""Pending punches as rows of their table: read back as punches, held while they are decided, written in one statement."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import frappe
from frappe.query_builder import Case
from frappe.utils import now_datetime

from zkteco_biometric.biotime.models import Punch, RejectedRow, parse_row
from zkteco_biometric.frappe_hr.names import PENDING
from zkteco_biometric.frappe_hr.wording import stored

DECIDED = (
	"status",
	"reason",
	"message",
	"employee",
	"check_in",
	"ignored_by",
	"ignored_on",
	"ignore_comment",
	"punch_time",
)
"""What a decision about a punch may change."""

_RECEIVED = (
	"row",
	"emp_code",
	"person_name",
	"punch_time_received",
	"punch_state",
	"terminal_sn",
	"terminal_alias",
	"upload_time",
	"transaction_id",
)
_LONGEST_MESSAGE = 1000


def punch_of(row: Mapping[str, Any]) -> Punch | RejectedRow:
	"""The row as it was received; from the columns where it was too long to be kept whole."""
	try:
		return parse_row(json.loads(row["row"]))
	except ValueError:
		return parse_row(_from_columns(row))


def _from_columns(row: Mapping[str, Any]) -> dict[str, Any]:
	return {
		"id": row["transaction_id"],
		"emp_code": row["emp_code"],
		"first_name": row["person_name"],
		"punch_time": row["punch_time_received"],
		"punch_state": row["punch_state"],
		"terminal_sn": row["terminal_sn"],
		"terminal_alias": row["terminal_alias"],
		"upload_time": row["upload_time"],
	}


def held(statuses: Mapping[str, str]) -> list[Mapping[str, Any]]:
	"""Those of these rows that still have the status they had; until the transaction ends nobody else decides them.

	To be called first in a transaction: who had to wait here then sees what the other one has done.
	"""
	table = frappe.qb.DocType(PENDING)
	rows = (
		frappe.qb.from_(table)
		.select("name", "creation", "sync_log", *DECIDED, *_RECEIVED)
		.where(table.name.isin(list(statuses)))
		.orderby(table.name)
		.for_update()
	).run(as_dict=True)
	return [row for row in rows if row.status == statuses[row.name]]


def write_down(rows: Sequence[Mapping[str, Any]], decisions: Sequence[Mapping[str, Any]]) -> None:
	"""One statement for all; a decision names what it sets of `DECIDED`. Each row counts one more attempt."""
	if not rows:
		return
	table, now = frappe.qb.DocType(PENDING), str(now_datetime())
	query = frappe.qb.update(table).where(table.name.isin([row["name"] for row in rows]))
	query = query.set(table.attempts, table.attempts + 1).set(table.last_attempt, now)
	query = query.set(table.modified, now).set(table.modified_by, frappe.session.user)
	for field in DECIDED:
		changed = {
			row["name"]: decision[field]
			for row, decision in zip(rows, decisions, strict=True)
			if field in decision and decision[field] != row[field]
		}
		if changed:
			query = query.set(table[field], _by_name(table, field, changed))
	query.run()


def _by_name(table, field: str, values: Mapping[str, Any]) -> Case:
	case = Case()
	for name, value in values.items():
		case = case.when(table.name == name, _storable(value))
	return case.else_(table[field])


def _storable(value: Any) -> Any:
	return str(value) if isinstance(value, datetime) else value


def message_of(text: str) -> str:
	"""What a row says of it, as long and as harmless as a form can bear: the text may hold what a device has sent."""
	return stored(text)[:_LONGEST_MESSAGE]


def tell(names: Collection[str], content: str) -> None:
	"""A line on the timeline of each, by who is logged in; `content` is HTML. One statement."""
	if not names:
		return
	now, user = now_datetime(), frappe.session.user
	line = {
		"owner": user,
		"modified_by": user,
		"creation": now,
		"modified": now,
		"docstatus": 0,
		"comment_type": "Info",
		"comment_email": user,
		"comment_by": frappe.utils.get_fullname(user),
		"reference_doctype": PENDING,
		"content": content,
	}
	values = [[frappe.generate_hash(length=10), name, *line.values()] for name in names]
	frappe.db.bulk_insert("Comment", ["name", "reference_name", *line], values)
