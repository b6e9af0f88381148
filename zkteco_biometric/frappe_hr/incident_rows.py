"""ZKTeco Incident: one row for each, written within the caller's transaction.

A key that is unique while an incident is open lets only one of two sweeps at once write it, and tell it.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha1

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.names import INCIDENT
from zkteco_biometric.notices.incidents import Key, Kind, OpenIncident, Reading


@dataclass(frozen=True)
class Row:
	"""An open one as it is stored. `told`: whether anybody knows of it."""

	name: str
	key: Key
	since: datetime | None
	subject_name: str
	told: bool

	def as_known(self) -> OpenIncident:
		return OpenIncident(self.key, self.since)


def open_rows(kinds: Collection[Kind]) -> list[Row]:
	found = frappe.get_all(
		INCIDENT,
		filters={"status": "Open", "kind": ("in", [kind.value for kind in kinds])},
		fields=["name", "kind", "device", "subject", "subject_name", "since", "told_on", "open_key"],
		order_by="opened, name",
	)
	return [_row(one) for one in found]


def _row(stored) -> Row:
	key = Key(Kind(stored.kind), stored.device, stored.subject or "")
	if stored.open_key != _open_key(key):  # the device was renamed
		frappe.db.set_value(INCIDENT, stored.name, "open_key", _open_key(key), update_modified=False)
	return Row(stored.name, key, stored.since, stored.subject_name or "", bool(stored.told_on))


def _open_key(key: Key) -> str:
	return sha1("\n".join((key.kind.value, key.device, key.subject)).encode()).hexdigest()


def write_opened(
	readings: Sequence[Reading], described: Callable[[Reading], dict[str, str]]
) -> dict[Key, str]:
	"""The names of those that are ours, by key: what somebody else has opened meanwhile is theirs to tell.

	`described`: the values of `title`, `message` and `remedy`.
	"""
	rows = [_values(reading, described(reading)) for reading in readings]
	if not rows:
		return {}
	frappe.db.bulk_insert(
		INCIDENT, list(rows[0]), [list(row.values()) for row in rows], ignore_duplicates=True
	)
	names = [row["name"] for row in rows]
	ours = set(frappe.get_all(INCIDENT, {"name": ("in", names)}, pluck="name", order_by="name"))
	return {reading.key: name for reading, name in zip(readings, names, strict=True) if name in ours}


def _values(reading: Reading, described: dict[str, str]) -> dict[str, object]:
	now, user = now_datetime(), frappe.session.user
	return {
		"name": frappe.generate_hash(length=10),
		"owner": user,
		"modified_by": user,
		"creation": now,
		"modified": now,
		"docstatus": 0,
		"kind": reading.key.kind.value,
		"device": reading.key.device,
		"subject": reading.key.subject or None,
		"subject_name": reading.name or None,
		"status": "Open",
		"opened": now.replace(microsecond=0),
		"since": reading.since,
		"open_key": _open_key(reading.key),
		**described,
	}


def write_over(rows: Iterable[Row]) -> set[str]:
	"""The names of those that were open still: who else has closed one meanwhile tells of it."""
	names = [row.name for row in rows]
	if not names:
		return set()
	still = {"name": ("in", names), "status": "Open"}
	ours = {name for (name,) in frappe.db.get_values(INCIDENT, still, "name", for_update=True)}
	if ours:
		closed = {"status": "Over", "over": now_datetime().replace(microsecond=0), "open_key": None}
		frappe.db.set_value(INCIDENT, {"name": ("in", sorted(ours))}, closed)
	return ours


def mark_told(names: Collection[str], field: str) -> None:
	"""`field`: told_on or over_told_on."""
	if names:
		told = {field: now_datetime().replace(microsecond=0)}
		frappe.db.set_value(INCIDENT, {"name": ("in", sorted(names))}, told, update_modified=False)
