"""Time zones by name, and the one of this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

_UTC = "UTC"


def zone(name: str) -> ZoneInfo:
	"""The zone of that name. Raises ValueError, with an example, where nobody knows it."""
	try:
		return ZoneInfo(name.strip())
	except (KeyError, ValueError, OSError) as error:
		raise ValueError(
			f"There is no time zone {name!r}. Write it as Region/City, such as Asia/Kolkata or Europe/Berlin."
		) from error


def machine_zone(environ: Mapping[str, str] = os.environ, etc: Path = Path("/etc")) -> ZoneInfo | None:
	"""The zone that this machine's clock shows, from TZ, else from /etc; None where it has no usable name."""
	names = [environ["TZ"].strip()] if environ.get("TZ", "").strip() else _names_in(etc)
	for name in names:
		try:
			return zone(_bare(name))
		except ValueError:
			continue
	return None


def utc() -> ZoneInfo:
	return ZoneInfo(_UTC)


def _names_in(etc: Path) -> Iterator[str]:
	"""What the link localtime points to, then the text of timezone."""
	if (etc / "localtime").is_symlink():
		yield os.path.realpath(etc / "localtime")
	try:
		yield (etc / "timezone").read_text(encoding="utf-8").strip()
	except (OSError, UnicodeDecodeError):
		return


def _bare(name: str) -> str:
	""":Europe/Berlin and /usr/share/zoneinfo/posix/Europe/Berlin are Europe/Berlin."""
	inside = name.lstrip(":").rpartition("zoneinfo/")[2]
	return inside.removeprefix("posix/").removeprefix("right/")
