"""One request before a cycle: can anything have come since the device was read to its end?

What comes gets a higher id than all before, whatever its punch time and whatever the server's clock says; and it counts. So the
end of the list by id shows it. The least doubt means that the device is read; and windows of punch time go on where they
ended, not where a glance has found nothing, so that what one might overlook is not left out by the next reading.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from zkteco_biometric.biotime.errors import BioTimeError, Unreachable, WrongCredentials
from zkteco_biometric.biotime.models import Page
from zkteco_biometric.cycle.arrivals import MOST_PRINTS, Arrivals
from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.plan import punch_key

if TYPE_CHECKING:
	from zkteco_biometric.cycle.ports import PunchSource, SyncState

_FEWEST = MOST_PRINTS // 2
_MOST_IN_VAIN = 3
"""A server that answers so many in a row with nothing of use is asked no more on that day: each makes a cycle longer."""

_MEETS_ALL = (WrongCredentials, Unreachable)
"""What any other request would meet as well: it says nothing of glances."""


@dataclass(frozen=True)
class Look:
	"""A page that ends with the newest row, if no other has come: its number, and how many rows to ask for."""

	page: int
	size: int


@dataclass(frozen=True)
class Glance:
	"""What has come of it. `arrivals`: to be remembered, with last_sync or before it where that moves since nothing is new."""

	nothing_new: bool = False
	arrivals: Arrivals | None = None


def glance(source: PunchSource, state: SyncState, clocks: WallClocks, now: datetime) -> Glance:
	"""Asks once, or not at all where no answer could be believed. An error of the device is a doubt, like any other."""
	known, look = state.arrivals, where_to_look(state, clocks, now)
	if known is None or look is None:
		return Glance()
	try:
		page = next(iter(source.pages(None, None, look.size, look.page)), None)
	except _MEETS_ALL:
		return Glance()
	except BioTimeError:
		page = None
	if page and shows_nothing_new(page, look, known):
		return Glance(True, at_rest(state))
	return Glance(arrivals=_doubt(page, known, clocks.on_device(now).date()))


def _doubt(page: Page | None, known: Arrivals, today: date) -> Arrivals | None:
	"""What the cycle that follows, or the next glance, has to know of it; None for news as they are every day."""
	if page is None or page.past_end or page.count is None:
		return _once_more_in_vain(known, today)
	if _has_more_news_than_rows(page, known):
		return replace(known, unfinished=True)
	return _once_more_in_vain(known, today) if page.count == known.count else None


def _has_more_news_than_rows(page: Page, known: Arrivals) -> bool:
	"""Others have been deleted. By upload time news may stand anywhere, and the number of rows would not tell that they are lacking."""
	prints = dict(known.prints)
	news = [
		punch.id
		for punch in page.punches
		if punch.id is not None
		and (punch.id > known.highest_id or prints.get(punch.id, punch_key(punch)) != punch_key(punch))
	]
	return len(news) > max(0, (page.count or 0) - (known.count or 0))


def _once_more_in_vain(known: Arrivals, today: date) -> Arrivals:
	before = known.in_vain if known.in_vain_on == today else 0
	return replace(known, in_vain=before + 1, in_vain_on=today)


def where_to_look(state: SyncState, clocks: WallClocks, now: datetime) -> Look | None:
	"""None where the device is to be read: something was left unread, is not known, or is due once a day, or glances are in vain."""
	known = state.arrivals
	if known is None or known.count is None or not _is_read_to_its_end(state, clocks, now):
		return None
	if known.in_vain >= _MOST_IN_VAIN and known.in_vain_on == clocks.on_device(now).date():
		return None
	if known.count <= MOST_PRINTS:
		return Look(1, MOST_PRINTS)
	return _end_of_list(known.count) if len(known.prints) == MOST_PRINTS else None


def shows_nothing_new(page: Page, look: Look, known: Arrivals) -> bool:
	"""Whether that page is what a device shows to which nothing has come: as many rows as before, the last of them known, in the
	order of their ids.
	"""
	if page.past_end or page.rejected or page.count is None or page.count != known.count:
		return False
	prints = dict(known.prints)
	if any(punch.id is None or prints.get(punch.id) != punch_key(punch) for punch in page.punches):
		return False
	if (look.page - 1) * look.size + page.fetched != page.count:
		return False
	return page.count <= MOST_PRINTS or _ends_as_before(page, known)


def at_rest(state: SyncState) -> Arrivals | None:
	"""What is to be remembered of where windows have ended, before last_sync moves. None where it is already."""
	known = state.arrivals
	if known is None:
		return None
	windows_until = known.windows_until or state.last_sync
	resting = replace(known, windows_until=windows_until, in_vain=0, in_vain_on=None)
	return None if resting == known else resting


def _is_read_to_its_end(state: SyncState, clocks: WallClocks, now: datetime) -> bool:
	known, days = state.arrivals, state.past_days
	if state.last_sync is None or state.last_sync > now or state.checkpoint:
		return False
	if known is None or known.unfinished or known.again_from is not None:
		return False
	return days is not None and days.on == clocks.on_device(now).date() and not days.left


def _end_of_list(count: int) -> Look:
	"""In pages of such a size that the last one is as full as can be, and has no more rows than are known."""
	size = max(range(_FEWEST, MOST_PRINTS + 1), key=lambda rows: (count - 1) % rows)
	return Look(-(-count // size), size)


def _ends_as_before(page: Page, known: Arrivals) -> bool:
	ids = [punch.id for punch in page.punches if punch.id is not None]
	return bool(ids) and ids == sorted(ids) and ids[-1] == known.highest_id
