"""Whether the scheduler reaches this app: without it nothing happens by itself."""

from datetime import datetime, timedelta
from enum import Enum

import frappe
from frappe.utils import cint, now_datetime
from frappe.utils.scheduler import is_scheduler_inactive

OUR_TICK = "zkteco_biometric.sync.enqueue_due_devices"
_SHORTEST_SILENCE = timedelta(minutes=15)
_USUAL_INTERVAL = 240
"""Seconds between ticks, unless the bench's configuration has another `scheduler_interval`."""


class Scheduler(Enum):
	"""What is known of it."""

	TICKS = "Ticks"
	SWITCHED_OFF = "Switched Off"
	SILENT = "Silent"
	"""Its process or the workers of its queue do not run, or have had no time for this app."""


def scheduler_state() -> Scheduler:
	if scheduler_is_switched_off():
		return Scheduler.SWITCHED_OFF
	return Scheduler.TICKS if _has_called_lately() else Scheduler.SILENT


def scheduler_is_switched_off() -> bool:
	"""By the site's settings: disabled, paused, or in maintenance mode."""
	return is_scheduler_inactive(verbose=False)


def scheduler_ticks() -> bool:
	return scheduler_state() is Scheduler.TICKS


def last_tick() -> datetime | None:
	"""When a worker last did what the scheduler wants of this app, the site's wall clock; None where it never has."""
	return frappe.db.get_value("Scheduled Job Type", {"method": OUR_TICK}, "last_execution")


def _has_called_lately() -> bool:
	"""Where it never has, it has a while from the installation on."""
	known = frappe.db.get_value("Scheduled Job Type", {"method": OUR_TICK}, ["last_execution", "creation"])
	last, installed = known or (None, None)
	latest = last or installed
	return bool(latest and latest > now_datetime() - allowed_silence())


def allowed_silence() -> timedelta:
	"""Between two ticks of a scheduler that runs."""
	return max(_SHORTEST_SILENCE, 3 * tick_interval())


def tick_interval() -> timedelta:
	"""From one tick to the next."""
	return timedelta(seconds=cint(frappe.conf.scheduler_interval) or _USUAL_INTERVAL)
