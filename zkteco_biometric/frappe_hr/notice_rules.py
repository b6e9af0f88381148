"""What ZKTeco Site Settings says of notices, as the rules of the heart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import frappe
from frappe.utils import add_days, cint, get_time, getdate

from zkteco_biometric.frappe_hr.names import SITE_SETTINGS
from zkteco_biometric.notices.facts import Rules
from zkteco_biometric.notices.working_hours import LONGEST_LOOK, WorkingHours

WORKING_DAYS = (
	"works_monday",
	"works_tuesday",
	"works_wednesday",
	"works_thursday",
	"works_friday",
	"works_saturday",
	"works_sunday",
)


@dataclass(frozen=True)
class NoticeSettings:
	"""`send`: whether anybody is told. `roles`: to whom; empty for those of a new site."""

	rules: Rules
	send: bool
	send_email: bool
	roles: tuple[str, ...]


def notice_settings() -> NoticeSettings:
	"""Past every cache: a sweep may run in a process that is older than the settings. Four queries at most."""
	values = _stored()
	return NoticeSettings(
		rules=Rules(
			hours=_hours(values),
			silent_after=timedelta(hours=cint(values["silent_after"])) or None,
			failing_after=timedelta(minutes=cint(values["failing_after"])) or None,
			waiting_above=cint(values["waiting_above"]),
			clocks=bool(cint(values["tell_wrong_clocks"])),
		),
		send=bool(cint(values["send_notices"])),
		send_email=bool(cint(values["send_email"])),
		roles=tuple(_roles()),
	)


def _stored() -> dict[str, Any]:
	"""With the defaults of fields that were never stored."""
	stored = frappe.db.get_singles_dict(SITE_SETTINGS)
	return {
		field.fieldname: stored.get(field.fieldname, field.default)
		for field in frappe.get_meta(SITE_SETTINGS).fields
	}


def _hours(values: Mapping[str, Any]) -> WorkingHours:
	return WorkingHours(
		days=frozenset(number for number, day in enumerate(WORKING_DAYS) if cint(values[day])),
		begin=get_time(values["work_begins"] or "00:00:00"),
		end=get_time(values["work_ends"] or "00:00:00"),
		holidays=_holidays(values["notice_holiday_list"]) if cint(values["silent_after"]) else frozenset(),
	)


def _holidays(name: str | None) -> frozenset[date]:
	"""Of that list, or of the default company's; only those of the time that is looked back upon."""
	company = None if name else frappe.db.get_single_value("Global Defaults", "default_company")
	chosen = name or (company and frappe.db.get_value("Company", company, "default_holiday_list"))
	if not chosen:
		return frozenset()
	lately = {"parent": chosen, "holiday_date": (">=", add_days(getdate(), -LONGEST_LOOK))}
	return frozenset(frappe.get_all("Holiday", lately, pluck="holiday_date", order_by="holiday_date"))


def _roles() -> list[str]:
	ours = {"parent": SITE_SETTINGS, "parentfield": "notice_roles"}
	return frappe.get_all("ZKTeco Notice Role", ours, pluck="role", order_by="idx")
