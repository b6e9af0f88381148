"""The address of a BioTime server, as people type it and as we store it."""

from __future__ import annotations

import re
from ipaddress import IPv6Address
from urllib.parse import urlsplit

from zkteco_biometric.wording import _

_EXAMPLE = _("such as http://192.0.2.10:8081")


def normalise_url(typed: str) -> str:
	"""`scheme://host[:port][/path]` without spaces, trailing slash, query or fragment.

	Raises ValueError, with a sentence that names the remedy, for anything that is no http(s) address, and for one that
	carries a user name or a password: the URL is stored on every check-in for everybody to see.
	"""
	text = "".join(typed.split())
	# Anywhere: a password may hold what ends an address.
	if "@" in text:
		raise ValueError(_("Leave user name and password out of the URL: they have fields of their own."))
	try:
		parts = urlsplit(text)
		port = parts.port
		_check_brackets(parts.netloc)
	except ValueError as error:
		raise ValueError(
			_("{0} is no valid URL ({1}). Enter the server's address, {2}.").format(
				repr(text), error, _EXAMPLE
			)
		) from error
	if parts.scheme.lower() not in ("http", "https"):
		raise ValueError(
			_("The URL must begin with http:// or https://, {0}. You entered {1}.").format(
				_EXAMPLE, repr(text)
			)
		)
	if not parts.hostname:
		raise ValueError(_("The URL names no server. Enter its address with the port, {0}.").format(_EXAMPLE))
	host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
	netloc = host if port is None else f"{host}:{port}"
	return f"{parts.scheme.lower()}://{netloc}{parts.path.rstrip('/')}"


def _check_brackets(netloc: str) -> None:
	"""They hold an IPv6 address and nothing else; urlsplit looks into them from Python 3.11 on only. Raises ValueError."""
	if "[" not in netloc and "]" not in netloc:
		return
	held = re.fullmatch(r"\[([^\[\]]*)\](?::\d*)?", netloc)
	if not held:
		raise ValueError(_("brackets are for an IPv6 address"))
	IPv6Address(held[1])
