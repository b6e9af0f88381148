"""What makes waiting punches be tried again by themselves: an employee, a shift, a device that changed, and a new day.

Nothing here may be in the way of whoever saves: what cannot be enqueued, the sweep of the day finds.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import frappe
from frappe import _
from frappe.utils import now_datetime
from frappe.utils.background_jobs import get_job_status
from rq.job import JobStatus
from rq.timeouts import BaseTimeoutException

from zkteco_biometric.cycle.plan import Reason
from zkteco_biometric.frappe_hr.employees import employees_by_code
from zkteco_biometric.frappe_hr.names import BIOMETRIC_ID, PENDING, job_id
from zkteco_biometric.frappe_hr.pending import IGNORED, WAITING
from zkteco_biometric.frappe_hr.pending_outcome import Outcome
from zkteco_biometric.frappe_hr.pending_retry import BY_ITSELF, retry

HANDLED = "zkteco_punches_are_retried"
"""Flag of an Employee: whoever saves it retries the punches."""

_QUEUE = "default"
_TIME_OUT = 1500
_MATTERS_OF_AN_EMPLOYEE = (BIOMETRIC_ID, "status", "default_shift")
_MATTERS_OF_A_DEVICE = ("time_zone", "sync_from", "default_log_type")
_NOT_OURS = (frappe.QueryDeadlockError, frappe.QueryTimeoutError, BaseTimeoutException)
"""They end the transaction or the job of whoever saves: hiding them would lose what was saved."""

_BY_ITSELF = {"status": WAITING, "reason": ("in", BY_ITSELF)}
_NOBODYS = {
	"status": WAITING,
	"reason": Reason.UNKNOWN_EMPLOYEE.value,
	"message": "The check-in that it had become was deleted.",
	"employee": None,
	"check_in": None,
}
_REFUSED = {"status": WAITING, "reason": Reason.REFUSED.value}


def employee_changed(employee, _event: str | None = None) -> None:
	"""Of Employee: on_update, which an insert comes to as well. One query at most where nothing waits."""
	with _never_in_the_way():
		code = (employee.get(BIOMETRIC_ID) or "").strip()
		changed = any(map(employee.has_value_changed, _MATTERS_OF_AN_EMPLOYEE))
		if code and changed and not employee.flags.get(HANDLED) and _any({**_BY_ITSELF, "emp_code": code}):
			enqueue_retry_of_code(code)


def check_in_deleted(check_in, _event: str | None = None) -> None:
	"""Of Employee Checkin: on_trash. Its pending punch is somebody else's, and waits for them; or a person did not want it.

	Somebody else's, where its code is no longer that of the employee: it had been linked wrongly.
	"""
	rows = frappe.get_all(
		PENDING, filters={"check_in": check_in.name}, fields=["name", "emp_code"], order_by="name"
	)
	for row in rows:
		ours = employees_by_code({row.emp_code}).get(row.emp_code) == check_in.employee
		frappe.db.set_value(PENDING, row.name, _unwanted() if ours else _NOBODYS)


def _unwanted() -> dict[str, Any]:
	return {
		"status": IGNORED,
		"check_in": None,
		"ignored_by": frappe.session.user,
		"ignored_on": now_datetime(),
		"ignore_comment": _("Its check-in was deleted."),
	}


def shifts_changed(_document, _event: str | None = None) -> None:
	"""Of what HRMS refuses a check-in by: Shift Type, Shift Assignment, HR Settings."""
	with _never_in_the_way():
		if _any(_REFUSED):
			_once_committed(_enqueue_retry_of_refused)


def device_changed(settings) -> None:
	"""Of a device, from `on_update`: where what decides about its punches has changed, they are decided anew."""
	if any(map(settings.has_value_changed, _MATTERS_OF_A_DEVICE)) or _states_changed(settings):
		enqueue_retry_of_device(settings.name)


def enqueue_retry_of_device(device: str) -> None:
	with _never_in_the_way():
		if any(_any(filters) for filters in _decided_by_settings(device)):
			_once_committed(lambda: _enqueue_retry_of_device(device))


def enqueue_retry_of_code(code: str) -> None:
	_once_committed(lambda: _enqueue_retry_of_code(code))


def sweep_pending() -> Outcome:
	"""Once a day: whatever was changed past the documents' hooks, or refused for a reason that nobody tells us of."""
	return retry(_BY_ITSELF, *_decided_by_settings())


def retry_code(code: str) -> Outcome:
	return retry({**_BY_ITSELF, "emp_code": code})


def retry_refused() -> Outcome:
	return retry(_REFUSED)


def retry_device(device: str) -> Outcome:
	"""By new settings: also where the clocks were read wrongly, and what a rule said to ignore."""
	return retry(*_decided_by_settings(device))


def _decided_by_settings(device: str | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
	of_device = {"device": device} if device else {}
	reasons = [*BY_ITSELF, Reason.IMPOSSIBLE_TIME.value] if device else [Reason.IMPOSSIBLE_TIME.value]
	return (
		{**of_device, "status": WAITING, "reason": ("in", reasons)},
		{**of_device, "status": IGNORED, "ignored_by": ("is", "not set")},
	)


def _states_changed(settings) -> bool:
	before = settings.get_doc_before_save()
	return before is not None and _states(before) != _states(settings)


def _states(settings) -> dict[str, str]:
	return {row.punch_state: row.log_type for row in settings.punch_states}


def _any(filters: Mapping[str, Any]) -> bool:
	return bool(frappe.db.exists(PENDING, dict(filters)))


@contextmanager
def _never_in_the_way() -> Iterator[None]:
	try:
		yield
	except _NOT_OURS:
		raise
	except Exception:  # noqa: BLE001 somebody saves an employee or a shift, and must not hear of our troubles
		frappe.logger("zkteco_biometric").exception("Pending punches are not retried before the next sweep")


def _once_committed(enqueue: Callable[[], object]) -> None:
	"""Not by Frappe's own `enqueue_after_commit`, which asks Redis before and fails after the commit."""

	def safely() -> None:
		with _never_in_the_way():
			enqueue()

	frappe.db.after_commit.add(safely)


def _enqueue_retry_of_code(code: str) -> None:
	frappe.enqueue(
		"zkteco_biometric.frappe_hr.pending_triggers.retry_code",
		queue=_QUEUE,
		timeout=_TIME_OUT,
		job_id=_free_id("retry_code", code),
		deduplicate=True,
		code=code,
	)


def _enqueue_retry_of_refused() -> None:
	frappe.enqueue(
		"zkteco_biometric.frappe_hr.pending_triggers.retry_refused",
		queue=_QUEUE,
		timeout=_TIME_OUT,
		job_id=_free_id("retry_refused", ""),
		deduplicate=True,
	)


def _enqueue_retry_of_device(device: str) -> None:
	frappe.enqueue(
		"zkteco_biometric.frappe_hr.pending_triggers.retry_device",
		queue=_QUEUE,
		timeout=_TIME_OUT,
		job_id=_free_id("retry_device", device),
		deduplicate=True,
		device=device,
	)


def _free_id(purpose: str, of_what: str) -> str:
	"""One job waits beside the one that runs, which may have passed by already what has changed now."""
	first = job_id(purpose, of_what)
	return job_id(f"{purpose}_next", of_what) if get_job_status(first) == JobStatus.STARTED else first
