"""Which failures of a device may pass without anybody doing anything. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from zkteco_biometric.biotime import errors

_PATIENCE = timedelta(days=1)


def may_pass(code: str, since: datetime | None, now: datetime) -> bool:
	"""By the code that is stored with it, whatever language its texts are in. What has lasted for more than a day waits for a
	person. `since`: when it began, None where nobody knows; by the same clock as `now`.
	"""
	return errors.may_pass(code) and not has_lasted(since, now)


def has_lasted(since: datetime | None, now: datetime) -> bool:
	return since is not None and now - since > _PATIENCE
