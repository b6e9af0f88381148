"""How the devices of a site are doing, on a screen of text."""

from collections.abc import Iterator
from datetime import datetime

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.command_line.choosing import NO_DEVICE, chosen_devices
from zkteco_biometric.command_line.running import Told
from zkteco_biometric.command_line.statuses import FINE, FIX, PASSES, most_serious
from zkteco_biometric.command_line.writing import ago, many, moment
from zkteco_biometric.frappe_hr.heartbeat import last_tick, scheduler_is_switched_off, scheduler_ticks
from zkteco_biometric.frappe_hr.overview import Overview, overviews
from zkteco_biometric.frappe_hr.passing import has_lasted, may_pass
from zkteco_biometric.standalone.tables import printable, table

_HEADS = ("Device", "State", "Last sync", "Next sync", "Waiting", "Disabled", "Clocks")
_NUMBERS = frozenset({4, 5})


def status_aloud(device: str | None) -> Told:
	devices = overviews(chosen_devices(device))
	now = now_datetime()
	ticks = scheduler_ticks()
	statuses = [
		FIX if not ticks and _needs_the_scheduler(devices) else FINE,
		*(_status(one, now) for one in devices if one.enabled),
	]
	data = {
		"scheduler": {
			"ticks": ticks,
			"switched_off": scheduler_is_switched_off(),
			"last_tick": moment(last_tick()),
		},
		"devices": [one.as_dict() | {"is_well": one.is_well} for one in devices],
	}
	return Told(data, list(_lines(devices, ticks, now)), status=most_serious(statuses))


def _needs_the_scheduler(devices: list[Overview]) -> bool:
	return any(one.enabled or one.disabled_people for one in devices)


def _status(device: Overview, now: datetime) -> int:
	"""A device that is off may come back by itself; a clock does not set itself right, nor does a worker start itself."""
	failures = (
		(device.error, device.error_code, device.failing_since),
		(device.control_error, device.control_error_code, None),
	)
	met = [PASSES if may_pass(code, since, now) else FIX for error, code, since in failures if error]
	if device.wrong_clocks or device.overdue_since or device.late:
		met.append(FIX)
	return most_serious(met)


def _lines(devices: list[Overview], ticks: bool, now: datetime) -> Iterator[str]:
	if not devices:
		yield NO_DEVICE
		return
	yield from table([_HEADS, *(_row(one, now) for one in devices)], right=_NUMBERS)
	yield ""
	yield f"  Scheduler: {_scheduler(ticks, now)}"
	for one in devices:
		yield from _troubles(one, now)


def _row(one: Overview, now: datetime) -> tuple[object, ...]:
	return (
		one.device,
		one.status if one.enabled else "Disabled",
		f"{moment(one.last_sync)} ({ago(one.last_sync, now)})" if one.last_sync else "never",
		_next(one, now),
		one.waiting,
		one.disabled_people,
		f"{len(one.wrong_clocks)} wrong" if one.wrong_clocks else "fine" if one.last_sync else "-",
	)


def _next(one: Overview, now: datetime) -> str:
	if not one.enabled:
		return "-"
	if not one.syncs_by_itself:
		return "waits for a person"
	if one.overdue_since:
		return f"overdue since {moment(one.overdue_since)}"
	return f"{moment(one.next_sync)} ({ago(one.next_sync, now)})" if one.next_sync else "at the next tick"


def _scheduler(ticks: bool, now: datetime) -> str:
	last = last_tick()
	called = f"it called this app last {ago(last, now)}" if last else "it has never called this app"
	if ticks:
		return f"runs; {called}."
	why = "is switched off" if scheduler_is_switched_off() else "does not run"
	return f"{why}; {called}. What to do: bench --site {frappe.local.site} zkteco-doctor tells."


def _troubles(one: Overview, now: datetime) -> Iterator[str]:
	"""Each with what to do about it."""
	if one.error:
		lasts = (
			f"it has failed since {moment(one.failing_since)}. " if has_lasted(one.failing_since, now) else ""
		)
		yield from _trouble(one, f"{lasts}{one.error}", one.remedy)
	if one.overdue_since:
		yield from _trouble(
			one,
			f"it was due at {moment(one.overdue_since)}, and nobody has read it since.",
			f"bench --site {frappe.local.site} zkteco-doctor tells whether the scheduler, a worker or the schedule is "
			"missing. zkteco-sync reads it at once.",
		)
	if one.control_error:
		yield from _trouble(one, one.control_error, one.control_remedy)
	for clock in one.wrong_clocks:
		yield from _trouble(one, clock, "Set the clock on the terminal, best by a time server (NTP).")
	if one.late:
		yield from _trouble(
			one,
			f"{many(one.late, 'person', 'people')} could not be enabled in time.",
			"Look at ZKTeco Device User, or run zkteco-enable-everyone; let them in by hand until then.",
		)


def _trouble(one: Overview, text: str, remedy: str) -> Iterator[str]:
	yield ""
	yield f"  {printable(one.device)}: {printable(text)}"
	yield f"    What to do: {printable(remedy)}"
