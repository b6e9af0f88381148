"""ZKTeco Terminal: one row for a terminal of a device, read and written in one statement each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, fields
from enum import Enum
from typing import Any

import frappe

from zkteco_biometric.cycle.terminals import Clock, Look, Status, TerminalRow, changed_rows
from zkteco_biometric.frappe_hr.names import TERMINAL

# None of them may contain "_seen": Frappe leaves such a field out of what it reads.
_COLUMNS = tuple(column.name for column in fields(TerminalRow))
OWNED = ("title", *(name for name in _COLUMNS if name != "watch"))
"""Fields that only this app writes."""

_KEY = ("device", "serial_key")
_ONCE = ("name", "creation", "modified", "owner", "modified_by")
_LATER_PUNCH = (
	"last_punch = coalesce(greatest(last_punch, values(last_punch)), last_punch, values(last_punch))"
)


def terminals_of(devices: Collection[str]) -> list[TerminalRow]:
	"""All that is remembered of the terminals of these devices, in the order of device and title; one query."""
	if not devices:
		return []
	found = frappe.get_all(
		TERMINAL,
		filters={"device": ("in", list(devices))},
		fields=list(_COLUMNS),
		order_by="device, title, serial_key",
	)
	return [_row(one) for one in found]


def remember(look: Look, still_holds: Callable[[], bool]) -> None:
	"""Stores what has changed; nothing, where `still_holds`, asked just before, says that it is no longer the device's.

	In the caller's transaction. One query, and one write where there is news.
	"""
	known = {row.serial_key: row for row in terminals_of([look.device])}
	changed = changed_rows(known, look)
	if changed and still_holds():
		_write(changed)


def forget_terminals(device: str) -> None:
	"""With their device, or where it is merged into another one, which refreshes its own."""
	frappe.db.delete(TERMINAL, {"device": device})


def _row(found: Mapping[str, Any]) -> TerminalRow:
	values = {name: found[name] for name in _COLUMNS}
	for name in ("alias", "area", "ip_address", "server_zone"):
		values[name] = values[name] or ""
	values |= {
		"status": Status(found["status"]),
		"clock": Clock(found["clock"]),
		"watch": bool(found["watch"]),
	}
	return TerminalRow(**values)


def _write(rows: Sequence[TerminalRow]) -> None:
	"""Leaves `watch` and `modified` of rows that exist alone: a person may have one of them open, and saves it afterwards.

	`last_punch` never goes back: a sync may have moved it since the rows were read.
	"""
	columns = [*_ONCE, "title", *_COLUMNS]
	row = f"({', '.join(['%s'] * len(columns))})"
	changing = (name for name in OWNED if name not in (*_KEY, "serial_number", "known_since", "last_punch"))
	frappe.db.sql(
		f"insert into `tab{TERMINAL}` ({', '.join(columns)}) values {', '.join([row] * len(rows))}"
		f" on duplicate key update {_LATER_PUNCH}, {', '.join(f'{name} = values({name})' for name in changing)}",
		[value for one in rows for value in _values(one)],
	)


def _values(row: TerminalRow) -> list[object]:
	now, user = frappe.utils.now(), frappe.session.user
	values = asdict(row).values()
	written = (value.value if isinstance(value, Enum) else value for value in values)
	return [frappe.generate_hash(length=16), now, now, user, user, row.title, *written]
