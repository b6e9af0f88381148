"""The one account: log-ins, and the tokens that they hand out."""

from __future__ import annotations

import secrets
from datetime import timedelta
from threading import Lock

import jwt

from zkteco_biometric.simulator.answers import EXPIRED, INVALID_LOGIN, INVALID_TOKEN, ApiError
from zkteco_biometric.simulator.wallclock import Clock

# Unpublished: what a locked account answers, even to the right password.
LOCKED = "User account is locked."


class Account:
	"""User name, password, and which tokens are good. All times by the server's clock."""

	def __init__(self, username: str, password: str, token_lifetime: timedelta, clock: Clock) -> None:
		self.username = username
		self.token_lifetime = token_lifetime
		self.lock_after: int | None = None
		self.rejected_logins = 0
		self._password = password
		self._clock = clock
		self._keys = [secrets.token_hex(32)]
		self._general_token = ""
		self._failures = 0
		self._lock = Lock()

	def change_password(self, password: str) -> None:
		"""Set another password and unlock the account; as with Django, tokens stay good."""
		self._password = password
		self._failures = 0

	def expire_tokens(self) -> None:
		"""From now on no token issued so far is good."""
		self._keys.append(secrets.token_hex(32))
		self._general_token = ""

	def new_jwt(self) -> str:
		"""A JWT with the claims of drf-jwt: no `iat`, and `orig_iat` only where refresh is enabled."""
		expires = self._clock() + self.token_lifetime
		claims = {"user_id": 1, "username": self.username, "exp": int(expires.timestamp()), "email": ""}
		return jwt.encode(claims, self._keys[-1], algorithm="HS256")

	def general_token(self) -> str:
		"""The account's general token: the same one until `expire_tokens()`."""
		with self._lock:
			self._general_token = self._general_token or secrets.token_hex(20)
			return self._general_token

	def log_in(self, username: object, password: object) -> None:
		"""Let the right credentials pass.

		:raises ApiError: they are wrong, or the account is locked.
		"""
		with self._lock:
			complaint = LOCKED if self._locked else self._complaint(username, password)
			self.rejected_logins += bool(complaint)
			self._failures = self._failures + 1 if complaint else 0
		if complaint:
			raise ApiError(400, {"non_field_errors": [complaint]})

	def matches(self, username: object, password: object) -> bool:
		"""Whether these are the credentials."""
		return username == self.username and password == self._password

	def check_jwt(self, token: str) -> None:
		"""Let a good JWT pass.

		:raises ApiError: it is garbled, foreign or expired.
		"""
		try:
			claims = self._claims(token)
		except jwt.InvalidSignatureError as error:
			raise ApiError.detail(401, "Invalid signature.") from error
		except jwt.InvalidTokenError as error:
			raise ApiError.detail(401, "Error decoding signature.") from error
		if claims.get("exp", 0) <= self._clock().timestamp():
			raise ApiError.detail(401, EXPIRED)

	def check_general_token(self, token: str) -> None:
		"""Let the good general token pass.

		:raises ApiError: it is another one.
		"""
		if not self._general_token or token != self._general_token:
			raise ApiError.detail(401, INVALID_TOKEN)

	def _complaint(self, username: object, password: object) -> str:
		return "" if self.matches(username, password) else INVALID_LOGIN

	@property
	def _locked(self) -> bool:
		return self.lock_after is not None and self._failures >= self.lock_after

	def _claims(self, token: str) -> dict[str, int]:
		for retired in self._keys[:-1]:
			if self._signed_with(retired, token):
				raise ApiError.detail(401, EXPIRED)
		return self._decode(token, self._keys[-1])

	def _signed_with(self, key: str, token: str) -> bool:
		try:
			self._decode(token, key)
		except jwt.InvalidTokenError:
			return False
		return True

	@staticmethod
	def _decode(token: str, key: str) -> dict[str, int]:
		# The library would compare `exp` with the machine's clock, not with the simulator's.
		claims: dict[str, int] = jwt.decode(token, key, algorithms=["HS256"], options={"verify_exp": False})
		return claims
