"""What a cycle remembers on the settings document: never through `save()`, never touching `modified`.

A person may have the form open meanwhile: their save keeps what is here (see `OWNED`), and never conflicts with it.
"""

import json
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import frappe
from frappe.utils import get_system_timezone, now_datetime
from frappe.utils.password import (
	get_decrypted_password,
	remove_encrypted_password,
	set_encrypted_password,
)

from zkteco_biometric.biotime.errors import WrongCredentials
from zkteco_biometric.biotime.models import Token, TokenKind
from zkteco_biometric.cycle.arrivals import Arrivals
from zkteco_biometric.cycle.clock_watch import ClockWatch
from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.past_days import PastDays
from zkteco_biometric.cycle.ports import Position, Superseded, SyncState
from zkteco_biometric.cycle.result import Counters, CycleResult
from zkteco_biometric.cycle.window import Checkpoint
from zkteco_biometric.frappe_hr.names import HIDDEN_PASSWORD, SETTINGS
from zkteco_biometric.frappe_hr.wording import stored, stored_lines

OWNED = (
	"status",
	"last_sync_timestamp",
	"last_sync_zone",
	"complete_sync",
	"last_attempt",
	"last_error",
	"last_remedy",
	"wrong_clocks",
	"last_fetched",
	"last_created",
	"last_duplicate",
	"last_pending",
	"last_ignored",
	"token",
	"token_kind",
	"token_expires",
	"failures",
	"expected_since",
	"failing_since",
	"error_code",
	"login_rejected",
	"checkpoint",
	"arrivals",
	"past_days",
	"clock_watch",
	"generation",
	"page_size_borne",
	"reported",
	"control_error",
	"control_error_code",
	"control_remedy",
	"control_watermark",
	"control_way",
	"control_generation",
	"control_reported",
)
"""Fields that only this app writes; a form cannot. A new document may bring a last_sync_timestamp of its own."""

LOGIN_REJECTED = "Log-in Rejected"
NO_TROUBLE = {
	"last_error": None,
	"last_remedy": None,
	"error_code": None,
	"failures": 0,
	"failing_since": None,
	"login_rejected": 0,
}
_POSITIONS: dict[type, str] = {
	Checkpoint: "checkpoint",
	Arrivals: "arrivals",
	PastDays: "past_days",
	ClockWatch: "clock_watch",
}
HEALTHY = "Success"
_NOBODY_TRIED = timedelta(hours=2)
"""A device that fails is tried once an hour at least: in a longer time it was not failing, nobody was there to try."""


class DeviceState:
	"""The remembered state of one device. Times are aware here, and the site's wall clock in the database."""

	def __init__(self, device: str, clocks: WallClocks) -> None:
		self.device = device
		self.clocks = clocks
		self._generation: int | None = None

	def sync_state(self) -> SyncState:
		last_sync, zone, *kept = frappe.db.get_value(
			SETTINGS, self.device, ["last_sync_timestamp", "last_sync_zone", *_POSITIONS.values()]
		)
		positions = {
			field: kind.from_json(text) if text else None
			for (kind, field), text in zip(_POSITIONS.items(), kept, strict=True)
		}
		return SyncState(last_sync_instant(last_sync, zone), **positions)

	def save_position(self, position: Position) -> None:
		"""Within the caller's transaction, which brings the check-ins that it covers too."""
		self._set({_POSITIONS[type(position)]: position.as_json()})

	def finish_window(self, until: datetime) -> None:
		"""Raises `Superseded`."""
		self.refuse_if_superseded()
		self._set({**last_sync_values(until, self.clocks), "checkpoint": None})

	def begin(self, began: datetime) -> None:
		fields = ["generation", "last_attempt"]
		self._generation, before = frappe.db.get_value(SETTINGS, self.device, fields)
		now = self.clocks.on_site(began)
		values = {"status": "Running", "last_attempt": now}
		if before and now - before > _NOBODY_TRIED:
			values["failing_since"] = None
		self._set(values)

	def refuse_if_superseded(self) -> None:
		"""Raises `Superseded`: the settings document counts up whenever a person changes what is to be read."""
		if frappe.db.get_value(SETTINGS, self.device, "generation", for_update=True) != self._generation:
			raise Superseded

	def end(self, result: CycleResult) -> None:
		"""How a cycle went: its counters, and its error with the remedy, where it failed."""
		values = {**counted_values(result.counters), "page_size_borne": result.page_size_borne or 0}
		if result.clocks_watched:
			values["wrong_clocks"] = stored_lines(result.wrong_clocks) or None
		if result.failure:
			self._set(values)
			self.failed(result.failure.message, result.failure.remedy, result.failure.code)
		else:
			status = "Unfinished" if result.unfinished or result.cancelled else HEALTHY
			if status == HEALTHY:
				values["complete_sync"] = self.clocks.on_site(result.began)
			self._set({**values, **NO_TROUBLE, "status": status})

	def failed(self, message: str, remedy: str, code: str = "") -> None:
		"""A rejected log-in keeps the scheduler away until the credentials change or a person tries again. `code` is that of
		the `BioTimeError`; none for an error of ours.
		"""
		failures, since = frappe.db.get_value(SETTINGS, self.device, ["failures", "failing_since"])
		login_rejected = code == WrongCredentials.code
		failures = failures or 0
		self._set(
			{
				"status": LOGIN_REJECTED if login_rejected else "Failed",
				"error_code": code or None,
				"failing_since": since or now_datetime().replace(microsecond=0),
				"last_error": stored(message),
				"last_remedy": stored(remedy),
				"failures": failures + 1,
				"login_rejected": login_rejected,
			}
		)

	def bears(self, page_size: int | None) -> None:
		"""What the server turned out to bear, for whoever reads it next; None for as much as is set."""
		self._set({"page_size_borne": page_size or 0})

	def superseded(self) -> None:
		"""The cycle came to nothing, and its settings are no longer those of the device."""
		self._set({"status": "Not Synced"})

	def logged_in(self) -> None:
		"""A log-in worked: the scheduler tries again at its next tick. Another failure stays on the form until then."""
		rejected = frappe.db.get_value(SETTINGS, self.device, "login_rejected")
		self._set(
			{**NO_TROUBLE, "status": "Not Synced"} if rejected else {"failures": 0, "failing_since": None}
		)

	def reported(self) -> dict[str, list[str]]:
		"""The incidents that are in the Error Log already, by kind."""
		text = frappe.db.get_value(SETTINGS, self.device, "reported")
		return json.loads(text) if text else {}

	def remember_reported(self, incidents: dict[str, list[str]]) -> None:
		self._set({"reported": json.dumps(incidents) if incidents else None})

	def stored_token(self) -> Token | None:
		kind, expires = frappe.db.get_value(SETTINGS, self.device, ["token_kind", "token_expires"])
		value = get_decrypted_password(SETTINGS, self.device, "token", raise_exception=False)
		return token_of(value, kind, expires, self.clocks) if value else None

	def token_kind(self) -> TokenKind:
		"""The kind of log-in that worked last, also after its token was dropped."""
		return _kind(frappe.db.get_value(SETTINGS, self.device, "token_kind"))

	def store_token(self, token: Token | None) -> None:
		"""Encrypted; None forgets it. Committed by the caller before the token is used."""
		if token is None:
			remove_encrypted_password(SETTINGS, self.device, "token")
			self._set({"token": None, "token_expires": None})
			return
		set_encrypted_password(SETTINGS, self.device, token.value, "token")
		expires = self.clocks.on_site(token.expires_at).replace(microsecond=0) if token.expires_at else None
		self._set({"token": HIDDEN_PASSWORD, "token_kind": token.kind.value, "token_expires": expires})

	def _set(self, values: dict[str, object]) -> None:
		frappe.db.set_value(SETTINGS, self.device, values, update_modified=False)


def last_sync_instant(last_sync: datetime | None, zone: str | None) -> datetime | None:
	"""The aware instant of a stored last_sync_timestamp; `zone` is the site's zone when it was written, if known."""
	if not last_sync:
		return None
	wall = last_sync.replace(microsecond=0, tzinfo=ZoneInfo(zone or get_system_timezone()))
	return wall.astimezone(timezone.utc)


def last_sync_values(until: datetime, clocks: WallClocks) -> dict[str, object]:
	"""What is stored of an instant: the site's wall clock, and its zone, which a person may change one day."""
	return {"last_sync_timestamp": clocks.on_site(until), "last_sync_zone": clocks.site.key}


def counted_values(counters: Counters) -> dict[str, object]:
	"""What became of the punches of the last sync."""
	return {f"last_{name}": count for name, count in counters.as_dict().items()}


def token_of(value: str, kind: str | None, expires: datetime | None, clocks: WallClocks) -> Token:
	"""A token as it is stored: its secret, the kind of log-in, and when it ends, the site's wall clock."""
	return Token(value, _kind(kind), clocks.instant_on_site(expires) if expires else None)


def _kind(told: str | None) -> TokenKind:
	return TokenKind.GENERAL if told == TokenKind.GENERAL.value else TokenKind.JWT
