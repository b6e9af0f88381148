"""The exit statuses of all commands, on which scripts and monitoring act."""

from __future__ import annotations

from collections.abc import Iterable

from zkteco_biometric.biotime.errors import may_pass

FINE, FIX, PASSES, INTERRUPTED = 0, 2, 3, 130
"""All is well; a person must do something; it may pass by itself; Ctrl-C."""


def most_serious(statuses: Iterable[int]) -> int:
	"""Ctrl-C before all; then a person's task, before what may pass."""
	met = set(statuses)
	return next((status for status in (INTERRUPTED, FIX, PASSES) if status in met), FINE)


def of_code(code: str | None) -> int:
	"""The status of a failure whose code is kept."""
	return PASSES if code and may_pass(code) else FIX
