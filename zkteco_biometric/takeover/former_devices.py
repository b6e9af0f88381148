"""What the other app has left in the database: its rows among ours, and its schedule."""

from collections.abc import Mapping
from typing import Any

import frappe

from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.takeover.mapping import Former
from zkteco_biometric.takeover.secrets_in_json import is_hidden

GLOBAL = "ZKTeco Global"


def former_devices() -> list[Former]:
	"""The rows that no device of ours can be, since they have no device name; locked until the transaction ends."""
	rows = frappe.db.sql(
		f"select * from `tab{SETTINGS}` where ifnull(device_name, '') = '' order by creation, name for update",
		as_dict=True,
	)
	schedule = _schedule_of_all() if rows else {}
	return [_former(row, schedule) for row in rows]


def _schedule_of_all() -> dict[str, str]:
	"""Of the single that later versions had; Frappe keeps the values of a single whose doctype is gone."""
	rows = frappe.db.sql("select field, value from `tabSingles` where doctype = %s", GLOBAL)
	return {field: value or "" for field, value in rows}


def _former(row: Mapping[str, Any], schedule: Mapping[str, str]) -> Former:
	"""Where all devices have a schedule, that of a row is older. Columns differ between versions."""
	where = schedule if schedule.get("fetch_frequency") else row
	password = row.get("password") or ""
	return Former(
		name=row["name"],
		url=row.get("url") or "",
		username=row.get("username") or "",
		created=row["creation"],
		password="" if is_hidden(password) else password,
		has_stored_password=_is_stored(row["name"]),
		is_fetched=bool(_first(row, "is_fetch_enabled", "enabled", "enable")),
		frequency=where.get("fetch_frequency") or "",
		cron=where.get("cron_expression") or "",
		last_fetched=row.get("last_fetched_time"),
		blocks_log_ins=bool(row.get("enable_mandatory_checkin")),
	)


def _first(row: Mapping[str, Any], *columns: str) -> Any:
	return next((row[column] for column in columns if column in row), None)


def _is_stored(name: str) -> bool:
	auth = frappe.qb.Table("__Auth")
	mine = (auth.doctype == SETTINGS) & (auth.name == name) & (auth.fieldname == "password")
	return bool(frappe.qb.from_(auth).select(auth.name).where(mine).run())
