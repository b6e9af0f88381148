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
CRASHED = "It stopped by an unexpected error."


def report_cycle(state: DeviceState, result: CycleResult) -> None:
	"""Logs what is new about a cycle: its failure, its unknown codes, its rejected punches."""
	before = state.reported()
	now = _incidents(result)
	fresh = {
		kind: [item for item in items if item not in before.get(kind, [])] for kind, items in now.items()
	}
	if result.failure and fresh["failure"]:
		report_failure(state.device, result.failure, result)
	if fresh["unknown"]:
		_log(EMPLOYEE_NOT_FOUND, state.device, _unknown_codes(result))
	if fresh["rejected"]:
		_log(SYNC, state.device, _rejections(result))
	if now != before and any([*now.values(), *before.values()]):
		state.remember_reported(now if any(now.values()) else {})


def report_failure(device: str, error: BioTimeError, result: CycleResult | None = None) -> None:
	title = AUTH if isinstance(error, WrongCredentials | AccessDenied) else SYNC
	counted = _counted(result) if result else ""
	_log(title, device, f"{error.message}\n\nWhat to do: {error.remedy}\n{counted}\nKind: {error.code}")


def report_crash(device: str) -> None:
	"""An error of ours, from the `except` block that caught it; without the values of variables, which may be secret."""
	_log(SYNC, device, f"{CRASHED}\n\n{traceback.format_exc()}")


def _incidents(result: CycleResult) -> dict[str, list[str]]:
	return {
		"failure": [result.failure.code] if result.failure else [],
		"unknown": sorted(result.unknown_codes),
		"rejected": list(result.rejections),
	}


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
