"""How long a server asks to be left alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from zkteco_biometric.biotime.tokens import server_time


def seconds_to_wait(retry_after: str, date: str, now: datetime) -> float | None:
	"""From the Retry-After and Date headers; `now` is aware. None where there is neither a number nor a date.

	A date is the server's clock: what counts is how far it lies after the answer's own date, and after `now` only where
	the answer has none.
	"""
	number = retry_after.strip()
	if number.isdecimal() and number.isascii():
		return float(number)
	until = server_time(retry_after)
	if until is None:
		return None
	return max(timedelta(), until - (server_time(date) or now)).total_seconds()
