"""Punches that could not become check-ins earlier, because nobody had their code."""

from __future__ import annotations

from zkteco_biometric.biotime.models import Page
from zkteco_biometric.cycle.plan import PlanRules, check_ins, codes, drop_existing, match
from zkteco_biometric.cycle.run import CycleRules
from zkteco_biometric.standalone.site import SQLiteSite, Waiting

_AT_ONCE = 500


def settle_pending(site: SQLiteSite, rules: CycleRules) -> int:
	"""Decides again about every pending punch whose code is somebody's by now; how many check-ins that created.

	By the rules of a cycle, without the device.
	"""
	created = 0
	while waiting := site.known_by_now(_AT_ONCE):
		created += _settle(site, waiting, rules)
	return created


def _settle(site: SQLiteSite, waiting: list[Waiting], rules: CycleRules) -> int:
	page = Page(1, tuple(one.punch for one in waiting), (), None, None)
	plan_rules = PlanRules(rules.window.clocks, rules.states, rules.window.oldest_wanted)
	fates = match(page, site.employees_by_code(codes(page)), plan_rules)
	fates = drop_existing(fates, site.existing_check_ins([one.key for one in check_ins(fates)]))
	return site.settle(waiting, fates).created
