"""Tells whoever has the device's form open how a cycle is doing."""

import frappe

from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.frappe_hr.names import SETTINGS

PROGRESS_EVENT = "zkteco_sync_progress"
CHANGED_EVENT = "zkteco_device_changed"


class FormProgress:
	"""Publishes to the room of one settings document, which only its readers can join."""

	def __init__(self, device: str) -> None:
		self._device = device

	def page_stored(self, result: CycleResult) -> None:
		message = {**result.counters.as_dict(), "pages": result.pages, "total": result.total}
		_publish(PROGRESS_EVENT, self._device, message)


def device_changed(device: str) -> None:
	"""The state of the device on the form is no longer what is in the database."""
	_publish(CHANGED_EVENT, device, {})


def _publish(event: str, device: str, message: dict) -> None:
	frappe.publish_realtime(event, {"device": device, **message}, doctype=SETTINGS, docname=device)
