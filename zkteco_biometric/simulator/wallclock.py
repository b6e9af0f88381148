"""Naive wall-clock times as BioTime reads and writes them: whole seconds, no zone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timezone, tzinfo
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

FORMAT = "%Y-%m-%d %H:%M:%S"
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d)?)?")


def utc_now() -> datetime:
	"""The real time, aware."""
	return datetime.now(timezone.utc)


def zone(name: str | tzinfo) -> tzinfo:
	"""The time zone of that name.

	:raises ValueError: nobody knows that zone.
	"""
	if isinstance(name, tzinfo):
		return name
	try:
		return ZoneInfo(name)
	except (OSError, KeyError, ValueError) as error:
		raise ValueError(
			f"Time zone {name!r} is unknown: use a name such as 'Europe/Berlin' or 'UTC'."
		) from error


def wall_clock(clock: Clock, where: tzinfo) -> Clock:
	"""A clock of naive local times, from a clock of aware ones."""
	return lambda: clock().astimezone(where).replace(tzinfo=None, microsecond=0)


def parse(when: datetime | str) -> datetime:
	"""A naive time in whole seconds; a date alone is its midnight.

	:raises ValueError: not such a time, or an aware one.
	"""
	if isinstance(when, str):
		if not _WRITTEN.fullmatch(when):
			raise ValueError(f"{when!r} is not a time: write it as 'YYYY-MM-DD HH:MM:SS'.")
		when = datetime.fromisoformat(when)
	if when.tzinfo is not None:
		raise ValueError(f"{when.isoformat()} has a time zone: BioTime stores naive wall-clock times.")
	return when.replace(microsecond=0)


def written(when: datetime) -> str:
	"""The time as it stands in an answer."""
	return when.isoformat(" ", "seconds")
