"""How commands write things: for people without what steers a terminal, for machines as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any


def written(data: Mapping[str, Any]) -> str:
	"""One line of JSON, other scripts than Latin as they are; times as text; what a terminal would act on is escaped."""
	text = json.dumps(data, ensure_ascii=False, default=_plain)
	return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in text)


def moment(time: datetime | None) -> str | None:
	return time.strftime("%Y-%m-%d %H:%M:%S") if time else None


def ago(time: datetime, now: datetime) -> str:
	"""How long ago, or in how long, in the largest unit that gives a number."""
	passed = now - time
	if abs(passed) < timedelta(minutes=1):
		return "just now"
	return f"{_span(passed)} ago" if passed > timedelta() else f"in {_span(-passed)}"


def _span(span: timedelta) -> str:
	minutes = int(span.total_seconds()) // 60
	for size, unit in ((24 * 60, "day"), (60, "hour")):
		if minutes >= size:
			return many(minutes // size, unit)
	return f"{minutes} min"


def many(number: int, what: str, plural: str = "") -> str:
	return f"{number:,} {what if number == 1 else plural or what + 's'}"


def _plain(value: object) -> str | None:
	return moment(value) if isinstance(value, datetime) else str(value)
