"""The body of an answer, piece by piece: within a time for the whole of it, and no longer than memory bears."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from zkteco_biometric.biotime.errors import TimedOut, UnexpectedShape
from zkteco_biometric.wording import _

LARGEST = 64 * 2**20
"""Bytes. A page of 10,000 punches has about 5 MB."""


@dataclass(frozen=True)
class Limits:
	"""`give_up_at` by `clock`, in seconds; `largest` in bytes."""

	give_up_at: float
	clock: Callable[[], float]
	largest: int = LARGEST

	def check(self, size: int) -> None:
		"""Raises `TimedOut` or `UnexpectedShape`."""
		if size > self.largest:
			raise UnexpectedShape(
				_("The answer is longer than {0} MiB.").format(f"{self.largest / 2**20:,.0f}"),
				remedy=_(
					"Lower the page size on the device's page, and check that the URL is a BioTime server."
				),
				may_be_its_size=True,
			)
		if self.clock() > self.give_up_at:
			raise TimedOut(
				_("The answer took too long: {0} bytes had come when the time was over.").format(size)
			)


def gather(pieces: Iterable[bytes], limits: Limits) -> bytes:
	"""All pieces together. Raises `TimedOut` or `UnexpectedShape` as soon as a limit is passed."""
	body = bytearray()
	for piece in pieces:
		body += piece
		limits.check(len(body))
	return bytes(body)
