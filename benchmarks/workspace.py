"""What the benchmark puts on a site, and takes away again: people, one device, their check-ins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import frappe
from frappe.utils import getdate, now_datetime
from frappe.utils.password import remove_encrypted_password

from benchmarks.history import code_of
from benchmarks.punch_server import PASSWORD
from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.cycle.ports import Progress
from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.frappe_hr.device import wall_clocks
from zkteco_biometric.frappe_hr.device_user_candidates import Watermark, save_watermark
from zkteco_biometric.frappe_hr.names import (
	BIOMETRIC_ID,
	CHECK_IN,
	DEVICE_USER,
	SETTINGS,
	SITE_SETTINGS,
	USER_ID,
)
from zkteco_biometric.sync import sync_device, sync_watched
from zkteco_biometric.user_control import LAST_SWEEP

DEVICE = "ZKTeco Benchmark"
_OURS = f"{DEVICE}%"
_PERSON = f"{DEVICE} "
_AT_ONCE = 10_000
_SERIES = "EMP-CKIN-%"
_ONE_BY_ONE = "write_one_by_one"
# A cron that is never due while this runs: a scheduler on this site must not join in.
_NEVER = {"fetch_frequency": "Custom Cron", "cron_expression": "0 0 29 2 *"}
_READ_SO_FAR = (
	"last_sync_timestamp",
	"last_sync_zone",
	"checkpoint",
	"token",
	"token_kind",
	"token_expires",
	"arrivals",
	"past_days",
	"clock_watch",
	"wrong_clocks",
	"reported",
)
_CONTROLLED_SO_FAR = ("control_way", "control_reported", "control_error", "control_remedy")


class NotHere(Exception):
	"""This site is not one to measure on; the text says why, and what to do."""


@contextmanager
def job(site: str) -> Iterator[None]:
	"""A connection with nothing remembered, and the scheduler's user, as a background job has them."""
	frappe.init(site=site)
	frappe.connect()
	try:
		yield
	finally:
		frappe.destroy()


@contextmanager
def workspace(site: str, people: int, force: bool) -> Iterator[None]:
	"""The people and the device are on the site within the block; what an earlier run left goes first."""
	with job(site):
		_refuse_an_unfit_site()
		_remove()
		_refuse_a_site_in_use(force)
		before = _to_be_restored()
	try:
		with job(site):
			_add_people(people)
			add_device(DEVICE)
			frappe.db.commit()
		yield
	finally:
		with job(site):
			_remove()
			_restore(*before)


def start_over(url: str, page_size: int, device: str = DEVICE) -> None:
	"""As before the first sync of the device: no check-ins, no token, nothing read."""
	delete_check_ins()
	forget_what_was_read(url, page_size, device)


def delete_check_ins() -> None:
	"""Where all are the benchmark's own, the table is emptied: what is deleted row by row costs the next rounds their time."""
	if _all_are_ours():
		frappe.db.commit()
		frappe.db.truncate(CHECK_IN)
	while frappe.db.sql(f"select 1 from `tab{CHECK_IN}` where employee like %s limit 1", f"{_PERSON}%"):
		frappe.db.sql(f"delete from `tab{CHECK_IN}` where employee like %s limit {_AT_ONCE}", f"{_PERSON}%")
		frappe.db.commit()


def _all_are_ours() -> bool:
	"""From both ends of the index on employees; False where there are no check-ins."""
	ends = frappe.db.sql(f"select min(employee), max(employee) from `tab{CHECK_IN}`")[0]
	nobodys = frappe.db.sql(f"select 1 from `tab{CHECK_IN}` where employee is null limit 1")
	return all(end and end.startswith(_PERSON) for end in ends) and not nobodys


def forget_what_was_read(url: str, page_size: int, device: str = DEVICE) -> None:
	"""The device begins anew; the check-ins stay, so that every punch is a duplicate."""
	remove_encrypted_password(SETTINGS, device, "token")
	values = {**dict.fromkeys(_READ_SO_FAR), "url": url, "page_size": page_size}
	frappe.db.set_value(SETTINGS, device, values, update_modified=False)
	frappe.db.commit()


def write_one_by_one(one_by_one: bool) -> None:
	"""How check-ins are written from now on, as the site's settings say."""
	if _can_choose():
		frappe.db.set_single_value(SITE_SETTINGS, _ONE_BY_ONE, int(one_by_one), update_modified=False)
		frappe.db.commit()


def _can_choose() -> bool:
	return frappe.get_meta(SITE_SETTINGS).has_field(_ONE_BY_ONE)


def control_people(**values: object) -> None:
	"""For a minute the device's people have been disabled and enabled; nobody is known yet."""
	frappe.db.delete(DEVICE_USER, {"device": DEVICE})
	frappe.db.set_value("Employee", {"name": ("like", f"{_PERSON}%")}, USER_ID, None, update_modified=False)
	chosen = {"control_users": 1, "control_method": "Area", "parking_area": "Not Authorized", **values}
	frappe.db.set_value(
		SETTINGS, DEVICE, {**dict.fromkeys(_CONTROLLED_SO_FAR), **chosen}, update_modified=False
	)
	save_watermark(DEVICE, Watermark.at(utc_now() - timedelta(minutes=1), wall_clocks(None)))
	frappe.db.set_single_value(SITE_SETTINGS, LAST_SWEEP, now_datetime(), update_modified=False)
	frappe.db.commit()


def cycle(watch: Progress | None = None) -> CycleResult:
	"""One sync of the device; raises where it did not run to its end, since its figures would mean nothing.

	Whoever watches may cancel it.
	"""
	result = sync_watched(DEVICE, watch) if watch else sync_device(DEVICE)
	if result is None or result.failure or result.unfinished or result.superseded:
		told = frappe.db.get_value(SETTINGS, DEVICE, ["status", "last_error"])
		raise RuntimeError(f"The cycle did not run to its end: {(result and result.failure) or told}")
	return result


def employee(code: str) -> str:
	"""The name of the employee with this code."""
	return f"{_PERSON}{code}"


def _refuse_an_unfit_site() -> None:
	if "zkteco_biometric" not in frappe.get_installed_apps():
		raise NotHere(
			"The app is not installed on this site: bench --site SITE install-app zkteco_biometric."
		)
	if frappe.db.db_type != "mariadb":
		raise NotHere("SQL statements are counted by MariaDB: take a site on it.")
	if not (_any("Company") and _any("Gender")):
		raise NotHere("This site has no Company or no Gender yet: finish its set-up first.")


def _refuse_a_site_in_use(force: bool) -> None:
	count = frappe.db.count(CHECK_IN)
	if count and not force:
		raise NotHere(
			f"This site has {count} check-ins, so it may be somebody's. Take a site made for this, or add --force: "
			"the benchmark adds people and check-ins of its own and removes only those."
		)


def _any(doctype: str) -> str | None:
	return frappe.db.get_value(doctype, {}, "name", order_by="creation")


def _add_people(count: int) -> None:
	"""Straight into their table: by the rules of Employee, 500 of them take minutes. One more, who has no punches."""
	values = {
		"doctype": "Employee",
		"company": _any("Company"),
		"gender": _any("Gender"),
		"date_of_birth": getdate("1990-01-01"),
		"date_of_joining": getdate("2020-01-01"),
		"status": "Active",
	}
	for person in range(count + 1):
		name = employee(code_of(person))
		doc = frappe.get_doc(
			{**values, "first_name": name, "employee_name": name, BIOMETRIC_ID: code_of(person)}
		)
		doc.name = name
		doc.db_insert()


def add_device(name: str) -> None:
	"""Disabled when saved, since an enabled device logs in from a background job at once."""
	doc = frappe.get_doc(
		{
			"doctype": SETTINGS,
			"device_name": name,
			"url": "http://127.0.0.1:1",
			"username": "admin",
			"password": PASSWORD,
			"enable": 0,
			**_NEVER,
		}
	)
	doc.insert()
	frappe.db.set_value(SETTINGS, name, "enable", 1, update_modified=False)


def remove_device(name: str) -> None:
	"""And all that refers to it."""
	for doctype, fieldname in _links_to_devices():
		frappe.db.delete(doctype, {fieldname: name})
	frappe.delete_doc(SETTINGS, name, force=True, delete_permanently=True)
	frappe.db.commit()


def copy_device(names: list[str], **values: object) -> None:
	"""Straight into the table, with other values than the device has; without a password."""
	row = frappe.db.sql(f"select * from `tab{SETTINGS}` where name = %s", DEVICE, as_dict=True)[0]
	rows = [{**row, "name": name, "device_name": name, **values} for name in names]
	frappe.db.bulk_insert(SETTINGS, list(row), [list(one.values()) for one in rows])
	frappe.db.commit()


def remove_copies(names: list[str]) -> None:
	frappe.db.delete(SETTINGS, {"name": ("in", names)})
	frappe.db.commit()


def others_are_enabled() -> bool:
	"""Whether the site has devices of its own that sync."""
	return bool(frappe.db.count(SETTINGS, {"enable": 1, "name": ("not like", _OURS)}))


def _to_be_restored() -> tuple[list, object]:
	series = frappe.db.sql("select name, current from tabSeries where name like %s", _SERIES)
	one_by_one = frappe.db.get_single_value(SITE_SETTINGS, _ONE_BY_ONE) if _can_choose() else None
	return [*series], one_by_one


def _restore(series: list, one_by_one: object) -> None:
	"""Numbers of check-ins go on where they were, unless somebody else has a check-in by now."""
	write_one_by_one(bool(one_by_one))
	if not frappe.db.count(CHECK_IN):
		frappe.db.sql("delete from tabSeries where name like %s", _SERIES)
		for row in series:
			frappe.db.sql("insert into tabSeries (name, current) values (%s, %s)", row)
	frappe.db.commit()


def _remove() -> None:
	"""Everything by its name; people straight from their table, since nothing but check-ins can refer to them."""
	delete_check_ins()
	frappe.db.delete("Employee", {"name": ("like", f"{_PERSON}%")})
	frappe.db.delete("Error Log", {"reference_doctype": SETTINGS, "reference_name": ("like", _OURS)})
	for doctype, fieldname in _links_to_devices():
		frappe.db.delete(doctype, {fieldname: ("like", _OURS)})
	for name in frappe.get_all(SETTINGS, {"name": ("like", _OURS)}, pluck="name", order_by="name"):
		frappe.delete_doc(SETTINGS, name, force=True, delete_permanently=True)
	frappe.db.commit()


def _links_to_devices() -> list[tuple[str, str]]:
	"""Doctypes of this app that refer to a device, such as logs, and by which field."""
	rows = frappe.get_all(
		"DocField",
		filters={"fieldtype": "Link", "options": SETTINGS, "parent": ("like", "ZKTeco %")},
		fields=["parent", "fieldname"],
		order_by="parent",
	)
	return [(row.parent, row.fieldname) for row in rows]
