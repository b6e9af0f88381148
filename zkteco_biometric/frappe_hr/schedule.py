"""Which devices are due, from one query over all of them."""

from datetime import datetime

import frappe

from zkteco_biometric.cycle.schedule import Frequency, Plan
from zkteco_biometric.frappe_hr.device import wall_clocks
from zkteco_biometric.frappe_hr.device_state import last_sync_instant
from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.frappe_hr.wording import stored
from zkteco_biometric.wording import _

FIELDS = (
	"name",
	"fetch_frequency",
	"cron_expression",
	"last_sync_timestamp",
	"last_sync_zone",
	"last_attempt",
	"failures",
	"checkpoint",
	"status",
	"creation",
)


def due_devices(now: datetime) -> list[str]:
	"""The enabled devices whose frequency has elapsed at `now`, naive, the site's wall clock.

	A device whose log-in was rejected waits for a person: the vendor locks accounts.
	"""
	rows = frappe.get_all(
		SETTINGS,
		filters={"enable": 1, "login_rejected": 0},
		fields=list(FIELDS),
		order_by="last_attempt",
	)
	return [row.name for row in rows if _is_due(row, now)]


def _is_due(row, now: datetime) -> bool:
	"""A schedule that cannot be read, as after a change past the form, is told on it and holds up no other device."""
	try:
		return plan_of(row).is_due(now)
	except ValueError as error:
		trouble = {
			"status": "Failed",
			"last_error": stored(_("The schedule cannot be read: {0}").format(error)),
			"last_remedy": stored(_("Choose the fetch frequency anew, and save.")),
		}
		frappe.db.set_value(SETTINGS, row.name, trouble, update_modified=False)
		return False


def _on_site(instant: datetime | None) -> datetime | None:
	return wall_clocks(None).on_site(instant) if instant else None


def plan_of(row) -> Plan:
	"""A device that stopped in the middle of a cycle is due again at once, unless it failed."""
	stopped = row.checkpoint or row.status == "Unfinished"
	return Plan(
		frequency=Frequency.ALL if stopped else Frequency(row.fetch_frequency),
		cron=row.cron_expression or "",
		since=_on_site(last_sync_instant(row.last_sync_timestamp, row.last_sync_zone)),
		set_up=row.creation,
		failures=row.failures or 0,
		last_attempt=row.last_attempt,
	)
