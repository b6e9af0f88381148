"""A bounded number of requests at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TypeVar

from zkteco_biometric.device_users.ports import People

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Lanes:
	"""As many people's requests at once as there are clients. A single one works in the caller's thread.

	`clients` may be what opens them, which is called when the first one is needed: it may log in, and raise `BioTimeError`.
	"""

	def __init__(self, clients: Sequence[People] | Callable[[], Sequence[People]]) -> None:
		self._open = clients if callable(clients) else lambda: clients
		self._opened: list[People] = []

	def make_ready(self) -> None:
		"""Opens the clients, unless they are. Raises `BioTimeError` where that takes a log-in that fails."""
		if not self._opened:
			self._opened = list(self._open())
		if not self._opened:
			raise ValueError("At least one client is needed.")

	@property
	def _clients(self) -> list[People]:
		self.make_ready()
		return self._opened

	@property
	def first(self) -> People:
		"""For what is asked once."""
		return self._clients[0]

	def each(self, do: Callable[[People, _Item], _Result], items: Sequence[_Item]) -> list[_Result]:
		"""The results in the order of the items. What `do` raises is raised once the others have ended."""
		if len(self._clients) == 1 or len(items) <= 1:
			return [do(self.first, item) for item in items]
		free: SimpleQueue[People] = SimpleQueue()
		for client in self._clients:
			free.put(client)

		def visit(item: _Item) -> _Result:
			client = free.get()
			try:
				return do(client, item)
			finally:
				free.put(client)

		with ThreadPoolExecutor(len(self._clients)) as threads:
			return list(threads.map(visit, items))
