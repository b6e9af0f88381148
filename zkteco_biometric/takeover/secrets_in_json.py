"""Passwords and tokens in what Frappe has written down about a document as JSON, also within URLs. Pure."""

from __future__ import annotations

import json
from typing import Any

from zkteco_biometric.takeover.naming import without_credentials

_SECRETS = ("password", "token")
_URL = "url"


def version_without_secrets(text: str) -> str | None:
	"""The data of a Version without changes of secrets that can be read, and with bare URLs; None where nothing else is in it.

	What cannot be read as such data is nothing, too. Where there is no secret the text comes back as it is.
	"""
	data = _parsed(text)
	changed = data.get("changed") if data else None
	if data is None or not isinstance(changed, list | None):
		return None
	kept = [_with_bare_url(change) for change in changed or () if not _is_readable_secret(change)]
	if kept == (changed or []):
		return text
	data["changed"] = kept
	return json.dumps(data) if any(data.values()) else None


def document_without_secrets(text: str) -> str:
	"""A deleted document's data with its secrets emptied and its URL bare; the text as it is where there is none."""
	data = _parsed(text)
	if data is None:
		return "{}"
	readable = [name for name in _SECRETS if _is_readable(data.get(name))]
	wiped = {**data, **dict.fromkeys(readable)}
	if _URL in data:
		wiped[_URL] = _bare(data[_URL])
	return text if wiped == data else json.dumps(wiped)


def is_hidden(value: str) -> bool:
	"""What Frappe puts in the place of a password that it has encrypted."""
	return not value.strip("*")


def _parsed(text: str) -> dict[str, Any] | None:
	try:
		data = json.loads(text)
	except (ValueError, RecursionError):
		return None
	return data if isinstance(data, dict) else None


def _is_readable_secret(change: Any) -> bool:
	if not isinstance(change, list) or not change:
		return False
	return change[0] in _SECRETS and any(_is_readable(value) for value in change[1:])


def _with_bare_url(change: Any) -> Any:
	if not isinstance(change, list) or change[:1] != [_URL]:
		return change
	return [_URL, *map(_bare, change[1:])]


def _bare(value: Any) -> Any:
	return without_credentials(value) if isinstance(value, str) else value


def _is_readable(value: Any) -> bool:
	return bool(value) and not is_hidden(str(value))
