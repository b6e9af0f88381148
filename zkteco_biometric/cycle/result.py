"""What a cycle did, in counters that always add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from zkteco_biometric.biotime.errors import BioTimeError
from zkteco_biometric.biotime.models import RejectedRow
from zkteco_biometric.cycle.plan import CheckIn, Duplicate, Fate, Ignored, Unmatched

_KEPT_REASONS = 100


@dataclass(frozen=True)
class Counters:
	"""fetched = created + duplicate + unmatched + ignored + rejected, always: `fetched` is their sum by construction."""

	created: int = 0
	duplicate: int = 0
	unmatched: int = 0
	ignored: int = 0
	rejected: int = 0

	@property
	def fetched(self) -> int:
		return self.created + self.duplicate + self.unmatched + self.ignored + self.rejected

	def __add__(self, other: Counters) -> Counters:
		return Counters(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

	def as_dict(self) -> dict[str, int]:
		return {"fetched": self.fetched, **{f.name: getattr(self, f.name) for f in fields(self)}}


@dataclass(frozen=True)
class Refused:
	"""A check-in that the site refused, and its reason in the site's words."""

	check_in: CheckIn
	reason: str


@dataclass(frozen=True)
class Stored:
	"""What storing a page came to: `raced` are those that somebody else created in the meantime."""

	created: int
	raced: int = 0
	refused: tuple[Refused, ...] = ()


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
	`superseded`: what is to be read was changed meanwhile.
	"""

	began: datetime
	counters: Counters = field(default_factory=Counters)
	pages: int = 0
	total: int | None = None
	last_sync: datetime | None = None
	unknown_codes: dict[str, UnknownCode] = field(default_factory=dict)
	ignored_rules: Counter[str] = field(default_factory=Counter)
	rejections: list[str] = field(default_factory=list)
	clock_offset: timedelta | None = None
	failure: BioTimeError | None = None
	unfinished: bool = False
	superseded: bool = False

	def add_page(self, fates: Collection[Fate], stored: Stored) -> None:
		"""Counts every row of a page once, under what became of it."""
		self.pages += 1
		self.counters += _count(fates, stored)
		for fate in fates:
			if isinstance(fate, Unmatched):
				self._saw_unknown(fate)
			elif isinstance(fate, Ignored):
				self.ignored_rules[fate.rule] += 1
			elif isinstance(fate, RejectedRow):
				self._keep_reason(f"Transaction {fate.transaction_id or '?'}: {fate.reason}")
		for refused in stored.refused:
			self._keep_reason(_refusal(refused))

	def _saw_unknown(self, fate: Unmatched) -> None:
		time = fate.punch.time
		known = self.unknown_codes.setdefault(fate.punch.emp_code, UnknownCode(0, time, time))
		known.saw(time)

	def _keep_reason(self, reason: str) -> None:
		if len(self.rejections) < _KEPT_REASONS:
			self.rejections.append(reason)


def _count(fates: Collection[Fate], stored: Stored) -> Counters:
	kinds = Counter(type(fate) for fate in fates)
	return Counters(
		created=stored.created,
		duplicate=kinds[Duplicate] + stored.raced,
		unmatched=kinds[Unmatched],
		ignored=kinds[Ignored],
		rejected=kinds[RejectedRow] + len(stored.refused),
	)


def _refusal(refused: Refused) -> str:
	punch = refused.check_in.punch
	number = "?" if punch.id is None else punch.id
	return (
		f"Transaction {number}: employee {refused.check_in.employee} (Biometric ID {punch.emp_code}) "
		f"at {refused.check_in.time}: {refused.reason}"
	)
