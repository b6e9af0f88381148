"""One person on one device: found and read, and asked to be changed. What is decided of that is in `steps.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from zkteco_biometric.biotime.errors import BioTimeError, FixTheSettings, TryAgain
from zkteco_biometric.biotime.personnel import Person
from zkteco_biometric.device_users.asking import Ways, Written, disable, restore, tell_terminals
from zkteco_biometric.device_users.decision import Facts
from zkteco_biometric.device_users.ports import Candidate, People
from zkteco_biometric.device_users.states import DeviceUser, Status
from zkteco_biometric.wording import _


class NotThere(FixTheSettings):
	"""A person whom we have disabled is not found on the device any more."""

	code = "person_not_there"
	remedy = _(
		"Look for the person on the BioTime server. If they are in the parking area there, also under "
		"another code, put them back by hand. If the URL of the device was changed to another server, "
		"change it back. Once the person can come in, press Settled by Hand on their ZKTeco Device User."
	)


class Unforeseen(TryAgain):
	"""An error of ours over one person, which keeps nobody else from being enabled."""

	code = "unforeseen"
	remedy = _(
		"Look for the person on the BioTime server, put them back by hand if need be, and report this to "
		"the app's makers."
	)

	@classmethod
	def of(cls, error: Exception) -> Unforeseen:
		"""By its kind alone: what it says may hold a record."""
		return cls(
			_("This person could not be dealt with, by an error of this app: {0}.").format(
				type(error).__name__
			)
		)


@dataclass(frozen=True)
class Looked:
	"""A person as found on the device: None where nobody is, with the reason; or why that cannot be told.

	`doubtful`: found by the code, while the id that we know is somebody else's.
	"""

	person: Person | None = None
	reason: str = ""
	error: BioTimeError | None = None
	doubtful: bool = False


@dataclass(frozen=True)
class Step:
	"""What is to be remembered before anything is asked of the device, and what is to be asked.

	`person` is None where nothing is. `tell_only`: the terminals are to be told again, nothing else.
	"""

	record: DeviceUser
	person: Person | None = None
	tell_only: bool = False
	unsure_before: datetime | None = None


def look(people: People, candidate: Candidate) -> Looked:
	"""Finds the person by the id that we know, where it still is theirs, else by the code. Raises nothing."""
	facts, record = candidate.facts, candidate.record
	try:
		return (
			_find_held(people, record, facts) if record and record.is_held else _find(people, record, facts)
		)
	except BioTimeError as error:
		return Looked(error=error)
	except Exception as error:  # noqa: BLE001 one person's trouble must not keep the others from being enabled
		return Looked(error=Unforeseen.of(error))


def _find(people: People, record: DeviceUser | None, facts: Facts) -> Looked:
	if not facts.emp_code:
		return Looked(reason=_("The Employee has no Biometric ID."))
	known = {record.user_id if record and record.emp_code == facts.emp_code else None, facts.user_id}
	for id in sorted(id for id in known if id is not None):
		person = people.person(id)
		if person and person.emp_code == facts.emp_code:
			return Looked(person)
	return _by_code(people, facts.emp_code)


def _find_held(people: People, record: DeviceUser, facts: Facts) -> Looked:
	"""The id leads: codes are given to others, and changed here and there at once."""
	person = people.person(record.user_id) if record.user_id is not None else None
	if person and person.emp_code in (record.emp_code, facts.emp_code):
		return Looked(person)
	found = _by_code(people, record.emp_code)
	return Looked(found.person, found.reason, doubtful=person is not None)


def _by_code(people: People, emp_code: str) -> Looked:
	person = people.person_with_code(emp_code)
	return Looked(person, "" if person else _("Nobody on the device has the code {0}.").format(emp_code))


def carry_out(people: People, step: Step, ways: Ways) -> Written:
	"""Asks the device for what the step says. Raises nothing."""
	try:
		return _carry_out(people, step, ways)
	except Exception as error:  # noqa: BLE001 as in `look`
		return Written(error=Unforeseen.of(error), unsure=True)


def _carry_out(people: People, step: Step, ways: Ways) -> Written:
	record, person = step.record, step.person
	if person is None or record.former is None:
		raise ValueError("There is nothing to ask.")
	if step.tell_only:
		return Written(person, resync_due=not tell_terminals(people, person.id))
	if record.status is Status.DISABLED:
		return disable(people, person, record.former, ways)
	return restore(people, person, record.former, ways)
