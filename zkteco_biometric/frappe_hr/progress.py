"""Tells whoever has the device's form open how a cycle is doing."""

import frappe

from zkteco_biometric.cycle.ports import NobodyWatches, Progress
from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.frappe_hr.names import SETTINGS

PROGRESS_EVENT = "zkteco_sync_progress"
CHANGED_EVENT = "zkteco_device_changed"
_KEPT_FOR = 600
"""Seconds; a page takes less."""


class FormProgress:
	"""Publishes to the room of one settings document, which only its readers can join; and tells who else watches."""

	def __init__(self, device: str, also: Progress | None = None) -> None:
		self._device = device
		self._also = also or NobodyWatches()

	def page_stored(self, result: CycleResult) -> None:
		message = {**result.counters.as_dict(), "pages": result.pages, "total": result.total}
		frappe.cache.set_value(_key(self._device), message, expires_in_sec=_KEPT_FOR)
		_publish(PROGRESS_EVENT, self._device, message)
		self._also.page_stored(result)


def progress_of(device: str) -> dict | None:
	"""How far the sync under way is, for whom live updates do not reach; None where none has stored a page lately."""
	return frappe.cache.get_value(_key(device), expires=True)


def device_changed(device: str) -> None:
	"""The state of the device on the form is no longer what is in the database."""
	frappe.cache.delete_value(_key(device))
	_publish(CHANGED_EVENT, device, {})


def _key(device: str) -> str:
	return f"zkteco_progress:{device}"


def _publish(event: str, device: str, message: dict) -> None:
	frappe.publish_realtime(event, {"device": device, **message}, doctype=SETTINGS, docname=device)
