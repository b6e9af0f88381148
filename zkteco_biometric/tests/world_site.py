"""A drawn world on the site: built, synced in one of two ways, and taken back to where it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.names import CHECK_IN, PENDING, SETTINGS, SITE_SETTINGS, SYNC_LOG, TERMINAL
from zkteco_biometric.simulator import Simulator, rows
from zkteco_biometric.simulator.routes import transactions
from zkteco_biometric.sync import sync_device
from zkteco_biometric.tests.customised import single
from zkteco_biometric.tests.support import ensure_company, make_employee
from zkteco_biometric.tests.world_outcome import Outcome, counts, outcome_since
from zkteco_biometric.tests.worlds import NO_ID, Assignment, Person, PunchedAt, Shift, World

_SHIFT_TYPE, _ASSIGNMENT, _LOCATION, _HOLIDAY_LIST = (
	"Shift Type",
	"Shift Assignment",
	"Shift Location",
	"Holiday List",
)
_HOLIDAYS = "ZKTeco Test World Holidays"
_LOCATIONS = {"near": (-1.2921, 36.8219, 500), "far": (48.8566, 2.3522, 500), "anywhere": (0.0, 0.0, 0)}
_STRICT = "Strictly based on Log Type in Employee Checkin"
_ALTERNATING = "Alternating entries as IN and OUT during the same shift"
_OURS = "like 'ZKTeco Test%%'"
_CHANGED_BY_A_RUN = {
	CHECK_IN: f"employee in (select name from tabEmployee where first_name {_OURS})",
	"Employee": f"first_name {_OURS}",
	_ASSIGNMENT: f"name {_OURS}",
	SETTINGS: "true",
	PENDING: "true",
	SYNC_LOG: "true",
	TERMINAL: "true",
	"Series": "true",
	"Document Naming Rule": f"document_type = '{CHECK_IN}'",
	"Error Log": "method like 'ZKTeco%%'",
}
"""Tables, and which of their rows: those are put back afterwards."""


class WorldSite:
	"""One world at a time: `sim` serves its punches, `device` reads them."""

	def __init__(self, sim: Simulator, device: str) -> None:
		self._sim = sim
		self._device = device
		self._employees: dict[str, str] = {}
		self._built = now_datetime()

	def build(self, world: World) -> None:
		delete_worlds()
		self._built = now_datetime().replace(microsecond=0) - timedelta(hours=2)
		self._employees = {person.code: _make_employee(person) for person in world.people}
		_store(
			_HOLIDAY_LIST,
			name=_HOLIDAYS,
			holiday_list_name=_HOLIDAYS,
			from_date="2020-01-01",
			to_date="2040-12-31",
		)
		for name, (latitude, longitude, radius) in _LOCATIONS.items():
			_store(
				_LOCATION, name=_location(name), latitude=latitude, longitude=longitude, checkin_radius=radius
			)
		for shift in world.shifts:
			_make_shift(shift)
		self._assign(world.assignments, "A")
		self._store_existing(world)
		self._set_up_device(world)
		frappe.db.commit()

	def run(self, world: World, one_by_one: bool) -> Outcome:
		"""Both syncs of the world in one way; afterwards the site is as it was."""
		self._sim.store.restart_ids()
		with single(SITE_SETTINGS, "write_one_by_one", int(one_by_one)), _taken_back():
			before = counts()
			frappe.clear_messages()
			self._sync(world.punches)
			self._change(world)
			self._sync(world.later)
			return outcome_since(before)

	def _sync(self, punches: Sequence[PunchedAt]) -> None:
		for punch in punches:
			arrived = self._built + timedelta(seconds=self._sim.store.punch_count)
			self._sim.store.punch(
				punch.code, punch.time, punch.state, terminal_sn=punch.terminal, upload_time=arrived
			)
		frappe.db.value_cache.clear()  # as in a job of its own
		with _some_without_an_id():
			result = sync_device(self._device)
		assert result, frappe.get_last_doc("Error Log").error
		assert not result.failure, result.failure

	def _change(self, world: World) -> None:
		for change in world.changes:
			frappe.db.set_value("Employee", self._employees[change.code], change.field, change.value)
		self._assign(world.new_assignments, "B")
		frappe.db.commit()

	def _assign(self, assignments: Sequence[Assignment], prefix: str) -> None:
		"""As a site may hold them: what HRMS refuses in them today it has not refused always, and shifts change."""
		for number, one in enumerate(assignments):
			_store(
				_ASSIGNMENT,
				name=f"ZKTeco Test {prefix} {number:03}",
				employee=self._employees[one.person],
				company=ensure_company(),
				shift_type=one.shift,
				start_date=one.start,
				end_date=one.end,
				docstatus=one.docstatus,
				status=one.status,
				shift_location=one.location and _location(one.location),
			)

	def _store_existing(self, world: World) -> None:
		for number, one in enumerate(world.existing):
			_store(
				CHECK_IN,
				name=f"ZKTeco Test {number:03}",
				employee=self._employees[one.code],
				time=one.time,
				log_type=one.log_type,
			)

	def _set_up_device(self, world: World) -> None:
		read = {
			"sync_from": f"{world.first_day - timedelta(days=2)} 00:00:00",
			"time_zone": world.time_zone,
			"page_size": world.page_size,
			"default_log_type": world.default_log_type,
			"last_sync_timestamp": None,
			"checkpoint": None,
			"arrivals": None,
			"past_days": None,
			"clock_watch": None,
		}
		frappe.db.set_value(SETTINGS, self._device, read)


def delete_worlds() -> None:
	"""What `build` has made; by their tables, since some of it is what no form would store."""
	for doctype, where in (
		(CHECK_IN, _CHANGED_BY_A_RUN[CHECK_IN]),
		(_ASSIGNMENT, f"name {_OURS}"),
		(_SHIFT_TYPE, f"name {_OURS}"),
		(_LOCATION, f"name {_OURS}"),
		(_HOLIDAY_LIST, f"name {_OURS}"),
		("Employee", f"first_name {_OURS}"),
	):
		frappe.db.sql(f"delete from `tab{doctype}` where {where}", ())
	frappe.clear_document_cache(_SHIFT_TYPE)
	frappe.db.commit()


def _make_employee(person: Person) -> str:
	return make_employee(
		person.code,
		crowd=True,
		first_name="ZKTeco Test World",
		employee_name=f"ZKTeco Test {person.label or person.code}"[:140],
		status=person.status,
		default_shift=person.default_shift,
		relieving_date=person.relieving_date,
		cell_number=person.phone,
	)


def _make_shift(shift: Shift) -> None:
	_store(
		_SHIFT_TYPE,
		name=shift.name,
		start_time=timedelta(seconds=shift.start),
		end_time=timedelta(seconds=shift.end),
		begin_check_in_before_shift_start_time=shift.before,
		allow_check_out_after_shift_end_time=shift.after,
		determine_check_in_and_check_out=_STRICT if shift.strict else _ALTERNATING,
		holiday_list=_HOLIDAYS if shift.holidays else None,
	)
	frappe.clear_document_cache(_SHIFT_TYPE, shift.name)


def _store(doctype: str, **values: Any) -> None:
	"""Past every rule: a world holds what years have left on a site."""
	frappe.get_doc({"doctype": doctype, **values}).db_insert()


def _location(name: str) -> str:
	return f"ZKTeco Test {name}"


@contextmanager
def _taken_back() -> Iterator[None]:
	kept = {table: _all_rows(table, where) for table, where in _CHANGED_BY_A_RUN.items()}
	try:
		yield
	finally:
		frappe.db.rollback()
		for table, where in _CHANGED_BY_A_RUN.items():
			frappe.db.sql(f"delete from `tab{table}` where {where}", ())
		for table, before in kept.items():
			_put_back(table, before)
		frappe.db.commit()


def _all_rows(table: str, where: str) -> list[dict[str, Any]]:
	return frappe.db.sql(f"select * from `tab{table}` where {where}", (), as_dict=True)


def _put_back(table: str, before: list[dict[str, Any]]) -> None:
	for row in before:
		columns, places = ", ".join(f"`{name}`" for name in row), ", ".join(["%s"] * len(row))
		frappe.db.sql(f"insert into `tab{table}` ({columns}) values ({places})", list(row.values()))


@contextmanager
def _some_without_an_id() -> Iterator[None]:
	"""Some builds leave the id of a manual row out."""
	original = rows.transaction_row

	def transaction_row(row: Any, *args: Any) -> dict[str, Any]:
		shown = original(row, *args)
		return {**shown, "id": None} if row.terminal_sn == NO_ID else shown

	with patch.object(transactions, "transaction_row", transaction_row):
		yield
