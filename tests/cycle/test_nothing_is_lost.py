"""Whatever happens to a device and to its site: every punch becomes one check-in, or waits, or is ignored by a rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given

from tests.support.histories import (
	ALWAYS,
	ARRIVALS,
	BAD_CYCLES,
	DELETIONS,
	GOOD_CYCLES,
	HIRING,
	RESTORES,
	SERVER_CLOCKS,
	SHORT_WAITS,
	WEAK_CYCLES,
	Backlog,
	Cycle,
	History,
	Punch,
	Setting,
	Step,
	Trouble,
	Wait,
	histories,
)
from tests.support.played import play
from tests.support.profiles import examples
from zkteco_biometric.cycle import page_sizes
from zkteco_biometric.simulator import Variant


@given(histories(ARRIVALS | ARRIVALS | DELETIONS | SERVER_CLOCKS | HIRING))
@examples(tests=300, nightly=6_000)
def test_whatever_arrives_and_whenever_no_punch_is_lost_or_doubled(history: History) -> None:
	play(history)


@given(histories(ARRIVALS | ARRIVALS | DELETIONS, BAD_CYCLES | GOOD_CYCLES))
@examples(tests=300, nightly=6_000)
def test_whatever_fails_no_punch_is_lost_or_doubled(history: History) -> None:
	play(history)


@given(histories(DELETIONS, BAD_CYCLES, ALWAYS))
@examples(tests=200, nightly=4_000)
def test_a_first_sync_that_fails_while_rows_are_deleted_loses_none_of_the_others(history: History) -> None:
	play(history)


@given(histories(ARRIVALS | ARRIVALS | DELETIONS | RESTORES, BAD_CYCLES | GOOD_CYCLES))
@examples(tests=200, nightly=4_000)
def test_a_server_that_is_restored_again_and_again_loses_and_doubles_nothing(history: History) -> None:
	play(history)


@given(
	histories(ARRIVALS | DELETIONS | DELETIONS | RESTORES | SERVER_CLOCKS, pasts=ALWAYS, waits=SHORT_WAITS)
)
@examples(tests=200, nightly=6_000)
def test_glances_many_times_a_day_overlook_nothing(history: History) -> None:
	"""In pages from which as many ids are known as glances go by."""
	play(replace(history, setting=replace(history.setting, page_size=25, glances=True)))


@given(histories(ARRIVALS | DELETIONS, WEAK_CYCLES | WEAK_CYCLES | BAD_CYCLES | GOOD_CYCLES))
@examples(tests=300, nightly=6_000)
def test_pages_that_shrink_and_grow_lose_and_double_nothing_whatever_limits_a_server_has(
	history: History,
) -> None:
	"""Tiny ones, so that a history holds many; on one day, and uploaded so slowly that reading by arrival makes up for nothing."""
	_play_in_tiny_pages(replace(history, steps=(*_a_day(history.setting), *history.steps)))


@pytest.mark.parametrize("requests", range(4, 24))
def test_a_first_sync_whose_pages_shrink_leaves_out_nothing_where_small_ones_are_ignored(
	requests: int,
) -> None:
	setting = Setting(page_size=8, variant=Variant(min_page_size=8))
	_play_in_tiny_pages(History(setting, (*_a_day(setting), Cycle(Trouble("too large", after=requests)))))


def _a_day(setting: Setting) -> tuple[Step, ...]:
	part = Backlog(3 * setting.page_size, timedelta(days=9), timedelta(minutes=4)), Wait(timedelta(hours=1))
	return (*part, *part, *part)


def _play_in_tiny_pages(history: History) -> None:
	with pytest.MonkeyPatch.context() as patch:
		patch.setattr(page_sizes, "FEWEST", 1)
		patch.setattr(page_sizes, "_QUICK_PAGES", 2)
		play(history)


def test_histories_reach_quiet_glances_on_every_kind_of_server() -> None:
	for variant in (Variant(), Variant(ordering=False)):
		for rows in (3, 50):
			quiet = (
				Backlog(rows, timedelta(days=9), timedelta(minutes=7)),
				Cycle(),
				Wait(timedelta(minutes=15)),
				Cycle(),
			)
			setting = Setting(page_size=25, variant=variant)
			assert play(History(setting, quiet)).glanced >= 2, (variant, rows)


LATE = Backlog(7, timedelta(days=30), timedelta(minutes=1))
FIRST_SYNC = Setting(page_size=2, past_days=0)


@pytest.mark.parametrize("requests", range(1, 20))
def test_what_arrives_late_after_a_first_cycle_that_failed_is_found(requests: int) -> None:
	"""The windows may have been read by then, up to some time after those punches."""
	failed = Cycle(Trouble("500", after=requests))
	play(History(FIRST_SYNC, (Punch("7"), failed, LATE, Wait(timedelta(minutes=15)))))


def test_a_first_page_that_cannot_be_read_on_a_server_without_time_filters_costs_few_requests() -> None:
	"""Nothing on it shows that the bounds are ignored: day by day, all rows would be read some thousand times."""
	rows = (Punch("7", terminal="no time"), Punch("7", timedelta(seconds=2)))
	setting = Setting(page_size=1, variant=Variant(time_filters=False))
	played = play(History(setting, (*rows, Wait(timedelta(days=4)))))
	assert len(played.device.sim.log.entries) < 100
