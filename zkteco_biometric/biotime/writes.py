"""What the answer to a write means. Unpublished but for its errors (contract, section 3): so who wrote reads again. Pure."""

from __future__ import annotations

from dataclasses import replace

from zkteco_biometric.biotime.answers import Answer, Json, detail, loaded, read_json
from zkteco_biometric.biotime.errors import (
	ErrorCode,
	HtmlInsteadOfJson,
	NotBioTime,
	NotFound,
	NotOffered,
	Rejected,
)
from zkteco_biometric.wording import _

_ANSWERED = range(200, 300)


def read_write(answer: Answer) -> Json:
	"""The JSON, None for an empty body, of a write that was answered; or of a 401, which may be the token's.

	Raises `Rejected` for a 400, `NotFound` for a 404 of a person, `NotOffered` where there is no such route, and what
	`read_json` raises. After any error but these three, the change may or may not have happened.
	"""
	if answer.status == 400:
		raise Rejected(_("The server refused the change: {0}").format(_said(answer)))
	if answer.status in (404, 405):
		raise _nobody_or_nothing(answer)
	if answer.status in _ANSWERED and not answer.body.strip():
		return Json(answer.status, None, answer.headers)
	try:
		return read_json(replace(answer, status=200) if answer.status in _ANSWERED else answer)
	except NotBioTime as cause:
		raise NotOffered(_("There is a web page where this way of changing a person should be.")) from cause


def read_bulk_write(answer: Answer) -> Json:
	"""As `read_write`, for a route that names people in the body: there a 404 is the route's."""
	try:
		return read_write(answer)
	except NotFound as cause:
		raise NotOffered(
			_("The server has no such way of changing people (404): {0}").format(_said(answer))
		) from cause


def read_probe(answer: Answer) -> Json:
	"""As `read_bulk_write`, for a request that changes nothing: a 400 says that there is the route, as does any JSON.

	A 500, also one that hides behind a 200, comes out as such: the server fails at the route. A gateway's 502 to 504 says
	nothing about it and is an error.
	"""
	if answer.status == 500 or (answer.status == 400 and not _is_json(answer)):
		return _failed(answer)
	try:
		return read_bulk_write(answer)
	except HtmlInsteadOfJson:
		return _failed(answer)
	except (Rejected, ErrorCode):
		return Json(answer.status, None, answer.headers)


def _failed(answer: Answer) -> Json:
	return Json(500, None, answer.headers)


def _nobody_or_nothing(answer: Answer) -> NotFound | NotOffered:
	"""A JSON 404 means the row, not the route (contract, section 5.2)."""
	if answer.status == 404 and _is_json(answer):
		return NotFound(_("The server knows nobody with this id (404): {0}").format(_said(answer)))
	return NotOffered(_("The server has no such way of changing a person ({0}).").format(answer.status))


def _said(answer: Answer) -> str:
	try:
		return detail(loaded(answer))
	except ValueError:
		return _("no reason given")


def _is_json(answer: Answer) -> bool:
	"""Also one that broke off: of a refusal nothing is left then but its status and headers."""
	if answer.says_json:
		return True
	try:
		loaded(answer)
	except ValueError:
		return False
	return True
