"""Requests whose outcome becomes visible only after they were answered."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock


class Late:
	"""What is still to be carried out, oldest first. May be called from any thread."""

	def __init__(self) -> None:
		self._lock = Lock()
		self._waiting: list[Callable[[], object]] = []

	def add(self, carry_out: Callable[[], object]) -> None:
		"""Keep this for later."""
		with self._lock:
			self._waiting.append(carry_out)

	def carry_out(self) -> int:
		"""Carry out all that waits, and tell how much that was."""
		with self._lock:
			waiting, self._waiting = self._waiting, []
		for carry_out in waiting:
			carry_out()
		return len(waiting)

	def __len__(self) -> int:
		with self._lock:
			return len(self._waiting)
