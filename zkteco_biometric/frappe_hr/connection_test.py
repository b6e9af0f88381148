"""Test Connection: what a person wants to know before the first sync, in their words."""

from datetime import timedelta

import frappe
from frappe import _

from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.errors import (
	AccessDenied,
	BioTimeError,
	LicenceWithoutApi,
	TlsFailed,
	Unreachable,
	WrongCredentials,
)
from zkteco_biometric.biotime.models import Page
from zkteco_biometric.biotime.pages import PageQuery
from zkteco_biometric.biotime.transport import ONE_ATTEMPT, TimeOuts
from zkteco_biometric.cycle.clocks import utc_now
from zkteco_biometric.frappe_hr import error_log
from zkteco_biometric.frappe_hr.control_test import find_ways
from zkteco_biometric.frappe_hr.device import Connection, wall_clocks
from zkteco_biometric.frappe_hr.device_state import DeviceState
from zkteco_biometric.frappe_hr.findings import Findings
from zkteco_biometric.frappe_hr.names import SETTINGS
from zkteco_biometric.wording import joined

_PATIENCE = TimeOuts(connect=5, read=15)
"""Somebody is looking at a dialog, and a web worker waits with them."""

_HARMLESS_OFFSET = timedelta(minutes=2)


def run_connection_test(device: str) -> dict:
	"""Logs in once, without repeats, and asks for one punch; a fresh token is kept. Changes nothing on the server."""
	settings = frappe.get_doc(SETTINGS, device)
	state = DeviceState(device, wall_clocks(settings.time_zone))
	connection = Connection(settings, state, time_outs=_PATIENCE, retry=ONE_ATTEMPT)
	findings = Findings()
	frappe.db.commit()  # no transaction is open during HTTP
	try:
		_try(connection.client, settings, findings)
		state.logged_in()
	except BioTimeError as error:
		_explain(error, findings)
		if isinstance(error, WrongCredentials) and connection.is_current():
			state.failed(error.message, error.remedy, error.code)
	except Exception as error:  # noqa: BLE001 the rim: Frappe would write down variables, among them the password
		frappe.db.rollback()
		error_log.report_crash(state, error)
		findings.bad(
			_("Something went wrong in this app."),
			_("Look at the Error Log, title ZKTeco Sync, and report it to the app's makers."),
		)
	return findings.as_dict()


def test_unless_rejected(device: str) -> dict:
	"""The same; but a device that has rejected its log-in is not asked, since servers lock accounts."""
	if not frappe.db.get_value(SETTINGS, device, "login_rejected"):
		return run_connection_test(device)
	findings = Findings()
	findings.bad(
		_("The device has rejected the log-in. It is not asked again: BioTime locks accounts."),
		WrongCredentials.remedy,
	)
	return findings.as_dict()


def _try(client: BioTimeClient, settings, findings: Findings) -> None:
	try:
		token = client.log_in()
		findings.good(_("{0} can be reached.").format(settings.url))
		findings.good(
			_("The log-in works ({0}).").format("JWT" if token.kind.value == "JWT" else _("general token"))
		)
		page = client.page(PageQuery(number=1, size=1))
		findings.good(_("The licence includes the API."))
		_compare_clocks(page, findings)
		_count_punches(page, findings)
		if settings.control_users:
			find_ways(client, settings, findings)
	finally:
		client.close()


def _compare_clocks(page: Page, findings: Findings) -> None:
	if page.server_time is None:
		findings.good(_("The server does not tell its time."))
		return
	offset = page.server_time - utc_now()
	if abs(offset) <= _HARMLESS_OFFSET:
		findings.good(_("The server's clock agrees with this site's."))
		return
	minutes = round(abs(offset).total_seconds() / 60)
	told = (
		_("The server's clock is {0} minutes ahead of this site's.")
		if offset > timedelta()
		else _("The server's clock is {0} minutes behind this site's.")
	)
	findings.bad(
		told.format(minutes),
		_("Set the clock of the BioTime server and of its terminals, best by a time server (NTP)."),
	)


def _count_punches(page: Page, findings: Findings) -> None:
	if page.count is None:
		findings.good(_("The server shows its punches."))
	elif page.count == 1:
		findings.good(_("The server holds 1 punch."))
	else:
		findings.good(_("The server holds {0} punches.").format(f"{page.count:,}"))


def _explain(error: BioTimeError, findings: Findings) -> None:
	"""The step that failed, what the server said, and what to do."""
	steps = {
		Unreachable: _("The server cannot be reached."),
		TlsFailed: _("The server's certificate was not accepted."),
		WrongCredentials: _("The log-in was rejected."),
		AccessDenied: _("The log-in works, but the server refuses this user."),
		LicenceWithoutApi: _("The server refuses the API."),
	}
	step = steps.get(type(error), _("The server did not answer as expected."))
	findings.bad(joined(step, error.message), error.remedy, may_pass=not error.needs_a_person)
