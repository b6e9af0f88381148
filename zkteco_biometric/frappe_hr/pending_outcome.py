"""What became of pending punches that were decided anew."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from zkteco_biometric.frappe_hr.wording import harmless, translated

_MOST_TOLD = 5


@dataclass
class Outcome:
	"""What became of the punches that were tried: `waiting` counts those that still wait by reason and message.

	`untried`: an error of ours was in the way, which is in the Error Log.
	"""

	created: int = 0
	existed: int = 0
	ignored: int = 0
	untried: int = 0
	waiting: Counter[tuple[str, str]] = field(default_factory=Counter)

	def add(self, other: Outcome) -> None:
		self.created += other.created
		self.existed += other.existed
		self.ignored += other.ignored
		self.untried += other.untried
		self.waiting += other.waiting

	def as_dict(self) -> dict[str, Any]:
		"""For a browser, in the language of who asks; `why` names what is most often in the way."""
		why = [
			{"punches": punches, "reason": reason, "message": harmless(translated(message))}
			for (reason, message), punches in self.waiting.most_common(_MOST_TOLD)
		]
		return {
			"created": self.created,
			"existed": self.existed,
			"ignored": self.ignored,
			"untried": self.untried,
			"waiting": self.waiting.total(),
			"why": why,
		}
