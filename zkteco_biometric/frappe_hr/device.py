"""A settings document as the cycle wants it: rules, clocks, and a client for its server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import frappe
from frappe.utils import get_system_timezone
from frappe.utils.password import get_decrypted_password

from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.models import Credentials, Token
from zkteco_biometric.biotime.token_pool import TokenPool
from zkteco_biometric.biotime.transport import RetryPolicy, TimeOuts, Transport, Verify
from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.log_types import LogType, PunchStates
from zkteco_biometric.cycle.run import CycleRules
from zkteco_biometric.cycle.window import WindowRules
from zkteco_biometric.frappe_hr.device_state import DeviceState
from zkteco_biometric.frappe_hr.names import SETTINGS

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
		page_size_borne=settings.page_size_borne or None,
	)
	return CycleRules(window, punch_states(settings), settings.daily_look_back or 0)


def punch_states(settings: "ZKTecoBiometricSettings") -> PunchStates:
	table = {row.punch_state: LogType(row.log_type) for row in settings.punch_states}
	return PunchStates(table, LogType(settings.default_log_type))


@dataclass(frozen=True)
class LogIn:
	"""Where a device is, and as whom we log in: what a token belongs to."""

	url: str
	username: str
	password: str = field(repr=False)


class Connection:
	"""A client for a device, as its settings were when it was opened."""

	def __init__(
		self,
		settings: "ZKTecoBiometricSettings",
		state: DeviceState,
		*,
		time_outs: TimeOuts | None = None,
		retry: RetryPolicy | None = None,
	) -> None:
		"""Reads the database; the caller ends that transaction before the first request."""
		self._state = state
		self._log_in = _stored_log_in(settings.name)
		default = device_time_outs(settings)
		verify = verification(settings)
		self._transport = lambda: Transport(
			self._log_in.url, time_outs=time_outs or default, retry=retry, verify=verify
		)
		self._kind = state.token_kind()
		self.client = self._client(token=state.stored_token(), on_token=self._keep)

	@contextmanager
	def lanes(self, number: int) -> Iterator[list[BioTimeClient]]:
		"""Clients for as many threads, which log in once for all where the token ends. Logs in first where it is absent or
		expired; a fresh one is stored before it is used, and one that the lanes have brought when they are done.
		"""
		first = self.client.ensure_token()
		pool = TokenPool(first)
		clients = [self._client(pool=pool) for _ in range(number)]
		try:
			yield clients
		finally:
			for client in clients:
				client.close()
			if pool.newest is not first:
				self._keep(pool.newest)

	def _client(self, **tokens: Any) -> BioTimeClient:
		credentials = Credentials(self._log_in.username, self._log_in.password)
		return BioTimeClient(self._transport(), credentials, kind=self._kind, **tokens)

	def is_current(self) -> bool:
		"""Whether nobody has saved another URL, user name or password since; until the next commit nobody can."""
		return _stored_log_in(self._state.device, lock=True) == self._log_in

	def _keep(self, token: Token | None) -> None:
		"""Stored and committed before it is first used; unless it belongs to a log-in that is no longer configured."""
		if self.is_current():
			self._state.store_token(token)
		frappe.db.commit()  # the token survives whatever happens next, and no transaction is open during HTTP


def _stored_log_in(device: str, lock: bool = False) -> LogIn:
	url, username = frappe.db.get_value(SETTINGS, device, ["url", "username"], for_update=lock) or ("", "")
	password = get_decrypted_password(SETTINGS, device, "password", raise_exception=False)
	return LogIn(url, username, password or "")


def device_time_outs(settings: "ZKTecoBiometricSettings") -> TimeOuts:
	return TimeOuts(settings.connect_timeout or 10, settings.read_timeout or 60)


def verification(settings: "ZKTecoBiometricSettings") -> Verify:
	"""A CA file that is no longer there is found missing by the first request, as `TlsFailed`."""
	if not settings.verify_tls:
		return False
	if not settings.ca_file:
		return True
	name = frappe.db.get_value("File", {"file_url": settings.ca_file}, order_by="creation desc")
	return frappe.get_doc("File", name).get_full_path() if name else settings.ca_file
