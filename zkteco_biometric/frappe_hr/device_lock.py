"""One cycle of a device at a time, on whichever machine it runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha1

import frappe


@contextmanager
def device_lock(device: str) -> Iterator[bool]:
	"""Yields whether the device is ours; never waits.

	A lock of the database connection: it cannot outlive a worker that dies. Only MariaDB has it; elsewhere the job id
	has to do, and the unique key on Employee Checkin holds in any case.
	"""
	if frappe.db.db_type != "mariadb":
		yield True
		return
	name = "zkteco_" + sha1(f"{frappe.local.site} {device}".encode()).hexdigest()
	held = bool(frappe.db.sql("select get_lock(%s, 0)", name)[0][0])
	try:
		yield held
	finally:
		if held:
			frappe.db.sql("select release_lock(%s)", name)
