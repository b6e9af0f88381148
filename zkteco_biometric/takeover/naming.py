"""What a device is called that had no name of its own. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import count
from urllib.parse import urlsplit

_LOOKS_LIKE_A_HASH = re.compile(r"(?=.*\d)[0-9a-z]{10}")
_FIT_FOR_A_NAME = re.compile(r"[\w.:-]+")
_SCHEME = re.compile(r"\s*https?://", re.IGNORECASE)
_LONGEST = 130
"""A name has 140 characters; a number may have to follow."""


def device_name(name: str, username: str, url: str, taken: Collection[str]) -> str:
	"""`name` where a person has chosen it; else the host of the URL, made unique among `taken`, whatever the case."""
	others = {one.casefold() for one in taken}
	for wanted in _candidates(name, username, url):
		if wanted.casefold() not in others:
			return wanted
	raise AssertionError("The candidates never end.")


def without_credentials(url: str) -> str:
	"""The URL without whatever stands before its last @, but for http:// and https://; as it is where it has none.

	A password may hold any sign, also those that end the host in a proper URL: nobody could tell it from a path with an @.
	"""
	if "@" not in url:
		return url
	scheme = _SCHEME.match(url)
	return f"{scheme[0].strip() if scheme else ''}{url.rpartition('@')[2]}"


def _candidates(name: str, username: str, url: str) -> Iterator[str]:
	if name != username and not _LOOKS_LIKE_A_HASH.fullmatch(name):
		yield name
	host, host_and_port = _host(url)
	yield from (one for one in (host, host_and_port) if one)
	if not host:
		yield name
	yield from (f"{(host_and_port or host or name)[:_LONGEST]} {number}" for number in count(2))


def _host(url: str) -> tuple[str, str]:
	"""With and without its port; empty where the URL names none, or none that could be a document's name."""
	try:
		parts = urlsplit(url if "//" in url else f"//{url}")
		host, port = parts.hostname or "", parts.port
	except ValueError:
		return "", ""
	if not _FIT_FOR_A_NAME.fullmatch(host) or len(host) > _LONGEST:
		return "", ""
	return host, f"{host}:{port}" if port else ""
