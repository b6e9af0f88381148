"""From what is seen of a person to what is asked of the device, and from what came of it to what is remembered. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from zkteco_biometric.biotime.errors import BioTimeError, UnexpectedShape
from zkteco_biometric.biotime.personnel import Person
from zkteco_biometric.device_users.asking import Written
from zkteco_biometric.device_users.decision import Decision
from zkteco_biometric.device_users.method import (
	ControlUnsupported,
	Method,
	Place,
	is_disabled,
	is_parked,
	place_of,
)
from zkteco_biometric.device_users.ports import Candidate
from zkteco_biometric.device_users.retrying import failed, wait
from zkteco_biometric.device_users.states import DeviceUser, Former, Outcome, Status
from zkteco_biometric.device_users.visit import Looked, NotThere, Step
from zkteco_biometric.wording import _, joined

SETTLES_IN = timedelta(minutes=15)
"""How long a server may take to carry out a request whose answer we have not seen."""

_MOST_RESYNCS = {Status.ENABLED: 90, Status.DISABLED: 5}
"""Some hours for who is enabled: unknown to a terminal, they stand before a closed door."""
_NOT_TOLD = _("The server has not taken the order to send this person to the terminals again.")
_TELLING = (Outcome.UNMANAGED, Outcome.UNSUPPORTED, Outcome.CHANGED_ELSEWHERE)
"""What is worth reading for as long as nothing else is wanted of the person."""
_HAS_RIGHTS = _("Has rights on the device: never disabled.")


@dataclass(frozen=True)
class Here:
	"""What holds for the device of a pass: its URL, and the names and codes of all areas that people are parked in there."""

	server: str = ""
	parkings: frozenset[str] = frozenset()
	dry_run: bool = False


def settle(candidate: Candidate, decision: Decision) -> DeviceUser | None:
	"""What is to be remembered where the device need not be asked: who is not held and shall not be disabled now.

	None where nothing changes. To be called for such only.
	"""
	facts, record = candidate.facts, candidate.record
	if decision.until is None and (record is None or record.outcome in _TELLING):
		return None
	settled = replace(
		record or DeviceUser(facts.employee, facts.emp_code),
		emp_code=facts.emp_code,
		status=Status.ENABLED,
		outcome=Outcome.WAITING if decision.until else Outcome.CONFIRMED,
		check_in=facts.newest,
		way_back=None,
		disabled_on=None,
		attempts=0,
		due_at=decision.until,
		released=False,
		why=decision.why,
		error="",
		error_code="",
		remedy="",
	)
	return None if record and settled == replace(record, check_in=settled.check_in) else settled


def next_step(
	candidate: Candidate,
	decision: Decision,
	looked: Looked,
	method: Method | ControlUnsupported,
	now: datetime,
	here: Here,
) -> Step:
	"""From what is seen to what is asked. `method` is how to disable, or why that is not possible."""
	record = candidate.record
	if looked.error:
		return Step(failed(_of(candidate, decision, now), decision, looked.error, now))
	if record and record.former and record.is_held:
		return _held(candidate, record, record.former, decision, looked, now, here)
	return _not_held(candidate, decision, looked, method, now, here)


def _of(candidate: Candidate, decision: Decision, now: datetime) -> DeviceUser:
	"""The record as this decision has it. What `former` needs is kept: the code that the person had then."""
	facts, record = candidate.facts, candidate.record or DeviceUser(candidate.facts.employee, "")
	decided = replace(
		record,
		emp_code=record.emp_code if record.is_held else facts.emp_code,
		status=decision.status,
		check_in=facts.newest,
		way_back=decision.until if decision.status is Status.DISABLED else record.way_back,
		last_attempt=now,
		# By this check-in, that is: whoever enables the person after an older one does not overrule it.
		disabled_on=record.disabled_on if record.check_in == facts.newest else None,
		attempts=record.attempts if record.status is decision.status else 0,
		due_at=None,
		why=decision.why,
		error="",
		error_code="",
		remedy="",
	)
	is_final = decision.status is Status.ENABLED and decision.until is None
	return replace(decided, spent=_spent(decided)) if is_final else decided


def _not_held(
	candidate: Candidate,
	decision: Decision,
	looked: Looked,
	method: Method | ControlUnsupported,
	now: datetime,
	here: Here,
) -> Step:
	"""A person whom we have not touched, to be disabled."""
	record, person = _of(candidate, decision, now), looked.person
	if person is None:
		return Step(_left_alone(record, Outcome.UNMANAGED, looked.reason))
	record = replace(record, user_id=person.id)
	if person.privilege != 0:
		return Step(_left_alone(record, Outcome.UNMANAGED, _HAS_RIGHTS))
	if isinstance(method, ControlUnsupported):
		return Step(_unsupported(record, method))
	if is_disabled(person, method) or is_parked(person, here.parkings):
		why = _("Was disabled on the device already, not by this app.")
		return Step(_left_alone(record, Outcome.CHANGED_ELSEWHERE, why))
	try:
		former = method.former_of(person)
	except ControlUnsupported as error:
		return Step(_unsupported(record, error))
	if here.dry_run:
		why = joined(_("Would be disabled."), decision.why)
		return Step(replace(record, outcome=Outcome.DRY_RUN, due_at=decision.until, why=why))
	return _ask(replace(record, former=replace(former, server=here.server)), person, now)


def _held(
	candidate: Candidate,
	known: DeviceUser,
	former: Former,
	decision: Decision,
	looked: Looked,
	now: datetime,
	here: Here,
) -> Step:
	"""A person whom we may have disabled."""
	record, person = _of(candidate, decision, now), looked.person
	if person is None:
		return Step(failed(record, decision, NotThere(looked.reason), now))
	try:
		place = place_of(person, former)
	except UnexpectedShape as error:
		return Step(failed(record, decision, error, now))
	stranger = _why_a_stranger(person, former, looked, here)
	if place is not Place.DISABLED and stranger:
		return Step(failed(record, decision, NotThere(stranger), now))
	record = replace(record, user_id=person.id)
	if decision.status is Status.DISABLED and person.privilege == 0:
		return _stay_disabled(known, record, former, place, person, now, here)
	if decision.status is Status.DISABLED:
		record = replace(record, status=Status.ENABLED, way_back=None, why=_HAS_RIGHTS, spent=_spent(record))
	if place is Place.DISABLED:
		# The same server under another URL: from now on what is read there is about this person.
		found_here = replace(former, server=here.server or former.server)
		return _ask(replace(record, former=found_here), person, now)
	return _let_go(record, former, place, person, now)


def _why_a_stranger(person: Person, former: Former, looked: Looked, here: Here) -> str:
	"""Why this may not be the person whom we have disabled: then it says nothing of them. Empty where it is."""
	if looked.doubtful:
		return _("The id of this person is somebody else's now, and {0} is not where we put them.").format(
			person.emp_code
		)
	if former.server and here.server and former.server != here.server:
		return _("This person was disabled at {0}; the device's URL is {1} by now.").format(
			former.server, here.server
		)
	return ""


def _stay_disabled(
	known: DeviceUser,
	record: DeviceUser,
	former: Former,
	place: Place,
	person: Person,
	now: datetime,
	here: Here,
) -> Step:
	if place is Place.DISABLED:
		return _confirm(record, former, person, now)
	if known.status is Status.DISABLED and known.disabled_on and not _is_unsure(known, now):
		why = _("Somebody has enabled this person on the device: respected until the next OUT.")
		gone = replace(record, former=None, check_in=known.check_in, due_at=_soon(known, record, now))
		return Step(_left_alone(gone, Outcome.CHANGED_ELSEWHERE, why))
	# Perhaps not where they were when we meant to begin: what is there now is what to come back to.
	former = former if is_parked(person, here.parkings) else _as_now(former, person)
	return _ask(replace(record, former=former, disabled_on=None), person, now)


def _soon(known: DeviceUser, record: DeviceUser, now: datetime) -> datetime | None:
	"""A newer OUT than the one that somebody has overruled is looked at in the next round."""
	return now if known.check_in != record.check_in else None


def _as_now(former: Former, person: Person) -> Former:
	ids = tuple(area.id for area in person.areas)
	names = tuple(area.name for area in person.areas)
	return replace(former, areas=ids, area_names=names, value=person.fields.get(former.field))


def _let_go(record: DeviceUser, former: Former, place: Place, person: Person, now: datetime) -> Step:
	"""A person who is to be enabled, and is. Held on to while a request may still come to something, or terminals wait."""
	if former.resync_due:
		return Step(replace(record, outcome=Outcome.REQUESTED), person, tell_only=True)
	return Step(_given_back(record, place, now))


def _given_back(record: DeviceUser, place: Place, now: datetime) -> DeviceUser:
	if record.unsure_since and _is_unsure(record, now):
		why = _("Is enabled; looked at once more, since an earlier request was never answered.")
		# A clock that ran ahead when it was sent must not keep us from looking.
		since = min(record.unsure_since, now)
		return replace(
			record, outcome=Outcome.REQUESTED, unsure_since=since, due_at=since + SETTLES_IN, why=why
		)
	changed = place is Place.ELSEWHERE
	return replace(
		record,
		former=None,
		outcome=Outcome.CHANGED_ELSEWHERE if changed else Outcome.CONFIRMED,
		why=_("Somebody has changed this person on the device: left as it is.") if changed else record.why,
		way_back=None,
		disabled_on=None,
		# A check-in that disables from the end of the shift on: the next round finds out when that is.
		due_at=now if _spent(record) != record.spent else None,
		attempts=0,
		unsure_since=None,
		released=False,
	)


def _is_unsure(record: DeviceUser, now: datetime) -> bool:
	return record.unsure_since is not None and now < record.unsure_since + SETTLES_IN


def _spent(record: DeviceUser) -> datetime | None:
	"""What the person has checked out by so far has had its effect."""
	times = [time for time in (record.spent, record.check_in and record.check_in.time) if time]
	return max(times, default=None)


def _confirm(record: DeviceUser, former: Former, person: Person, now: datetime) -> Step:
	if former.resync_due:
		return Step(replace(record, outcome=Outcome.REQUESTED), person, tell_only=True)
	return Step(_confirmed(record, now))


def _confirmed(record: DeviceUser, now: datetime) -> DeviceUser:
	"""Disabled, as read on the device; to be looked at again at the way back."""
	return replace(
		record,
		outcome=Outcome.CONFIRMED,
		disabled_on=record.disabled_on or now,
		due_at=record.way_back,
		attempts=0,
	)


def _left_alone(record: DeviceUser, outcome: Outcome, why: str) -> DeviceUser:
	return replace(
		record,
		status=Status.ENABLED,
		outcome=outcome,
		former=None,
		way_back=None,
		disabled_on=None,
		attempts=0,
		unsure_since=None,
		released=False,
		why=why,
		spent=_spent(record),
	)


def _unsupported(record: DeviceUser, error: BioTimeError) -> DeviceUser:
	alone = _left_alone(record, Outcome.UNSUPPORTED, error.message)
	return replace(alone, error=error.message, error_code=error.code, remedy=error.remedy)


def _ask(record: DeviceUser, person: Person, now: datetime) -> Step:
	"""From here on nobody knows what the device makes of it: until it is read again, also where this process dies."""
	former = replace(record.former, resync_due=_MOST_RESYNCS[record.status]) if record.former else None
	asked = replace(record, outcome=Outcome.REQUESTED, unsure_since=now, due_at=now, former=former)
	return Step(asked, person, unsure_before=record.unsure_since)


def conclude(step: Step, written: Written, now: datetime) -> DeviceUser:
	"""What is to be remembered of it."""
	record, former = step.record, step.record.former
	if former is None:
		return record
	if not step.tell_only:
		record = replace(record, unsure_since=now if written.unsure else step.unsure_before)
	former = replace(former, resync_due=_resyncs(step, former, written))
	record = replace(record, former=former)
	if written.error:
		return _not_done(record, written.error, now)
	if former.resync_due:
		return _terminals_wait(record, now)
	done = replace(record, why=joined(record.why, written.note))
	if record.status is Status.DISABLED:
		return _confirmed(done, now)
	given = _given_back(done, Place.AS_BEFORE, now)
	return _untold(given) if written.resync_due and not given.is_held else given


def _untold(record: DeviceUser) -> DeviceUser:
	"""Where the server never took the order: it may have told the terminals by itself, or not."""
	remedy = _("If a terminal refuses the person, let the BioTime server synchronise it.")
	return replace(record, outcome=Outcome.FAILED, error=_NOT_TOLD, error_code="", remedy=remedy)


def _resyncs(step: Step, former: Former, written: Written) -> int:
	"""How often the terminals are still to be told: also of what the server may make yet of a request that failed."""
	if written.error:
		return former.resync_due
	return former.resync_due - step.tell_only if written.resync_due else 0


def _not_done(record: DeviceUser, error: BioTimeError, now: datetime) -> DeviceUser:
	decision = Decision(record.status, record.why, record.way_back)
	return failed(record, decision, error, now)


def _terminals_wait(record: DeviceUser, now: datetime) -> DeviceUser:
	attempts = record.attempts + 1
	return replace(
		record,
		outcome=Outcome.REQUESTED,
		attempts=attempts,
		due_at=now + wait(record.status, attempts),
		error=_NOT_TOLD,
		error_code="",
	)
