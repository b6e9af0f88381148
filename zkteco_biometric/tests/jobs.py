"""A job queue of the tests' own, and real workers in their own processes to work it off."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from subprocess import DEVNULL, PIPE, STDOUT, Popen, TimeoutExpired, run
from unittest.mock import patch
from urllib.parse import urlsplit

import frappe
import redis
from frappe.utils import background_jobs
from frappe.utils.background_jobs import get_queue
from rq.job import Job

_QUEUE_URL = "FRAPPE_REDIS_QUEUE"
_TAKEN = "zkteco_tests"
_GIVEN_BACK_AFTER = 1800
_PATIENCE = 60


@contextmanager
def own_queue() -> Iterator[None]:
	"""The bench's Redis server, but a logical database of this test run's own.

	So no worker of the bench takes our jobs, ours take nobody else's, and what is enqueued waits until we look. What is
	published there reaches every listener all the same.
	"""
	url, connection = _free_database()
	try:
		_forget_jobs(connection)
		with (
			patch.object(background_jobs, "_redis_queue_conn", connection),
			patch.dict(os.environ, {_QUEUE_URL: url}),
		):
			yield
	finally:
		_forget_jobs(connection)
		connection.delete(_TAKEN)
		connection.close()


def _free_database() -> tuple[str, redis.Redis]:
	"""One that no other run has taken; who crashes gives it back after half an hour."""
	for number in range(1, 16):
		url = urlsplit(frappe.conf.redis_queue)._replace(path=f"/{number}").geturl()
		connection = redis.from_url(url)
		if connection.set(_TAKEN, frappe.local.site, nx=True, ex=_GIVEN_BACK_AFTER):
			return url, connection
		connection.close()
	raise AssertionError("All logical databases of this Redis server are taken by other runs of these tests.")


def forget_jobs() -> None:
	_forget_jobs(background_jobs.get_redis_conn())


def waiting_jobs(queue: str) -> list[Job]:
	"""Those of this site, the first to run first."""
	return [job for job in get_queue(queue).jobs if job.kwargs["site"] == frappe.local.site]


def work_off(queues: str = "long,short") -> str:
	"""A worker does everything that waits and ends; returns what it said."""
	frappe.db.commit()  # it sees what is committed, and what waits for a commit is enqueued
	done = run(
		worker_command(queues, "--burst"),
		cwd=_sites(),
		env=worker_environment(),
		stdout=PIPE,
		stderr=STDOUT,
		text=True,
		timeout=_PATIENCE,
		check=True,
	)
	frappe.db.rollback()  # this connection sees what the worker has committed
	return done.stdout


@contextmanager
def running_worker(queues: str = "long,short") -> Iterator[None]:
	"""A worker that waits for jobs, registered when this is entered."""
	before = len(background_jobs.get_workers())
	process = Popen(
		worker_command(queues), cwd=_sites(), env=worker_environment(), stdout=DEVNULL, stderr=DEVNULL
	)
	try:
		wait_until(lambda: len(background_jobs.get_workers()) > before)
		yield
	finally:
		_end(process)


def _end(process: Popen) -> None:
	"""An idle worker may miss a polite request for as long as it waits for a job: seven minutes."""
	process.terminate()
	try:
		process.wait(3)
	except TimeoutExpired:
		process.kill()
		process.wait()


def wait_until(true: Callable[[], object]) -> None:
	ends = time.monotonic() + _PATIENCE
	while not true():
		frappe.db.rollback()  # else this connection goes on seeing what it saw
		if time.monotonic() > ends:
			raise AssertionError("It did not happen within a minute.")
		time.sleep(0.05)


def worker_command(queues: str, *options: str) -> list[str]:
	"""As bench's own Procfile starts one."""
	return [
		sys.executable,
		"-m",
		"frappe.utils.bench_helper",
		"frappe",
		"worker",
		"--queue",
		queues,
		*options,
	]


def _sites() -> str:
	return os.path.abspath(frappe.local.sites_path)


def worker_environment() -> dict[str, str]:
	"""Without CI, by which a worker would think itself part of a test."""
	return {name: value for name, value in os.environ.items() if name != "CI"}


def _forget_jobs(connection: redis.Redis) -> None:
	keys = list(connection.scan_iter("rq:*"))
	if keys:
		connection.delete(*keys)
