"""A device as the other app kept it, to one of ours. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from zkteco_biometric.biotime.url import normalise_url
from zkteco_biometric.cycle.schedule import Frequency, check_cron
from zkteco_biometric.takeover.naming import device_name, without_credentials

STILL_LOOKED_AT = timedelta(days=7)
"""How far before the end of the other app's reading ours still finds what came late: as far as the daily look-back."""

_EVERY_NEW_YEAR = "0 0 1 1 *"
_CRON = "Cron"
_FREQUENCIES = {
	"All": Frequency.ALL,
	"Hourly": Frequency.HOURLY,
	"Daily": Frequency.DAILY,
	"Weekly": Frequency.WEEKLY,
	"Monthly": Frequency.MONTHLY,
}
_VARIANTS = (" Long", " Maintenance")


class Trouble(Enum):
	"""What keeps a device, or one of its settings, from going on as it was."""

	URL = "url"
	CREDENTIALS_IN_URL = "credentials in url"
	NO_USER_NAME = "no user name"
	NO_PASSWORD = "no password"
	SCHEDULE = "schedule"


KEEPS_IT_DISABLED = frozenset(Trouble) - {Trouble.SCHEDULE}


@dataclass(frozen=True)
class Former:
	"""A row of the other app; times are naive, the site's wall clock.

	`url` may hold a password. `password` is the plain one, empty where the row has none; `has_stored_password`: a later version of that app had
	Frappe encrypt it. `last_fetched`: up to where it had asked the device.
	"""

	name: str
	url: str = field(repr=False)
	username: str
	created: datetime
	password: str = field(default="", repr=False)
	has_stored_password: bool = False
	is_fetched: bool = False
	frequency: str = ""
	cron: str = ""
	last_fetched: datetime | None = None
	blocks_log_ins: bool = False


@dataclass(frozen=True)
class TakenOver:
	"""The device of ours that a former one becomes; times as there."""

	name: str
	url: str
	username: str
	enable: bool
	fetch_frequency: Frequency
	cron_expression: str | None
	last_sync: datetime | None
	sync_from: datetime
	troubles: tuple[Trouble, ...] = ()


def take_over_device(former: Former, names_taken: Collection[str], now: datetime) -> TakenOver:
	"""What becomes of it. Whatever ours would refuse is kept, and leaves the device disabled with its trouble named.

	`names_taken`: what the other devices are called. `now`: naive, the site's wall clock.
	"""
	url, wrong_url = _url(former.url)
	frequency, cron, wrong_schedule = _schedule(former.frequency, former.cron)
	troubles = (*wrong_url, *_missing(former), *wrong_schedule)
	return TakenOver(
		name=device_name(former.name, former.username, url, names_taken),
		url=url,
		username=former.username.strip(),
		enable=former.is_fetched and not KEEPS_IT_DISABLED & set(troubles),
		fetch_frequency=frequency,
		cron_expression=cron,
		last_sync=_whole(min(former.last_fetched, now)) if former.last_fetched else None,
		sync_from=_sync_from(former, now),
		troubles=troubles,
	)


def _url(typed: str) -> tuple[str, tuple[Trouble, ...]]:
	"""A password in a URL is a secret in plain sight: it is left out, and a person has to look at what remains."""
	bare = without_credentials(typed)
	try:
		url = normalise_url(bare)
	except ValueError:
		url, refused = bare, True
	else:
		refused = False
	if bare != typed:
		return url, (Trouble.CREDENTIALS_IN_URL,)
	return url, (Trouble.URL,) if refused else ()


def _missing(former: Former) -> tuple[Trouble, ...]:
	missing = []
	if not former.username.strip():
		missing.append(Trouble.NO_USER_NAME)
	if not former.password and not former.has_stored_password:
		missing.append(Trouble.NO_PASSWORD)
	return tuple(missing)


def _schedule(frequency: str, cron: str) -> tuple[Frequency, str | None, tuple[Trouble, ...]]:
	"""What ours has no word for becomes a cron expression; what nobody can read is read at every tick, as it was by default."""
	name = frequency.strip()
	for variant in _VARIANTS:
		name = name.removesuffix(variant)
	if name in _FREQUENCIES or not name:
		return _FREQUENCIES.get(name, Frequency.ALL), None, ()
	expression = " ".join(cron.split()) if name == _CRON or name == Frequency.CRON.value else ""
	if name in ("Yearly", "Annual"):
		expression = _EVERY_NEW_YEAR
	try:
		check_cron(expression)
	except ValueError:
		return Frequency.ALL, None, (Trouble.SCHEDULE,)
	return Frequency.CRON, expression, ()


def _sync_from(former: Former, now: datetime) -> datetime:
	"""Never before the other app began to read the device: what is older was not wanted then, and is not by itself now."""
	reached = min(former.last_fetched or now, now)
	began = min(former.created, reached)
	return _whole(max(began, reached - STILL_LOOKED_AT))


def _whole(time: datetime) -> datetime:
	return time.replace(microsecond=0)
