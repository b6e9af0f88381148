"""One pass over the people of a device, readable aloud: who is to be what, asked for, and read again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from zkteco_biometric.biotime.errors import (
	AccessDenied,
	BioTimeError,
	LicenceWithoutApi,
	TimedOut,
	UnexpectedShape,
	Unreachable,
	WrongCredentials,
)
from zkteco_biometric.device_users.asking import Ways, Written
from zkteco_biometric.device_users.decision import ControlRules, Decision, decide
from zkteco_biometric.device_users.lanes import Lanes
from zkteco_biometric.device_users.method import ControlUnsupported, FieldMethod, Method, find_parking
from zkteco_biometric.device_users.ports import Candidate, Memory, People, Superseded
from zkteco_biometric.device_users.retrying import LONGEST_WAIT
from zkteco_biometric.device_users.states import DeviceUser, Outcome, Status
from zkteco_biometric.device_users.steps import Here, conclude, next_step, settle
from zkteco_biometric.device_users.visit import Looked, Step, Unforeseen, carry_out, look
from zkteco_biometric.wording import _

_AT_ONCE = 20
"""People whose intents are stored in one transaction: a worker that dies leaves no more than these to be looked at."""

_REFUSED = (WrongCredentials, AccessDenied, LicenceWithoutApi)
_SILENT = (Unreachable, TimedOut)
_OF_ONE_PERSON = (UnexpectedShape, Unforeseen)
_MOST_FAILING_BATCHES = 2
_MOST_SILENT = 4
"""Requests in a row that a device leaves unanswered, each after its time-out, before it is left alone."""
_LOOKS_AGAIN_AFTER = timedelta(hours=1)
"""Somebody else may change on the server whom we have disabled, or give them rights."""
_TRIES_AGAIN_IN = timedelta(minutes=5)
_NO_SCHEDULER = _(
	"Ask your administrator to enable the scheduler of this site, and to start the bench's scheduler "
	"and workers; nothing else is to be done."
)


@dataclass(frozen=True)
class ControlSettings:
	"""How a device disables people: to the area of that name or code, or by a field where one is named.

	`server` is its URL; `parkings` are the names of areas that people are parked in there by others. `only_enable` says why
	nobody may be disabled now; empty otherwise.
	"""

	parking_area: str = "Not Authorized"
	field: FieldMethod | None = None
	dry_run: bool = False
	server: str = ""
	parkings: frozenset[str] = frozenset()
	only_enable: str = ""

	@property
	def here(self) -> Here:
		return Here(self.server, self.parkings - {""}, self.dry_run)


@dataclass
class PassResult:
	"""What a pass came to, in people.

	`failed`: those of whom something is wanted that did not succeed. `failure`: why the device could not be worked with to
	the end; `trouble`: why nobody can be disabled. `asked`: whether the device was asked for anything; `can_disable`: None
	where that was not found out. `unfinished`: its time was over, or the device does not answer. `superseded`: somebody
	changed meanwhile what is to be done. `crashed`: an error of ours ended it.
	"""

	counts: Counter[str] = field(default_factory=Counter)
	failed: list[DeviceUser] = field(default_factory=list)
	failure: BioTimeError | None = None
	trouble: BioTimeError | None = None
	asked: bool = False
	can_disable: bool | None = None
	unfinished: bool = False
	superseded: bool = False
	crashed: bool = False

	@property
	def is_complete(self) -> bool:
		"""Whether everybody who was due has been looked at; whom that failed for has a time of their own to try again."""
		return not (self.unfinished or self.superseded or self.crashed)

	def add(self, record: DeviceUser, asked: bool = False) -> None:
		if record.outcome is Outcome.FAILED:
			self.failed.append(record)
		if record.outcome is Outcome.CONFIRMED and asked:
			self.counts["disabled" if record.status is Status.DISABLED else "enabled"] += 1
		elif record.outcome is not Outcome.CONFIRMED:
			self.counts[record.outcome.value.lower().replace(" ", "_")] += 1


def run_pass(
	lanes: Lanes,
	memory: Memory,
	candidates: Sequence[Candidate],
	settings: ControlSettings,
	rules: ControlRules,
	*,
	now: Callable[[], datetime],
	ways: Ways | None = None,
	stop_at: datetime | None = None,
) -> PassResult:
	"""Brings everybody to what they are to be now; safe to run again at any time, also after it died anywhere.

	Who is to be enabled comes first. A device that fails ends the pass with `failure` set; whoever was not visited stays due.
	"""
	work = _Pass(lanes, memory, settings, rules, now, ways or Ways(), stop_at)
	try:
		work.visit_all(candidates)
	except Superseded:
		work.result.superseded = True
	return work.result


@dataclass
class _Pass:
	lanes: Lanes
	memory: Memory
	settings: ControlSettings
	rules: ControlRules
	now: Callable[[], datetime]
	ways: Ways
	stop_at: datetime | None
	result: PassResult = field(default_factory=PassResult)
	_method: Method | ControlUnsupported | None = None
	_no_method: BioTimeError | None = None
	_silent: int = 0
	_silence: BioTimeError | None = None

	def visit_all(self, candidates: Sequence[Candidate]) -> None:
		to_visit = self.settle_those_at_rest(candidates)
		failing = 0
		if to_visit and not self.is_ready():
			self.give_up_on(to_visit)
			return
		left = to_visit
		for batch in _batches(to_visit):
			out_of_time = self.stop_at is not None and self.now() >= self.stop_at
			if out_of_time or failing >= _MOST_FAILING_BATCHES or self.is_hopeless():
				self.give_up_on(left)
				return
			failing = failing + 1 if self.visit(batch) else 0
			left = left[len(batch) :]

	def is_hopeless(self) -> bool:
		"""Whether the device refuses us, or does not answer."""
		return isinstance(self.result.failure, _REFUSED + _SILENT)

	def is_ready(self) -> bool:
		self.result.asked = True
		try:
			self.lanes.make_ready()
		except BioTimeError as error:
			self.result.failure = error
			return False
		return True

	def give_up_on(self, candidates: Sequence[Candidate]) -> None:
		"""They stay due. Of those who should be enabled by now it is remembered why they are not."""
		self.result.unfinished = True
		if self.result.failure is None:
			return
		seen = Looked(error=self.result.failure)
		late = [self.step(one, seen).record for one in candidates if one.record and one.record.is_held]
		late = [record for record in late if record.status is Status.ENABLED]
		if late:
			self.memory.remember(late)
		for record in late:
			self.result.add(record)

	def settle_those_at_rest(self, candidates: Sequence[Candidate]) -> list[Candidate]:
		"""Remembers what needs no look at the device; returns the others, the most urgent first."""
		to_visit, at_rest = [], []
		for candidate in candidates:
			decision = self.decide(candidate)
			record = candidate.record
			if self.waits(record, candidate, decision):
				continue
			if _is_there_already(record, candidate, decision, self.now()):
				at_rest.append(_with_way_back(candidate, decision))
			elif decision.status is Status.ENABLED and not (record and record.is_held):
				at_rest.append(settle(candidate, decision))
			else:
				to_visit.append(
					(decision.status is Status.DISABLED, record.attempts if record else 0, candidate)
				)
		changed = [record for record in at_rest if record]
		for record in changed:
			self.result.add(record)
		if changed:
			self.memory.remember(changed)
		return [candidate for _disables, _attempts, candidate in sorted(to_visit, key=lambda one: one[:2])]

	def waits(self, record: DeviceUser | None, candidate: Candidate, decision: Decision) -> bool:
		"""Whether nothing is new since it was tried, and it is not time to try again."""
		if (
			record is None
			or record.status is not decision.status
			or record.check_in != candidate.facts.newest
		):
			return False
		if record.outcome is Outcome.DRY_RUN:
			return self.settings.dry_run
		tried = record.outcome in (Outcome.FAILED, Outcome.REQUESTED)
		if not tried or record.due_at is None:
			return False
		# A clock that ran ahead must not postpone anybody's way back.
		return self.now() < record.due_at <= self.now() + max(LONGEST_WAIT.values())

	def decide(self, candidate: Candidate) -> Decision:
		decision = decide(candidate.facts, candidate.record, self.rules, self.now())
		record = candidate.record
		is_there = record is not None and record.is_disabled and record.disabled_on is not None
		if self.settings.only_enable and decision.status is Status.DISABLED and not is_there:
			self.result.can_disable = False
			self.result.trouble = ControlUnsupported(self.settings.only_enable, remedy=_NO_SCHEDULER)
			return Decision(Status.ENABLED, self.settings.only_enable, self.now() + _TRIES_AGAIN_IN)
		return decision

	def visit(self, batch: Sequence[Candidate]) -> bool:
		"""Looks, remembers what is intended, asks, and remembers what came of it. Whether all of it failed on the device."""
		looked = self.lanes.each(self.look, batch)
		steps = [self.step(candidate, seen) for candidate, seen in zip(batch, looked, strict=True)]
		to_ask = [step for step in steps if step.person]
		rest = [step.record for step in steps if not step.person]
		if rest:
			self.memory.remember(rest)
		for record in rest:
			self.result.add(record)
		self.ask(to_ask)
		fell_silent = self._silence if self._silent >= _MOST_SILENT else None
		self.result.failure = _failure(looked) or fell_silent
		return all(seen.error for seen in looked)

	def look(self, people: People, candidate: Candidate) -> Looked:
		if self._silence and self._silent >= _MOST_SILENT:
			return Looked(error=self._silence)
		seen = look(people, candidate)
		self.listen(seen.error)
		return seen

	def carry_out(self, people: People, step: Step) -> Written:
		if self._silence and self._silent >= _MOST_SILENT:
			return Written(error=self._silence)
		written = carry_out(people, step, self.ways)
		self.listen(written.error)
		return written

	def listen(self, error: BioTimeError | None) -> None:
		"""To a device that has stopped answering in the middle of a batch; from any lane, so that the count is about right."""
		self._silent = self._silent + 1 if isinstance(error, _SILENT) else 0
		self._silence = error if isinstance(error, _SILENT) else None

	def step(self, candidate: Candidate, seen: Looked) -> Step:
		decision = self.decide(candidate)
		wants_method = decision.status is Status.DISABLED and not seen.error and seen.person is not None
		if not wants_method or (candidate.record and candidate.record.is_held):
			return next_step(candidate, decision, seen, _NOT_NEEDED, self.now(), self.settings.here)
		try:
			method = self.method()
		except BioTimeError as error:
			return next_step(
				candidate, decision, Looked(error=error), _NOT_NEEDED, self.now(), self.settings.here
			)
		return next_step(candidate, decision, seen, method, self.now(), self.settings.here)

	def ask(self, steps: Sequence[Step]) -> None:
		if not steps:
			return
		self.memory.intend([step.record for step in steps])
		written = self.lanes.each(self.carry_out, steps)
		done = [conclude(step, came, self.now()) for step, came in zip(steps, written, strict=True)]
		self.memory.remember(done)
		for record in done:
			self.result.add(record, asked=True)

	def method(self) -> Method | ControlUnsupported:
		"""Made out once a pass, when somebody is to be disabled. Raises `BioTimeError` where the device cannot be asked."""
		if self._no_method:
			raise self._no_method
		if self._method is None:
			try:
				self._method = self.settings.field or find_parking(
					self.lanes.first, self.settings.parking_area
				)
			except ControlUnsupported as error:
				self._method = self.result.trouble = error
			except BioTimeError as error:
				self._no_method = error
				raise
			self.result.can_disable = self.result.trouble is None
		return self._method


_NOT_NEEDED = ControlUnsupported(_("Nobody is to be disabled."))


def _is_there_already(
	record: DeviceUser | None, candidate: Candidate, decision: Decision, now: datetime
) -> bool:
	"""Disabled, as it was read on the device lately, by the very check-in that asks for it."""
	return (
		record is not None
		and record.is_disabled
		and record.outcome is Outcome.CONFIRMED
		and decision.status is Status.DISABLED
		and record.check_in == candidate.facts.newest
		and record.last_attempt is not None
		and record.last_attempt <= now < record.last_attempt + _LOOKS_AGAIN_AFTER
	)


def _with_way_back(candidate: Candidate, decision: Decision) -> DeviceUser | None:
	"""A shift that was changed changes the way back."""
	record = candidate.record
	if record is None or (record.way_back == decision.until and record.due_at == decision.until):
		return None
	return replace(record, way_back=decision.until, due_at=decision.until, why=decision.why)


def _batches(candidates: Sequence[Candidate]) -> Iterator[Sequence[Candidate]]:
	"""The first person alone: a device that does not answer is to cost one time-out."""
	yield from (candidates[:1],) if candidates else ()
	for begin in range(1, len(candidates), _AT_ONCE):
		yield candidates[begin : begin + _AT_ONCE]


def _failure(looked: Sequence[Looked]) -> BioTimeError | None:
	"""What is wrong with the device: it refuses us, or nobody could be looked at and it is not about one person alone."""
	errors = [seen.error for seen in looked if seen.error]
	refusal = next((error for error in errors if isinstance(error, _REFUSED)), None)
	if refusal or len(errors) < len(looked):
		return refusal
	alone = len(errors) == 1 and isinstance(errors[0], _OF_ONE_PERSON)
	return None if alone else next(iter(errors), None)
