"""Who is to be enabled and who disabled at a moment, from the newest check-in, the shifts and the rules. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from zkteco_biometric.device_users.states import OUT, CheckInSeen, DeviceUser, Status
from zkteco_biometric.wording import _


@dataclass(frozen=True)
class ControlRules:
	"""What the site wants.

	`margin`: how long before a shift begins its people are enabled again. `hours`: the longest that an OUT disables.
	`oldest`: an OUT that is older disables nobody. `during_shift`: an OUT disables also while the person's shift goes on.
	`keep_left`: who has left and is disabled stays so.
	"""

	margin: timedelta = timedelta(minutes=60)
	hours: timedelta = timedelta(hours=8)
	oldest: timedelta = timedelta(hours=12)
	during_shift: bool = False
	keep_left: bool = False


@dataclass(frozen=True)
class Shift:
	"""When a person works, without the grace periods; aware."""

	start: datetime
	end: datetime


@dataclass(frozen=True)
class Facts:
	"""What the site knows of an employee.

	`emp_code` is the Biometric ID, `user_id` the ZKTeco User ID, if entered; `newest` the newest check-in over all devices
	and of whatever origin. `exempt` says why the person is never disabled, empty otherwise. `shifts`: those around the
	newest check-in and after it, as far as they matter; in any order.
	"""

	employee: str
	emp_code: str = ""
	user_id: int | None = None
	newest: CheckInSeen | None = None
	exempt: str = ""
	left: bool = False
	shifts: tuple[Shift, ...] = ()


@dataclass(frozen=True)
class Decision:
	"""What a person is to be now, why, and when that changes by itself: `until` for a disabled person is the way back,
	for an enabled one the moment at which the same check-in disables them; None for never.
	"""

	status: Status
	why: str
	until: datetime | None = None


def decide(facts: Facts, record: DeviceUser | None, rules: ControlRules, now: datetime) -> Decision:
	"""What the person is to be at `now`. A check-in that has no log type asks for nothing but being able to come in."""
	if record and record.released and record.is_held:
		return _enabled(_("Everybody is to be enabled."))
	if record and record.is_held and record.emp_code != facts.emp_code:
		return _enabled(_("The Biometric ID was {0} when this person was disabled.").format(record.emp_code))
	if facts.exempt:
		return _enabled(facts.exempt)
	if facts.left and rules.keep_left and record and record.is_disabled and record.disabled_on:
		return Decision(Status.DISABLED, _("Has left, and stays disabled."))
	if facts.newest is None or facts.newest.log_type != OUT:
		return _enabled(_("The newest check-in is no OUT."))
	return _after_out(facts, facts.newest, record, rules, now)


def disabled_between(
	out: datetime, shifts: Sequence[Shift], rules: ControlRules
) -> tuple[datetime, datetime]:
	"""From when to when an OUT at that time disables: empty where the end is not after the beginning.

	Who checks out in the middle of a shift may come back until it ends. The way back is the start of the next shift
	minus the margin, or some hours after the OUT, whichever is earlier.
	"""
	going_on = [shift.end for shift in shifts if shift.start <= out < shift.end and not rules.during_shift]
	back = [shift.start - rules.margin for shift in shifts if shift.start > out]
	return max([out, *going_on]), min([out + rules.hours, *back])


def _after_out(
	facts: Facts, out: CheckInSeen, record: DeviceUser | None, rules: ControlRules, now: datetime
) -> Decision:
	if record and record.spent and out.time <= record.spent:
		return _enabled(_("The newest OUT has had its effect."))
	begins, ends = disabled_between(out.time, facts.shifts, rules)
	stays = facts.left and rules.keep_left
	if now >= ends and not (stays and begins < ends):
		return _enabled(_("The time of the way back has come."))
	if begins >= ends:
		return _enabled(_("Their next shift is too near."))
	if now < begins and out.time < begins:
		return Decision(Status.ENABLED, _("Checked out in the middle of a shift."), begins)
	is_known = record is not None and record.disabled_on is not None and record.check_in == out
	if now - out.time > rules.oldest and not is_known:
		return _enabled(_("The newest OUT is too old to disable anybody."))
	return Decision(Status.DISABLED, _("The newest check-in is an OUT."), None if stays else ends)


def _enabled(why: str) -> Decision:
	return Decision(Status.ENABLED, why)
