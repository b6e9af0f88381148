"""A sync in the terminal: a bar for each device, what came of its punches, and an exit status."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
import frappe

from zkteco_biometric.biotime.errors import WrongCredentials
from zkteco_biometric.command_line.choosing import NONE_ENABLED, chosen_enabled
from zkteco_biometric.command_line.interrupting import Stoppable, broken_off, ctrl_c
from zkteco_biometric.command_line.running import Told
from zkteco_biometric.command_line.statuses import FINE, FIX, INTERRUPTED, PASSES, most_serious
from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.frappe_hr.cut_off import end_cut_off_cycles
from zkteco_biometric.frappe_hr.device_lock import device_lock
from zkteco_biometric.frappe_hr.names import SETTINGS, SYNC_LOG
from zkteco_biometric.frappe_hr.sync_log import COMMAND
from zkteco_biometric.standalone.progress import watched
from zkteco_biometric.standalone.tables import printable
from zkteco_biometric.sync import sync_watched

_STAYS = "What was stored stays: the next sync goes on there."


@dataclass(frozen=True)
class Synced:
	"""What came of the sync of one device; `outcome` is one word for scripts."""

	device: str
	outcome: str
	status: int = FINE
	result: CycleResult | None = None
	error: str = ""
	remedy: str = ""
	log: str | None = None

	def as_dict(self) -> dict[str, Any]:
		counters = self.result.counters.as_dict() if self.result else {}
		told = {"error": self.error, "remedy": self.remedy} if self.error else {}
		log = {"log": self.log} if self.log else {}
		return {"device": self.device, "outcome": self.outcome, **counters, **log, **told}


def sync_aloud(device: str | None) -> Told:
	synced: list[Synced] = []
	devices = chosen_enabled(device)
	with ctrl_c() as stop:
		for name in devices:
			synced.append(_synced(name, bool(device), stop))
			if stop():
				break
	interrupted = [INTERRUPTED] if stop() else []
	return Told(
		{"devices": [one.as_dict() for one in synced]},
		[line for one in synced for line in _lines(one)] or [NONE_ENABLED],
		status=most_serious([*interrupted, *(one.status for one in synced)]),
	)


def _synced(device: str, asked_for: bool, stop: Callable[[], bool]) -> Synced:
	"""The lock is taken here too: a sync that comes to nothing inside of it did so for another reason than somebody else's."""
	if not asked_for and frappe.db.get_value(SETTINGS, device, "login_rejected"):
		error = "The device has rejected the log-in. It is not asked again: BioTime locks accounts."
		return Synced(device, "rejected", FIX, error=error, remedy=WrongCredentials.remedy)
	click.echo(f"{printable(device)}: syncing…", err=True)
	with broken_off(stop), device_lock(device) as ours:
		if not ours:
			return Synced(
				device,
				"busy",
				PASSES,
				error="Another sync of it is running.",
				remedy="Wait for it to end: zkteco-status shows it.",
			)
		return _run(device, stop)
	frappe.db.close()  # it may be in the middle of an answer; the next query opens another
	end_cut_off_cycles()
	return Synced(device, "stopped", INTERRUPTED, error="Stopped at once.", remedy=_STAYS, log=_log(device))


def _run(device: str, stop: Callable[[], bool]) -> Synced:
	with watched(0) as shown:
		result = sync_watched(device, Stoppable(stop, shown))
	outcome, status, error, remedy = _outcome(device, result)
	return Synced(device, outcome, status, result, error, remedy, _log(device))


def _outcome(device: str, result: CycleResult | None) -> tuple[str, int, str, str]:
	if result is None:
		error, remedy = frappe.db.get_value(SETTINGS, device, ["last_error", "last_remedy"])
		return "crashed", FIX, error or "It came to nothing.", remedy or "Look at the device's page."
	if result.failure:
		status = FIX if result.failure.needs_a_person else PASSES
		return "failed", status, result.failure.message, f"{result.failure.remedy} {_STAYS}"
	if result.cancelled:
		return "stopped", INTERRUPTED, "Stopped after a page.", _STAYS
	if result.superseded:
		return "superseded", PASSES, "The settings of the device were changed meanwhile.", "Sync again."
	return "synced", FINE, "", ""


def _log(device: str) -> str | None:
	found = frappe.get_all(
		SYNC_LOG,
		filters={"device": device, "trigger": COMMAND},
		pluck="name",
		order_by="creation desc",
		limit=1,
	)
	return found[0] if found else None


def _lines(one: Synced) -> list[str]:
	log = f" Sync log {one.log}." if one.log else ""
	told = [f"{printable(one.device)}: {_counted(one)}{log}"]
	if one.error:
		told += [f"  {printable(one.error)}", f"    What to do: {printable(one.remedy)}"]
	return told


def _counted(one: Synced) -> str:
	if not one.result:
		return f"{one.outcome}."
	counted = one.result.counters
	return (
		f"{counted.fetched} punches read: {counted.created} created, {counted.duplicate} existed, "
		f"{counted.pending} pending, {counted.ignored} ignored."
	)
