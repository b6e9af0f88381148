"""Which devices are due, and how many of them a tick takes, from one query over all of them."""

from dataclasses import dataclass
from datetime import datetime

import frappe

from zkteco_biometric.cycle.schedule import Frequency, Plan
from zkteco_biometric.cycle.turns import in_turn, most_at_once
from zkteco_biometric.frappe_hr.device import wall_clocks
from zkteco_biometric.frappe_hr.device_state import last_sync_instant
from zkteco_biometric.frappe_hr.heartbeat import tick_interval
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


@dataclass(frozen=True)
class Turns:
	"""The devices that are due, whose turn comes first before the others, and how many of them one tick takes."""

	due: list[str]
	most: int


def due_devices(now: datetime) -> list[str]:
	"""All of them, in turn."""
	return turns_at(now).due


def turns_at(now: datetime) -> Turns:
	"""Of the enabled devices whose frequency has elapsed at `now`, naive, the site's wall clock.

	A device whose log-in was rejected waits for a person: the vendor locks accounts.
	"""
	plans, tick = _plans(now), tick_interval()
	due = {device: plan for device, plan in plans.items() if plan.is_due(now)}
	return Turns(in_turn(due, tick, now), most_at_once(plans.values(), tick, now))


def _plans(now: datetime) -> dict[str, Plan]:
	"""Without those that cannot be read."""
	rows = frappe.get_all(
		SETTINGS,
		filters={"enable": 1, "login_rejected": 0},
		fields=list(FIELDS),
		order_by="last_attempt",
	)
	plans = {row.name: _readable_plan(row, now) for row in rows}
	return {device: plan for device, plan in plans.items() if plan}


def _readable_plan(row, now: datetime) -> Plan | None:
	"""A schedule that cannot be read, as after a change past the form, is told on it and holds up no other device."""
	try:
		plan = plan_of(row)
		plan.is_due(now), plan.period(now)
		return plan
	except ValueError as error:
		trouble = {
			"status": "Failed",
			"last_error": stored(_("The schedule cannot be read: {0}").format(error)),
			"last_remedy": stored(_("Choose the fetch frequency anew, and save.")),
		}
		frappe.db.set_value(SETTINGS, row.name, trouble, update_modified=False)
		return None


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
