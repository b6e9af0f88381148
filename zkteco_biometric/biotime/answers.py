"""From an HTTP answer to its JSON, or to the error that says what happens next.

Every answer is checked for JSON first, for its status second, for the envelope's `code` third (contract, section 5).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from zkteco_biometric.biotime.errors import (
	BioTimeError,
	ErrorCode,
	HtmlInsteadOfJson,
	LicenceWithoutApi,
	NotBioTime,
	Redirected,
	ServerError,
	TruncatedBody,
	UnexpectedShape,
)
from zkteco_biometric.biotime.retry_after import seconds_to_wait
from zkteco_biometric.wording import _

_FAILED_PAGE = (
	"500 error",
	"server error",
	"internal error",
	"502 bad gateway",
	"bad gateway",
	"service unavailable",
)
_OVER_A_LONG_ANSWER = (500, 502, 504)
"""What a server, or a proxy before it, also answers where the work is too much for it."""
_SHOWN = 200
_SECRET = re.compile(
	r"""((?:password|card)\w*\\?["']?\s*[:=]\s*)"""
	r"""(?:\\"(?:(?!\\").)*(?:\\")?|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s,;\[\]{}"']+)""",
	re.IGNORECASE | re.DOTALL,
)
"""The value of such a field in a record, as JSON or as Python writes it, also where it is cut off."""
_MOST_DIGITS = 1000


@dataclass(frozen=True)
class Answer:
	"""An HTTP answer: `headers` looked up without regard to case, `body` whole."""

	status: int
	headers: Mapping[str, str]
	body: bytes

	def header(self, name: str) -> str:
		return self.headers.get(name) or ""

	@property
	def says_json(self) -> bool:
		return "json" in self.header("Content-Type").lower()


@dataclass(frozen=True)
class Json:
	"""The JSON of an answer whose status may still say no: 400 for a log-in, 401, 404 past the last page.

	`data` is None where a 401 or a 404 came without JSON: a proxy's 401 ends a token as well, and a web page may say that
	there is no further page.
	"""

	status: int
	data: Any
	headers: Mapping[str, str]


def read_json(answer: Answer) -> Json:
	"""The JSON of a 200, 400, 401 or 404; any other answer raises the `BioTimeError` that it means."""
	if 300 <= answer.status < 400:
		raise Redirected(
			_("The server redirects to {0}.").format(
				_short(answer.header("Location") or _("another address"))
			)
		)
	try:
		data = loaded(answer)
	except ValueError as cause:
		if answer.status in (401, 404):
			return Json(answer.status, None, answer.headers)
		raise _not_json(answer) from cause
	_check_status(answer, data)
	_check_code(answer.status, data)
	return Json(answer.status, data, answer.headers)


def loaded(answer: Answer) -> Any:
	"""The JSON of a body whatever its status. A byte that is no UTF-8 spoils its own field only. Raises ValueError."""
	try:
		return json.loads(answer.body.decode("utf-8-sig", "replace"), parse_int=_whole)
	except RecursionError as cause:
		raise ValueError("The JSON is nested too deeply.") from cause


def _whole(digits: str) -> int | str:
	"""A number that Python refuses to read spoils its own field only."""
	return int(digits) if len(digits) <= _MOST_DIGITS else digits


def detail(data: Any) -> str:
	"""What the server says of itself in an error body, shortened; safe to show.

	Its words only: a record that it sends along may hold somebody's password for the terminals.
	"""
	said = _words(_words(data))
	if isinstance(said, list) and said:
		said = [one for one in said if not isinstance(one, Mapping | list)] or None
	return _("no reason given") if said is None or said == {} else _short(said)


def _words(data: Any) -> Any:
	"""Those of an object; anything else as it is."""
	if not isinstance(data, Mapping):
		return data
	named = (data[key] for key in ("detail", "msg", "non_field_errors") if data.get(key))
	return next(named, {name: said for name, said in data.items() if _is_complaint(said)})


def _is_complaint(said: Any) -> bool:
	"""What is wrong with a field, as Django REST framework tells it."""
	return isinstance(said, list) and bool(said) and all(isinstance(one, str) for one in said)


def _short(said: Any) -> str:
	if isinstance(said, list) and len(said) == 1:
		said = said[0]
	text = said if isinstance(said, str) else _written(said)
	text = _SECRET.sub(r"\1***", text.encode("utf-8", "replace").decode())
	return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _written(said: Any) -> str:
	"""As JSON. What could just be read may be nested too deeply to be written."""
	try:
		return json.dumps(said, ensure_ascii=False)
	except RecursionError:
		return "…"


def _not_json(answer: Answer) -> BioTimeError:
	text = answer.body[:4000].decode("utf-8", "replace").strip()
	if _is_failure(answer.status):
		return _server_error(answer, "")
	if answer.status == 403:
		return LicenceWithoutApi(_("The server refuses the API without a word (403)."))
	if answer.status == 200 and any(sign in text.lower() for sign in _FAILED_PAGE):
		return HtmlInsteadOfJson(_("The server sent an error page instead of data."))
	if text.startswith("<"):
		return NotBioTime(
			_("There is a web page where the API should be (status {0}).").format(answer.status)
		)
	if answer.status != 400 and (answer.says_json or not text):
		return TruncatedBody(_("The answer broke off after {0} bytes.").format(len(answer.body)))
	shown = _("it breaks off") if text[:1] in ("{", "[") else repr(_short(text))
	return UnexpectedShape(_("The answer is no JSON (status {0}): {1}.").format(answer.status, shown))


def _is_failure(status: int) -> bool:
	return status >= 500 or status in (408, 429)


def _check_status(answer: Answer, data: Any) -> None:
	if answer.status in (200, 201, 400, 401, 404):
		return
	if answer.status == 403:
		raise LicenceWithoutApi(_("The server refuses the API (403): {0}").format(detail(data)))
	if _is_failure(answer.status):
		raise _server_error(answer, detail(data))
	raise UnexpectedShape(_("The server answered with status {0}: {1}").format(answer.status, detail(data)))


def _check_code(status: int, data: Any) -> None:
	if status in (200, 201) and isinstance(data, Mapping) and data.get("code") not in (None, 0, "0"):
		raise ErrorCode(
			_("The server reports error code {0}: {1}").format(_short(data["code"]), detail(data))
		)


def _server_error(answer: Answer, said: str) -> ServerError:
	message = (
		_("The server failed with status {0}: {1}.").format(answer.status, said)
		if said
		else _("The server failed with status {0}.").format(answer.status)
	)
	wait = seconds_to_wait(answer.header("Retry-After"), answer.header("Date"), datetime.now(timezone.utc))
	return ServerError(
		message, retry_after=wait, may_be_its_size=wait is None and answer.status in _OVER_A_LONG_ANSWER
	)
