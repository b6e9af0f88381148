"""Logging in: which path, and what each answer means. A refusal is final: the vendor locks accounts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from zkteco_biometric.biotime.answers import Answer, Json, detail, loaded, read_json
from zkteco_biometric.biotime.errors import (
	ErrorCode,
	NotBioTime,
	Redirected,
	UnexpectedShape,
	WrongCredentials,
)
from zkteco_biometric.biotime.models import Credentials, Token, TokenKind
from zkteco_biometric.biotime.tokens import expiry, server_time
from zkteco_biometric.biotime.transport import Transport
from zkteco_biometric.wording import _

_PATHS = {TokenKind.JWT: "/jwt-api-token-auth/", TokenKind.GENERAL: "/api-token-auth/"}
_NO_SUCH_PATH = (404, 405)
_LOCKED = _("The account may be locked, or lack the right to use the API.")


def obtain_token(
	transport: Transport, credentials: Credentials, kind: TokenKind, now: Callable[[], datetime]
) -> Token:
	"""A token of this kind; of the other where the server has no such log-in.

	Raises `WrongCredentials` when the server refuses them: once, neither repeated nor tried on the other path. Raises
	`Redirected` where both paths lead elsewhere, `NotBioTime` where neither exists.
	"""
	other = TokenKind.GENERAL if kind is TokenKind.JWT else TokenKind.JWT
	absent: list[NotBioTime | Redirected] = []
	for tried in (kind, other):
		try:
			return _token_from(_ask(transport, credentials, tried), tried, now())
		except (NotBioTime, Redirected) as missing:
			absent.append(missing)
	if isinstance(absent[0], Redirected) and isinstance(absent[1], Redirected):
		raise absent[0]
	raise NotBioTime(_("{0} has neither of BioTime's log-in addresses.").format(transport.url)) from absent[0]


def _ask(transport: Transport, credentials: Credentials, kind: TokenKind) -> Json:
	payload = {"username": credentials.username, "password": credentials.password}
	try:
		return transport.post(_PATHS[kind], payload, read=_read_log_in)
	except ErrorCode as refusal:
		raise WrongCredentials(_("The server refused the log-in: {0}").format(refusal.message)) from refusal


def _read_log_in(answer: Answer) -> Json:
	"""The JSON of an accepted log-in. `NotBioTime` and `Redirected` mean that there is none at this path."""
	if answer.status in _NO_SUCH_PATH:
		raise NotBioTime(_("There is no log-in at this address (status {0}).").format(answer.status))
	if answer.status in (400, 401):
		raise WrongCredentials(
			_("The server refused the log-in ({0}): {1}").format(answer.status, _said(answer))
		)
	if answer.status == 403:
		raise WrongCredentials(
			_("The server refused the log-in (403): {0} {1}").format(_said(answer), _LOCKED)
		)
	return read_json(answer)


def _said(answer: Answer) -> str:
	"""In an error's JSON, or in words; of a web page only that it is one."""
	try:
		return detail(loaded(answer))
	except ValueError:
		text = answer.body[:4000].decode("utf-8", "replace").strip()
		return _("it sent a web page without a reason.") if text.startswith("<") else detail(text or None)


def _token_from(answer: Json, kind: TokenKind, now: datetime) -> Token:
	value = answer.data.get("token") if isinstance(answer.data, dict) else None
	if _is_blank(value):
		raise WrongCredentials(_("The server sent no token: {0}").format(detail(answer.data)))
	if not isinstance(value, str) or not _fits_a_header(value.strip()):
		raise UnexpectedShape(_("The server accepted the log-in but sent no usable token."))
	server_now = server_time(answer.headers.get("Date") or "")
	expires_at = expiry(value.strip(), now, server_now) if kind is TokenKind.JWT else None
	return Token(value.strip(), kind, expires_at)


def _is_blank(value: Any) -> bool:
	return not value or (isinstance(value, str) and not value.strip())


def _fits_a_header(value: str) -> bool:
	return value.isascii() and value.isprintable() and len(value.split()) == 1
