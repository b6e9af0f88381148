"""Waiting punches decided anew: by who has their code now, by the device's rules, and by HRMS's.

Safe to run at any time, beside a sync and beside itself: the rows are held while they are decided, and of a person and a
second there is one check-in, whoever creates it.
"""

import traceback
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

import frappe
from frappe import _
from rq.timeouts import BaseTimeoutException

from zkteco_biometric.biotime.models import Page, Punch, RejectedRow
from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.cycle.plan import (
	HARMLESS_LEAD,
	Fate,
	PlanRules,
	Reason,
	check_ins,
	drop_existing,
	match,
)
from zkteco_biometric.frappe_hr.check_ins import CheckInWriter, existing_check_ins
from zkteco_biometric.frappe_hr.device import cycle_rules, wall_clocks
from zkteco_biometric.frappe_hr.employees import employees_by_code
from zkteco_biometric.frappe_hr.error_log import SYNC
from zkteco_biometric.frappe_hr.names import PENDING, SETTINGS, SYNC_LOG
from zkteco_biometric.frappe_hr.pending import CREATED, WAITING, site_time
from zkteco_biometric.frappe_hr.pending_decisions import CheckIns, decision
from zkteco_biometric.frappe_hr.pending_outcome import Outcome
from zkteco_biometric.frappe_hr.pending_rows import held, punch_of, write_down
from zkteco_biometric.frappe_hr.sync_log import IMPORT
from zkteco_biometric.frappe_hr.transactions import nothing_kept

BY_ITSELF = [Reason.UNKNOWN_EMPLOYEE.value, Reason.INACTIVE_EMPLOYEE.value, Reason.REFUSED.value]
"""What may end without a person. A time that cannot be must not silently become somebody's pay."""

_BATCH = 100
_ATTEMPTS = 3
_ERROR = "Pending punches could not be tried again"


def retry(*filters: Mapping[str, Any], by_person: bool = False) -> Outcome:
	"""Decides the punches that any of the filters finds; commits what the caller has open, and then each batch.

	A time that lay in the future when the punch came is possible once it has passed, if a person says so; else only
	where the device's time zone makes another time of it. An error in one device's punches leaves the other devices alone.
	"""
	frappe.db.commit()  # what the caller has changed counts, and what others have
	found = [row for some in filters for row in _found(some)]
	frappe.db.commit()  # the batches see what is true by then
	statuses: dict[str, dict[str, str]] = defaultdict(dict)
	for row in found:
		statuses[row.device][row.name] = row.status
	outcome = Outcome()
	for device, of_device in statuses.items():
		outcome.add(_retry_of_device(device, of_device, by_person))
	return outcome


def _found(filters: Mapping[str, Any]) -> list:
	return frappe.get_all(
		PENDING,
		filters=dict(filters),
		fields=["name", "status", "device"],
		order_by="device, last_attempt, punch_time, name",
	)


def _retry_of_device(device: str, statuses: Mapping[str, str], by_person: bool) -> Outcome:
	outcome, untried = Outcome(), len(statuses)
	try:
		for batch in _batches(statuses):
			outcome.add(_patiently(device, batch, by_person))
			untried -= len(batch)
	except BaseTimeoutException:
		raise
	except Exception as error:  # noqa: BLE001 the rim: another app's hook may raise anything; other devices go on
		frappe.db.rollback()
		_report(device, error)
		outcome.untried = untried
	return outcome


def _batches(statuses: Mapping[str, str]) -> Iterator[dict[str, str]]:
	items = iter(statuses.items())
	while batch := dict(islice(items, _BATCH)):
		yield batch


def _patiently(device: str, statuses: Mapping[str, str], by_person: bool) -> Outcome:
	"""Where another transaction is in the way, the batch is taken back and decided again."""
	for _again in range(_ATTEMPTS - 1):
		try:
			return _decide(device, statuses, by_person)
		except (frappe.QueryDeadlockError, frappe.QueryTimeoutError):
			frappe.db.rollback()
	return _decide(device, statuses, by_person)


def _decide(device: str, statuses: Mapping[str, str], by_person: bool) -> Outcome:
	"""One transaction: HRMS's naming series is locked from the first insert to the commit."""
	rows = held(statuses)
	settings = _settings(device)
	fates = _fates(rows, settings, by_person)
	with nothing_kept():
		stored = CheckInWriter(device, settings.url).write(check_ins(fates))
	written = CheckIns(fates, stored)
	decisions = [
		{**decision(row, fate, written), **_time_on_site(row, settings)}
		for row, fate in zip(rows, fates, strict=True)
	]
	write_down(rows, decisions)
	frappe.db.commit()  # the check-ins, and that their punches no longer wait
	return _outcome(decisions)


def _time_on_site(row: Mapping[str, Any], settings) -> dict[str, datetime | None]:
	"""The time zone of the device may have been corrected since."""
	punch = punch_of(row)
	clocks = wall_clocks(settings.time_zone)
	return {"punch_time": site_time(punch.time, clocks)} if isinstance(punch, Punch) else {}


def _settings(device: str):
	"""Anew for each batch: nobody's punches are decided by rules that a person has corrected meanwhile."""
	if not frappe.db.exists(SETTINGS, device):
		raise LookupError(f"the device {device} does not exist")
	return frappe.get_doc(SETTINGS, device)


def _fates(rows: Sequence[Mapping[str, Any]], settings, by_person: bool) -> list[Fate]:
	window, states = (rules := cycle_rules(settings)).window, rules.states
	punches = [punch_of(row) for row in rows]
	employees = employees_by_code({punch.emp_code for punch in punches if isinstance(punch, Punch)})
	now = PlanRules(
		window.clocks, states, window.oldest_wanted, window.clocks.on_device(utc_now()) + HARMLESS_LEAD
	)
	imports = _imports_among(rows) if now.oldest and not by_person else set()
	fates = [
		_fate(punch, employees, _rules_for(row, now, by_person, row["sync_log"] in imports))
		for row, punch in zip(rows, punches, strict=True)
	]
	return drop_existing(fates, existing_check_ins([check_in.key for check_in in check_ins(fates)]))


def _imports_among(rows: Sequence[Mapping[str, Any]]) -> set[str]:
	"""The imports of a date range that have brought some of these; one query."""
	logs = {row["sync_log"] for row in rows if row["sync_log"]}
	found = frappe.get_all(
		SYNC_LOG, filters={"name": ("in", logs), "trigger": IMPORT}, pluck="name", order_by="name"
	)
	return set(found)


def _rules_for(row: Mapping[str, Any], now: PlanRules, by_person: bool, imported: bool) -> PlanRules:
	"""*Sync From* does not limit what a person has chosen to import, or to retry."""
	rules = now if by_person else _rules_when_it_came(row, now)
	return replace(rules, oldest=None) if imported or by_person else rules


def _rules_when_it_came(row: Mapping[str, Any], rules: PlanRules) -> PlanRules:
	"""A clock that was ahead was wrong, and still is when its time has passed."""
	if row["reason"] != Reason.IMPOSSIBLE_TIME.value:
		return rules
	came = rules.clocks.on_device(rules.clocks.instant_on_site(row["creation"]))
	return replace(rules, newest=came + HARMLESS_LEAD)


def _fate(punch: Punch | RejectedRow, employees: Mapping[str, str], rules: PlanRules) -> Fate:
	readable = isinstance(punch, Punch)
	page = Page(1, (punch,) if readable else (), () if readable else (punch,), None, None)
	return match(page, employees, rules)[0]


def _outcome(decisions: Sequence[Mapping[str, Any]]) -> Outcome:
	created = [one for one in decisions if one["status"] == CREATED]
	existed = sum(one["existed"] for one in created)
	waiting = [one for one in decisions if one["status"] == WAITING]
	return Outcome(
		created=len(created) - existed,
		existed=existed,
		ignored=len(decisions) - len(created) - len(waiting),
		waiting=Counter((one["reason"], one["why"]) for one in waiting),
	)


def _report(device: str, error: Exception) -> None:
	"""From the `except` block. One entry a day and kind, however many retries meet it; no values of variables."""
	kind = f"{_ERROR}: {type(error).__name__}"
	told = {
		"method": SYNC,
		"reference_name": device,
		"error": ("like", f"%{kind}%"),
		"creation": (">", frappe.utils.add_to_date(None, days=-1)),
	}
	if not frappe.db.exists("Error Log", told):
		message = f"Device: {device}\nTime: {frappe.utils.now()}\n\n{kind}\n\n{traceback.format_exc()}"
		frappe.log_error(title=SYNC, message=message, reference_doctype=SETTINGS, reference_name=device)
		frappe.db.commit()  # what happened, before the next device


def refuse_while_punches_wait(device: str) -> None:
	"""Without its device a punch can never be decided: who deletes it decides about its punches first."""
	waiting = frappe.db.count(PENDING, {"device": device, "status": WAITING})
	if waiting:
		told = (
			_(
				"1 punch of {0} waits to become a check-in, and cannot without the device. Disable it instead; or settle or ignore it in the list of ZKTeco Pending Punch first."
			).format(device)
			if waiting == 1
			else _(
				"{0} punches of {1} wait to become check-ins, and cannot without the device. Disable it instead; or settle or ignore them in the list of ZKTeco Pending Punch first."
			).format(waiting, device)
		)
		frappe.throw(
			told,
			title=_("Punches Wait"),
		)
