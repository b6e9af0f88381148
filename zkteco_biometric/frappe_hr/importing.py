"""The site for an import: check-ins are created as in a sync, and the import's own log remembers how far it has come."""

import frappe

from zkteco_biometric.cycle.result import CycleResult, Stored, count
from zkteco_biometric.frappe_hr.import_log import ImportLog
from zkteco_biometric.frappe_hr.names import SYNC_LOG
from zkteco_biometric.frappe_hr.site import FrappeSite, Part, Writer

PROGRESS_EVENT = "zkteco_import_progress"
CHANGED_EVENT = "zkteco_import_changed"


class ImportSite(FrappeSite):
	"""The employees and check-ins of this site, for one import."""

	def __init__(self, writer: Writer, log: ImportLog) -> None:
		super().__init__(log, writer, log)
		self._import = log

	def _remember(self, part: Part, stored: Stored) -> None:
		super()._remember(part, stored)
		pages = 1 if part.position else 0
		self._import.count(count(part.fates, stored), pages, in_bulk=stored.in_bulk)


class ImportProgress:
	"""Publishes to the room of the import's log, which only its readers can join."""

	def __init__(self, log: ImportLog) -> None:
		self._log = log

	def page_stored(self, result: CycleResult) -> None:
		"""The counters of all turns, not of this one alone."""
		counted = self._log.so_far(result)
		_publish(PROGRESS_EVENT, self._log.name, {**counted.as_dict(), "total": self._log.total})


def import_changed(log: str) -> None:
	"""The state of the import on its form is no longer what is in the database."""
	_publish(CHANGED_EVENT, log, {})


def _publish(event: str, log: str, message: dict) -> None:
	frappe.publish_realtime(event, {"log": log, **message}, doctype=SYNC_LOG, docname=log)
