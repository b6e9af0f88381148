"""The site as its users meet it: a web server and a worker, started for these tests from an existing bench."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_STARTS_WITHIN = 90


@dataclass(frozen=True)
class Site:
	"""A site of a bench, and where its Desk answers."""

	bench: Path
	name: str
	url: str

	def run(self, action: str, *arguments: str) -> Any:
		"""What `on_site.py` prints for that action."""
		script = Path(__file__).with_name("on_site.py")
		done = subprocess.run(
			[_python(self.bench), str(script), self.name, action, *arguments],
			cwd=self.bench / "sites",
			text=True,
			stdout=subprocess.PIPE,
			check=True,
		)
		return json.loads(done.stdout.splitlines()[-1])


@contextmanager
def running(bench: Path, name: str, logs: Path) -> Iterator[Site]:
	"""The site, served until the end of the block; what was started is ended, and nothing else."""
	port = _free_port()
	site = Site(bench, name, f"http://127.0.0.1:{port}")
	commands = {
		"web": ["serve", "--port", str(port), "--noreload"],
		"worker": ["worker", "--queue", "long,default,short", "--quiet"],
	}
	with ExitStack() as stack:
		for process, command in commands.items():
			log = stack.enter_context((logs / f"{process}.log").open("w"))
			stack.enter_context(_process([*_frappe(bench, name), *command], bench / "sites", log))
		_wait_for(port, name)
		yield site


@contextmanager
def _process(command: list[str], cwd: Path, log: Any) -> Iterator[None]:
	process = subprocess.Popen(
		command, cwd=cwd, stdout=log, stderr=log, env={**os.environ, "DEV_SERVER": "0"}
	)
	try:
		yield
	finally:
		process.terminate()
		try:
			process.wait(timeout=20)
		except subprocess.TimeoutExpired:
			process.kill()
			process.wait()


def _wait_for(port: int, name: str) -> None:
	request = urllib.request.Request(f"http://127.0.0.1:{port}/api/method/ping", headers={"Host": name})
	give_up = time.monotonic() + _STARTS_WITHIN
	while time.monotonic() < give_up:
		try:
			with urllib.request.urlopen(request, timeout=10):
				return
		except (urllib.error.URLError, OSError):
			time.sleep(0.5)
	raise RuntimeError(f"The site {name} did not answer within {_STARTS_WITHIN} seconds; see web.log.")


def _free_port() -> int:
	with socket.socket() as probe:
		probe.bind(("127.0.0.1", 0))
		port: int = probe.getsockname()[1]
		return port


def _python(bench: Path) -> str:
	return str(bench / "env" / "bin" / "python")


def _frappe(bench: Path, site: str) -> list[str]:
	return [_python(bench), "-m", "frappe.utils.bench_helper", "frappe", "--site", site]
