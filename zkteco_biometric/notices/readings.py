"""What each fact means: trouble, well, or neither. A kind that is switched off is not read at all."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from zkteco_biometric.notices.facts import Device, Facts, Rules, Terminal
from zkteco_biometric.notices.incidents import Key, Kind, OpenIncident, Reading, Verdict

_LONG_ENOUGH = timedelta(hours=1)


def read_everything(facts: Facts, rules: Rules, known: Collection[OpenIncident]) -> list[Reading]:
	"""Of the enabled devices, their terminals, and people. `known`: what may have come to its end."""
	found = [reading for device in facts.devices for reading in _of_device(device, facts, rules, known)]
	return [*found, *read_people(facts, known)]


def read_people(facts: Facts, known: Collection[OpenIncident]) -> list[Reading]:
	"""Whoever was late and is late no more is well, unless nothing is remembered of them any more."""
	late = {
		Key(Kind.PEOPLE, one.device, one.employee): Reading(
			Key(Kind.PEOPLE, one.device, one.employee), Verdict.TROUBLE, name=one.name, details=(one.message,)
		)
		for one in facts.late
	}
	back = [
		Reading(one.key, Verdict.WELL)
		for one in known
		if one.key.kind is Kind.PEOPLE
		and one.key not in late
		and (one.key.device, one.key.subject) in facts.on_record
	]
	return [*late.values(), *back]


def _of_device(
	device: Device, facts: Facts, rules: Rules, known: Collection[OpenIncident]
) -> Iterator[Reading]:
	terminals = [one for one in facts.terminals if one.device == device.name]
	yield _not_read(device, facts.watched_for)
	yield _log_in(device)
	if rules.failing_after:
		yield _failing(device, rules.failing_after)
	if rules.waiting_above:
		yield _waiting(device, rules.waiting_above)
	if rules.clocks:
		yield from _clocks(device, known)
	if rules.silent_after:
		yield from _silence(device, terminals, rules)


def _not_read(device: Device, watched_for: timedelta) -> Reading:
	"""Whoever has only begun to look gives the others time to begin as well. A rejected log-in is told as such."""
	key = Key(Kind.NOT_READ, device.name)
	if device.log_in_rejected:
		return Reading(key, Verdict.BETWEEN)
	if device.overdue_since is None:
		return Reading(key, Verdict.WELL, since=device.last_attempt)
	verdict = Verdict.TROUBLE if watched_for >= _LONG_ENOUGH else Verdict.BETWEEN
	return Reading(key, verdict, since=device.overdue_since)


def _log_in(device: Device) -> Reading:
	"""It is over when a sync has worked: saving another password alone shows nothing."""
	key = Key(Kind.LOG_IN, device.name)
	if device.log_in_rejected:
		return Reading(key, Verdict.TROUBLE, details=(device.error,), remedy=device.remedy)
	return Reading(key, _well_if(device.is_well))


def _failing(device: Device, failing_after: timedelta) -> Reading:
	"""A rejected log-in is told as such."""
	key = Key(Kind.FAILING, device.name)
	if device.failing_for >= failing_after and not device.log_in_rejected:
		return Reading(key, Verdict.TROUBLE, details=(device.error,), remedy=device.remedy)
	return Reading(key, _well_if(device.is_well))


def _waiting(device: Device, number: int) -> Reading:
	"""It is over a fifth below the number, at least one punch, so that a few more or less are no news."""
	key = Key(Kind.WAITING, device.name)
	if device.waiting > number:
		return Reading(key, Verdict.TROUBLE, details=(str(device.waiting),))
	few = device.waiting <= number - max(1, number // 5)
	return Reading(key, _well_if(few), details=(str(device.waiting),))


def _clocks(device: Device, known: Collection[OpenIncident]) -> Iterator[Reading]:
	"""A sync that failed may not have seen all of them."""
	for one in device.wrong_clocks:
		key = Key(Kind.CLOCK, device.name, one.serial)
		yield Reading(key, Verdict.TROUBLE, name=one.name, details=(one.message,))
	wrong = {one.serial for one in device.wrong_clocks}
	for before in known:
		key = before.key
		if key.kind is Kind.CLOCK and key.device == device.name and key.subject not in wrong:
			yield Reading(key, _well_if(device.is_well))


def _silence(device: Device, terminals: Collection[Terminal], rules: Rules) -> Iterator[Reading]:
	"""While the whole device is silent, nobody is told of its terminals one by one."""
	whole = Verdict.WELL
	if not terminals or any(one.watched for one in terminals):
		whole = _silent(device.last_punch, device.read_until, rules)
		yield Reading(Key(Kind.SILENT_DEVICE, device.name), whole, since=device.last_punch)
	newest = max((one.last_punch for one in terminals if one.last_punch), default=None)
	for one in terminals:
		if one.watched:
			verdict = _silent(one.last_punch, newest, rules)
			if whole is Verdict.TROUBLE and verdict is Verdict.TROUBLE:
				verdict = Verdict.BETWEEN
			key = Key(Kind.SILENT_TERMINAL, device.name, one.serial)
			yield Reading(key, verdict, since=one.last_punch, name=one.name)


def _silent(last_punch: datetime | None, until: datetime | None, rules: Rules) -> Verdict:
	"""Only time of which something is known counts: of a device, up to when it has been read; of a terminal, up to the newest
	punch of its neighbours, since all of them are silent when their server is cut off. Who never brought a punch is not in
	use, or not yet.
	"""
	if last_punch is None or until is None or rules.silent_after is None:
		return Verdict.BETWEEN
	if rules.hours.reach(last_punch, until, rules.silent_after):
		return Verdict.TROUBLE
	return Verdict.WELL


def _well_if(well: bool) -> Verdict:
	return Verdict.WELL if well else Verdict.BETWEEN
