"""Zones and instants for tests about clocks."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from zkteco_biometric.cycle.clocks import WallClocks

ZONES = [
	"UTC",
	"Asia/Riyadh",
	"Asia/Kolkata",
	"Asia/Kathmandu",
	"Europe/Berlin",
	"Africa/Casablanca",
	"Africa/Cairo",
	"America/New_York",
	"America/St_Johns",
	"Australia/Lord_Howe",
	"Antarctica/Troll",
	"Pacific/Chatham",
	"Asia/Gaza",
]
"""With and without clock changes, of half an hour, an hour and two, on both halves of the earth."""


def utc(*parts: int) -> datetime:
	"""An aware instant."""
	return datetime(*parts, tzinfo=timezone.utc)  # type: ignore[misc,arg-type]


def clocks(device: str = "UTC", site: str = "UTC") -> WallClocks:
	return WallClocks(ZoneInfo(device), ZoneInfo(site))


def minutes(number: float) -> timedelta:
	return timedelta(minutes=number)
