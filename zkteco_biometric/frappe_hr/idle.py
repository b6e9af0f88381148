"""A tick of a device to which nothing has come: one statement that locks and reads, one request, one statement that writes.

Whatever is not as after a good sync, or leaves the least doubt, is left to an ordinary sync.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import frappe
from frappe.utils.password import decrypt

from zkteco_biometric.biotime.client import BioTimeClient
from zkteco_biometric.biotime.models import Credentials, Token
from zkteco_biometric.biotime.transport import ONE_ATTEMPT, Transport
from zkteco_biometric.cycle.arrivals import Arrivals
from zkteco_biometric.cycle.clocks import WallClocks, utc_now
from zkteco_biometric.cycle.glance import Glance, glance, where_to_look
from zkteco_biometric.cycle.past_days import PastDays
from zkteco_biometric.cycle.ports import SyncState
from zkteco_biometric.cycle.result import Counters, CycleResult
from zkteco_biometric.frappe_hr.device import device_time_outs, verification, wall_clocks
from zkteco_biometric.frappe_hr.device_lock import lock_name, release
from zkteco_biometric.frappe_hr.device_state import (
	HEALTHY,
	counted_values,
	last_sync_instant,
	last_sync_values,
	token_of,
)
from zkteco_biometric.frappe_hr.names import SETTINGS, SITE_SETTINGS
from zkteco_biometric.frappe_hr.transactions import patiently

_COLUMNS = (
	"name",
	"enable",
	"url",
	"username",
	"verify_tls",
	"ca_file",
	"connect_timeout",
	"read_timeout",
	"time_zone",
	"status",
	"failures",
	"last_error",
	"login_rejected",
	"generation",
	"last_attempt",
	"last_sync_timestamp",
	"last_sync_zone",
	"complete_sync",
	"checkpoint",
	"arrivals",
	"past_days",
	"token_kind",
	"token_expires",
)
_LOCK_AND_READ = f"""
	select get_lock(%(lock)s, 0) as is_ours, {", ".join(_COLUMNS)},
		(
			select auth.password from `__Auth` auth
			where auth.doctype = %(doctype)s and auth.name = device.name and auth.fieldname = 'token' and auth.encrypted = 1
		) as token,
		(
			select value from `tabSingles` where doctype = %(site_settings)s and field = 'move_last_sync_of_checkin'
		) as attendance_follows
	from `tab{SETTINGS}` device where name = %(device)s
"""
"""The values of `_COLUMNS` may be older than the lock by as long as this takes: `_AS_SEEN` minds that."""

_AS_SEEN = """
	name = %(device)s and enable = 1 and status = %(status)s and generation = %(generation)s
	and last_attempt = %(seen_attempt)s
"""


@contextmanager
def locked_device(device: str) -> Iterator[frappe._dict | None]:
	"""The device as it stands in the database, locked until the end; None where it is gone, or somebody is at work on it.
	One statement to begin with, and one at the end. For MariaDB alone (see `locks_tell_who_works`).
	"""
	name = lock_name(device)
	asked = {"lock": name, "doctype": SETTINGS, "site_settings": SITE_SETTINGS, "device": device}
	row = next(iter(frappe.db.sql(_LOCK_AND_READ, asked, as_dict=True)), None)
	ours = row if row and row.is_ours else None
	try:
		yield ours
	finally:
		if ours:
			release(name)


def find_idle(row: frappe._dict) -> CycleResult | None:
	"""The whole cycle, where nothing has come; commits. None where the device is to be read; what of the doubt concerns that
	reading, or the next glance, is stored then.
	"""
	clocks, token = wall_clocks(row.time_zone), _stored_token(row)
	began, state = utc_now(), _state_after_a_good_sync(row)
	if not token or not state or not where_to_look(state, clocks, began):
		return None
	client = _client(row, token)
	frappe.db.commit()  # no transaction is open during HTTP
	seen = _glance(client, state, clocks, began)
	if not seen.nothing_new:
		_remember(row, seen.arrivals)
		return None
	return _rested(row, seen.arrivals, clocks, began)


class _TokenRefused(Exception):
	"""A log-in is another sync's work."""


def _glance(client: BioTimeClient, state: SyncState, clocks: WallClocks, now: datetime) -> Glance:
	"""Asks once, without repeats: an ordinary sync has the patience, and says what is wrong."""
	try:
		return glance(client, state, clocks, now)
	except _TokenRefused:
		return Glance()
	finally:
		client.close()


def _state_after_a_good_sync(row: frappe._dict) -> SyncState | None:
	"""None after any other: one that failed, was cut off or superseded, or that a person waits for."""
	is_well = row.status == HEALTHY and not (row.failures or row.last_error or row.login_rejected)
	is_complete = row.last_sync_timestamp and row.last_sync_timestamp == row.complete_sync
	if not is_well or not is_complete or row.checkpoint or not row.arrivals or not row.past_days:
		return None
	return SyncState(
		last_sync_instant(row.last_sync_timestamp, row.last_sync_zone),
		arrivals=Arrivals.from_json(row.arrivals),
		past_days=PastDays.from_json(row.past_days),
	)


def _stored_token(row: frappe._dict) -> Token | None:
	"""None where there is none that is still good."""
	if not row.token:
		return None
	secret = decrypt(row.token, key=f"{SETTINGS}.{row.name}.token")
	token = token_of(secret, row.token_kind, row.token_expires, wall_clocks(None))
	return None if token.is_expired(utc_now()) else token


def _client(row: frappe._dict, token: Token) -> BioTimeClient:
	"""Reads the database where a CA file is attached. It cannot log in."""
	transport = Transport(
		row.url, time_outs=device_time_outs(row), retry=ONE_ATTEMPT, verify=verification(row)
	)
	return BioTimeClient(
		transport, Credentials(row.username, ""), token=token, kind=token.kind, on_token=_refuse
	)


def _refuse(_token: Token | None) -> None:
	raise _TokenRefused


def _remember(row: frappe._dict, arrivals: Arrivals | None) -> None:
	"""Unless somebody has changed the device meanwhile."""
	if arrivals:
		patiently(lambda _again: _write(row, {"arrivals": arrivals.as_json()}))
		frappe.db.commit()  # before the device is read, which may fail


def _rested(
	row: frappe._dict, resting: Arrivals | None, clocks: WallClocks, began: datetime
) -> CycleResult | None:
	"""None where somebody has changed the device meanwhile, or switched it off."""
	values = {
		**last_sync_values(began, clocks),
		"last_attempt": clocks.on_site(began),
		"complete_sync": clocks.on_site(began),
		**counted_values(Counters()),
		**({"arrivals": resting.as_json()} if resting else {}),
	}
	is_written = patiently(lambda _again: _write(row, values))
	frappe.db.commit()  # how far the device has been read
	return CycleResult(began, last_sync=began, glanced=True) if is_written else None


def _write(row: frappe._dict, values: dict[str, object]) -> bool:
	seen = {
		"device": row.name,
		"status": row.status,
		"generation": row.generation,
		"seen_attempt": row.last_attempt,
	}
	assignments = ", ".join(f"{name} = %(new_{name})s" for name in values)
	new = {f"new_{name}": value for name, value in values.items()}
	frappe.db.sql(f"update `tab{SETTINGS}` set {assignments} where {_AS_SEEN}", {**seen, **new})
	# Only rows that have changed are counted: none, where the last sync was in the same second.
	return bool(frappe.db._cursor.rowcount) or _stands(seen)


def _stands(seen: dict[str, object]) -> bool:
	return bool(frappe.db.sql(f"select 1 from `tab{SETTINGS}` where {_AS_SEEN} for update", seen))
