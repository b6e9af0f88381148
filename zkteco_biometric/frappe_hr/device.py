"""A settings document as the cycle wants it: rules, clocks, and a client for its server."""

from datetime import timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import frappe
from frappe.utils import get_system_timezone

from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.errors import TlsFailed
from zkteco_biometric.biotime.models import Credentials, Token
from zkteco_biometric.biotime.transport import RetryPolicy, TimeOuts, Transport, Verify
from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.log_types import LogType, PunchStates
from zkteco_biometric.cycle.run import CycleRules
from zkteco_biometric.cycle.window import WindowRules
from zkteco_biometric.frappe_hr.device_state import DeviceState

if TYPE_CHECKING:
	from zkteco_biometric.zkteco_biometric.doctype.zkteco_biometric_settings.zkteco_biometric_settings import (
		ZKTecoBiometricSettings,
	)


def wall_clocks(time_zone: str | None) -> WallClocks:
	"""The terminals' zone, or the site's where the settings name none, beside the site's."""
	site = ZoneInfo(get_system_timezone())
	return WallClocks(ZoneInfo(time_zone) if time_zone else site, site)


def cycle_rules(settings: "ZKTecoBiometricSettings") -> CycleRules:
	clocks = wall_clocks(settings.time_zone)
	window = WindowRules(
		clocks=clocks,
		look_back=timedelta(minutes=settings.look_back or 0),
		sync_from=clocks.instant_on_site(settings.sync_from) if settings.sync_from else None,
		page_size=settings.page_size,
	)
	return CycleRules(window, punch_states(settings))


def punch_states(settings: "ZKTecoBiometricSettings") -> PunchStates:
	table = {row.punch_state: LogType(row.log_type) for row in settings.punch_states}
	return PunchStates(table, LogType(settings.default_log_type))


def open_client(
	settings: "ZKTecoBiometricSettings",
	state: DeviceState,
	*,
	time_outs: TimeOuts | None = None,
	retry: RetryPolicy | None = None,
) -> BioTimeClient:
	"""A client with the stored token. A fresh token is stored and committed before it is first used.

	Reads the database; the caller ends that transaction before the first request. Raises `TlsFailed` where the CA file
	is no longer there.
	"""
	default = TimeOuts(settings.connect_timeout or 10, settings.read_timeout or 60)
	transport = Transport(
		settings.url, time_outs=time_outs or default, retry=retry, verify=verification(settings)
	)
	credentials = Credentials(settings.username, settings.get_password("password"))
	return BioTimeClient(
		transport,
		credentials,
		token=state.stored_token(),
		kind=state.token_kind(),
		on_token=lambda token: _keep(state, token),
	)


def verification(settings: "ZKTecoBiometricSettings") -> Verify:
	if not settings.verify_tls:
		return False
	if not settings.ca_file:
		return True
	name = frappe.db.get_value("File", {"file_url": settings.ca_file}, order_by="creation desc")
	if not name:
		raise TlsFailed(
			f"The CA file {settings.ca_file} is no longer on this site.", remedy="Attach the CA file again."
		)
	return frappe.get_doc("File", name).get_full_path()


def _keep(state: DeviceState, token: Token | None) -> None:
	state.store_token(token)
	frappe.db.commit()  # the token must survive whatever happens next, and no transaction may be open during HTTP
