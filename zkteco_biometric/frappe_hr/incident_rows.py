"""ZKTeco Incident: one row for each, written within the caller's transaction.

A key that is unique while an incident is open lets only one of two sweeps at once write it; what is still to be told of it is
taken by one of them.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from hashlib import sha1

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.names import INCIDENT
from zkteco_biometric.notices.incidents import Key, Kind, Reading
from zkteco_biometric.notices.telling import Awaits, Incident

_FIELDS = (
	"name",
	"kind",
	"device",
	"subject",
	"employee",
	"subject_name",
	"status",
	"since",
	"told_on",
	"awaits",
	"open_key",
)
_LONGEST = 140


def incidents_at_hand(kinds: Collection[Kind]) -> list[Incident]:
	"""Those that are open, and those that are over of which somebody is still to be told. Follows devices and employees that were
	renamed; what has become another one's double by a merger ends.
	"""
	found = frappe.get_all(
		INCIDENT,
		filters={"kind": ("in", [kind.value for kind in kinds])},
		or_filters={"status": "Open", "awaits": ("is", "set")},
		fields=list(_FIELDS),
		order_by="opened, device, subject_name, name",
	)
	return [_incident(one) for one in found if one.status != "Open" or _holds(one)]


def _holds(stored) -> bool:
	key = _open_key(_key(stored))
	if stored.open_key == key:
		return True
	if frappe.db.exists(INCIDENT, {"open_key": key}):
		_close([stored.name])
		return False
	frappe.db.set_value(INCIDENT, stored.name, "open_key", key, update_modified=False)
	return True


def _key(stored) -> Key:
	return Key(Kind(stored.kind), stored.device, stored.employee or stored.subject or "")


def _incident(stored) -> Incident:
	return Incident(
		name=stored.name,
		key=_key(stored),
		is_open=stored.status == "Open",
		since=stored.since,
		subject_name=stored.subject_name or "",
		told_on=stored.told_on,
		awaits=Awaits(stored.awaits or ""),
	)


def _open_key(key: Key) -> str:
	return sha1("\n".join((key.kind.value, key.device, key.subject)).encode()).hexdigest()


def write_opened(
	readings: Sequence[Reading], described: Callable[[Reading], dict[str, str]], to_be_told: bool = True
) -> None:
	"""What somebody else has opened meanwhile is theirs. `described`: the values of `title`, `message` and `remedy`."""
	rows = [_values(reading, described(reading), to_be_told) for reading in readings]
	if rows:
		values = [list(row.values()) for row in rows]
		frappe.db.bulk_insert(INCIDENT, list(rows[0]), values, ignore_duplicates=True)


def _values(reading: Reading, described: dict[str, str], to_be_told: bool) -> dict[str, object]:
	now, user = now_datetime(), frappe.session.user
	is_about_somebody = reading.key.kind is Kind.PEOPLE
	subject = reading.key.subject or None
	return {
		"name": frappe.generate_hash(length=10),
		"owner": user,
		"modified_by": user,
		"creation": now,
		"modified": now,
		"docstatus": 0,
		"kind": reading.key.kind.value,
		"device": reading.key.device,
		"subject": None if is_about_somebody else subject,
		"employee": subject if is_about_somebody else None,
		"subject_name": reading.name[:_LONGEST] or None,
		"status": "Open",
		"opened": now.replace(microsecond=0),
		"since": reading.since,
		"awaits": Awaits.BEGINNING.value if to_be_told else None,
		"open_key": _open_key(reading.key),
		**described,
	}


def write_over(incidents: Iterable[Incident], to_be_told: bool = True) -> None:
	"""The end of what nobody was told of is told to nobody either. Who else has closed one meanwhile tells of it."""
	several = list(incidents)
	told = _still_open([one.name for one in several if to_be_told and one.told_on])
	_close(told, awaits=Awaits.END.value)
	_close([one.name for one in several if one.name not in told])


def _still_open(names: Collection[str]) -> set[str]:
	return _locked(names, {"status": "Open"})


def _locked(names: Collection[str], filters: dict[str, object]) -> set[str]:
	"""Those of them for which that holds, whatever others do meanwhile."""
	if not names:
		return set()
	still = {"name": ("in", list(names)), **filters}
	return {name for (name,) in frappe.db.get_values(INCIDENT, still, "name", for_update=True)}


def _close(names: Collection[str], awaits: str | None = None) -> None:
	if names:
		now = now_datetime().replace(microsecond=0)
		closed = {"status": "Over", "over": now, "open_key": None, "awaits": awaits}
		frappe.db.set_value(INCIDENT, {"name": ("in", sorted(names)), "status": "Open"}, closed)


def close_incidents(device: str) -> None:
	"""Without a word: the device becomes part of another one, which has its own."""
	theirs = {"device": device, "status": "Open"}
	_close(frappe.get_all(INCIDENT, theirs, pluck="name", order_by="name"))


def take(incidents: Iterable[Incident], awaited: Awaits) -> set[str]:
	"""The names of those of which that is still to be told, and is ours to tell."""
	ours = _locked([one.name for one in incidents], {"awaits": awaited.value})
	if ours:
		frappe.db.set_value(INCIDENT, {"name": ("in", sorted(ours))}, "awaits", None, update_modified=False)
	return ours


def mark_told(names: Collection[str], field: str) -> None:
	"""`field`: told_on or over_told_on."""
	if names:
		told = {field: now_datetime().replace(microsecond=0)}
		frappe.db.set_value(INCIDENT, {"name": ("in", sorted(names))}, told, update_modified=False)
