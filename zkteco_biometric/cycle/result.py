"""What a cycle did, in counters that always add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from zkteco_biometric.biotime.errors import BioTimeError
from zkteco_biometric.cycle.plan import CheckIn, Duplicate, Fate, Ignored, Pending, Reason
from zkteco_biometric.wording import Wording, _

_KEPT_REASONS = 100


@dataclass(frozen=True)
class Counters:
	"""fetched = created + duplicate + pending + ignored, always: `fetched` is their sum by construction."""

	created: int = 0
	duplicate: int = 0
	pending: int = 0
	ignored: int = 0

	@property
	def fetched(self) -> int:
		return self.created + self.duplicate + self.pending + self.ignored

	def __add__(self, other: Counters) -> Counters:
		return Counters(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

	def as_dict(self) -> dict[str, int]:
		return {"fetched": self.fetched, **{f.name: getattr(self, f.name) for f in fields(self)}}


@dataclass(frozen=True)
class Refused:
	"""A check-in that the site refused, and why, in the site's words."""

	check_in: CheckIn
	message: str
	reason: Reason = Reason.REFUSED

	def as_pending(self) -> Pending:
		punch = self.check_in.punch
		number = "" if punch.id is None else str(punch.id)
		return Pending(self.reason, self.message, punch.row, punch, number, self.check_in.employee)


@dataclass(frozen=True)
class Stored:
	"""What storing a page came to: `raced` are those that somebody else created in the meantime.

	Those `refused` are kept as pending punches by then. `in_bulk`: how many of those created the site wrote a page at a time.
	"""

	created: int
	raced: int = 0
	refused: tuple[Refused, ...] = ()
	in_bulk: int = 0


@dataclass
class UnknownCode:
	"""A code that is no employee's Biometric ID: how many punches, and the device's wall clock of first and last."""

	punches: int
	first: datetime
	last: datetime

	def saw(self, time: datetime) -> None:
		self.punches += 1
		self.first, self.last = min(self.first, time), max(self.last, time)


@dataclass
class CycleResult:
	"""One cycle. `began` is aware; `last_sync` is the instant up to which every page is stored, None if none new.

	`failure`: why the device could not be read to the end. `unfinished`: its time was over before the last page.
	`superseded`: what is to be read was changed meanwhile. `cancelled`: a person asked to stop. `glanced`: one request has
	shown that nothing is new, and nothing was read. `new_pending` counts the
	punches that wait since this cycle. `rejections`: a sentence for each punch that waits, but for those of an unknown
	employee; `wrong_clocks`: one for each terminal whose clock is wrong. By `refused` and `wrong_terminals` the same are known
	again, in whatever language they were told. `clocks_watched`: whether there was time to look at them.
	`page_size_borne`: what the server bears, where that is less than was set. Seconds are those in which the device was
	asked, and in which the site wrote: both at once count twice.
	"""

	began: datetime
	counters: Counters = field(default_factory=Counters)
	pages: int = 0
	total: int | None = None
	window_start: datetime | None = None
	window_end: datetime | None = None
	last_sync: datetime | None = None
	new_pending: int = 0
	unknown_codes: dict[str, UnknownCode] = field(default_factory=dict)
	ignored_rules: Counter[str] = field(default_factory=Counter)
	rejections: list[str] = field(default_factory=list)
	clock_offset: timedelta | None = None
	clocks_watched: bool = False
	wrong_clocks: list[str] = field(default_factory=list)
	refused: list[str] = field(default_factory=list)
	wrong_terminals: list[str] = field(default_factory=list)
	page_size_borne: int | None = None
	http_seconds: float = 0.0
	db_seconds: float = 0.0
	failure: BioTimeError | None = None
	unfinished: bool = False
	superseded: bool = False
	cancelled: bool = False
	glanced: bool = False

	@property
	def is_quiet(self) -> bool:
		"""Whether there is nothing to tell of it: nothing new was met, and nothing went wrong."""
		news = self.counters.created or self.new_pending
		return not (news or self.failure or self.unfinished or self.superseded)

	def add_page(self, fates: Collection[Fate], stored: Stored) -> None:
		"""Counts every row of a page once, under what became of it."""
		self.pages += 1
		self.counters += count(fates, stored)
		self.new_pending += sum(isinstance(fate, Pending) and fate.is_new for fate in fates)
		self.new_pending += len(stored.refused)
		for fate in fates:
			if isinstance(fate, Pending):
				self._saw_pending(fate)
			elif isinstance(fate, Ignored):
				self.ignored_rules[fate.rule] += 1
		for refused in stored.refused:
			self._keep_reason(refused.as_pending())

	def add_news(self, fates: Collection[Fate], stored: Stored) -> None:
		"""Counts what is new on a page of which the rest may have been counted before."""
		news = [fate for fate in fates if is_news(fate)]
		if news:
			self.add_page(news, stored)

	def _saw_pending(self, fate: Pending) -> None:
		if fate.punch and fate.reason is Reason.UNKNOWN_EMPLOYEE:
			time = fate.punch.time
			self.unknown_codes.setdefault(fate.punch.emp_code, UnknownCode(0, time, time)).saw(time)
		else:
			self._keep_reason(fate)

	def _keep_reason(self, pending: Pending) -> None:
		if len(self.rejections) < _KEPT_REASONS:
			self.rejections.append(_told(pending))
			self.refused.append(_incident(pending))


def is_news(fate: Fate) -> bool:
	"""Whether the site has neither a check-in of it yet nor keeps it as pending."""
	return isinstance(fate, CheckIn) or (isinstance(fate, Pending) and fate.is_new)


def count(fates: Collection[Fate], stored: Stored) -> Counters:
	"""Every fate once, under what became of it."""
	kinds = Counter(type(fate) for fate in fates)
	return Counters(
		created=stored.created,
		duplicate=kinds[Duplicate] + stored.raced,
		pending=kinds[Pending] + len(stored.refused),
		ignored=kinds[Ignored],
	)


_REASONS = {
	Reason.UNKNOWN_EMPLOYEE: _("unknown employee"),
	Reason.INACTIVE_EMPLOYEE: _("inactive employee"),
	Reason.REFUSED: _("refused by hrms"),
	Reason.IMPOSSIBLE_TIME: _("impossible time"),
	Reason.UNREADABLE_ROW: _("unreadable row"),
}


def _told(pending: Pending) -> Wording:
	"""Which punch, whose and when, and what is in its way."""
	number, reason, punch = pending.transaction_id or "?", _REASONS[pending.reason], pending.punch
	if not punch:
		return _("Transaction {0}: {1}: {2}").format(number, reason, pending.message)
	if pending.employee:
		return _("Transaction {0}: employee {1} (Biometric ID {2}) at {3}: {4}: {5}").format(
			number, pending.employee, punch.emp_code, punch.time, reason, pending.message
		)
	return _("Transaction {0}: (Biometric ID {1}) at {2}: {3}: {4}").format(
		number, punch.emp_code, punch.time, reason, pending.message
	)


def _incident(pending: Pending) -> str:
	"""The same, without what is said in words: those are of the site's language once they were stored."""
	punch = (pending.punch.emp_code, str(pending.punch.time)) if pending.punch else ()
	return " ".join((pending.transaction_id or "?", *punch, pending.reason.value))
