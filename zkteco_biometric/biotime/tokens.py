"""When a token ends, by our clock."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import jwt

_MARGIN = timedelta(seconds=30)


def server_time(date_header: str) -> datetime | None:
	"""The server's clock in the Date header of an answer, aware UTC; None where it is missing or unreadable."""
	try:
		told = parsedate_to_datetime(date_header)
		aware = told if told.tzinfo else told.replace(tzinfo=timezone.utc)
		return aware.astimezone(timezone.utc)
	except (TypeError, ValueError, IndexError, OverflowError):
		return None


def expiry(token: str, now: datetime, server_now: datetime | None) -> datetime | None:
	"""When a JWT ends by *our* clock, aware; None where it does not say, or says nonsense: then a 401 is the truth.

	`exp` is the server's clock, which may be off by a quarter of an hour (contract, section 1): what counts is the
	time that it leaves from the server's own now. A margin keeps us from using a token in its last moment.
	"""
	ends = _exp(token)
	if ends is None:
		return None
	lifetime = ends - (server_now or now)
	if lifetime <= timedelta(0):
		return None
	try:
		return now + lifetime - min(_MARGIN, lifetime / 10)
	except OverflowError:
		return None


def _exp(token: str) -> datetime | None:
	"""The `exp` claim, unverified: the key is the server's own."""
	try:
		claims = jwt.decode(token, options={"verify_signature": False})
		return datetime.fromtimestamp(float(claims["exp"]), timezone.utc)
	except (jwt.InvalidTokenError, KeyError, TypeError, ValueError, OverflowError, OSError, RecursionError):
		return None
