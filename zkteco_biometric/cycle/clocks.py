"""Wall clocks: the terminals', the site's, and the instants between them. Whole seconds everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from zkteco_biometric.wording import _


def utc_now() -> datetime:
	"""Now, aware UTC, whole seconds."""
	return datetime.now(timezone.utc).replace(microsecond=0)


@dataclass(frozen=True)
class WallClocks:
	"""The zone that the terminals' clocks show, and the zone in which the site writes times down."""

	device: ZoneInfo
	site: ZoneInfo

	def to_site(self, punched: datetime) -> datetime:
		"""The site's naive wall clock for a naive punch time of the device.

		The same zone changes nothing, not even in an hour that a clock change leaves out. Across zones, a time that
		exists twice is the first of the two, and one that does not exist counts on from before the change.
		Raises ValueError for a time at the end of the calendar that the other zone cannot express.
		"""
		if self.device.key == self.site.key:
			return punched
		try:
			return (
				punched.replace(tzinfo=self.device, fold=0).astimezone(self.site).replace(tzinfo=None, fold=0)
			)
		except OverflowError as error:
			raise ValueError(_("{0} cannot be converted to {1}").format(punched, self.site.key)) from error

	def on_device(self, instant: datetime) -> datetime:
		"""The naive wall clock of the terminals at an aware instant."""
		return instant.astimezone(self.device).replace(tzinfo=None, fold=0)

	def on_site(self, instant: datetime) -> datetime:
		"""The naive wall clock of the site at an aware instant."""
		return instant.astimezone(self.site).replace(tzinfo=None, fold=0)

	def instant_on_site(self, wall: datetime) -> datetime:
		"""The aware instant, UTC, of a naive time that the site has written down."""
		return wall.replace(tzinfo=self.site, fold=0).astimezone(timezone.utc)

	def instant_on_device(self, wall: datetime) -> datetime:
		"""The aware instant, UTC, at which the terminals show `wall`, naive; the first, where they show it twice."""
		return wall.replace(tzinfo=self.device, fold=0).astimezone(timezone.utc)

	def set_back_between(self, start: datetime, end: datetime) -> timedelta:
		"""By how much the terminals' clocks were set back between two aware instants; zero where they were not."""
		before = start.astimezone(self.device).utcoffset() or timedelta()
		after = end.astimezone(self.device).utcoffset() or timedelta()
		return max(before - after, timedelta())
