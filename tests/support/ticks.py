"""A tick as the scheduler's: a glance, and a cycle where that leaves a doubt."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from zkteco_biometric.biotime.errors import BioTimeError
from zkteco_biometric.cycle.glance import Glance, glance
from zkteco_biometric.cycle.ports import HRSite, PunchSource
from zkteco_biometric.cycle.result import CycleResult
from zkteco_biometric.cycle.run import CycleRules, run_cycle


def tick(
	source: PunchSource,
	site: HRSite,
	rules: CycleRules,
	*,
	now: Callable[[], datetime],
	stop_at: datetime | None = None,
) -> CycleResult:
	"""What `find_idle` does on a site with what a glance has shown, in more writes. It looks as well after cycles that failed,
	where a site reads at once: nothing may hang on that.
	"""
	began = now()
	seen = _glance(source, site, rules, began)
	if seen.arrivals:
		site.keep(seen.arrivals)
	if seen.nothing_new:
		site.finish_window(began)
		return CycleResult(began, last_sync=began, glanced=True)
	return run_cycle(source, site, rules, now=now, stop_at=stop_at)


def _glance(source: PunchSource, site: HRSite, rules: CycleRules, began: datetime) -> Glance:
	"""A log-in is part of it here; one that fails is the cycle's to tell."""
	try:
		source.ensure_token()
	except BioTimeError:
		return Glance()
	return glance(source, site.sync_state(), rules.window.clocks, began)
