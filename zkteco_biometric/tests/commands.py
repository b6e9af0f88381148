"""Commands as a person or a script runs them: in a process of their own, with what they say on either channel."""

import json
import os
import sys
from subprocess import PIPE, CompletedProcess, Popen, run
from typing import Any

import frappe

from zkteco_biometric.tests.jobs import worker_environment
from zkteco_biometric.tests.support import DeviceTestCase


def bench_command(command: str, *arguments: str, site: str | None = None) -> list[str]:
	on_site = ["--site", site or frappe.local.site]
	return [sys.executable, "-m", "frappe.utils.bench_helper", "frappe", *on_site, command, *arguments]


def surroundings(**environment: str) -> dict[str, Any]:
	"""Of a process that sees what this one has stored until now."""
	frappe.db.commit()
	return {
		"cwd": os.path.abspath(frappe.local.sites_path),
		"env": {**worker_environment(), **environment},
		"text": True,
	}


def bench(
	command: str, *arguments: str, typed: str = "", site: str | None = None, **environment: str
) -> CompletedProcess[str]:
	"""Runs it; this connection sees what it has committed then."""
	done = run(
		bench_command(command, *arguments, site=site),
		input=typed,
		capture_output=True,
		timeout=60,
		**surroundings(**environment),
	)
	frappe.db.rollback()
	return done


def began(command: str, *arguments: str) -> Popen:
	"""Under way; for who presses Ctrl-C."""
	return Popen(bench_command(command, *arguments), stdout=PIPE, stderr=PIPE, **surroundings())


class CommandTestCase(DeviceTestCase):
	"""One command, and that no way of failing shows a traceback or a secret."""

	COMMAND = ""
	SECRETS: tuple[str, ...] = ("simulator-password",)

	def bench(self, *arguments: str, typed: str = "", **environment: str) -> CompletedProcess[str]:
		done = bench(self.COMMAND, *arguments, typed=typed, **environment)
		self.assertNotIn("Traceback", done.stderr)
		for secret in self.SECRETS:
			self.assertNotIn(secret, done.stdout + done.stderr)
		return done

	def json(self, *arguments: str, ends_with: int = 0, **environment: str) -> dict[str, Any]:
		"""What standard output holds is one line of JSON, whose `exit` is the exit status."""
		done = self.bench(*arguments, "--json", **environment)
		self.assertEqual(done.returncode, ends_with, done.stdout + done.stderr)
		self.assertEqual(len(done.stdout.splitlines()), 1, done.stdout)
		told: dict[str, Any] = json.loads(done.stdout)
		self.assertEqual((told["site"], told["exit"]), (frappe.local.site, ends_with))
		return told
