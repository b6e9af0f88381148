"""One token for several clients of the same device, each in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from threading import Lock

from zkteco_biometric.biotime.errors import BioTimeError, WrongCredentials
from zkteco_biometric.biotime.models import Token


class TokenPool:
	"""Hands the same token to every client, and lets one of them log in for all when it ends.

	`newest` is for the owner to store, afterwards and in its own thread; None where the server refused the one that was
	stored. The pool itself never asks a server and never calls anybody but the `log_in` that it is given.
	"""

	def __init__(self, token: Token | None = None) -> None:
		self.newest = token
		self._lock = Lock()
		self._failure: BioTimeError | None = None
		self._attempts = 0

	def fresh(self, refused: Token | None, log_in: Callable[[], Token]) -> Token:
		"""The pool's token, unless it is that very `refused` one or there is none: then what `log_in` brings.

		One log-in at a time. One that fails fails for all who waited for it. `WrongCredentials` is remembered and raised to
		everybody from then on: the vendor locks accounts.
		"""
		attempts = self._attempts
		with self._lock:
			if self._is_final or (self._failure and attempts != self._attempts):
				self._fail_as_before()
			# By identity: a server may give the same general token again, and that one is fresh all the same.
			if self.newest is None or self.newest is refused:
				self.newest = self._logged_in(log_in)
			return self.newest

	@property
	def _is_final(self) -> bool:
		return isinstance(self._failure, WrongCredentials)

	def _logged_in(self, log_in: Callable[[], Token]) -> Token:
		self.newest = self._failure = None
		try:
			return log_in()
		except BioTimeError as error:
			self._failure = error
			raise
		finally:
			self._attempts += 1

	def _fail_as_before(self) -> None:
		"""With an error of its own for each thread: raising one marks it."""
		if self._failure:
			raise copy(self._failure) from self._failure
