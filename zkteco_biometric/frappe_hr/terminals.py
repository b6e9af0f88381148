"""The terminals of a device, refreshed on demand and after a sync. What others may read of them is `terminals_of`."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import frappe
from frappe import _

from zkteco_biometric.biotime.errors import (
	AccessDenied,
	BioTimeError,
	LicenceWithoutApi,
	NotBioTime,
	NotFound,
	NotOffered,
	WrongCredentials,
)
from zkteco_biometric.biotime.models import Punch
from zkteco_biometric.biotime.personnel import Terminal
from zkteco_biometric.biotime.transport import ONE_ATTEMPT, TimeOuts
from zkteco_biometric.cycle.clock_watch import ClockWatch
from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.cycle.terminals import Look, Status, TerminalRow
from zkteco_biometric.frappe_hr import error_log
from zkteco_biometric.frappe_hr.device import Connection, wall_clocks
from zkteco_biometric.frappe_hr.device_state import DeviceState
from zkteco_biometric.frappe_hr.names import SETTINGS, job_id
from zkteco_biometric.frappe_hr.terminal_rows import forget_terminals, remember, terminals_of
from zkteco_biometric.frappe_hr.transactions import patiently
from zkteco_biometric.frappe_hr.wording import translated
from zkteco_biometric.wording import joined

if TYPE_CHECKING:
	from zkteco_biometric.zkteco_biometric.doctype.zkteco_biometric_settings.zkteco_biometric_settings import (
		ZKTecoBiometricSettings,
	)

__all__ = ["forget_terminals", "refresh_after_sync", "refresh_now", "terminals_are_due", "terminals_of"]

AN_HOUR, A_DAY = 3600, 86400
_PATIENCE = TimeOuts(connect=5, read=15)
"""Somebody is looking at a dialog, or a sync is over and its device still locked."""

_WITHOUT_TERMINALS = (AccessDenied, LicenceWithoutApi, NotBioTime, NotFound, NotOffered)
"""What a server answers that does not show its terminals, or not to this user."""


def refresh_now(device: str) -> dict:
	"""Asks the device for its terminals, for somebody who waits. Never raises what a device may do.

	`{"ok": True, "terminals": int, "online": int, "offline": int, "gone": int, "new": int}`, or
	`{"ok": False, "message": str, "remedy": str}`.
	"""
	settings = frappe.get_doc(SETTINGS, device)
	state = DeviceState(device, wall_clocks(settings.time_zone))
	if settings.login_rejected:
		return _failed(_("The log-in was rejected."), WrongCredentials.remedy)
	try:
		return _refresh_now(settings, state)
	except BioTimeError as error:
		return _explained(error)
	except Exception as error:  # noqa: BLE001 the rim: Frappe would write down variables, among them the password
		frappe.db.rollback()
		error_log.report_crash(state, error)
		return _failed(
			_("Something went wrong in this app."),
			_("Look at the Error Log, title ZKTeco Sync, and report it to the app's makers."),
		)


def _refresh_now(settings: "ZKTecoBiometricSettings", state: DeviceState) -> dict:
	connection = _connect(settings, state)
	try:
		told = _ask(connection)
	except WrongCredentials as error:
		if connection.is_current():
			state.failed(error.message, error.remedy, error.code)
		raise
	before = terminals_of([state.device])
	_store(_look(state, told=told), connection.is_current)
	_not_again_for(AN_HOUR, settings)
	if not told and any(row.last_named for row in before):
		return _none_any_more()
	return {"ok": True, **_counted(terminals_of([state.device]), before)}


def _none_any_more() -> dict:
	return _failed(
		_("The server names no terminal any more. What is known of them stays as it is."),
		_(
			"Refresh again in a while. If it stays so, let this BioTime user see their areas, or delete the records of terminals that were taken away."
		),
	)


def _counted(rows: list[TerminalRow], before: list[TerminalRow]) -> dict[str, int]:
	known = {row.serial_key for row in before}
	states = Counter(row.status for row in rows)
	return {
		"terminals": len(rows),
		"online": states[Status.ONLINE],
		"offline": states[Status.OFFLINE],
		"gone": states[Status.GONE],
		"new": sum(row.serial_key not in known for row in rows),
	}


def _explained(error: BioTimeError) -> dict:
	if isinstance(error, _WITHOUT_TERMINALS):
		message = _("The server does not show its terminals to this user.")
		return _failed(joined(message, error.message), error.remedy)
	return _failed(error.message, error.remedy)


def _failed(message: str, remedy: str) -> dict:
	return {"ok": False, "message": translated(message), "remedy": translated(remedy)}


def refresh_after_sync(
	settings: "ZKTecoBiometricSettings", state: DeviceState, result: CycleResult, newest: Mapping[str, Punch]
) -> None:
	"""Asks once an hour at most, and remembers the newest punches. The sync is over: nothing that fails here touches it.

	A server that has no list of terminals is left alone for a day; its terminals are those from which punches came.
	"""
	if result.superseded:
		return
	try:
		_refresh_after_sync(settings, state, result, newest)
	except Exception:  # noqa: BLE001 a good sync must not look bad
		frappe.db.rollback()
		error_log.report_terminals(state.device)
		frappe.db.commit()  # the report


def _refresh_after_sync(
	settings: "ZKTecoBiometricSettings", state: DeviceState, result: CycleResult, newest: Mapping[str, Punch]
) -> None:
	due = not result.failure and not result.unfinished and terminals_are_due(settings)
	if not due:
		_store(Look(state.device, utc_now(), state.clocks, newest=newest), lambda: _is_there(state.device))
		return
	_not_again_for(AN_HOUR, settings)
	connection = _connect(settings, state)
	try:
		told = _ask(connection)
	except BioTimeError as error:
		told = None
		_not_again_for(A_DAY if isinstance(error, _WITHOUT_TERMINALS) else AN_HOUR, settings)
	_store(_look(state, told=told, newest=newest), connection.is_current)


def _connect(settings: "ZKTecoBiometricSettings", state: DeviceState) -> Connection:
	"""With the token of the sync, and without its patience and repeats."""
	connection = Connection(settings, state, time_outs=_PATIENCE, retry=ONE_ATTEMPT)
	frappe.db.commit()  # no transaction is open during HTTP
	return connection


def _ask(connection: Connection) -> list[Terminal]:
	try:
		return connection.client.terminals()
	finally:
		connection.client.close()


def _look(state: DeviceState, told: list[Terminal] | None, newest: Mapping[str, Punch] | None = None) -> Look:
	text = frappe.db.get_value(SETTINGS, state.device, "clock_watch")
	watch = ClockWatch.from_json(text) if text else ClockWatch()
	return Look(state.device, utc_now(), state.clocks, told, newest or {}, watch)


def _store(look: Look, still_holds: Callable[[], bool]) -> None:
	"""Nothing, where the device was deleted, renamed or pointed at another server meanwhile."""
	if look.told is None and not look.newest and look.clock_watch is None:
		return

	def write(_again: bool) -> None:
		remember(look, still_holds)
		frappe.db.commit()  # the terminals

	patiently(write)


def _is_there(device: str) -> bool:
	return bool(frappe.db.get_value(SETTINGS, device, "name", for_update=True))


def terminals_are_due(settings: "ZKTecoBiometricSettings") -> bool:
	"""Whether their list was not asked for in the last hour."""
	return not frappe.cache.get_value(throttle_key(settings), expires=True)


def _not_again_for(seconds: int, settings: "ZKTecoBiometricSettings") -> None:
	frappe.cache.set_value(throttle_key(settings), 1, expires_in_sec=seconds)


def throttle_key(settings: "ZKTecoBiometricSettings") -> str:
	"""Of the device at its server: who points it at another one need not wait."""
	return job_id("terminals", f"{settings.name}\n{settings.url}")
