"""What a person asks an import for, understood: the site's dates become the terminals' clocks. Errors name the remedy."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import NoReturn

import frappe
from frappe import _
from frappe.utils import now_datetime

from zkteco_biometric.biotime.models import parse_time
from zkteco_biometric.cycle.import_range import (
	LONGEST_CODE,
	MOST_CODES,
	ImportRange,
	codes_checked,
	codes_typed,
	on_terminals,
)
from zkteco_biometric.frappe_hr.device import wall_clocks
from zkteco_biometric.frappe_hr.names import SETTINGS

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_OLDEST_YEAR = 1970


@dataclass(frozen=True)
class ImportRequest:
	"""`start` and `end` are the site's wall clock, inclusive; `wanted` is the same by the terminals' clocks."""

	device: str
	start: datetime
	end: datetime
	wanted: ImportRange


def understood(device: str, from_time: str, to_time: str, codes: str | Sequence[str]) -> ImportRequest:
	"""Dates, the last one to its end, or times, by the site's clock; codes as somebody typed them into one text, or each for
	itself, as they are on employees.

	Throws a ValidationError for what cannot be imported.
	"""
	_refuse_disabled(device)
	start, end = _typed(from_time, _("From"), time()), _typed(to_time, _("To"), time(23, 59, 59))
	end = _checked(start, end)
	clocks = wall_clocks(frappe.db.get_value(SETTINGS, device, "time_zone"))
	return ImportRequest(device, start, end, ImportRange(*on_terminals(start, end, clocks), _codes(codes)))


def _refuse_disabled(device: str) -> None:
	if not frappe.db.get_value(SETTINGS, device, "enable"):
		frappe.throw(_("{0} is disabled. Tick Enabled and save, then import.").format(device))


def _typed(text: str, label: str, of_a_date: time) -> datetime:
	text = text.strip()
	try:
		typed = parse_time(f"{text} {of_a_date}" if _DATE.fullmatch(text) else text)
	except ValueError:
		typed = None
	if typed is None or typed.year < _OLDEST_YEAR:
		_throw(
			_("{0}: {1} is no date. Write it as 2026-01-31, or with a time as 2026-01-31 18:00:00.").format(
				label, text[:40]
			)
		)
	return typed


def _checked(start: datetime, end: datetime) -> datetime:
	"""The end; now, where it is later today, so that the range does not grow while it is read."""
	now = now_datetime().replace(microsecond=0)
	if start > now:
		_throw(
			_("From ({0}) has not come yet: no punch is that young. Choose an earlier date.").format(start)
		)
	if end < start:
		_throw(_("To ({0}) is before From ({1}). Exchange them.").format(end, start))
	if end.date() > now.date():
		_throw(_("To ({0}) has not come yet. Choose today, {1}, at the latest.").format(end, now.date()))
	return min(end, now)


def _codes(codes: str | Sequence[str]) -> tuple[str, ...]:
	typed = isinstance(codes, str)
	try:
		return codes_typed(codes) if typed else codes_checked(codes)
	except ValueError:
		_throw(
			_(
				"These cannot be Biometric IDs: {0}. Write up to {1} IDs as they are on the device, such as 007, each of {2} characters at most, with a comma or a new line between them."
			).format((codes if typed else ", ".join(codes))[:100], MOST_CODES, LONGEST_CODE)
		)


def _throw(message: str) -> NoReturn:
	frappe.throw(frappe.utils.escape_html(message), title=_("Import a Date Range"))
	raise AssertionError
