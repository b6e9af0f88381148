"""What may be typed on the command line, checked and understood."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click

from zkteco_biometric.biotime.models import parse_time
from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.log_types import LogType

T = TypeVar("T")

_LOG_TYPES = {"in": LogType.IN, "out": LogType.OUT, "none": LogType.NONE, "ignore": LogType.IGNORE}
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_OLDEST_YEAR = 1970


def understood(understand: Callable[[str], T]) -> Callable[[click.Context, click.Parameter, Any], Any]:
	"""A callback for an option: what `understand` makes of it, or its ValueError's sentence as a usage error."""

	def callback(_context: click.Context, _parameter: click.Parameter, typed: Any) -> Any:
		try:
			if isinstance(typed, tuple):
				return tuple(map(understand, typed))
			return None if typed is None else understand(typed)
		except ValueError as error:
			raise click.BadParameter(str(error)) from error

	return callback


def log_type(typed: str) -> LogType:
	try:
		return _LOG_TYPES[typed.strip().lower()]
	except KeyError:
		raise ValueError(f"{typed!r} is none of IN, OUT, none and ignore.") from None


def state(typed: str) -> tuple[str, LogType]:
	"""2=OUT is punch state "2" and OUT."""
	code, equals, kind = typed.partition("=")
	if not equals or not code.strip().isdecimal() or not code.isascii():
		raise ValueError(f"{typed!r} is no rule. Write punch state = type, such as 2=OUT or 255=ignore.")
	return str(int(code)), log_type(kind)


def wall_time(typed: str) -> datetime:
	"""A naive time; a date alone is its midnight."""
	text = typed.strip()
	time = parse_time(f"{text} 00:00:00" if _DATE.fullmatch(text) else text)
	if time.year < _OLDEST_YEAR:
		raise ValueError(f"{typed!r} is too long ago; leave the option out to read everything.")
	return time


def instant(wall: datetime, clocks: WallClocks, now: datetime) -> datetime:
	"""When the site's clock shows it. Raises ValueError for the future."""
	try:
		when = clocks.instant_on_site(wall)
	except OverflowError:
		when = None
	if when is None or when > now:
		raise ValueError(f"{wall} is in the future: no punch is that young.")
	return when
