"""How each device is doing, at a glance: for its form, the command line, and notices. Three queries, and one where
anybody is disabled.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import frappe
from frappe.query_builder.functions import Count
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.control_reports import late_people
from zkteco_biometric.frappe_hr.device_lock import is_at_work
from zkteco_biometric.frappe_hr.device_user_records import DISABLED_NOW
from zkteco_biometric.frappe_hr.names import DEVICE_USER, PENDING, SETTINGS
from zkteco_biometric.frappe_hr.pending import WAITING
from zkteco_biometric.frappe_hr.schedule import FIELDS, plan_of
from zkteco_biometric.frappe_hr.workers import waits_for_a_worker

_ANSWERED = ("Success", "Unfinished")
_UNDER_WAY = ("Queued", "Running")
_OVERDUE_AFTER = timedelta(hours=1)
_OVERDUE_IN_THE_QUEUE = timedelta(hours=6)
"""A worker may have the first syncs of other devices to do before it: each turn takes most of an hour."""

_MORE_FIELDS = (
	"url",
	"enable",
	"login_rejected",
	"error_code",
	"failing_since",
	"expected_since",
	"last_error",
	"last_remedy",
	"wrong_clocks",
	"control_users",
	"control_error",
	"control_error_code",
	"control_remedy",
	"last_fetched",
	"last_created",
	"last_duplicate",
	"last_pending",
	"last_ignored",
)


@dataclass(frozen=True)
class Overview:
	"""One device. Every time is naive, the site's wall clock.

	`connected`: it is enabled, and answered when it was last asked, by the address and as the user that are configured. `overdue_since`: it should have been read by then, and an
	hour later nobody has tried. `failing_since`: when the first of the failures in a row began; the codes are those of
	`BioTimeError`, empty for errors of ours. `next_sync`: when it is due; None where that is at the
	scheduler's next tick, or never by itself (see `syncs_by_itself`). `late`: people who could not be enabled in time.
	`fetched` to `ignored` count what became of the punches of the last sync.
	"""

	device: str
	url: str
	enabled: bool
	status: str
	connected: bool
	syncs_by_itself: bool
	last_sync: datetime | None
	last_attempt: datetime | None
	next_sync: datetime | None
	overdue_since: datetime | None
	failures: int
	failing_since: datetime | None
	fetched: int
	created: int
	duplicate: int
	pending: int
	ignored: int
	waiting: int
	disabled_people: int
	late: int
	wrong_clocks: tuple[str, ...]
	error: str
	remedy: str
	error_code: str
	control_error: str
	control_remedy: str
	control_error_code: str

	@property
	def is_well(self) -> bool:
		"""Nobody has to do anything about it."""
		troubles = (self.error, self.control_error, self.wrong_clocks, self.late, self.overdue_since)
		return not any(troubles)

	def as_dict(self) -> dict[str, Any]:
		"""For Desk and for machines: times as `YYYY-MM-DD HH:MM:SS`."""
		return {
			name: str(value.replace(microsecond=0)) if isinstance(value, datetime) else value
			for name, value in asdict(self).items()
		}


def overviews(devices: Collection[str] | None = None) -> list[Overview]:
	"""Of those devices, or of all, by name."""
	filters = {} if devices is None else {"name": ("in", list(devices))}
	rows = frappe.get_all(SETTINGS, filters=filters, fields=[*FIELDS, *_MORE_FIELDS], order_by="name")
	only = filters and {"device": filters["name"]}
	waiting = _counted(PENDING, {"status": WAITING, **only})
	disabled = _counted(DEVICE_USER, {**DISABLED_NOW, **only})
	late = Counter(row.device for row in late_people())
	return [
		_overview(row, waiting.get(row.name, 0), disabled.get(row.name, 0), late[row.name]) for row in rows
	]


def overview(device: str) -> Overview:
	"""Raises `frappe.DoesNotExistError`."""
	found = overviews([device])
	if not found:
		raise frappe.DoesNotExistError(device)
	return found[0]


def _counted(doctype: str, filters: dict[str, Any]) -> dict[str, int]:
	query = frappe.qb.get_query(doctype, fields=["device"], filters=filters)
	table = frappe.qb.DocType(doctype)
	return dict(query.select(Count("*")).groupby(table.device).run())


def _overview(row, waiting: int, disabled: int, late: int) -> Overview:
	plan, due = _planned(row)
	overdue_since = _overdue_since(row, due)
	return Overview(
		device=row.name,
		url=row.url or "",
		enabled=bool(row.enable),
		status=row.status,
		connected=_is_connected(row) and not overdue_since,
		syncs_by_itself=bool(row.enable and not row.login_rejected),
		last_sync=plan.since if plan else row.last_sync_timestamp,
		last_attempt=row.last_attempt,
		next_sync=due if due and due > now_datetime() else None,
		overdue_since=overdue_since,
		failures=row.failures or 0,
		failing_since=row.failing_since,
		fetched=row.last_fetched or 0,
		created=row.last_created or 0,
		duplicate=row.last_duplicate or 0,
		pending=row.last_pending or 0,
		ignored=row.last_ignored or 0,
		waiting=waiting,
		disabled_people=disabled,
		late=late,
		wrong_clocks=tuple((row.wrong_clocks or "").splitlines()),
		error=row.last_error or "",
		remedy=row.last_remedy or "",
		error_code=row.error_code or "",
		control_error=row.control_error or "",
		control_remedy=row.control_remedy or "",
		control_error_code=row.control_error_code or "",
	)


def _is_connected(row) -> bool:
	"""Of a device that is being read for the first time, nothing is known yet."""
	answered = row.status in _ANSWERED or (row.status in _UNDER_WAY and row.last_sync_timestamp)
	return bool(row.enable and answered and not row.failures and not row.last_error)


def _planned(row) -> tuple[Any, datetime | None]:
	"""The plan, and when it says the device is due: None for at once. None of it for a schedule that cannot be read."""
	try:
		plan = plan_of(row)
		due = plan.next_sync()
	except ValueError:
		return None, None
	return plan, due


def _overdue_since(row, due: datetime | None) -> datetime | None:
	"""Whatever the reason: no scheduler, no worker, or a schedule that cannot be read."""
	if not row.enable or row.login_rejected:
		return None
	expected = max(filter(None, (due, row.last_attempt, row.creation, row.expected_since)))
	late = now_datetime() - expected
	if late <= _OVERDUE_AFTER or is_at_work(row.name):
		return None
	if late <= _OVERDUE_IN_THE_QUEUE and waits_for_a_worker(row.name):
		return None
	return expected.replace(microsecond=0)
