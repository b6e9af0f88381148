"""Several workers at several devices of one site: real worker processes, which this starts and ends."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import frappe
from frappe.utils.background_jobs import get_job
from rq.job import Job

from benchmarks.history import History
from benchmarks.punch_server import serving
from benchmarks.results.scaling import Scaling, Shift
from benchmarks.sizes import Sizes
from benchmarks.workspace import (
	DEVICE,
	add_device,
	delete_check_ins,
	forget_what_was_read,
	job,
	remove_device,
)
from zkteco_biometric.frappe_hr.names import CHECK_IN, DEVICE_FIELD, job_id
from zkteco_biometric.frappe_hr.workers import QUEUE, enqueue_sync
from zkteco_biometric.sync import JOB_TIME_OUT
from zkteco_biometric.tests.jobs import forget_jobs, own_queue, running_worker

_SECONDS_AT_MOST = 900
_EMPTY_JOBS = 50


def measure(site: str, sizes: Sizes) -> Scaling:
	devices = [f"{DEVICE} {number}" for number in range(1, sizes.devices + 1)]
	with _serving_all(sizes) as urls, _devices(site, devices):
		shifts = [
			_work(site, sizes, workers, dict(zip(devices, urls, strict=True))) for workers in sizes.workers
		]
	return Scaling(sizes.devices, os.cpu_count() or 1, shifts, _time_empty_jobs(site))


def _time_empty_jobs(site: str) -> float:
	"""From when one ended to when the next did: fetching it, a process of its own, and a connection."""
	with job(site), own_queue(), running_worker(QUEUE):
		forget_jobs()
		jobs = [frappe.enqueue("frappe.ping", queue=QUEUE) for _ in range(_EMPTY_JOBS)]
		_wait_for(jobs)
	ended = sorted(one.ended_at for one in jobs)
	return 1000 * (ended[-1] - ended[0]).total_seconds() / (len(ended) - 1)


@contextmanager
def _serving_all(sizes: Sizes) -> Iterator[list[str]]:
	"""A server each, with people and punches of its own."""
	people = sizes.people // sizes.devices
	with ExitStack() as stack:
		yield [
			stack.enter_context(
				serving(History(people, sizes.device_punches, first_person=number * people))
			).url
			for number in range(sizes.devices)
		]


@contextmanager
def _devices(site: str, names: list[str]) -> Iterator[None]:
	try:
		with job(site):
			for name in names:
				add_device(name)
			frappe.db.commit()
		yield
	finally:
		with job(site):
			for name in names:
				remove_device(name)


def _work(site: str, sizes: Sizes, workers: int, devices: dict[str, str]) -> Shift:
	"""The workers wait for jobs before there is one: what it takes to start them is not counted."""
	with job(site), own_queue(), ExitStack() as stack:
		forget_jobs()
		delete_check_ins()
		for device, url in devices.items():
			forget_what_was_read(url, sizes.page_size, device)
		for _ in range(workers):
			stack.enter_context(running_worker(QUEUE))
		busy = _cpu_seconds()
		jobs = _enqueue(list(devices))
		_wait_for(jobs)
		busy = _cpu_seconds() - busy
		created = frappe.db.count(CHECK_IN, {DEVICE_FIELD: ("in", list(devices))})
	if created != sizes.devices * sizes.device_punches:
		raise RuntimeError(f"{workers} workers created {created} check-ins.")
	seconds = (max(one.ended_at for one in jobs) - min(one.started_at for one in jobs)).total_seconds()
	return Shift(workers, created, seconds, busy / (os.cpu_count() or 1) / seconds)


def _enqueue(devices: list[str]) -> list[Job]:
	for device in devices:
		enqueue_sync(device, JOB_TIME_OUT)
	frappe.db.commit()  # they are enqueued after it
	return [get_job(job_id("sync", device)) for device in devices]


def _wait_for(jobs: list[Job]) -> None:
	ends = time.monotonic() + _SECONDS_AT_MOST
	while not all(_has_ended(one) for one in jobs):
		if time.monotonic() > ends:
			raise RuntimeError("The workers did not come to an end.")
		time.sleep(0.2)
	frappe.db.rollback()  # this connection sees what they have committed


def _has_ended(one: Job) -> datetime | None:
	one.refresh()
	return one.ended_at


def _cpu_seconds() -> float:
	"""Of all cores, spent on anything since the machine was started."""
	user, nice, system, _idle, _waiting, *others = map(
		int, Path("/proc/stat").read_text().splitlines()[0].split()[1:]
	)
	return (user + nice + system + sum(others[:2])) / os.sysconf("SC_CLK_TCK")
