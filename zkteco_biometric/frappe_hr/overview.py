"""How each device is doing, at a glance: for its form, the command line, and notices. Three queries, and one where
anybody is disabled.
"""

from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import frappe
from frappe.query_builder.functions import Count
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.control_reports import late_people
from zkteco_biometric.frappe_hr.device_user_records import HELD
from zkteco_biometric.frappe_hr.names import DEVICE_USER, PENDING, SETTINGS
from zkteco_biometric.frappe_hr.pending import WAITING
from zkteco_biometric.frappe_hr.schedule import FIELDS, plan_of

_MORE_FIELDS = (
	"url",
	"enable",
	"login_rejected",
	"last_error",
	"last_remedy",
	"wrong_clocks",
	"control_users",
	"control_error",
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

	`connected`: it is enabled, and answered when it was last asked. `next_sync`: when it is due; None where that is at the
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
	failures: int
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
	control_error: str
	control_remedy: str

	@property
	def is_well(self) -> bool:
		"""Nobody has to do anything about it."""
		return not (self.error or self.control_error or self.wrong_clocks or self.late)

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
	waiting = _counted(PENDING, {"status": WAITING})
	held = _counted(DEVICE_USER, HELD)
	late = Counter(row.device for row in late_people()) if held else Counter()
	return [_overview(row, waiting.get(row.name, 0), held.get(row.name, 0), late[row.name]) for row in rows]


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


def _overview(row, waiting: int, held: int, late: int) -> Overview:
	plan, next_sync = _planned(row)
	return Overview(
		device=row.name,
		url=row.url or "",
		enabled=bool(row.enable),
		status=row.status,
		connected=bool(row.enable and row.last_attempt and not row.failures and not row.last_error),
		syncs_by_itself=bool(row.enable and not row.login_rejected),
		last_sync=plan.since if plan else row.last_sync_timestamp,
		last_attempt=row.last_attempt,
		next_sync=next_sync,
		failures=row.failures or 0,
		fetched=row.last_fetched or 0,
		created=row.last_created or 0,
		duplicate=row.last_duplicate or 0,
		pending=row.last_pending or 0,
		ignored=row.last_ignored or 0,
		waiting=waiting,
		disabled_people=held,
		late=late,
		wrong_clocks=tuple((row.wrong_clocks or "").splitlines()),
		error=row.last_error or "",
		remedy=row.last_remedy or "",
		control_error=row.control_error or "",
		control_remedy=row.control_remedy or "",
	)


def _planned(row) -> tuple[Any, datetime | None]:
	"""The plan, and when it says the device is due, where that lies ahead. None of it for a schedule that cannot be read."""
	try:
		plan = plan_of(row)
		due = plan.next_sync()
	except ValueError:
		return None, None
	return plan, due if due and due > now_datetime() else None
