"""One cycle of a device, and one worker on an import or on a device's people, at a time; on whichever machine it runs."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from hashlib import sha1

import frappe


def locks_tell_who_works() -> bool:
	"""Whether a lock that is free means that nobody is at work; elsewhere only the queue can tell."""
	return frappe.db.db_type == "mariadb"


def lock_name(device: str) -> str:
	"""For who takes a device's lock together with something else, and lets go of it by `release`."""
	return _name(device)


def release(name: str) -> None:
	frappe.db.sql("select release_lock(%s)", name)


@contextmanager
def device_lock(device: str) -> Iterator[bool]:
	"""Yields whether the device is ours; never waits."""
	with _lock(device) as ours:
		yield ours


def is_at_work(device: str) -> bool:
	"""Whether somebody syncs the device at this moment, also without a job; where locks do not tell, False."""
	if not locks_tell_who_works():
		return False
	return frappe.db.sql("select is_used_lock(%s)", _name(device))[0][0] is not None


def at_work_among(devices: Collection[str]) -> set[str]:
	"""Those that somebody syncs at this moment, in one statement; where locks do not tell, none."""
	if not devices or not locks_tell_who_works():
		return set()
	questions = ", ".join(["is_used_lock(%s)"] * len(devices))
	holders = frappe.db.sql(f"select {questions}", [_name(device) for device in devices])[0]
	return {device for device, holder in zip(devices, holders, strict=True) if holder is not None}


@contextmanager
def import_lock(log: str) -> Iterator[bool]:
	"""Yields whether the import of that log is ours; never waits. It keeps no sync of the device away."""
	with _lock(f"\nimport {log}") as ours:
		yield ours


@contextmanager
def control_lock(device: str) -> Iterator[bool]:
	"""Yields whether the device's people are ours; never waits. It keeps no sync of the device away."""
	with _lock(f"\ncontrol {device}") as ours:
		yield ours


@contextmanager
def notices_lock() -> Iterator[bool]:
	"""Yields whether telling people is ours; never waits. What is told twice all the same, a unique key refuses."""
	with _lock("\nnotices") as ours:
		yield ours


@contextmanager
def _lock(what: str) -> Iterator[bool]:
	"""A lock of the database connection: it cannot outlive a worker that dies. Only MariaDB has it; elsewhere the job id
	has to do, and the unique key on Employee Checkin holds in any case.
	"""
	if not locks_tell_who_works():
		yield True
		return
	name = _name(what)
	held = bool(frappe.db.sql("select get_lock(%s, 0)", name)[0][0])
	try:
		yield held
	finally:
		if held:
			release(name)


def _name(what: str) -> str:
	return "zkteco_" + sha1(f"{frappe.local.site} {what}".encode()).hexdigest()
