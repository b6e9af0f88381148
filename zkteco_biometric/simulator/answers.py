"""Answers as BioTime words them."""

from __future__ import annotations

import json
from typing import Any

from werkzeug.wrappers import Response

INVALID_LOGIN = "Unable to log in with provided credentials."
NOT_PROVIDED = "Authentication credentials were not provided."
INVALID_TOKEN = "Invalid token."
EXPIRED = "Signature has expired."
REQUIRED = "This field is required."

# 167 bytes, as recorded; the wording between the tags is ours.
ERROR_PAGE = (
	"<!DOCTYPE html>\n<html>\n<head><title>500 Error</title></head>\n<body>\n<h1>500 Error</h1>\n"
	"<p>Sorry, the server could not carry out your last request.</p>\n</body>\n</html>\n"
)
NOT_FOUND_PAGE = (
	"<!DOCTYPE html>\n<html>\n<head><title>Page not found</title></head>\n"
	"<body>\n<h1>Page not found</h1>\n</body>\n</html>\n"
)
LOGIN_PAGE = (
	"<!DOCTYPE html>\n<html>\n<head><title>Login</title></head>\n<body>\n"
	'<form method="post" action="/login/"><input name="username">'
	'<input name="password" type="password"><button>Login</button></form>\n</body>\n</html>\n'
)


class ApiError(Exception):
	"""A request that is answered with this status and JSON instead."""

	def __init__(self, status: int, payload: Any) -> None:
		super().__init__(f"{status} {payload}")
		self.status = status
		self.payload = payload

	@classmethod
	def detail(cls, status: int, text: str) -> ApiError:
		"""An error in the form `{"detail": text}`."""
		return cls(status, {"detail": text})


def json_answer(payload: Any, status: int = 200) -> Response:
	"""The payload as JSON, text unescaped as Django REST framework writes it."""
	return Response(json.dumps(payload, ensure_ascii=False), status, content_type="application/json")


def html_answer(page: str, status: int = 200) -> Response:
	"""A page for a browser."""
	return Response(page, status, content_type="text/html; charset=utf-8")


def not_found_page() -> Response:
	"""What every unknown path answers: 200, and HTML."""
	return html_answer(NOT_FOUND_PAGE)
