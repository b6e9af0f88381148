"""What the scheduler, a sync, Enable Everyone and the command line call: people enabled and disabled on devices."""

import time
from collections import Counter
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta

import frappe
from frappe.utils import get_datetime, now_datetime

from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.errors import WrongCredentials
from zkteco_biometric.biotime.transport import RetryPolicy, TimeOuts
from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.device_users.asking import Way, Ways
from zkteco_biometric.device_users.lanes import Lanes
from zkteco_biometric.device_users.method import FieldMethod
from zkteco_biometric.device_users.run import ControlSettings, PassResult, run_pass
from zkteco_biometric.device_users.states import Kind
from zkteco_biometric.frappe_hr import control_reports, notices
from zkteco_biometric.frappe_hr.device import Connection, wall_clocks
from zkteco_biometric.frappe_hr.device_lock import control_lock
from zkteco_biometric.frappe_hr.device_state import DeviceState
from zkteco_biometric.frappe_hr.device_user_candidates import Found, find_candidates, save_watermark
from zkteco_biometric.frappe_hr.device_user_facts import control_rules, employee_names
from zkteco_biometric.frappe_hr.device_user_records import HELD, DeviceUserMemory
from zkteco_biometric.frappe_hr.device_user_release import not_enabled, release_everyone
from zkteco_biometric.frappe_hr.names import DEVICE_USER, SETTINGS, SITE_SETTINGS
from zkteco_biometric.frappe_hr.progress import device_changed
from zkteco_biometric.frappe_hr.workers import enqueue_control
from zkteco_biometric.wording import _

AT_ONCE = 4
"""Requests at a time, at most, to one device."""

_WORKS_FOR = timedelta(minutes=5)
_MOST_ROUNDS = 3
_MOST_AT_ONCE = 20
"""Devices that are looked after at once when one of them brings something; a sync of each of a thousand would be too much."""

LAST_SWEEP = "last_sweep"
_SWEEPS_WITHIN = timedelta(minutes=15)
_LOOKS_AGAIN_IN = 2
_PATIENCE = RetryPolicy(attempts=2, budget=60)


def sweep() -> list[str]:
	"""The scheduler's entry: a job for each device whose people are controlled, or of whom somebody is still held.

	Independent of punches: the way back of a person is a matter of time.
	"""
	held = frappe.get_all(DEVICE_USER, filters=HELD, pluck="device", distinct=True, order_by="device")
	controlled = controlled_devices()
	if controlled:
		frappe.db.set_single_value(SITE_SETTINGS, LAST_SWEEP, now_datetime(), update_modified=False)
	devices = sorted({*controlled, *_known(held)})
	for device in devices:
		enqueue_control(device)
	frappe.db.commit()  # people come back, whatever happens to the telling
	control_reports.tell_who_is_late(held)  # also where nobody works off the queue of syncs
	if held or notices.somebody_is_told_of():
		notices.tell_of_people()
	return devices


def _known(devices: list[str]) -> list[str]:
	"""Those that there are: rows stay of a device that was deleted while people could not be enabled."""
	if not devices:
		return []
	return frappe.get_all(SETTINGS, filters={"name": ("in", devices)}, pluck="name", order_by="name")


def why_only_enable() -> str:
	"""Why nobody may be disabled now: where no sweep would bring them back. Empty where one would."""
	last = frappe.db.get_single_value(SITE_SETTINGS, LAST_SWEEP, cache=False)
	if last and now_datetime() - _SWEEPS_WITHIN < get_datetime(last):
		return ""
	return _("Nobody is disabled while the scheduler does not run: it is what brings people back.")


def controlled_devices() -> list[str]:
	return frappe.get_all(SETTINGS, filters={"enable": 1, "control_users": 1}, pluck="name", order_by="name")


def after_sync(device: str, created: int) -> None:
	"""The people of this device now; those of other devices, where something is new, in jobs of their own. Where there are
	many, the next sweep does it.
	"""
	controlled = controlled_devices()
	if device in controlled:
		control_device_users(device)
	if created and len(controlled) <= _MOST_AT_ONCE:
		for other in controlled:
			if other != device:
				enqueue_control(other)


def control_device_users(device: str) -> PassResult | None:
	"""Brings the people of a device to what they are to be now. None where somebody else is at it.

	Its failure touches no check-in. Commits; logs what is new under *ZKTeco User Status*, and tells HR who is late.
	"""
	return _work_on(device, _WORKS_FOR)


def _work_on(device: str, works_for: timedelta) -> PassResult | None:
	with control_lock(device) as ours:
		if not ours:
			return None
		if not frappe.db.exists(SETTINGS, device):
			return PassResult()
		try:
			return _control(device, works_for)
		except Exception as error:  # noqa: BLE001 the rim of the job: people must be told, and check-ins must not be touched
			_crashed(device, error)
			return PassResult(crashed=True)
		finally:
			control_reports.tell_who_is_late([device])
			notices.tell_of_people()
			device_changed(device)


def enable_everyone_now(
	device: str, include_left: bool = False, for_good: bool = False, works_for: timedelta = 2 * _WORKS_FOR
) -> list:
	"""In this process, and commits: asks for it, and works on it for some minutes at most. Returns the rows of those who are
	not enabled then, those who have left and stay disabled among them. `for_good`: nobody is to be disabled there again.
	"""
	if for_good:
		frappe.db.set_value(SETTINGS, device, "control_users", 0, update_modified=False)
	release_everyone(device, include_left)
	frappe.db.commit()  # whatever happens from here on, every pass goes on with it
	give_up = utc_now() + works_for
	while utc_now() < give_up:
		result = _work_on(device, min(works_for, _WORKS_FOR))
		if result is None:
			time.sleep(_LOOKS_AGAIN_IN)
		elif result.failure or result.crashed or result.is_complete:
			break
	return not_enabled(device)


def _control(device: str, works_for: timedelta) -> PassResult:
	"""Again where something came meanwhile, a few times at most."""
	stop_at = utc_now() + works_for
	counts: Counter[str] = Counter()
	for _round in range(_MOST_ROUNDS):
		result = _one_pass(device, stop_at)
		counts += result.counts
		if not result.asked or not result.is_complete or result.failure:
			break
	result.counts = counts
	if result.superseded or (result.unfinished and not result.failure):
		enqueue_control(device)
		frappe.db.commit()  # now it is enqueued
	return result


def _one_pass(device: str, stop_at: datetime) -> PassResult:
	settings = frappe.get_doc(SETTINGS, device)
	clocks = wall_clocks(settings.time_zone)
	rules, now = control_rules(), utc_now()
	found = find_candidates(settings, clocks, rules, now)
	names = employee_names([one.facts.employee for one in found.candidates])
	memory = DeviceUserMemory(device, clocks, settings.control_generation or 0, found.known, names)
	ways = Ways(Way(settings.control_way) if settings.control_way else Way.ADJUST_AREA)
	asked = control_settings(settings)
	connection = Connection(
		settings, DeviceState(device, clocks), time_outs=_time_outs(settings), retry=_PATIENCE
	)
	frappe.db.commit()  # no transaction is open during HTTP
	with ExitStack() as opened:
		opened.callback(connection.client.close)
		result = run_pass(
			Lanes(lambda: opened.enter_context(_lanes(settings, connection))),
			memory,
			found.candidates,
			asked,
			rules,
			now=utc_now,
			ways=ways,
			stop_at=stop_at,
		)
	_note(settings, result, found, ways, connection)
	return result


def _time_outs(settings) -> TimeOuts:
	"""No longer than a person can wait at a door; the first answer after a pause may take half a minute (contract, 5.3)."""
	return TimeOuts(min(settings.connect_timeout or 10, 10), min(settings.read_timeout or 60, 40))


def _lanes(settings, connection: Connection) -> AbstractContextManager[list[BioTimeClient]]:
	"""Raises `WrongCredentials` without asking where the device has rejected them already: the vendor locks accounts."""
	if settings.login_rejected:
		raise WrongCredentials(_("The device has rejected the log-in."))
	return connection.lanes(AT_ONCE)


def control_settings(settings) -> ControlSettings:
	field = None
	if settings.control_method == Kind.FIELD.value:
		field = FieldMethod(settings.control_field, settings.enabled_value, settings.disabled_value)
	return ControlSettings(
		parking_area=(settings.parking_area or "").strip(),
		field=field,
		dry_run=bool(settings.control_dry_run),
		server=settings.url,
		parkings=_parkings(settings.url),
		only_enable="" if settings.control_dry_run else why_only_enable(),
	)


def _parkings(url: str) -> frozenset[str]:
	"""Of all documents for one server: what one of them has done another must not take for what was there before."""
	areas = frappe.get_all(SETTINGS, filters={"url": url}, pluck="parking_area", order_by="name")
	return frozenset((area or "").strip() for area in areas)


def _note(settings, result: PassResult, found: Found, ways: Ways, connection: Connection) -> None:
	"""On the settings document and in the Error Log."""
	device = settings.name
	if result.is_complete and found.watermark.as_json() != settings.control_watermark:
		save_watermark(device, found.watermark, settings.control_generation or 0)
	if ways.best.value != (settings.control_way or Way.ADJUST_AREA.value):
		frappe.db.set_value(SETTINGS, device, "control_way", ways.best.value, update_modified=False)
	if (
		isinstance(result.failure, WrongCredentials)
		and not settings.login_rejected
		and connection.is_current()
	):
		DeviceState(device, wall_clocks(settings.time_zone)).failed(
			result.failure.message, result.failure.remedy, result.failure.code
		)
	control_reports.report(settings, result, found.unreadable)
	frappe.db.commit()  # the outcome


def _crashed(device: str, error: Exception) -> None:
	"""From the `except` block. What was asked of the device is read there again by the next pass."""
	frappe.db.close()  # a query that was interrupted leaves a connection that nobody can use; the next one opens another
	frappe.db.rollback()
	control_reports.report_crash(device, error)
	frappe.db.commit()  # the report
