"""What goes to the Error Log: one entry an incident, under the titles that HR admins filter by.

An incident that lasts, such as a device that is switched off for a weekend, is told once and again when it changes. It is
known by codes and numbers, not by what is said of it. Entries are in English, whatever the language of the site.
"""

import traceback

import frappe

from zkteco_biometric.biotime.errors import AccessDenied, BioTimeError, WrongCredentials
from zkteco_biometric.cycle.result import CycleResult, UnknownCode
from zkteco_biometric.frappe_hr.device_state import DeviceState
from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.wording import _

SYNC = "ZKTeco Sync"
AUTH = "ZKTeco Auth"
EMPLOYEE_NOT_FOUND = "Employee Not Found"
_FAILURE, _UNKNOWN, _REFUSED, _CLOCKS = "failure", "unknown", "refused", "clocks"
CRASHED = _("It stopped by an unexpected error.")


def report_cycle(state: DeviceState, result: CycleResult) -> None:
	"""Logs what is new about a cycle: its failure, unknown codes, punches that wait for another reason, wrong clocks."""
	if result.failure:
		report_failure(state, result.failure, result)
	before = state.reported()
	now = _incidents(result, before)
	if _fresh(now, before, _UNKNOWN):
		_log(EMPLOYEE_NOT_FOUND, state.device, _unknown_codes(result))
	if _fresh(now, before, _REFUSED):
		_log(SYNC, state.device, _rejections(result))
	if _fresh(now, before, _CLOCKS):
		_log(SYNC, state.device, "\n".join(result.wrong_clocks))
	if now != before:
		state.remember_reported(now)


def report_failure(state: DeviceState, error: BioTimeError, result: CycleResult | None = None) -> None:
	"""A device that fails; once for as long as it fails in the same way."""
	counted = _counted(result) if result else ""
	text = f"{error.message}\n\nWhat to do: {error.remedy}\n{counted}\nKind: {error.code}"
	_report_once(state, _title(error), error.code, text)


def _title(error: BioTimeError) -> str:
	return AUTH if isinstance(error, WrongCredentials | AccessDenied) else SYNC


def report_crash(state: DeviceState, error: Exception) -> None:
	"""An error of ours, from the `except` block that caught it; without the values of variables, which may be secret."""
	_report_once(state, SYNC, f"crash {type(error).__name__}", f"{CRASHED}\n\n{traceback.format_exc()}")


def report_attendance(device: str) -> None:
	"""Last Sync of Checkin could not be moved after a cycle; from the `except` block."""
	_log(
		SYNC,
		device,
		f"Last Sync of Checkin could not be moved; the next sync tries again.\n\n{traceback.format_exc()}",
	)


def report_terminals(device: str) -> None:
	"""The list of terminals could not be refreshed after a sync, by an error of ours; from the `except` block."""
	_log(SYNC, device, f"Terminals: {CRASHED} The next sync tries again.\n\n{traceback.format_exc()}")


def report_import(device: str, log: str, result: CycleResult) -> None:
	"""An import is an incident of its own, whatever is known of the device."""
	failure = result.failure
	if failure:
		remedy = f"{failure.remedy} Then press Resume on the log."
		_log(
			_title(failure),
			device,
			f"Import {log}: {failure.message}\n\nWhat to do: {remedy}\nKind: {failure.code}",
		)
	if result.unknown_codes:
		_log(EMPLOYEE_NOT_FOUND, device, f"Import {log}\n\n{_unknown_codes(result)}")


def report_import_crash(device: str, log: str) -> None:
	"""An error of ours, from the `except` block that caught it."""
	_log(SYNC, device, f"Import {log}: {CRASHED}\n\n{traceback.format_exc()}")


def report_preview(device: str) -> None:
	"""The counts before an import could not be made out, by an error of ours; from the `except` block."""
	_log(SYNC, device, f"Preview of an import: {CRASHED}\n\n{traceback.format_exc()}")


def _report_once(state: DeviceState, title: str, kind: str, text: str) -> None:
	before = state.reported()
	if before.get(_FAILURE) != [kind]:
		_log(title, state.device, text)
		state.remember_reported({**before, _FAILURE: [kind]})


def _incidents(result: CycleResult, before: dict[str, list[str]]) -> dict[str, list[str]]:
	"""What lasts. A cycle that failed has not seen all: what was known before lasts on."""
	now = {
		_UNKNOWN: sorted(result.unknown_codes),
		_REFUSED: list(result.refused),
		_CLOCKS: list(result.wrong_terminals),
	}
	if result.failure:
		now = {kind: sorted({*items, *before.get(kind, [])}) for kind, items in now.items()}
		now[_FAILURE] = before.get(_FAILURE, [])
	return {kind: items for kind, items in now.items() if items}


def _fresh(now: dict[str, list[str]], before: dict[str, list[str]], kind: str) -> bool:
	return not set(now.get(kind, [])) <= set(before.get(kind, []))


def _unknown_codes(result: CycleResult) -> str:
	lines = [_unknown_code(code, seen) for code, seen in sorted(result.unknown_codes.items())]
	return (
		"No Employee has these codes; their punches wait as ZKTeco Pending Punch:\n\n"
		+ "\n".join(lines)
		+ "\n\nWhat to do: enter the code as the Biometric ID (Attendance Device ID) of the Employee it belongs to, "
		"leading zeros and all, or use the report ZKTeco Unknown Codes. The punches become check-ins by themselves then."
	)


def _unknown_code(code: str, seen: UnknownCode) -> str:
	times = "punch" if seen.punches == 1 else "punches"
	return f"{code}: {seen.punches} {times}, first {seen.first}, last {seen.last} (the terminal's clock)"


def _rejections(result: CycleResult) -> str:
	return (
		"These punches could not become check-ins, and wait as ZKTeco Pending Punch:\n\n"
		+ "\n".join(result.rejections)
		+ "\n\nWhat to do: remove the cause that each line names, then choose Retry in the list of pending punches; or "
		"choose Ignore there."
	)


def _counted(result: CycleResult) -> str:
	counts = ", ".join(f"{name} {count}" for name, count in result.counters.as_dict().items())
	return f"\nBefore that, {result.pages} pages were stored: {counts}. They stay; the next sync goes on there.\n"


def _log(title: str, device: str, text: str) -> None:
	"""`message` is always given: without it Frappe would write down the values of variables."""
	message = f"Device: {device}\nTime: {frappe.utils.now()}\n\n{text}"
	frappe.log_error(title=title, message=message, reference_doctype=SETTINGS, reference_name=device)
