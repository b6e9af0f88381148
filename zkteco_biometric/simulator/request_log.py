"""What was asked, to be queried afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any


@dataclass
class Entry:
	"""One request; `status` is None as long as, or because, no answer went out.

	`headers` and `body` may hold secrets, so they stay out of the `repr`. `body` is the JSON that was sent,
	None for a log-in. Header names are as received, in title case: "Authorization".
	"""

	method: str
	path: str
	query: dict[str, str]
	at: datetime
	status: int | None = None
	headers: dict[str, str] = field(default_factory=dict, repr=False)
	body: Any = field(default=None, repr=False)


class RequestLog:
	"""The requests since the start or the last `clear()`, oldest first. Control routes are not among them."""

	def __init__(self) -> None:
		self._lock = Lock()
		self._entries: list[Entry] = []

	@property
	def entries(self) -> list[Entry]:
		"""A copy of the list of all requests."""
		with self._lock:
			return list(self._entries)

	def add(self, entry: Entry) -> None:
		"""Note a request, before it is answered."""
		with self._lock:
			self._entries.append(entry)

	def matching(self, path_suffix: str, method: str | None = None) -> list[Entry]:
		"""The requests whose path ends so, and with that method if one is given."""
		return [
			entry
			for entry in self.entries
			if entry.path.endswith(path_suffix) and method in (None, entry.method)
		]

	def count(self, path_suffix: str, method: str | None = None) -> int:
		"""How many requests match."""
		return len(self.matching(path_suffix, method))

	def clear(self) -> None:
		"""Forget all requests."""
		with self._lock:
			self._entries.clear()
