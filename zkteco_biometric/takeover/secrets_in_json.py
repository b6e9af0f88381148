"""Passwords and tokens in what Frappe has written down about a document as JSON. Pure."""

from __future__ import annotations

import json
from typing import Any

_SECRETS = ("password", "token")


def version_without_secrets(text: str) -> str | None:
	"""The data of a Version without changes of secrets that can be read; None where nothing else is in it.

	What cannot be read as such data is nothing, too. Without such changes the text comes back as it is.
	"""
	data = _parsed(text)
	changed = data.get("changed") if data else None
	if data is None or not isinstance(changed, list | None):
		return None
	kept = [change for change in changed or () if not _is_readable_secret(change)]
	if len(kept) == len(changed or ()):
		return text
	data["changed"] = kept
	return json.dumps(data) if any(data.values()) else None


def document_without_secrets(text: str) -> str:
	"""A deleted document's data with its secrets emptied; the text as it is where there is none."""
	data = _parsed(text)
	if data is None:
		return "{}"
	readable = [name for name in _SECRETS if _is_readable(data.get(name))]
	if not readable:
		return text
	return json.dumps({**data, **dict.fromkeys(readable)})


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


def _is_readable(value: Any) -> bool:
	return bool(value) and not is_hidden(str(value))
