"""ZKTeco Device User: one row for a person and a device. Times are aware in the heart, the site's wall clock in the table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.device_users.ports import Superseded
from zkteco_biometric.device_users.states import CheckInSeen, DeviceUser, Former, Outcome, Status
from zkteco_biometric.frappe_hr.names import DEVICE_USER, SETTINGS, USER_ID
from zkteco_biometric.frappe_hr.transactions import patiently
from zkteco_biometric.frappe_hr.wording import harmless, stored

HELD = {"former": ("is", "set")}
"""Rows of people whom we may have disabled, and have not given back what was there before."""

DISABLED_NOW = {"status": "Disabled", "disabled_on": ("is", "set")}
"""Those who cannot punch, as far as the server told."""

NOT_HELD = {"former": ("is", "not set")}

_FIELDS = (
	"name",
	"employee",
	"emp_code",
	"user_id",
	"status",
	"outcome",
	"former",
	"check_in",
	"check_in_time",
	"log_type",
	"way_back",
	"disabled_on",
	"attempts",
	"last_attempt",
	"due_at",
	"unsure_since",
	"spent_until",
	"released",
	"why",
	"error",
	"error_code",
	"remedy",
)
_TIMES = {
	"way_back": "way_back",
	"disabled_on": "disabled_on",
	"last_attempt": "last_attempt",
	"due_at": "due_at",
	"unsure_since": "unsure_since",
	"spent": "spent_until",
}


@dataclass(frozen=True)
class Stored:
	"""A row, by its name, and what it says."""

	name: str
	record: DeviceUser


def stored_users(device: str, clocks: WallClocks, filters: Mapping[str, Any]) -> dict[str, Stored | None]:
	"""By employee; one query. None for a row that cannot be read, which must keep nobody else from being enabled."""
	rows = frappe.get_all(
		DEVICE_USER, filters={"device": device, **filters}, fields=list(_FIELDS), order_by="name"
	)
	return {row.employee: _stored(row, clocks) for row in rows}


def _stored(row: Any, clocks: WallClocks) -> Stored | None:
	try:
		return Stored(row.name, _record(row, clocks))
	except (ValueError, TypeError, KeyError, AttributeError):
		return None


def _record(row: Any, clocks: WallClocks) -> DeviceUser:
	return DeviceUser(
		employee=row.employee,
		emp_code=row.emp_code or "",
		user_id=int(row.user_id) if row.user_id else None,
		status=Status(row.status),
		outcome=Outcome(row.outcome),
		former=Former.from_json(row.former) if row.former else None,
		check_in=seen(row.check_in, row.check_in_time, row.log_type, clocks),
		attempts=row.attempts or 0,
		released=bool(row.released),
		why=row.why or "",
		error=row.error or "",
		error_code=row.error_code or "",
		remedy=row.remedy or "",
		**{ours: _instant(row[theirs], clocks) for ours, theirs in _TIMES.items()},
	)


def seen(
	name: str | None, time: datetime | None, log_type: str | None, clocks: WallClocks
) -> CheckInSeen | None:
	"""A check-in of the site as the heart knows it."""
	instant = _instant(time, clocks)
	return CheckInSeen(name or "", instant, log_type or "") if instant else None


def _instant(time: datetime | None, clocks: WallClocks) -> datetime | None:
	return clocks.instant_on_site(time.replace(microsecond=0)) if time else None


class DeviceUserMemory:
	"""The rows of one device, for one pass over its people.

	`generation` is the device's when the pass began: what is intended after somebody has changed what is to be done is void.
	"""

	def __init__(
		self,
		device: str,
		clocks: WallClocks,
		generation: int,
		known: Mapping[str, Stored],
		names: Mapping[str, str],
	) -> None:
		self._device = device
		self._clocks = clocks
		self._generation = generation
		self._rows = {employee: stored.name for employee, stored in known.items()}
		self._user_ids = {employee: stored.record.user_id for employee, stored in known.items()}
		self._names = names

	def remember(self, records: Sequence[DeviceUser]) -> None:
		patiently(lambda _again: self._remember(records))

	def intend(self, records: Sequence[DeviceUser]) -> None:
		patiently(lambda _again: self._remember(records, guarded=True))

	def _remember(self, records: Sequence[DeviceUser], guarded: bool = False) -> None:
		if guarded:
			self._refuse_if_superseded()
		self._forget_rows_that_are_gone(records)
		rows = {record.employee: self._written(record) for record in records}
		self._keep_ids([record for record in records if record.user_id])
		frappe.db.commit()  # before, or after, anything is asked of the device: never during
		self._rows.update(rows)

	def _forget_rows_that_are_gone(self, records: Sequence[DeviceUser]) -> None:
		"""HR may delete a row while a pass is at work: writing to it would remember nothing. Locks those that are there."""
		names = [self._rows[record.employee] for record in records if record.employee in self._rows]
		if not names:
			return
		there = frappe.db.get_values(DEVICE_USER, {"name": ("in", names)}, "name", for_update=True)
		gone = set(names) - {name for (name,) in there}
		self._rows = {employee: name for employee, name in self._rows.items() if name not in gone}

	def _refuse_if_superseded(self) -> None:
		if (
			frappe.db.get_value(SETTINGS, self._device, "control_generation", for_update=True) or 0
		) != self._generation:
			frappe.db.rollback()
			raise Superseded

	def _written(self, record: DeviceUser) -> str:
		values = self._values(record)
		name = self._rows.get(record.employee)
		if name:
			frappe.db.set_value(DEVICE_USER, name, values)
			return name
		return _insert({"device": self._device, "employee": record.employee, **values})

	def _values(self, record: DeviceUser) -> dict[str, Any]:
		"""`released` is taken back only with what was held: somebody may ask for it while a pass is at work."""
		check_in = record.check_in
		values = {
			"employee_name": self._names.get(record.employee),
			"emp_code": record.emp_code,
			"user_id": None if record.user_id is None else str(record.user_id),
			"status": record.status.value,
			"outcome": record.outcome.value,
			"former": record.former.as_json() if record.former else None,
			"former_shown": harmless(str(record.former)) if record.former else None,
			"method": record.former.kind.value if record.former else None,
			"check_in": check_in.name or None if check_in else None,
			"check_in_time": self._wall(check_in.time) if check_in else None,
			"log_type": check_in.log_type if check_in else None,
			"attempts": record.attempts,
			"why": stored(record.why),
			"error": stored(record.error) or None,
			"error_code": record.error_code or None,
			"remedy": stored(record.remedy) or None,
			**{theirs: self._wall(getattr(record, ours)) for ours, theirs in _TIMES.items()},
		}
		if not record.is_held:
			values["released"] = 0
		if not record.is_held or record.outcome is Outcome.CONFIRMED:
			values["told_on"] = None
		return values

	def _wall(self, instant: datetime | None) -> datetime | None:
		return self._clocks.on_site(instant).replace(microsecond=0) if instant else None

	def _keep_ids(self, records: Sequence[DeviceUser]) -> None:
		"""The id that was found goes where the Employee has none; one query where an id is new."""
		found = {r.employee: r.user_id for r in records if self._user_ids.get(r.employee) != r.user_id}
		if not found:
			return
		empty = frappe.get_all(
			"Employee",
			filters={"name": ("in", list(found)), USER_ID: ("is", "not set")},
			pluck="name",
			order_by="name",
		)
		for employee in empty:
			frappe.db.set_value("Employee", employee, USER_ID, str(found[employee]), update_modified=False)
		self._user_ids.update(found)


def _insert(values: dict[str, Any]) -> str:
	"""Past `insert()`, whose checks are for people: nobody enters a row by hand."""
	now, user, name = now_datetime(), frappe.session.user, frappe.generate_hash(length=10)
	row = {
		"name": name,
		"owner": user,
		"modified_by": user,
		"creation": now,
		"modified": now,
		"docstatus": 0,
		**values,
	}
	frappe.db.bulk_insert(DEVICE_USER, list(row), [list(row.values())])
	return name
