"""Imports of a date range: what the form, the command and the scheduler call. Ordinary syncs go on beside them."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta

import frappe
from frappe.utils import add_to_date, now_datetime

from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.cycle.import_range import ImportRange
from zkteco_biometric.cycle.importing import run_import
from zkteco_biometric.cycle.ports import Progress
from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.frappe_hr import error_log
from zkteco_biometric.frappe_hr.bulk.writer import BulkWriter
from zkteco_biometric.frappe_hr.check_ins import CheckInWriter
from zkteco_biometric.frappe_hr.device import Connection, cycle_rules
from zkteco_biometric.frappe_hr.device_lock import import_lock, locks_tell_who_works
from zkteco_biometric.frappe_hr.device_state import DeviceState
from zkteco_biometric.frappe_hr.import_log import (
	CANCELLED,
	FAILED,
	QUEUED,
	UNDER_WAY,
	ImportLog,
	create_import_log,
	end_early,
)
from zkteco_biometric.frappe_hr.importing import ImportProgress, ImportSite, import_changed
from zkteco_biometric.frappe_hr.names import SETTINGS, SYNC_LOG
from zkteco_biometric.frappe_hr.pending import WAITING
from zkteco_biometric.frappe_hr.pending_retry import retry
from zkteco_biometric.frappe_hr.sync_log import CUT_OFF, IMPORT, RUNNING
from zkteco_biometric.frappe_hr.workers import enqueue_import, import_is_enqueued
from zkteco_biometric.sync import JOB_TIME_OUT
from zkteco_biometric.wording import _

TURN = timedelta(minutes=5)
"""How long an import works before it queues up again, so that a bench with one worker goes on syncing meanwhile."""

_MOST_FRUITLESS = 3
_OURS = _(
	"Ask your administrator to look at the Error Log, title ZKTeco Sync, and report it to the app's makers; Resume goes on where it stopped."
)
_CUT_OFF = _("The worker was ended several times in the middle of it, without getting any further.")
_LOOK = _(
	"Ask your administrator why the bench's workers are ended, such as for want of memory; then press Resume."
)
_DISABLED = _("The device is disabled, or deleted.")
_ENABLE = _("Tick Enabled on the device's page and save, then press Resume.")

Watch = Callable[[ImportLog], Progress]


def start_import(device: str, wanted: ImportRange) -> str:
	"""Enqueues it, once the transaction is committed; returns the name of its log."""
	log = create_import_log(device, wanted)
	enqueue_import(log, JOB_TIME_OUT)
	return log


def import_range(log: str) -> None:
	"""A turn of an import, in a job of its own. One that is not at its end then enqueues the next, which goes on there."""
	result = take_turn(log, ImportProgress, stop_at=utc_now() + TURN)
	if result and result.unfinished:
		enqueue_import(log, JOB_TIME_OUT)
		frappe.db.commit()  # now it is enqueued, and finds the import free


def take_turn(log: str, watch: Watch, **options) -> CycleResult | None:
	"""None where there is nothing to do: the import is over, or somebody else is working on it, or it failed by an error of
	ours, which its log tells. `options` are those of `run_import`.
	"""
	with import_lock(log) as ours:
		if not ours or _status(log) not in UNDER_WAY:
			return None
		try:
			return _import(log, watch, **options)
		except Exception:  # noqa: BLE001 the rim of the job: the log must say what it was
			_crashed(log)
			return None
		finally:
			import_changed(log)


def cancel_import(log: str) -> bool:
	"""Whether it was under way. One that is running stops after the page in hand; what was stored stays."""
	if _status(log) not in UNDER_WAY:
		return False
	frappe.db.set_value(SYNC_LOG, log, "cancel_requested", 1)
	with import_lock(log) as ours:
		if ours:
			end_early(log, CANCELLED)
	return True


def queue_again(log: str) -> None:
	"""It goes on where it stopped, whatever had stopped it, once the transaction is committed."""
	make_ready(log)
	enqueue_import(log, JOB_TIME_OUT)


def make_ready(log: str) -> None:
	"""For another turn, whatever had stopped it."""
	again = {
		"status": QUEUED,
		"cancel_requested": 0,
		"fruitless": 0,
		"ended": None,
		"error": None,
		"remedy": None,
	}
	frappe.db.set_value(SYNC_LOG, log, again)


def go_on_with_imports() -> list[str]:
	"""The scheduler's entry: imports whose worker or whose job is gone are enqueued again. Returns their logs."""
	logs = frappe.get_all(
		SYNC_LOG,
		filters={"trigger": IMPORT, "status": ("in", UNDER_WAY), "modified": ("<", _a_minute_ago())},
		pluck="name",
		order_by="creation",
	)
	return [log for log in logs if _go_on(log)]


def _a_minute_ago():
	"""Whoever has just written the log is about to go on by itself. A page that takes longer is held by its lock."""
	return add_to_date(now_datetime(), minutes=-1)


def _go_on(log: str) -> bool:
	with import_lock(log) as ours:
		if not ours or not _is_abandoned(log):
			return False
		went_on = _goes_on(log)
		frappe.db.commit()  # the status, before the lock is free; and now it is enqueued
		return went_on


def _is_abandoned(log: str) -> bool:
	"""Whether it is under way, and nobody works on it; for who holds its lock."""
	status = _status(log)
	if status == RUNNING and locks_tell_who_works():
		return True
	return status in UNDER_WAY and not import_is_enqueued(log)


def _goes_on(log: str) -> bool:
	fruitless = frappe.db.get_value(SYNC_LOG, log, "fruitless")
	if fruitless >= _MOST_FRUITLESS:
		end_early(log, CUT_OFF, _CUT_OFF, _LOOK)
		return False
	frappe.db.set_value(SYNC_LOG, log, {"status": QUEUED, "fruitless": fruitless + 1})
	return enqueue_import(log, JOB_TIME_OUT)


def _status(log: str) -> str | None:
	"""As it is now, whatever this transaction has seen before."""
	return frappe.db.get_value(SYNC_LOG, log, "status", for_update=True)


def _import(log: str, watch: Watch, **options) -> CycleResult | None:
	device = frappe.db.get_value(SYNC_LOG, log, "device")
	if not frappe.db.get_value(SETTINGS, device, "enable"):
		end_early(log, FAILED, _DISABLED, _ENABLE)
		frappe.db.commit()  # the outcome
		return None
	settings = frappe.get_doc(SETTINGS, device)
	rules = cycle_rules(settings)
	state = ImportLog(log, rules.window.clocks)
	position = state.begin()
	wanted = state.wanted()
	of_device = DeviceState(device, rules.window.clocks)
	connection = Connection(settings, of_device)
	site = ImportSite(BulkWriter(CheckInWriter(device, settings.url, log)), state)
	frappe.db.commit()  # the form shows that it runs, and no transaction is open during HTTP
	import_changed(log)
	with closing(connection.client) as client:
		result = run_import(client, site, rules, wanted, position, progress=watch(state), **options)
	if result.page_size_borne != rules.window.page_size_borne and state.is_current():
		of_device.bears(result.page_size_borne)
	state.end(result)
	error_log.report_import(device, log, result)
	frappe.db.commit()  # the outcome
	if site.waited:
		retry({"device": device, "status": WAITING, "punch_key": ("in", site.waited)})
	return result


def _crashed(log: str) -> None:
	"""From the `except` block: the half-stored page is taken back, and people are told."""
	frappe.db.close()  # a query that was interrupted leaves a connection that nobody can use; the next one opens another
	frappe.db.rollback()  # and with the transaction, what was to follow its commit
	error_log.report_import_crash(frappe.db.get_value(SYNC_LOG, log, "device"), log)
	end_early(log, FAILED, error_log.CRASHED, _OURS)
	frappe.db.commit()  # the outcome, before the worker takes back what the job left open
