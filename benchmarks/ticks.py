"""An idle tick of a device, and the dispatcher with many devices due at once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from inspect import signature

import frappe
from frappe.utils import now_datetime
from frappe.utils.scheduler import enqueue_events

from benchmarks.counters import counting
from benchmarks.history import History
from benchmarks.punch_server import PunchServer, serving
from benchmarks.results.ticks import Tick, Ticks
from benchmarks.sizes import Sizes
from benchmarks.workspace import (
	DEVICE,
	NotHere,
	copy_device,
	cycle,
	job,
	others_are_enabled,
	remove_copies,
	start_over,
)
from zkteco_biometric.sync import enqueue_due_devices
from zkteco_biometric.tests.jobs import forget_jobs, own_queue

_SETTLES_AFTER = 3
"""The first ticks after a cycle look at what is looked at once a day or an hour."""
_TIMES = 3


def measure(site: str, sizes: Sizes) -> Ticks:
	dispatcher = {due: _dispatch(site, due) for due in sizes.due}
	return Ticks(_idle(site, sizes), dispatcher, _time_the_scheduler(site))


def _time_the_scheduler(site: str) -> float:
	"""As it visits each site, with what is due waiting in the queue already. Frappe 16 asks for the site no more."""
	named = [site] if signature(enqueue_events).parameters else []
	took = []
	with job(site), own_queue():
		for _ in range(_TIMES + 1):
			began = time.perf_counter()
			with job(site):
				enqueue_events(*named)
			took.append(1000 * (time.perf_counter() - began))
	return min(took)


def _idle(site: str, sizes: Sizes) -> list[Tick]:
	with serving(History(sizes.people, sizes.slow_punches)) as server:
		with job(site):
			start_over(server.url, sizes.page_size)
			cycle()
		ticks = [_tick(site, server) for _ in range(_SETTLES_AFTER + sizes.ticks)]
	return ticks[_SETTLES_AFTER:]


def _tick(site: str, server: PunchServer) -> Tick:
	"""In another second than the last one, as ticks are: where *Last Sync* does not move, it is asked whether the device is still there."""
	time.sleep(1 - time.time() % 1)
	before = len(server.requests())
	with job(site), counting() as spent:
		began = time.perf_counter()
		cycle()
		milliseconds = 1000 * (time.perf_counter() - began)
	requests = len(server.requests()) - before
	return Tick(spent.statements, spent.of_transactions, spent.redis_calls, requests, milliseconds)


def _dispatch(site: str, due: int) -> Tick:
	"""The fastest of several. The jobs wait in a queue of their own, from which no worker takes them."""
	with job(site):
		if others_are_enabled():
			raise NotHere(
				"The site has devices of its own that are enabled: the dispatcher would enqueue them."
			)
		with own_queue():
			ticks = [_dispatch_once(due) for _ in range(_TIMES)]
	return min(ticks, key=lambda tick: tick.milliseconds)


def _dispatch_once(due: int) -> Tick:
	forget_jobs()
	with _due_devices(due), counting() as spent:
		began = time.perf_counter()
		enqueued = enqueue_due_devices()
		frappe.db.commit()  # the jobs are enqueued after it
		milliseconds = 1000 * (time.perf_counter() - began)
	if not enqueued:
		raise RuntimeError(f"None of {due} devices was enqueued.")
	return Tick(spent.statements, spent.of_transactions, spent.redis_calls, 0, milliseconds, len(enqueued))


@contextmanager
def _due_devices(count: int) -> Iterator[None]:
	names = [f"{DEVICE} Due {number:04}" for number in range(count)]
	hours_ago = now_datetime() - timedelta(hours=3)
	values = {
		"fetch_frequency": "All",
		"cron_expression": None,
		"status": "Success",
		"last_sync_timestamp": hours_ago,
		"last_attempt": hours_ago,
		"failures": 0,
		"checkpoint": None,
		"enable": 1,
	}
	copy_device(names, **values)
	try:
		yield
	finally:
		remove_copies(names)
