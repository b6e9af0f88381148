"""The takeover: all devices in one transaction, and nothing where there is none."""

import frappe
from frappe.utils import get_system_timezone, now_datetime
from frappe.utils.password import set_encrypted_password

from zkteco_biometric.frappe_hr.names import HIDDEN_PASSWORD, SETTINGS
from zkteco_biometric.frappe_hr.wording import stored
from zkteco_biometric.takeover.former_devices import former_devices
from zkteco_biometric.takeover.mapping import Former, TakenOver, take_over_device
from zkteco_biometric.takeover.telling import comment, tell
from zkteco_biometric.takeover.wiping import mask_secrets_in_request_logs, wipe_secrets
from zkteco_biometric.takeover.words import troubles


def take_over() -> list[tuple[Former, TakenOver]]:
	"""Makes every device of the other app one of ours, and commits; safe to run at any time, again and again.

	A failure leaves every device as it was: the password in its column, and nobody's half done.
	"""
	pairs = _take_over_each()
	wipe_secrets()
	if pairs:
		mask_secrets_in_request_logs()
	frappe.db.commit()  # all of it, or nothing
	for former, _device in pairs:
		# Frappe may remember the document of before, with its password in plain.
		frappe.clear_document_cache(SETTINGS, former.name)
	tell(pairs)
	return pairs


def _take_over_each() -> list[tuple[Former, TakenOver]]:
	names = set(frappe.get_all(SETTINGS, pluck="name", order_by="name"))
	pairs = []
	for former in former_devices():
		device = take_over_device(former, names - {former.name}, now_datetime())
		names = names - {former.name} | {device.name}
		_write(former, device)
		pairs.append((former, device))
	return pairs


def _write(former: Former, device: TakenOver) -> None:
	"""Past `save()`, which would begin to sync, and refuses what is to be kept for a person to correct."""
	if former.password:
		set_encrypted_password(SETTINGS, former.name, former.password, "password")
	doc = frappe.get_doc(SETTINGS, former.name)
	doc.before_insert()
	doc.update({**_defaults(), **_values(former, device)})
	doc.db_update_all()
	_stop_the_other_app(former.name)
	if device.name != former.name:
		frappe.rename_doc(
			SETTINGS, former.name, device.name, force=True, show_alert=False, rebuild_search=False
		)
	frappe.get_doc(SETTINGS, device.name).add_comment("Comment", comment(former, device))


def _defaults() -> dict[str, object]:
	return {field.fieldname: field.default for field in frappe.get_meta(SETTINGS).fields if field.default}


def _values(former: Former, device: TakenOver) -> dict[str, object]:
	error, remedy = troubles(device)
	has_password = former.password or former.has_stored_password
	return {
		"device_name": former.name,
		"url": device.url,
		"username": device.username,
		"password": HIDDEN_PASSWORD if has_password else None,
		"token": None,
		"enable": int(device.enable),
		"fetch_frequency": device.fetch_frequency.value,
		"cron_expression": device.cron_expression,
		"last_sync_timestamp": device.last_sync,
		"last_sync_zone": get_system_timezone() if device.last_sync else None,
		"sync_from": device.sync_from,
		"last_error": stored(error) or None,
		"last_remedy": stored(remedy) or None,
	}


def _stop_the_other_app(name: str) -> None:
	"""Its scheduled job goes on for as long as it is installed: it reads the rows that have this ticked."""
	if "is_fetch_enabled" in _columns():
		frappe.db.sql(f"update `tab{SETTINGS}` set is_fetch_enabled = 0 where name = %s", name)


def _columns() -> set[str]:
	"""Straight from the database: what Frappe remembers of a table may be older than the takeover."""
	return {row[0] for row in frappe.db.sql(f"show columns from `tab{SETTINGS}`")}
