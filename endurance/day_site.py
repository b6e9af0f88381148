"""What a day of people needs on a site beside the benchmark's people and device, and takes away again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, time, timedelta

import frappe
from frappe.utils.scheduler import is_scheduler_inactive

from benchmarks.history import code_of
from benchmarks.workspace import DEVICE, NotHere, employee, job
from endurance.day_plan import DAY, HOURS, MARGIN, NIGHT, TUESDAY, Kind
from zkteco_biometric.frappe_hr.names import CHECK_IN, SETTINGS, SITE_SETTINGS
from zkteco_biometric.frappe_hr.workers import worker_is_running

_OURS = "ZKTeco Benchmark"
_SHIFT = {DAY: f"{_OURS} Day", NIGHT: f"{_OURS} Night"}
_GUARD = f"{_OURS} Guard"
_EXEMPTION = "ZKTeco Device User Exemption"
_WANTED = {
	"way_back_margin": MARGIN // timedelta(minutes=1),
	"way_back_hours": HOURS // timedelta(hours=1),
	"oldest_disabling_punch": 12,
	"disable_during_shift": 0,
	"keep_left_disabled": 0,
}


@contextmanager
def people_at_work(site: str, kinds: Sequence[Kind]) -> Iterator[None]:
	"""Shifts, exemptions and the site's rules are there within the block."""
	with job(site):
		if worker_is_running() and not is_scheduler_inactive(verbose=False):
			raise NotHere(
				"The bench's workers and this site's scheduler would join in: bench --site SITE scheduler pause."
			)
		_remove()
		before = _site_rules()
		_add(kinds)
		_set_site_rules(_WANTED)
		frappe.db.commit()
	try:
		yield
	finally:
		with job(site):
			_remove()
			_set_site_rules(before)
			frappe.db.commit()
			frappe.clear_cache()  # in it are moments of the day that was played


def check_in_by_hand(code: str, when: datetime) -> None:
	"""HR lets somebody in; within a job."""
	frappe.get_doc({"doctype": CHECK_IN, "employee": employee(code), "time": when, "log_type": "IN"}).insert()
	frappe.db.commit()


def _add(kinds: Sequence[Kind]) -> None:
	for hours, name in _SHIFT.items():
		_add_shift(name, *hours)
	frappe.get_doc({"doctype": "Designation", "designation_name": _GUARD}).insert()
	_exempt("Designation", _GUARD)
	for place, kind in enumerate(kinds):
		name = employee(code_of(place))
		if kind.shift == NIGHT:
			_assign(name, _SHIFT[NIGHT])
		elif kind.shift:
			frappe.db.set_value("Employee", name, "default_shift", _SHIFT[kind.shift], update_modified=False)
		if kind.exempt and place % 2:
			_exempt("Employee", name)
		elif kind.exempt:
			frappe.db.set_value("Employee", name, "designation", _GUARD, update_modified=False)


def _add_shift(name: str, start: time, end: time) -> None:
	frappe.get_doc(
		{
			"doctype": "Shift Type",
			"__newname": name,
			"start_time": str(start),
			"end_time": str(end),
			"begin_check_in_before_shift_start_time": 60,
			"allow_check_out_after_shift_end_time": 60,
		}
	).insert()


def _assign(name: str, shift: str) -> None:
	doc = frappe.get_doc(
		{
			"doctype": "Shift Assignment",
			"employee": name,
			"employee_name": name,
			"company": frappe.db.get_value("Employee", name, "company"),
			"shift_type": shift,
			"start_date": TUESDAY.date() - timedelta(days=7),
			"status": "Active",
			"docstatus": 1,
		}
	)
	doc.name = f"{shift} {name}"
	doc.db_insert()


def _exempt(kind: str, name: str) -> None:
	parent = {"parent": SITE_SETTINGS, "parenttype": SITE_SETTINGS, "parentfield": "exemptions"}
	frappe.get_doc({"doctype": _EXEMPTION, "exempt_type": kind, "exempt": name, **parent}).db_insert()


def _site_rules() -> dict[str, object]:
	stored = frappe.db.get_singles_dict(SITE_SETTINGS)
	return {name: stored.get(name) for name in _WANTED}


def _set_site_rules(values: dict[str, object]) -> None:
	"""None: as where it was never saved."""
	for name, value in values.items():
		if value is None:
			frappe.db.delete("Singles", {"doctype": SITE_SETTINGS, "field": name})
		else:
			frappe.db.set_single_value(SITE_SETTINGS, name, value, update_modified=False)


def _remove() -> None:
	"""Everything by its name."""
	like = ("like", f"{_OURS}%")
	frappe.db.delete(_EXEMPTION, {"parent": SITE_SETTINGS, "exempt": like})
	frappe.db.delete("Shift Assignment", {"shift_type": like})
	frappe.db.delete("Shift Type", {"name": like})
	frappe.db.delete("Designation", {"name": _GUARD})
	frappe.db.delete("Notification Log", {"document_type": SETTINGS, "document_name": DEVICE})
	frappe.db.commit()
