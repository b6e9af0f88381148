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
from zkteco_biometric.sync import sync_device
from zkteco_biometric.user_control import LAST_SWEEP

DEVICE = "ZKTeco Benchmark"
_PERSON = "ZKTeco Benchmark "
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
	try:
		with job(site):
			_add_people(people)
			_add_device()
			frappe.db.commit()
		yield
	finally:
		with job(site):
			_remove()


def start_over(url: str, page_size: int) -> None:
	"""As before the first sync of the device: no check-ins, no token, nothing read."""
	delete_check_ins()
	forget_what_was_read(url, page_size)


def delete_check_ins() -> None:
	frappe.db.delete(CHECK_IN, {"employee": ("like", f"{_PERSON}%")})
	frappe.db.commit()


def forget_what_was_read(url: str, page_size: int) -> None:
	"""The device begins anew; the check-ins stay, so that every punch is a duplicate."""
	remove_encrypted_password(SETTINGS, DEVICE, "token")
	values = {**dict.fromkeys(_READ_SO_FAR), "url": url, "page_size": page_size}
	frappe.db.set_value(SETTINGS, DEVICE, values, update_modified=False)
	frappe.db.commit()


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


def cycle() -> CycleResult:
	"""One sync of the device; raises where it did not run to its end, since its figures would mean nothing."""
	result = sync_device(DEVICE)
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
	"""Straight into their table: by the rules of Employee, 500 of them take minutes."""
	values = {
		"doctype": "Employee",
		"company": _any("Company"),
		"gender": _any("Gender"),
		"date_of_birth": getdate("1990-01-01"),
		"date_of_joining": getdate("2020-01-01"),
		"status": "Active",
	}
	for person in range(count):
		name = employee(code_of(person))
		doc = frappe.get_doc(
			{**values, "first_name": name, "employee_name": name, BIOMETRIC_ID: code_of(person)}
		)
		doc.name = name
		doc.db_insert()


def _add_device() -> None:
	"""Disabled when saved, since an enabled device logs in from a background job at once."""
	doc = frappe.get_doc(
		{
			"doctype": SETTINGS,
			"device_name": DEVICE,
			"url": "http://127.0.0.1:1",
			"username": "admin",
			"password": PASSWORD,
			"enable": 0,
			**_NEVER,
		}
	)
	doc.insert()
	frappe.db.set_value(SETTINGS, DEVICE, "enable", 1, update_modified=False)


def _remove() -> None:
	"""Everything by its name; people straight from their table, since nothing but check-ins can refer to them."""
	delete_check_ins()
	frappe.db.delete("Employee", {"name": ("like", f"{_PERSON}%")})
	frappe.db.delete("Error Log", {"reference_doctype": SETTINGS, "reference_name": DEVICE})
	for doctype, fieldname in _links_to_devices():
		frappe.db.delete(doctype, {fieldname: DEVICE})
	if frappe.db.exists(SETTINGS, DEVICE):
		frappe.delete_doc(SETTINGS, DEVICE, force=True, delete_permanently=True)
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
