"""What is repeated when: how often, how soon, and until when. Pure but for the jitter."""

from __future__ import annotations

import random
from dataclasses import dataclass

from zkteco_biometric.biotime.errors import BioTimeError, TimedOut

_HASTY_ATTEMPTS = 2
"""For what may be the size of the answer, and may as well be an accident."""


@dataclass(frozen=True)
class RetryPolicy:
	"""How a transient failure is repeated: exponential back-off with jitter, all in seconds.

	`attempts` counts the first one. No repeat begins once `budget` has passed since the first attempt. A server's
	`Retry-After` is honoured up to `retry_after_cap`.
	"""

	attempts: int = 4
	first_wait: float = 0.5
	longest_wait: float = 20.0
	retry_after_cap: float = 60.0
	budget: float = 180.0

	def wait_before(self, attempt: int, error: BaseException | None) -> float:
		"""Seconds to wait after attempt number `attempt` failed with `error`."""
		longest = self.longest_before(attempt, error)
		return longest if _asked_wait(error) is not None else longest * random.uniform(0.5, 1.0)

	def longest_before(self, attempt: int, error: BaseException | None) -> float:
		"""The most that `wait_before` may say: what the budget reckons with."""
		asked = _asked_wait(error)
		if asked is not None:
			return min(asked, self.retry_after_cap)
		return min(self.first_wait * 2.0 ** min(attempt - 1, 100), self.longest_wait)

	def gives_up(self, attempt: int, elapsed: float, wait: float) -> bool:
		return attempt >= self.attempts or elapsed + wait > self.budget

	def hands_back(self, attempt: int, error: BaseException | None) -> bool:
		"""Whether somebody who can ask for less should do so, rather than that the same is repeated.

		To wait for a time-out twice would help nobody.
		"""
		if not (isinstance(error, BioTimeError) and error.may_be_its_size):
			return False
		return attempt >= _HASTY_ATTEMPTS or isinstance(error, TimedOut)


ONE_ATTEMPT = RetryPolicy(attempts=1)
"""For a person who waits for the answer."""


def _asked_wait(error: BaseException | None) -> float | None:
	return error.retry_after if isinstance(error, BioTimeError) else None
