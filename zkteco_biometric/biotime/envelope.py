"""The envelope in which BioTime sends a page of any list (contract, section 2). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from zkteco_biometric.biotime.answers import Json, detail
from zkteco_biometric.biotime.errors import NotBioTime, UnexpectedShape
from zkteco_biometric.wording import _

_NO_LINK = ("", "null", "none")


def check_past_the_end(answer: Json, number: int, what: str) -> None:
	"""Raises `NotBioTime` where a 404 means that there is no such list, rather than no such page."""
	if number == 1 and "page" not in detail(answer.data).lower():
		raise NotBioTime(
			_("The server has no {0} at this address (404): {1}").format(what, detail(answer.data))
		)


def rows_in(envelope: Mapping[str, Any], what: str) -> list[Any]:
	"""Its rows. Raises `UnexpectedShape` where there is no list of `what`."""
	named = [envelope.get(name) for name in ("data", "results")]
	rows = next((value for value in named if isinstance(value, list)), None)
	if rows is None and named == [None, None] and count_in(envelope) == 0:
		return []
	if rows is None:
		raise UnexpectedShape(
			_("The answer holds no list of {0}, neither in 'data' nor in 'results'.").format(what)
		)
	return rows


def count_in(envelope: Mapping[str, Any]) -> int | None:
	"""A whole number, also as a text or as a float; None for anything else."""
	count = envelope.get("count")
	if isinstance(count, str) and count.strip().isascii() and count.strip().isdecimal() and len(count) < 19:
		return int(count)
	if isinstance(count, float) and count.is_integer():
		count = int(count)
	return count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None


def next_query_in(envelope: Mapping[str, Any], rows: int) -> str | None:
	"""The query of `next`, never its host; None where it says that there is no more.

	Empty where there is more without a link to it, and where a page with rows has no `next` at all: then it shows.
	"""
	if "next" not in envelope:
		return "" if rows else None
	link = envelope["next"]
	if not isinstance(link, str):
		return "" if link and rows else None
	if link.strip().lower() in _NO_LINK:
		return None
	try:
		return urlsplit(link.strip()).query
	except ValueError:
		return ""
