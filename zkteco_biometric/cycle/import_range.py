"""What an import reads, and how far it has come. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from zkteco_biometric.biotime.models import Page, RejectedRow
from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.window import Checkpoint
from zkteco_biometric.wording import _

MOST_CODES = 100
LONGEST_CODE = 50


@dataclass(frozen=True)
class ImportRange:
	"""A span of punch times, naive, the terminals' wall clock, inclusive; of these codes only, or of everybody."""

	start: datetime
	end: datetime
	codes: tuple[str, ...] = ()

	@property
	def turns(self) -> tuple[str, ...]:
		"""What is read one after the other: a code each, or everybody, which is written as no code."""
		return self.codes or ("",)

	def part_of(self, page: Page, code: str) -> Page:
		"""The rows of the page that were asked for: a server may take a code loosely, or ignore what it is asked.

		A row that cannot be read has no time; it counts as one of the range.
		"""
		punches = [one for one in page.punches if self.start <= one.time <= self.end]
		if not code:
			return replace(page, punches=tuple(punches))
		return replace(
			page,
			punches=tuple(one for one in punches if one.emp_code == code),
			rejected=tuple(one for one in page.rejected if _code_of(one) == code),
		)


@dataclass(frozen=True)
class ImportPosition:
	"""How far an import has come.

	`turns_done` of its turns are stored, and of the next one everything until `until`, naive wall clock of the terminals.
	`checkpoint`: within the slice that follows. `total`: how many punches the server counted when it began.
	"""

	turns_done: int = 0
	until: datetime | None = None
	checkpoint: Checkpoint | None = None
	total: int | None = None

	def after_turn(self) -> ImportPosition:
		return ImportPosition(self.turns_done + 1, total=self.total)

	def as_json(self) -> str:
		"""For a site to keep; `from_json` reads it."""
		return json.dumps(
			{
				"turns_done": self.turns_done,
				"until": self.until.isoformat() if self.until else None,
				"checkpoint": self.checkpoint.as_json() if self.checkpoint else None,
				"total": self.total,
			}
		)

	@staticmethod
	def from_json(text: str) -> ImportPosition:
		kept = json.loads(text)
		until = datetime.fromisoformat(kept["until"]) if kept["until"] else None
		checkpoint = Checkpoint.from_json(kept["checkpoint"]) if kept["checkpoint"] else None
		return ImportPosition(kept["turns_done"], until, checkpoint, kept["total"])


def codes_typed(text: str) -> tuple[str, ...]:
	"""Codes between commas, semicolons or line ends, as text with their zeros; then as `codes_checked`."""
	return codes_checked(text.replace(",", "\n").replace(";", "\n").splitlines())


def codes_checked(given: Iterable[str]) -> tuple[str, ...]:
	"""Each once, without spaces around it; one may well contain a comma.

	Raises ValueError, whose sentences name the remedy, for what cannot be a code, and for too many.
	"""
	codes = tuple(dict.fromkeys(filter(None, map(str.strip, given))))
	wrong = next((code for code in codes if not _may_be_a_code(code)), None)
	if wrong:
		raise ValueError(
			_(
				"{0} cannot be a Biometric ID. Write the IDs as they are on the device, such as 007, with a "
				"comma or a new line between them."
			).format(repr(wrong[:LONGEST_CODE]))
		)
	if len(codes) > MOST_CODES:
		raise ValueError(
			_(
				"{0} Biometric IDs are too many at once: name {1} at most, or none to import everybody's."
			).format(len(codes), MOST_CODES)
		)
	return codes


def on_terminals(start: datetime, end: datetime, clocks: WallClocks) -> tuple[datetime, datetime]:
	"""What the terminals' clocks show from `start` to `end` on the site's, all naive and inclusive.

	Where clocks were set back in that very hour, what they showed twice is within.
	"""
	if clocks.device.key == clocks.site.key:
		return start, end
	first = start.replace(tzinfo=clocks.site, fold=0).astimezone(clocks.device)
	last = end.replace(tzinfo=clocks.site, fold=1).astimezone(clocks.device)
	earliest = first - (timedelta() if first.fold else _repeated(first))
	latest = last + (_repeated(last) if last.fold else timedelta())
	return earliest.replace(tzinfo=None, fold=0), latest.replace(tzinfo=None, fold=0)


def added_up(counts: Iterable[int | None]) -> int | None:
	"""None where one of them is not known."""
	known = list(counts)
	return None if None in known else sum(count or 0 for count in known)


def _repeated(shown: datetime) -> timedelta:
	"""By how much the clock is set back, where it shows this time twice."""
	before, after = (shown.replace(fold=fold).utcoffset() or timedelta() for fold in (0, 1))
	return max(before - after, timedelta())


def _may_be_a_code(code: str) -> bool:
	return len(code) <= LONGEST_CODE and code.isprintable() and len(code.split()) == 1


def _code_of(rejected: RejectedRow) -> str:
	row: Any = rejected.row
	return str(row.get("emp_code", "")).strip() if isinstance(row, dict) else ""
