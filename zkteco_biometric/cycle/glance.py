"""One request at the beginning of a cycle: can anything have come since the device was read to its end?

What comes gets a higher id than all before, whatever its punch time and whatever the server's clock says; and it counts. So the
end of the list by id shows it. The least doubt means that the device is read; and windows of punch time go on where they
ended, not where a glance has found nothing, so that what one might overlook is not left out by the next reading.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from zkteco_biometric.biotime.errors import BioTimeError, TimedOut, Unreachable, WrongCredentials
from zkteco_biometric.biotime.models import Page
from zkteco_biometric.cycle.arrivals import MOST_PRINTS, Arrivals
from zkteco_biometric.cycle.clocks import WallClocks
from zkteco_biometric.cycle.plan import punch_key

if TYPE_CHECKING:
	from zkteco_biometric.cycle.ports import HRSite, PunchSource, SyncState

_FEWEST = MOST_PRINTS // 2
_ENDS_A_CYCLE = (WrongCredentials, Unreachable, TimedOut)
"""What every other request would meet as well, after as long a wait."""


@dataclass(frozen=True)
class Look:
	"""A page that ends with the newest row, if no other has come: its number, and how many rows to ask for."""

	page: int
	size: int


def finds_nothing_new(source: PunchSource, state: SyncState, clocks: WallClocks, now: datetime) -> bool:
	"""Asks once, or not at all where no answer could be believed. Raises those errors of the device that would meet any other
	request too; any other error is a doubt.
	"""
	known, look = state.arrivals, where_to_look(state, clocks, now)
	if known is None or look is None:
		return False
	try:
		page = next(iter(source.pages(None, None, look.size, look.page)), None)
	except _ENDS_A_CYCLE:
		raise
	except BioTimeError:
		return False
	return page is not None and shows_nothing_new(page, look, known)


def where_to_look(state: SyncState, clocks: WallClocks, now: datetime) -> Look | None:
	"""None where the device is to be read: something was left unread, is not known, or is due once a day."""
	known = state.arrivals
	if known is None or known.count is None or not _is_read_to_its_end(state, clocks, now):
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


def rest(site: HRSite, state: SyncState, until: datetime) -> None:
	"""Nothing is new: last_sync moves to `until`, and windows go on where they ended."""
	resting = at_rest(state)
	if resting:
		site.keep(resting)
	site.finish_window(until)


def at_rest(state: SyncState) -> Arrivals | None:
	"""What is to be remembered of where windows have ended, before last_sync moves. None where it is already."""
	known = state.arrivals
	if known is None or known.windows_until:
		return None
	return replace(known, windows_until=state.last_sync)


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
