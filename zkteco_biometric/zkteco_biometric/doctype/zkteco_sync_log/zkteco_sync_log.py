"""One sync or import that did or met something; see `frappe_hr/sync_log.py` and `frappe_hr/import_log.py`."""

from datetime import datetime, timedelta

import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime

from zkteco_biometric.frappe_hr.names import PENDING, SYNC_LOG
from zkteco_biometric.frappe_hr.pending import WAITING

_FAILURES = ("Failed", "Cut Off")
_OTHERS = ("Success", "Unfinished", "Cancelled")
_AT_ONCE = 1000


class ZKTecoSyncLog(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		began: DF.Datetime | None
		cancel_requested: DF.Check
		checkpoint: DF.SmallText | None
		codes: DF.SmallText | None
		created: DF.Int
		db_seconds: DF.Float
		details: DF.SmallText | None
		device: DF.Link
		duplicate: DF.Int
		ended: DF.Datetime | None
		error: DF.SmallText | None
		fetched: DF.Int
		fruitless: DF.Int
		generation: DF.Int
		http_seconds: DF.Float
		ignored: DF.Int
		pages: DF.Int
		pending: DF.Int
		remedy: DF.SmallText | None
		status: DF.Literal["Queued", "Running", "Success", "Unfinished", "Failed", "Cancelled", "Cut Off"]
		total: DF.Int
		trigger: DF.Literal["Scheduler", "User", "Command", "Import"]
		user: DF.Link | None
		window_end: DF.Data | None
		window_start: DF.Data | None
	# end: auto-generated types

	@staticmethod
	def clear_old_logs(days: int = 90) -> None:
		"""For Log Settings. Failures are kept twice as long; never cleared is what is queued or running, or has brought
		punches that still wait: they are decided by what brought them.
		"""
		now = now_datetime()
		_clear(_OTHERS, now - timedelta(days=days))
		_clear(_FAILURES, now - timedelta(days=2 * days))


def _clear(statuses: tuple[str, ...], before: datetime) -> None:
	while names := _old(statuses, before):
		frappe.db.delete(SYNC_LOG, {"name": ("in", names)})
		frappe.db.commit()  # each thousand: years of logs would be one long transaction


def _old(statuses: tuple[str, ...], before: datetime) -> list[str]:
	log, punch = frappe.qb.DocType(SYNC_LOG), frappe.qb.DocType(PENDING)
	waiting = (
		frappe.qb.from_(punch)
		.select(punch.sync_log)
		.where(punch.status == WAITING)
		.where(punch.sync_log.isnotnull())
	)
	query = (
		frappe.qb.from_(log)
		.select(log.name)
		.where(log.status.isin(statuses))
		.where(log.modified < before)
		.where(log.name.notin(waiting))
		.limit(_AT_ONCE)
	)
	return [name for (name,) in query.run()]
