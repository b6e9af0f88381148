"""A real worker that is ended as by a power cut, in the middle of what it does."""

import os
from collections.abc import Callable
from subprocess import DEVNULL, Popen

import frappe
import psutil

from zkteco_biometric.tests.jobs import wait_until, worker_command, worker_environment


def kill_a_worker_when(true: Callable[[], object], queue: str = "long") -> None:
	"""Starts one, waits, and ends it and the process that does its job by SIGKILL, both at once."""
	frappe.db.commit()  # it sees what is committed, and what waits for a commit is enqueued
	process = Popen(
		worker_command(queue),
		cwd=os.path.abspath(frappe.local.sites_path),
		env=worker_environment(),
		stdout=DEVNULL,
		stderr=DEVNULL,
	)
	try:
		wait_until(true)
	finally:
		for one in [*psutil.Process(process.pid).children(recursive=True), process]:
			one.kill()
		process.wait()
		frappe.db.rollback()  # whoever looks now sees what it has stored to its end


def is_free(lock, name: str) -> bool:
	"""Whether nobody holds this lock; the database needs a moment to notice that a process is gone."""
	with lock(name) as ours:
		return ours
