"""How far attendance may follow the punches: as far as every device was read, and not past a punch that waits. Pure.

HRMS marks attendance for the shifts that were over before *Last Sync of Checkin* of their Shift Type, and marks absent
whoever has no check-in in them. Times are naive, the site's wall clock, where nothing else is said.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from zkteco_biometric.cycle.clocks import WallClocks

_A_DAY = timedelta(days=1)
_AROUND = timedelta(hours=3)
"""Longer than any clock is set back."""


def read_up_to(last_sync: datetime, clocks: WallClocks) -> datetime:
	"""Before this time, a device that was read up to the instant `last_sync` has no punch that is still to come.

	Where the terminals' clock or the site's is set back, the hours around it come twice: they count as not read until
	they are over.
	"""
	came_twice = sum((_set_back(zone, last_sync) for zone in {clocks.device, clocks.site}), timedelta())
	return clocks.to_site(clocks.on_device(last_sync)) - came_twice


def _set_back(zone: ZoneInfo, instant: datetime) -> timedelta:
	return WallClocks(zone, zone).set_back_between(instant - _AROUND, instant + _AROUND)


def begin_of_shift(punch: datetime, opens: timedelta) -> datetime:
	"""When the shift in which a punch falls began to take check-ins; between two shifts, when the earlier one did.

	`opens` is that time of day, counted from midnight: below zero for a shift that takes them the evening before.
	HRMS may look at every shift that was over by then, and at none that the punch could belong to.
	"""
	begin = datetime.combine(punch.date(), time()) + opens % _A_DAY
	return begin if begin <= punch else begin - _A_DAY


def reach(devices: Collection[datetime | None], holds: Collection[datetime]) -> datetime | None:
	"""Up to when Last Sync of Checkin may go, in whole seconds: no further than any device was read, nor than any hold.

	`devices` says of each enabled device up to when it was read. None where there is no device, or one was never read.
	"""
	read = [point for point in devices if point is not None]
	if not read or len(read) < len(devices):
		return None
	return min([*read, *holds]).replace(microsecond=0)


def forward(current: datetime | None, point: datetime | None) -> datetime | None:
	"""Where Last Sync of Checkin moves to; None where it stays. Never back."""
	return point if point is not None and (current is None or current < point) else None
