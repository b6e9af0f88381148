"""How the devices of a site are doing, on a screen of text."""

from collections.abc import Iterator
from datetime import datetime

import frappe
from frappe.utils import now_datetime

from zkteco_biometric.command_line.choosing import chosen_devices
from zkteco_biometric.command_line.running import Told
from zkteco_biometric.command_line.statuses import FINE, FIX, PASSES, most_serious
from zkteco_biometric.command_line.writing import ago, many, moment
from zkteco_biometric.frappe_hr.heartbeat import last_tick, scheduler_is_switched_off, scheduler_ticks
from zkteco_biometric.frappe_hr.overview import Overview, overviews
from zkteco_biometric.frappe_hr.passing import may_pass
from zkteco_biometric.standalone.tables import printable, table

_HEADS = ("Device", "State", "Last sync", "Next sync", "Waiting", "Disabled", "Clocks")
_NUMBERS = frozenset({4, 5})


def status_aloud(device: str | None) -> Told:
	devices = overviews(chosen_devices(device))
	now = now_datetime().replace(microsecond=0)
	ticks = scheduler_ticks()
	statuses = [FINE if ticks else FIX, *(_status(one) for one in devices if one.enabled)]
	data = {
		"scheduler": {
			"ticks": ticks,
			"switched_off": scheduler_is_switched_off(),
			"last_tick": moment(last_tick()),
		},
		"devices": [one.as_dict() | {"is_well": one.is_well} for one in devices],
	}
	return Told(data, list(_lines(devices, ticks, now)), status=most_serious(statuses))


def _status(device: Overview) -> int:
	"""A device that is off may come back by itself; a clock does not set itself right."""
	failures = [(device.error, device.remedy), (device.control_error, device.control_remedy)]
	met = [PASSES if may_pass(remedy) else FIX for error, remedy in failures if error]
	if device.wrong_clocks or (device.late and not met):
		met.append(FIX)
	return most_serious(met)


def _lines(devices: list[Overview], ticks: bool, now: datetime) -> Iterator[str]:
	yield from table([_HEADS, *(_row(one, now) for one in devices)], right=_NUMBERS)
	yield ""
	yield f"  Scheduler: {_scheduler(ticks, now)}"
	for one in devices:
		yield from _troubles(one)


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
	return f"{moment(one.next_sync)} ({ago(one.next_sync, now)})" if one.next_sync else "at the next tick"


def _scheduler(ticks: bool, now: datetime) -> str:
	last = last_tick()
	called = f"it called this app last {ago(last, now)}" if last else "it has never called this app"
	if ticks:
		return f"runs; {called}."
	why = "is switched off" if scheduler_is_switched_off() else "does not run"
	return f"{why}; {called}. What to do: bench --site {frappe.local.site} zkteco-doctor tells."


def _troubles(one: Overview) -> Iterator[str]:
	"""Each with what to do about it."""
	if one.error:
		yield from _trouble(one, one.error, one.remedy)
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
