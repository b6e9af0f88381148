"""What the scheduler, Sync Now and the command line call: which devices are due, and one cycle of one device."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import frappe
from frappe.utils import cint, now_datetime

from zkteco_biometric.biotime.errors import BioTimeError
from zkteco_biometric.biotime.transport import ONE_ATTEMPT, TimeOuts
from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.cycle.ports import Progress
from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.cycle.run import run_cycle
from zkteco_biometric.frappe_hr import error_log
from zkteco_biometric.frappe_hr.attendance import is_furthest_behind, move_last_sync_of_checkin
from zkteco_biometric.frappe_hr.bulk.writer import BulkWriter
from zkteco_biometric.frappe_hr.check_ins import CheckInWriter
from zkteco_biometric.frappe_hr.cut_off import end_cut_off_cycles
from zkteco_biometric.frappe_hr.device import Connection, cycle_rules, wall_clocks
from zkteco_biometric.frappe_hr.device_lock import device_lock, locks_tell_who_works
from zkteco_biometric.frappe_hr.device_state import DeviceState
from zkteco_biometric.frappe_hr.idle import find_idle, locked_device
from zkteco_biometric.frappe_hr.names import SETTINGS, job_id
from zkteco_biometric.frappe_hr.pending import WAITING
from zkteco_biometric.frappe_hr.pending_retry import retry
from zkteco_biometric.frappe_hr.progress import FormProgress, device_changed
from zkteco_biometric.frappe_hr.schedule import turns_at
from zkteco_biometric.frappe_hr.site import FrappeSite
from zkteco_biometric.frappe_hr.sync_log import COMMAND, SCHEDULER, SyncLog, close_cut_off, close_running
from zkteco_biometric.frappe_hr.terminals import refresh_after_sync, terminals_are_due
from zkteco_biometric.frappe_hr.workers import enqueue_rest, enqueue_syncs
from zkteco_biometric.user_control import after_sync
from zkteco_biometric.wording import _

JOB_TIME_OUT = 3600
"""Seconds after which the queue ends a sync. It stops by itself before that, and goes on at the next tick."""

_MOST_LOG_INS = 3
_PATIENCE = TimeOuts(connect=10, read=40)
"""The short queue ends its jobs after five minutes; the next sync logs in with more patience."""

_WORKS_FOR = timedelta(seconds=JOB_TIME_OUT - 600)
_OURS = _(
	"Ask your administrator to look at the Error Log, title ZKTeco Sync, and report it to the app's makers; the next sync tries again."
)


def enqueue_due_devices() -> list[str]:
	"""The scheduler's entry: a job for each device that is due; where these are very many, for some, and at the next ticks for the
	others. Returns the devices that were enqueued.

	Those whose worker died in the middle of a cycle come first, and all of them.
	"""
	cut_off, turns = end_cut_off_cycles(), turns_at(now_datetime())
	ended = [device for device in turns.due if device in cut_off]
	for device in ended:
		# The queue takes a dead worker's job for a running one, for some minutes: the next needs another id.
		enqueue_rest(device, SCHEDULER, JOB_TIME_OUT)
	others = [device for device in turns.due if device not in cut_off]
	return ended + enqueue_syncs(others, turns.most, JOB_TIME_OUT)


def sync_device(device: str, trigger: str = SCHEDULER) -> CycleResult | None:
	"""One cycle of one device, in a job of its own, so that its failure touches no other.

	A cycle whose time is over before the last page enqueues the next one, which goes on there. Returns None where there was nothing to do: the device is gone or disabled, or another cycle of it is running.
	"""
	result = _sync_on_schedule(device) if trigger == SCHEDULER else _sync_alone(device, trigger)
	if result and result.unfinished:
		enqueue_rest(device, trigger, JOB_TIME_OUT)
		frappe.db.commit()  # now it is enqueued, and finds the device free
	if result and not result.failure and not result.glanced:
		after_sync(device, result.counters.created)
	return result


def sync_watched(device: str, watch: Progress) -> CycleResult | None:
	"""One cycle in this process, to its end however long that takes, as `sync_device`; for who shows how far it is, and ends it
	after the page in hand by raising `Cancelled`.
	"""
	result = _sync_alone(device, COMMAND, watch)
	if result and not result.failure and not result.cancelled:
		after_sync(device, result.counters.created)
	return result


def _sync_on_schedule(device: str) -> CycleResult | None:
	"""A glance first, which costs next to nothing where nothing has come. Whoever asks for a sync is in doubt, and gets all of it."""
	if not locks_tell_who_works():
		return _sync_alone(device, SCHEDULER)
	with locked_device(device) as row:
		if row is None:
			return None
		if not row.enable:
			_waits_no_longer(device)
			return None
		try:
			return _rest(row) or _sync_as_it_is_now(device)
		except Exception as error:  # noqa: BLE001 the rim of the job, as for a whole sync, which the next one is then
			_crashed(device, error)
			device_changed(device)
			return None


def _sync_as_it_is_now(device: str) -> CycleResult | None:
	"""Not as it was seen a moment before the lock was ours."""
	frappe.db.commit()  # that snapshot ends
	return _sync_alone(device, SCHEDULER)


def _rest(row: frappe._dict) -> CycleResult | None:
	"""The cycle, where nothing has come, and what follows each. People on devices come back by the sweep of the same tick."""
	result = find_idle(row)
	if not result:
		return None
	if cint(row.attendance_follows) and is_furthest_behind(row.name, row.last_sync_timestamp):
		_let_attendance_follow(row.name)
	if terminals_are_due(row):
		settings = frappe.get_doc(SETTINGS, row.name)
		refresh_after_sync(settings, DeviceState(row.name, wall_clocks(settings.time_zone)), result, {})
	device_changed(row.name)
	return result


def _sync_alone(device: str, trigger: str, watch: Progress | None = None) -> CycleResult | None:
	with device_lock(device) as ours:
		if not ours:
			return None
		if not frappe.db.get_value(SETTINGS, device, "enable"):
			_waits_no_longer(device)
			return None
		try:
			close_cut_off(device)
			return _sync(device, trigger, watch)
		except Exception as error:  # noqa: BLE001 the rim of the job: the form and the Error Log must say what it was
			_crashed(device, error)
			return None
		finally:
			device_changed(device)


def fetch_token(device: str) -> None:
	"""Logs in after the credentials were saved; a failure stands on the form. A device that is gone is left alone."""
	if not frappe.db.exists(SETTINGS, device):
		return
	try:
		_log_in(device)
	except Exception as error:  # noqa: BLE001 the rim: Frappe would write down variables, among them the password
		_crashed(device, error)
	finally:
		device_changed(device)


def enqueue_fetch_token(device: str) -> None:
	frappe.enqueue(
		"zkteco_biometric.sync.fetch_token",
		queue="short",
		job_id=job_id("token", device),
		deduplicate=True,
		enqueue_after_commit=True,
		device=device,
	)


def _log_in(device: str) -> None:
	"""Again where somebody saves other credentials meanwhile: no job is enqueued for them while this one runs."""
	for _attempt in range(_MOST_LOG_INS):
		settings = frappe.get_doc(SETTINGS, device)
		if _try_to_log_in(settings, DeviceState(device, wall_clocks(settings.time_zone))):
			return


def _try_to_log_in(settings, state: DeviceState) -> bool:
	"""Whether the outcome is that of the credentials which are stored now; then it is noted on the form."""
	connection = Connection(settings, state, time_outs=_PATIENCE, retry=ONE_ATTEMPT)
	frappe.db.commit()  # no transaction is open during HTTP
	failure = _failure_of(connection.client.log_in)
	current = connection.is_current()
	if current and failure:
		state.failed(failure.message, failure.remedy, failure.code)
		error_log.report_failure(state, failure)
	elif current:
		state.logged_in()
	frappe.db.commit()  # the outcome, also where it is a failure
	return current


def _failure_of(request: Callable[[], object]) -> BioTimeError | None:
	try:
		request()
	except BioTimeError as error:
		return error
	return None


def _sync(device: str, trigger: str = SCHEDULER, watch: Progress | None = None) -> CycleResult:
	settings = frappe.get_doc(SETTINGS, device)
	rules = cycle_rules(settings)
	state = DeviceState(device, rules.window.clocks)
	began = utc_now()
	state.begin(began)
	connection = Connection(settings, state)
	log = SyncLog(device, trigger, began, rules.window.clocks)
	site = FrappeSite(state, BulkWriter(CheckInWriter(settings.name, settings.url, log.name)), log)
	frappe.db.commit()  # the form shows that it runs, and no transaction is open during HTTP
	progress = FormProgress(device, watch)
	stop_at = None if watch else began + _WORKS_FOR
	with closing(connection.client) as client:
		result = run_cycle(client, site, rules, progress=progress, stop_at=stop_at)
	_note_outcome(state, result, connection, log)
	if site.waited:
		retry({"device": device, "status": WAITING, "punch_key": ("in", site.waited)})
	_let_attendance_follow(device)
	refresh_after_sync(settings, state, result, site.newest.by_serial)
	return result


def _note_outcome(state: DeviceState, result: CycleResult, connection: Connection, log: SyncLog) -> None:
	"""Where somebody has changed meanwhile what is to be read, or as whom, nothing of it holds for the device now."""
	if result.superseded or (result.failure and not connection.is_current()):
		state.superseded()
	else:
		state.end(result)
		error_log.report_cycle(state, result)
	log.close(result)
	frappe.db.commit()  # the outcome


def _let_attendance_follow(device: str) -> None:
	"""Where the site wants it. The check-ins are stored by now: whatever fails here is tried again after the next cycle."""
	try:
		move_last_sync_of_checkin()
		frappe.db.commit()  # the Shift Types
	except Exception:  # noqa: BLE001 HRMS's own code runs here, and must not make a good sync look bad
		frappe.db.rollback()
		error_log.report_attendance(device)
		frappe.db.commit()  # the report


def _waits_no_longer(device: str) -> None:
	"""It was disabled, or deleted, after Sync Now."""
	waiting = {"name": device, "status": "Queued"}
	frappe.db.set_value(SETTINGS, waiting, "status", "Not Synced", update_modified=False)


def _crashed(device: str, error: Exception) -> None:
	"""From the `except` block: the half-stored page is taken back, and people are told."""
	frappe.db.close()  # a query that was interrupted leaves a connection that nobody can use; the next one opens another
	frappe.db.rollback()  # and with the transaction, what was to follow its commit
	state = DeviceState(device, wall_clocks(None))
	error_log.report_crash(state, error)
	state.failed(error_log.CRASHED, _OURS)
	close_running(device, error_log.CRASHED, _OURS)
	frappe.db.commit()  # the outcome, before the worker takes back what the job left open
