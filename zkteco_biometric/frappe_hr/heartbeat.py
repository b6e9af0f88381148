"""Whether the scheduler ticks on this site: without it nothing happens by itself."""

from datetime import datetime, timedelta

import frappe
from frappe.utils import now_datetime
from frappe.utils.scheduler import is_scheduler_inactive

OUR_TICK = "zkteco_biometric.sync.enqueue_due_devices"
_TICKS_WITHIN = timedelta(minutes=15)


def scheduler_is_switched_off() -> bool:
	"""By the site's settings: disabled, paused, or in maintenance mode."""
	return is_scheduler_inactive(verbose=False)


def last_tick() -> datetime | None:
	"""When the scheduler last called this app, the site's wall clock; None where it never has."""
	return frappe.db.get_value("Scheduled Job Type", {"method": OUR_TICK}, "last_execution")


def scheduler_ticks() -> bool:
	"""Whether it has called this app within the last quarter of an hour; its interval is about four minutes."""
	ticked = last_tick()
	return bool(ticked and ticked > now_datetime() - _TICKS_WITHIN) and not scheduler_is_switched_off()
