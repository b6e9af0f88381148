"""What an import would meet, counted before it begins: on the device and on the site."""

from dataclasses import dataclass, field

import frappe
from frappe import _
from frappe.utils import format_datetime

from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.errors import BioTimeError
from zkteco_biometric.biotime.pages import PageQuery
from zkteco_biometric.biotime.transport import ONE_ATTEMPT, TimeOuts
from zkteco_biometric.cycle.import_range import ImportRange, added_up
from zkteco_biometric.frappe_hr import error_log
from zkteco_biometric.frappe_hr.connection_test import Findings
from zkteco_biometric.frappe_hr.device import Connection, wall_clocks
from zkteco_biometric.frappe_hr.device_state import DeviceState
from zkteco_biometric.frappe_hr.employees import employees_by_code
from zkteco_biometric.frappe_hr.import_request import ImportRequest
from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_FIELD, PENDING, SETTINGS
from zkteco_biometric.frappe_hr.pending import WAITING

_PATIENCE = TimeOuts(connect=5, read=15)
"""Somebody is looking at a dialog, and a web worker waits with them."""

_MOST_COUNTED = 20
_A_PAGE = 500


@dataclass
class Preview:
	"""None where the device does not say, or was not asked. `nobodys`: the codes that are no employee's Biometric ID."""

	on_device: int | None = None
	by_code: dict[str, int | None] = field(default_factory=dict)
	nobodys: list[str] = field(default_factory=list)
	check_ins: int = 0
	waiting: int = 0


def preview_import(request: ImportRequest) -> dict:
	"""What there is, or what is in the way, for a dialog; never raises.

	`{"ok": bool, "lines": [{"ok": bool, "text": str}], "remedy": str}`, with the fields of `Preview`.
	"""
	findings, found = Findings(), Preview()
	try:
		found = counted(request)
		for line in told(request, found):
			findings.good(line)
	except BioTimeError as error:
		findings.bad(error.message, error.remedy)
	except Exception:  # noqa: BLE001 the rim: Frappe would write down variables, among them the password
		frappe.db.rollback()
		error_log.report_preview(request.device)
		findings.bad(
			_("Something went wrong in this app."),
			_("Look at the Error Log, title ZKTeco Sync, and report it to the app's makers."),
		)
	return {**findings.as_dict(), **vars(found)}


def counted(request: ImportRequest) -> Preview:
	"""Asks the device, with short time-outs and without repeats, and the site. Changes nothing but the token.

	Raises `BioTimeError`.
	"""
	found = Preview()
	_count_on_device(request, found)
	_count_on_site(request, found)
	return found


def told(request: ImportRequest, found: Preview) -> list[str]:
	"""In sentences."""
	codes = [_("{0}: {1}.").format(code, _punches(count)) for code, count in found.by_code.items()]
	site = _(
		"Of that time, this site has {0} check-ins from this device, and {1} of its punches wait. Nothing is created twice."
	).format(f"{found.check_ins:,}", f"{found.waiting:,}")
	nobody = _("Nobody has the Biometric ID {0}: such punches wait until an employee has it.")
	return [
		_told_of_device(request, found),
		*codes,
		site,
		*([nobody.format(", ".join(found.nobodys))] if found.nobodys else []),
	]


def _count_on_device(request: ImportRequest, found: Preview) -> None:
	settings = frappe.get_doc(SETTINGS, request.device)
	state = DeviceState(request.device, wall_clocks(settings.time_zone))
	client = Connection(settings, state, time_outs=_PATIENCE, retry=ONE_ATTEMPT).client
	frappe.db.commit()  # no transaction is open during HTTP
	try:
		_ask(client, request.wanted, found)
	finally:
		client.close()


def _ask(client: BioTimeClient, wanted: ImportRange, found: Preview) -> None:
	if not wanted.codes:
		found.on_device = client.count(wanted.start, wanted.end)
		return
	counts = {code: _count_of(client, wanted, code) for code in wanted.codes[:_MOST_COUNTED]}
	found.by_code = {code: counts.get(code) for code in wanted.codes}
	found.on_device = added_up(found.by_code.values())


def _count_of(client: BioTimeClient, wanted: ImportRange, code: str) -> int | None:
	"""By the rows, as far as one page goes: a server may count others whose code is alike."""
	page = client.page(PageQuery(1, _A_PAGE, wanted.start, wanted.end, emp_code=code))
	theirs = len(wanted.part_of(page, code).punches)
	if not page.has_next:
		return theirs
	return page.count if theirs == len(page.punches) else None


def _count_on_site(request: ImportRequest, found: Preview) -> None:
	times = ("between", (request.start, request.end))
	check_ins = {DEVICE_FIELD: request.device, "time": times}
	waiting = {"device": request.device, "status": WAITING, "punch_time": times}
	codes = request.wanted.codes
	if codes:
		employees = employees_by_code(frozenset(codes))
		found.nobodys = [code for code in codes if code not in employees]
		check_ins["employee"] = ("in", [*employees.values(), ""])
		waiting["emp_code"] = ("in", codes)
	found.check_ins = frappe.db.count(CHECK_IN, check_ins)
	found.waiting = frappe.db.count(PENDING, waiting)


def _told_of_device(request: ImportRequest, found: Preview) -> str:
	wanted = request.wanted
	return _("From {0} to {1} by the terminals' clocks, {2} holds {3}.").format(
		format_datetime(wanted.start), format_datetime(wanted.end), request.device, _punches(found.on_device)
	)


def _punches(count: int | None) -> str:
	if count is None:
		return _("punches that it does not count")
	return _("1 punch") if count == 1 else _("{0} punches").format(f"{count:,}")
