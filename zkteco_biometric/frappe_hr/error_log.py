"""What goes to the Error Log: one entry an incident, under the titles that HR admins filter by.

An incident that lasts, such as a device that is switched off for a weekend, is told once and again when it changes.
"""

import traceback

import frappe

from zkteco_biometric.biotime.errors import AccessDenied, BioTimeError, WrongCredentials
from zkteco_biometric.cycle.result import CycleResult, UnknownCode
from zkteco_biometric.frappe_hr.device_state import DeviceState
from zkteco_biometric.frappe_hr.names import SETTINGS

SYNC = "ZKTeco Sync"
AUTH = "ZKTeco Auth"
EMPLOYEE_NOT_FOUND = "Employee Not Found"
_FAILURE, _UNKNOWN, _REJECTED = "failure", "unknown", "rejected"
CRASHED = "It stopped by an unexpected error."


def report_cycle(state: DeviceState, result: CycleResult) -> None:
	"""Logs what is new about a cycle: its failure, its unknown codes, its rejected punches."""
	if result.failure:
		report_failure(state, result.failure, result)
	before = state.reported()
	now = _incidents(result, before)
	if _fresh(now, before, _UNKNOWN):
		_log(EMPLOYEE_NOT_FOUND, state.device, _unknown_codes(result))
	if _fresh(now, before, _REJECTED):
		_log(SYNC, state.device, _rejections(result))
	if now != before:
		state.remember_reported(now)


def report_failure(state: DeviceState, error: BioTimeError, result: CycleResult | None = None) -> None:
	"""A device that fails; once for as long as it fails in the same way."""
	title = AUTH if isinstance(error, WrongCredentials | AccessDenied) else SYNC
	counted = _counted(result) if result else ""
	text = f"{error.message}\n\nWhat to do: {error.remedy}\n{counted}\nKind: {error.code}"
	_report_once(state, title, error.code, text)


def report_crash(state: DeviceState, error: Exception) -> None:
	"""An error of ours, from the `except` block that caught it; without the values of variables, which may be secret."""
	_report_once(state, SYNC, f"crash {type(error).__name__}", f"{CRASHED}\n\n{traceback.format_exc()}")


def _report_once(state: DeviceState, title: str, kind: str, text: str) -> None:
	before = state.reported()
	if before.get(_FAILURE) != [kind]:
		_log(title, state.device, text)
		state.remember_reported({**before, _FAILURE: [kind]})


def _incidents(result: CycleResult, before: dict[str, list[str]]) -> dict[str, list[str]]:
	"""What lasts. A cycle that failed has not seen all: what was known before lasts on."""
	now = {_UNKNOWN: sorted(result.unknown_codes), _REJECTED: list(result.rejections)}
	if result.failure:
		now = {kind: sorted({*items, *before.get(kind, [])}) for kind, items in now.items()}
		now[_FAILURE] = before.get(_FAILURE, [])
	return {kind: items for kind, items in now.items() if items}


def _fresh(now: dict[str, list[str]], before: dict[str, list[str]], kind: str) -> bool:
	return not set(now.get(kind, [])) <= set(before.get(kind, []))


def _unknown_codes(result: CycleResult) -> str:
	lines = [_unknown_code(code, seen) for code, seen in sorted(result.unknown_codes.items())]
	return (
		f"{result.counters.unmatched} punches belong to no Employee and were skipped. Their codes:\n\n"
		+ "\n".join(lines)
		+ "\n\nWhat to do: enter the code as the Biometric ID (Attendance Device ID) of the Employee it belongs to, "
		"leading zeros and all; then set Sync From of the device before the first of these punches."
	)


def _unknown_code(code: str, seen: UnknownCode) -> str:
	times = "punch" if seen.punches == 1 else "punches"
	return f"{code}: {seen.punches} {times}, first {seen.first}, last {seen.last} (the terminal's clock)"


def _rejections(result: CycleResult) -> str:
	return (
		f"{result.counters.rejected} punches could not become check-ins:\n\n"
		+ "\n".join(result.rejections)
		+ "\n\nWhat to do: remove the cause that each line names, then set Sync From of the device before that time."
	)


def _counted(result: CycleResult) -> str:
	counts = ", ".join(f"{name} {count}" for name, count in result.counters.as_dict().items())
	return f"\nBefore that, {result.pages} pages were stored: {counts}. They stay; the next sync goes on there.\n"


def _log(title: str, device: str, text: str) -> None:
	"""`message` is always given: without it Frappe would write down the values of variables."""
	message = f"Device: {device}\nTime: {frappe.utils.now()}\n\n{text}"
	frappe.log_error(title=title, message=message, reference_doctype=SETTINGS, reference_name=device)
