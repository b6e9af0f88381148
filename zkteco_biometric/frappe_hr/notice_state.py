"""What the sweep of notices remembers of itself, on ZKTeco Site Settings: since when it looks, and what keeps it from it."""

import json
from datetime import datetime, timedelta

import frappe
from frappe.utils import get_datetime, now_datetime

from zkteco_biometric.frappe_hr.heartbeat import allowed_silence
from zkteco_biometric.frappe_hr.names import SITE_SETTINGS

NOTICES = "ZKTeco Notices"
"""The title in the Error Log of what fails here."""

STATE = "notices_state"
_SINCE, _LATEST, _TROUBLE = "since", "latest", "trouble"


def notices_trouble() -> str:
	"""What keeps notices from being told, such as `OperationalError`, in English; empty where nothing does."""
	return _state().get(_TROUBLE, "")


def watched_for() -> timedelta:
	"""How long sweeps have followed each other without a pause."""
	began = _watched_since(_state())
	return now_datetime() - began if began else timedelta()


def note_sweep() -> None:
	"""One has ended well. Within the caller's transaction."""
	now = now_datetime().replace(microsecond=0)
	_store({_SINCE: str(_watched_since(_state()) or now), _LATEST: str(now)})


def report_trouble(error: Exception) -> None:
	"""From the `except` block, in a transaction of its own; one entry in the Error Log for as long as it lasts."""
	kind, state = type(error).__name__, _state()
	if state.get(_TROUBLE) == kind:
		return
	frappe.log_error(title=NOTICES, message=frappe.get_traceback())
	_store({**state, _TROUBLE: kind})


def _watched_since(state: dict[str, str]) -> datetime | None:
	"""None after a pause. What lies ahead was noted by a clock that was set back since."""
	now = now_datetime()
	if _LATEST not in state or not timedelta() <= now - get_datetime(state[_LATEST]) < allowed_silence():
		return None
	return get_datetime(state[_SINCE])


def _state() -> dict[str, str]:
	text = frappe.db.get_single_value(SITE_SETTINGS, STATE, cache=False)
	return json.loads(text) if text else {}


def _store(state: dict[str, str]) -> None:
	frappe.db.set_single_value(SITE_SETTINGS, STATE, json.dumps(state), update_modified=False)
