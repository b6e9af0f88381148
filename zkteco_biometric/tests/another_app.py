"""What another app might bring to Employee Checkin: hooks, a class of its own, and a server that listens to a webhook."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from unittest.mock import patch

import frappe
from hrms.hr.doctype.employee_checkin.employee_checkin import EmployeeCheckin

from zkteco_biometric.frappe_hr.names import CHECK_IN

HOOK = f"{__name__}.note"
OTHER_CLASS = f"{__name__}.OtherCheckin"
MARK = "by another app"

heard: list[str] = []
"""The events of which `note` was told, by the name of their check-in; None where it had no name yet."""


def note(doc: Any, method: str | None = None) -> None:
	if doc.doctype == CHECK_IN:
		heard.append(doc.name)


class OtherCheckin(EmployeeCheckin):
	def validate(self) -> None:
		super().validate()
		self.device_id = MARK


@contextmanager
def hooks_of_another_app(**brought: Any) -> Iterator[None]:
	"""As if an app that has these in its hooks.py were installed; `heard` is empty at first."""
	original = frappe.get_hooks

	def get_hooks(hook: str | None = None, *args: Any, **kwargs: Any) -> Any:
		found = original(hook, *args, **kwargs)
		return _merged(found, brought[hook]) if hook in brought and found is not None else found

	heard.clear()
	_forget_hooks()
	try:
		with patch.object(frappe, "get_hooks", get_hooks):
			yield
	finally:
		_forget_hooks()


@contextmanager
def web_server() -> Iterator[tuple[str, list[Any]]]:
	"""Its URL, and what was posted to it."""
	posted: list[Any] = []

	class Handler(BaseHTTPRequestHandler):
		def do_POST(self) -> None:
			posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
			self.send_response(200)
			self.end_headers()

		def log_message(self, *_args: Any) -> None:
			"""Tests print nothing."""

	server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
	thread = Thread(target=server.serve_forever)
	thread.start()
	try:
		yield f"http://127.0.0.1:{server.server_port}/", posted
	finally:
		server.shutdown()
		thread.join()
		server.server_close()


def _merged(found: Any, brought: Any) -> Any:
	"""As Frappe merges the hooks of several apps: lists are joined, dictionaries key by key."""
	if isinstance(brought, dict):
		keys = {**(found or {}), **brought}
		return {
			key: _merged((found or {}).get(key), brought[key]) if key in brought else found[key]
			for key in keys
		}
	return [*(found or []), *(brought if isinstance(brought, list) else [brought])]


def _forget_hooks() -> None:
	"""What Frappe keeps of them in a process."""
	if hasattr(frappe.local, "doc_events_hooks"):
		del frappe.local.doc_events_hooks
	frappe.controllers.get(frappe.local.site, {}).pop(CHECK_IN, None)
