"""On what was measured: no host names, no paths."""

from __future__ import annotations

import os
import platform
import subprocess
from contextlib import suppress
from pathlib import Path

import frappe

_APPS = {"frappe": "Frappe", "erpnext": "ERPNext", "hrms": "HRMS", "zkteco_biometric": "this app"}


def describe() -> list[str]:
	"""One line for the hardware, one for the software, one for what else was running."""
	apps = [f"{title} {frappe.get_attr(f'{app}.__version__')}" for app, title in _APPS.items()]
	database = str(frappe.db.sql("select version()")[0][0])
	return [
		f"{_cpu()}, {os.cpu_count()} cores, {_memory():.0f} GiB of memory",
		", ".join([*apps, f"Python {platform.python_version()}", f"database {database}"]),
		f"At commit {_commit()}; load average before the run: {os.getloadavg()[0]:.1f}",
	]


def _commit() -> str:
	"""Of this checkout, with a plus where files were changed since."""
	asked = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
	with suppress(OSError):
		told = subprocess.run(asked, cwd=Path(__file__).parent, capture_output=True, text=True)
		return told.stdout.strip() or "unknown"
	return "unknown"


def _cpu() -> str:
	for line in Path("/proc/cpuinfo").read_text().splitlines():
		if line.startswith("model name"):
			return line.split(":", 1)[1].strip()
	return platform.machine()


def _memory() -> float:
	"""GiB."""
	return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
