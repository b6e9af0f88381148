"""Whose turn it is. Where many devices are due at once, such as at midnight, a tick takes some of them. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from math import ceil

from zkteco_biometric.cycle.schedule import Plan

FEWEST = 20
"""Whatever the schedule: so many do no harm."""

ALL_WITHIN = timedelta(minutes=30)
"""Half of the time after which people are told that a device is overdue."""


def most_at_once(plans: Collection[Plan], tick: timedelta, now: datetime) -> int:
	"""How many devices a tick may take, of a site that has these: what their schedules need from tick to tick, and beside it as
	much again, and so many that all who wait have had their turn within half an hour.
	"""
	needed = sum(tick / max(plan.period(now), tick) for plan in plans)
	return ceil(needed + max(needed, FEWEST, len(plans) * (tick / ALL_WITHIN)))


def in_turn(due: Mapping[str, Plan], tick: timedelta, now: datetime) -> list[str]:
	"""Those for every tick first, of whom no tick takes too few; then whoever has waited for longest."""

	def turn(device: str) -> tuple[bool, datetime]:
		plan = due[device]
		return plan.period(now) > tick, plan.waits_since(now)

	return sorted(due, key=turn)
