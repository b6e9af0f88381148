"""The next page is read while the last one is written."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from types import TracebackType

from zkteco_biometric.biotime.errand import Errand
from zkteco_biometric.biotime.models import Page

_PATIENCE = 5.0
"""Seconds for a request that nobody wants any more: an answer that is under way comes within them, and frees the connection.
Whoever stops a sync, or the queue that ends it, waits no longer; the request then ends by its own time-outs, unheard."""


class ReadAhead:
	"""Pages, of which at most one is read ahead, by a thread of its own, and only when told so by `begin`.

	Only one thread at a time reads: what the pages' reader knows changes neither while a page is in hand, until `begin`, nor
	while one is waited for. `seconds`: how long the device was asked, also while the last page was written. To be left as a
	context, by which the reading ends: nobody reads on after it.
	"""

	def __init__(self, pages: Iterable[Page]) -> None:
		self._pages = iter(pages)
		self._errand: Errand[Page | None] | None = None
		self.seconds = 0.0

	def __enter__(self) -> ReadAhead:
		return self

	def __exit__(
		self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
	) -> None:
		if self._errand:
			self._errand.leave(_PATIENCE)

	def __iter__(self) -> Iterator[Page]:
		return self

	def __next__(self) -> Page:
		"""What reading it raised, ahead or not, is raised here."""
		page = self._waited_for(self._errand) if self._errand else self._read()
		if page is None:
			raise StopIteration
		return page

	def begin(self) -> None:
		"""Read the next page from now on; without effect where that is being done."""
		if self._errand is None:
			self._errand = Errand(self._read)
			self._errand.begin()

	def _waited_for(self, errand: Errand[Page | None]) -> Page | None:
		"""It stays ours until it has ended: a signal may come between any two steps here."""
		try:
			page = errand.result()
		except BaseException:
			errand.leave(_PATIENCE)
			self._errand = None
			raise
		self._errand = None
		return page

	def _read(self) -> Page | None:
		began = time.monotonic()
		try:
			return next(self._pages, None)
		finally:
			self.seconds += time.monotonic() - began
