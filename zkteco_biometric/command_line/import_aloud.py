"""An import in the terminal: what there is, a question, a bar, and an outcome with an exit status."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import click
import frappe
from frappe.utils import strip_html

from zkteco_biometric.biotime.errors import BioTimeError
from zkteco_biometric.command_line.choosing import existing
from zkteco_biometric.command_line.interrupting import Stoppable, broken_off, ctrl_c
from zkteco_biometric.command_line.running import Told, problem_of
from zkteco_biometric.command_line.statuses import FIX, INTERRUPTED, PASSES
from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.frappe_hr.import_log import (
	CAN_BE_RESUMED,
	CANCELLED,
	create_import_log,
	end_early,
)
from zkteco_biometric.frappe_hr.import_preview import counted, told
from zkteco_biometric.frappe_hr.import_request import ImportRequest, understood
from zkteco_biometric.frappe_hr.importing import ImportProgress
from zkteco_biometric.frappe_hr.names import SETTINGS, SYNC_LOG
from zkteco_biometric.frappe_hr.sync_log import IMPORT
from zkteco_biometric.importing import make_ready, take_turn
from zkteco_biometric.standalone.problems import Problem
from zkteco_biometric.standalone.progress import watched
from zkteco_biometric.standalone.tables import printable

_TOLD = (
	"status",
	"fetched",
	"created",
	"duplicate",
	"pending",
	"ignored",
	"pages",
	"total",
	"error",
	"remedy",
	"details",
)


def import_aloud(log: str | None, yes: bool, **asked: Any) -> Told:
	"""A new import, or the one of that log, in this process."""
	if log:
		_prepare(log)
	name = log or _new_import(yes, **asked)
	return _report(name, _run(name))


def _new_import(
	yes: bool, device: str | None, from_time: str | None, to_time: str | None, codes: tuple[str, ...]
) -> str:
	request = _request(device or "", from_time or "", to_time or frappe.utils.now(), codes)
	_preview(request)
	if not yes:
		_ask()
	log = create_import_log(request.device, request.wanted)
	frappe.db.commit()  # people see it from now on
	return log


def _ask() -> None:
	try:
		agreed = click.confirm("Import them?", err=True)
	except click.Abort:
		agreed = False
	if not agreed:
		raise Problem("Nothing was imported.", "Answer y, or give --yes.")


def _request(device: str, from_time: str, to_time: str, codes: tuple[str, ...]) -> ImportRequest:
	existing(device, frappe.get_all(SETTINGS, pluck="name", order_by="name"))
	if not from_time:
		raise Problem(
			"It is not said where the range begins.", "Name a date with --from, such as 2026-01-01."
		)
	with _understandable():
		return understood(device, from_time, to_time, codes)


@contextmanager
def _understandable() -> Iterator[None]:
	try:
		yield
	except frappe.ValidationError as error:
		raise Problem(printable(strip_html(str(error))), "Say it otherwise; --help tells how.") from error


def _preview(request: ImportRequest) -> None:
	try:
		found = counted(request)
	except BioTimeError as error:
		raise problem_of(FIX if error.needs_a_person else PASSES, error.message, error.remedy) from error
	for line in told(request, found):
		click.echo(printable(line), err=True)


def _prepare(log: str) -> None:
	status = frappe.db.get_value(SYNC_LOG, {"name": log, "trigger": IMPORT}, "status")
	if status not in CAN_BE_RESUMED:
		stopped = frappe.get_all(
			SYNC_LOG,
			{"trigger": IMPORT, "status": ("in", CAN_BE_RESUMED)},
			pluck="name",
			order_by="creation desc",
			limit=5,
		)
		raise Problem(
			f"There is no import {printable(log)} that has stopped.",
			f"Imports that can be resumed: {', '.join(stopped) or 'none'}.",
		)
	make_ready(log)
	frappe.db.commit()  # people see it from now on


def _run(log: str) -> CycleResult | None:
	"""Ctrl-C stops it after the page in hand; a second one at once."""
	before = frappe.db.get_value(SYNC_LOG, log, "fetched")
	with ctrl_c() as stop, watched(before) as shown, broken_off(stop):
		return take_turn(log, lambda state: Stoppable(stop, ImportProgress(state), shown))
	frappe.db.close()  # it may be in the middle of an answer; the next query opens another
	end_early(log, CANCELLED)
	frappe.db.commit()  # the outcome
	return None


def _report(log: str, result: CycleResult | None) -> Told:
	kept = frappe.db.get_value(SYNC_LOG, log, list(_TOLD), as_dict=True)
	told = Told({"log": log, **kept}, _lines(log, kept))
	if kept.status == CANCELLED and not kept.error:
		click.echo(_how_to_go_on(log), err=True)
		return replace(told, status=INTERRUPTED)
	if kept.status in CAN_BE_RESUMED:
		return replace(told, problem=_problem(log, kept, result))
	return told


def _lines(log: str, kept: Any) -> list[str]:
	return [
		f"{kept.fetched} punches read: {kept.created} created, {kept.duplicate} existed, {kept.pending} pending, "
		f"{kept.ignored} ignored. Sync log {log}.",
		*map(printable, (kept.details or "").splitlines()),
	]


def _problem(log: str, kept: Any, result: CycleResult | None) -> Problem:
	needs_a_person = not (result and result.failure) or result.failure.needs_a_person
	remedy = "\n".join(filter(None, (kept.remedy, _how_to_go_on(log))))
	return problem_of(FIX if needs_a_person else PASSES, kept.error or "The import has stopped.", remedy)


def _how_to_go_on(log: str) -> str:
	return (
		"What was stored stays. It goes on where it stopped with "
		f"bench --site {frappe.local.site} zkteco-import --resume {log}, or with Resume on that sync log."
	)
