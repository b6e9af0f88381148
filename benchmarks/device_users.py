"""What it costs to enable and disable people on a device: requests, SQL statements, and requests at a time."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

import frappe
from frappe.utils import get_system_timezone, now_datetime

from benchmarks.counters import statements_so_far
from benchmarks.history import IN, OUT
from benchmarks.people_server import FLAG, PeopleServer, holding
from benchmarks.results.device_users import ANSWERS_AFTER, DeviceUsers, Passed
from benchmarks.sizes import Sizes
from benchmarks.workspace import DEVICE, control_people, cycle, job, start_over
from zkteco_biometric import sync, user_control
from zkteco_biometric.frappe_hr.names import DEVICE_USER, SETTINGS

_CONTROLS = ("/personnel/api/", "/iclock/api/terminals/")
_BY_FIELD = {
	"control_method": "Employee Field",
	"control_field": FLAG,
	"enabled_value": "1",
	"disabled_value": "0",
}


def measure(site: str, sizes: Sizes) -> DeviceUsers:
	with job(site):
		zone = get_system_timezone()
	most, some = sizes.changed[-1], sizes.changed[-2]
	disabled, enabled, idle = [], [], {}
	with _controlled(site, sizes, zone) as server:
		idle[0] = _change(site, server)
		for people in sizes.changed:
			disabled.append(_change(site, server, people, OUT))
			if people == most:
				idle[most] = _change(site, server)
			enabled.append(_change(site, server, people, IN))
	with _controlled(site, sizes, zone, server={"adjust_area": "error500"}) as server:
		by_patch = _change(site, server, some, OUT)
	with _controlled(site, sizes, zone, settings=_BY_FIELD) as server:
		by_field = _change(site, server, some, OUT)
	return DeviceUsers(disabled, enabled, idle, by_patch, by_field, _time_lanes(site, sizes, zone))


def _time_lanes(site: str, sizes: Sizes, zone: str) -> dict[int, list[Passed]]:
	"""There and back, each with one lane and with all of them; the first to go changes."""
	usual, people = user_control.AT_ONCE, sizes.changed[-1]
	took: dict[int, list[Passed]] = {1: [], usual: []}
	with _controlled(site, sizes, zone, server={"delay": ANSWERS_AFTER}) as server:
		for lanes, state in ((1, OUT), (usual, IN), (usual, OUT), (1, IN)):
			with patch.object(user_control, "AT_ONCE", lanes):
				took[lanes].append(_change(site, server, people, state))
	return took


@contextmanager
def _controlled(
	site: str, sizes: Sizes, zone: str, *, server: dict | None = None, settings: dict | None = None
) -> Iterator[PeopleServer]:
	"""A device that was just switched on, and read once; afterwards nobody is controlled any more."""
	with holding(sizes.changed[-1], zone, **(server or {})) as running:
		with job(site):
			start_over(running.url, sizes.page_size)
			control_people(**(settings or {}))
			cycle()
		try:
			yield running
		finally:
			with job(site):
				frappe.db.delete(DEVICE_USER, {"device": DEVICE})
				frappe.db.set_value(SETTINGS, DEVICE, "control_users", 0, update_modified=False)
				frappe.db.commit()


def _change(site: str, server: PeopleServer, people: int = 0, state: str = "") -> Passed:
	"""One cycle after so many people have punched."""
	with job(site):
		if people:
			time.sleep(1.1)  # each punch in a second of its own
			server.punch(people, state, now_datetime().replace(microsecond=0) - timedelta(seconds=1))
		before = len(server.requests())
		server.most_at_once()
		with _watching() as seen:
			result = cycle()
		requests = server.requests()[before:]
		if result.counters.created != people:
			raise RuntimeError(f"{result.counters.created} of {people} check-ins were created.")
		_check(people, state)
	control = [request for request in requests if any(path in request for path in _CONTROLS)]
	return Passed(
		people,
		dict(Counter(request.split()[0] for request in control)),
		*seen,
		server.most_at_once(),
		len(requests) - len(control),
	)


@contextmanager
def _watching() -> Iterator[list[float]]:
	"""SQL statements and seconds of what a sync does for device users, once the block has ended."""
	seen: list[float] = []
	original: Callable = sync.after_sync

	def after_sync(*arguments: object) -> None:
		statements, began = statements_so_far(), time.perf_counter()
		original(*arguments)
		took = time.perf_counter() - began
		# The counter counts the question for itself too.
		seen.extend([statements_so_far() - statements - 1, took])

	with patch.object(sync, "after_sync", after_sync):
		yield seen


def _check(people: int, state: str) -> None:
	"""Figures of a pass that did not succeed would mean nothing."""
	if not people:
		return
	status = "Disabled" if state == OUT else "Enabled"
	done = frappe.db.count(DEVICE_USER, {"device": DEVICE, "status": status, "outcome": "Confirmed"})
	if done < people:
		told = frappe.get_all(
			DEVICE_USER, {"device": DEVICE}, ["status", "outcome", "why", "error"], limit=1, order_by="name"
		)
		raise RuntimeError(f"{done} of {people} people are {status}: {told}")
