"""When what failed is tried again. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from zkteco_biometric.biotime.errors import BioTimeError
from zkteco_biometric.device_users.decision import Decision
from zkteco_biometric.device_users.method import ControlUnsupported
from zkteco_biometric.device_users.states import DeviceUser, Outcome, Status
from zkteco_biometric.device_users.visit import NotThere

LONGEST_WAIT = {Status.ENABLED: timedelta(minutes=4), Status.DISABLED: timedelta(hours=1)}


def failed(record: DeviceUser, decision: Decision, error: BioTimeError, now: datetime) -> DeviceUser:
	"""Tried again later: soon where somebody is to be enabled and it may pass by itself; and at the way back in any case."""
	attempts = record.attempts + 1
	by_hand = isinstance(error, NotThere | ControlUnsupported)
	due = now + wait(Status.DISABLED if by_hand else decision.status, attempts)
	if decision.status is Status.DISABLED and decision.until:
		due = min(due, max(decision.until, now))
	return replace(
		record,
		outcome=Outcome.FAILED,
		attempts=attempts,
		due_at=due,
		error=error.message,
		error_code=error.code,
		remedy=error.remedy,
	)


def wait(status: Status, attempts: int) -> timedelta:
	return min(timedelta(minutes=2.0 ** min(attempts - 1, 10)), LONGEST_WAIT[status])
