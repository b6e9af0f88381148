"""Runs what needs a real site, on a bench that exists: `bench_site.py test|e2e|benchmark|endure|day BENCH SITE`.

Installs this checkout on the bench and the site where it is not yet, allows tests on the site, and starts the bench's
own redis if it is not running. It ends what it started, and nothing else.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

APP = "zkteco_biometric"
ROOT = Path(__file__).resolve().parent.parent
USAGE = "Name a bench and one of its sites: make test-bench BENCH=~/frappe-bench SITE=test.localhost"


def main(arguments: list[str]) -> int:
	if len(arguments) != 3 or not all(arguments) or arguments[0] not in _TASKS:
		sys.exit(USAGE)
	task, bench, site = arguments[0], Path(arguments[1]).expanduser().resolve(), arguments[2]
	_check(bench, site)
	_put_on_bench(bench)
	with _redis(bench):
		_put_on_site(bench, site)
		return _TASKS[task](bench, site)


def _check(bench: Path, site: str) -> None:
	if not (bench / "sites" / "apps.txt").exists():
		sys.exit(f"{bench} is no bench: it has no sites/apps.txt. {USAGE}")
	if not (bench / "sites" / site / "site_config.json").exists():
		sys.exit(f"The bench has no site {site}. {USAGE}")
	missing = {"frappe", "erpnext", "hrms"} - set(_apps(bench))
	if missing:
		sys.exit(f"The bench lacks {', '.join(sorted(missing))}. Get them first: bench get-app NAME")


def _apps(bench: Path) -> list[str]:
	return (bench / "sites" / "apps.txt").read_text().split()


def _put_on_bench(bench: Path) -> None:
	"""As `bench get-app` would, but linked, so that what is tested is this checkout."""
	link = bench / "apps" / APP
	if link.exists() and link.resolve() != ROOT:
		sys.exit(f"{link} is another copy of this app. Remove it from the bench: bench remove-app {APP}")
	if not link.exists():
		link.symlink_to(ROOT)
	_run(bench, [*_installer(bench), "-q", "--no-deps", "-e", str(link)])
	if APP not in _apps(bench):
		(bench / "sites" / "apps.txt").write_text("\n".join([*_apps(bench), APP]) + "\n")


def _installer(bench: Path) -> list[str]:
	"""pip of the bench's environment; uv, where bench has made it with that and left pip out."""
	pip = [_python(bench), "-m", "pip"]
	if subprocess.run([*pip, "--version"], capture_output=True).returncode == 0:
		return [*pip, "install"]
	uv = shutil.which("uv") or sys.exit(
		"The bench's environment has no pip: install uv, with which bench made it."
	)
	return [uv, "pip", "install", "--python", _python(bench)]


def _put_on_site(bench: Path, site: str) -> None:
	installed = _run(bench, [*_frappe(bench, site), "list-apps"], capture=True)
	if APP not in installed:
		_run(bench, [*_frappe(bench, site), "install-app", APP])
	elif not _allows_tests(bench, site):
		sys.exit(
			f"{site} has this app already, and allows no tests. They delete every device with all that came by it, also what "
			"is remembered of people who are disabled: never run them on a site that somebody uses. If this one is for tests: "
			f"bench --site {site} set-config allow_tests true"
		)
	else:
		_run(bench, [*_frappe(bench, site), "migrate", "--skip-search-index"])
	_run(bench, [*_frappe(bench, site), "set-config", "allow_tests", "true"])


def _allows_tests(bench: Path, site: str) -> bool:
	config = json.loads((bench / "sites" / site / "site_config.json").read_text())
	return str(config.get("allow_tests", "")).lower() in ("1", "true")


def _test(bench: Path, site: str) -> int:
	"""CI=1: without it a failed run exits with 0."""
	command = [*_frappe(bench, site), "run-tests", "--app", APP]
	return subprocess.run(command, cwd=bench / "sites", env={**os.environ, "CI": "1"}).returncode


def _e2e(bench: Path, site: str) -> int:
	"""In this checkout's environment: a browser is driven from outside of the bench."""
	_run(bench, [*_frappe(bench, site), "scheduler", "enable"])
	_run(bench, [*_frappe(bench, site), "scheduler", "resume"])
	command = [str(ROOT / ".venv" / "bin" / "python"), "-m", "pytest", "-q", "e2e"]
	environment = {**os.environ, "ZKTECO_E2E_BENCH": str(bench), "ZKTECO_E2E_SITE": site}
	return subprocess.run(command, cwd=ROOT, env=environment).returncode


def _benchmark(bench: Path, site: str) -> int:
	return _script(bench, site, "benchmarks/run.py")


def _endure(bench: Path, site: str) -> int:
	return _script(bench, site, "endurance/kill_workers.py")


def _day(bench: Path, site: str) -> int:
	return _script(bench, site, "endurance/day_of_people.py")


def _script(bench: Path, site: str, path: str) -> int:
	command = [_python(bench), str(ROOT / path), "--site", site]
	return subprocess.run(command, cwd=bench / "sites").returncode


_TASKS = {"test": _test, "e2e": _e2e, "benchmark": _benchmark, "endure": _endure, "day": _day}


def _python(bench: Path) -> str:
	return str(bench / "env" / "bin" / "python")


def _frappe(bench: Path, site: str) -> list[str]:
	"""What `bench --site` calls; the bench command itself need not be installed."""
	return [_python(bench), "-m", "frappe.utils.bench_helper", "frappe", "--site", site]


def _run(bench: Path, command: list[str], capture: bool = False) -> str:
	done = subprocess.run(
		command, cwd=bench / "sites", text=True, stdout=subprocess.PIPE if capture else None
	)
	if done.returncode:
		sys.exit(f"This failed: {' '.join(command)}")
	return done.stdout or ""


@contextmanager
def _redis(bench: Path) -> Iterator[None]:
	"""The bench's cache and queue, started from its own configuration where nobody has."""
	started = [process for kind in ("cache", "queue") if (process := _start_redis(bench, kind))]
	try:
		yield
	finally:
		for process in started:
			process.terminate()
			process.wait()


def _start_redis(bench: Path, kind: str) -> subprocess.Popen[bytes] | None:
	config = json.loads((bench / "sites" / "common_site_config.json").read_text())
	address = urlsplit(config.get(f"redis_{kind}", ""))
	if not address.port or _listens(address.hostname or "127.0.0.1", address.port):
		return None
	settings = bench / "config" / f"redis_{kind}.conf"
	process = subprocess.Popen(["redis-server", str(settings)], cwd=bench, stdout=subprocess.DEVNULL)
	for _ in range(100):
		if _listens(address.hostname or "127.0.0.1", address.port):
			return process
		time.sleep(0.1)
	process.terminate()
	sys.exit(f"Redis did not start from {settings}. Start the bench's services, then try again.")


def _listens(host: str, port: int) -> bool:
	with socket.socket() as probe:
		probe.settimeout(1)
		return probe.connect_ex((host, port)) == 0


if __name__ == "__main__":
	sys.exit(main(sys.argv[1:]))
