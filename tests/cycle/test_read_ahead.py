"""The next page is read while the last one is written: one at most, and never by two at once."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from threading import Event, active_count, get_ident
from threading import enumerate as threads_now
from types import FrameType
from typing import Any

import pytest
from werkzeug.wrappers import Request, Response

from tests.support.clients import TRANSACTIONS, connected, logins, page_requests
from tests.support.cycles import EMPLOYEES, NOON, cycle, expected, fill, rules, window_requests
from tests.support.memory_site import Crash, MemorySite
from tests.support.punches import page
from zkteco_biometric.biotime.errand import handed_over
from zkteco_biometric.biotime.models import Page, Token
from zkteco_biometric.cycle.plan import Fate, Known
from zkteco_biometric.cycle.ports import Cancelled, Position, Superseded
from zkteco_biometric.cycle.read_ahead import ReadAhead
from zkteco_biometric.cycle.result import CycleResult, Stored
from zkteco_biometric.cycle.run import run_cycle
from zkteco_biometric.simulator import Simulator, faults

PATIENCE = 20.0


class SlowSite(MemorySite):
	"""Stores a page only when `may_store` says so."""

	def __init__(self, may_store: Callable[[Position | None], None]) -> None:
		super().__init__(EMPLOYEES)
		self.may_store = may_store
		self.threads: set[int] = set()

	def employees_by_code(self, codes: Collection[str]) -> Mapping[str, str]:
		self.threads.add(get_ident())
		return super().employees_by_code(codes)

	def known_punches(self, keys: Collection[str]) -> Mapping[str, Known]:
		self.threads.add(get_ident())
		return super().known_punches(keys)

	def store_page(self, fates: Sequence[Fate], position: Position | None) -> Stored:
		self.threads.add(get_ident())
		self.may_store(position)
		return super().store_page(fates, position)


def when_asked(sim: Simulator, *numbers: int) -> list[Event]:
	"""Set as soon as the server is asked for that page of a window, one for each number."""
	asked = {str(number): Event() for number in numbers}

	def look(request: Request, answer: faults.Answer) -> Response:
		if "end_time" in request.args and request.args["page"] in asked:
			asked[request.args["page"]].set()
		return answer(request)

	sim.faults.add(look, path=TRANSACTIONS, times=None)
	return list(asked.values())


def test_the_second_page_is_asked_for_while_the_first_is_being_written(sim: Simulator) -> None:
	fill(sim, 35)
	(asked,), overlapped = when_asked(sim, 2), []

	def hold(_position: Position | None) -> None:
		if not overlapped:
			overlapped.append(asked.wait(PATIENCE))

	site = SlowSite(hold)
	assert cycle(sim, site, rules()).failure is None
	assert overlapped == [True]
	assert set(site.check_ins) == expected(sim)


def test_no_more_than_one_page_is_read_ahead(sim: Simulator) -> None:
	fill(sim, 95)
	ahead: list[int] = []
	arrived = Event()

	def look(request: Request, answer: faults.Answer) -> Response:
		arrived.set()
		return answer(request)

	sim.faults.add(look, path=TRANSACTIONS, times=None)

	def hold(_position: Position | None) -> None:
		if len(ahead) < 9:
			arrived.wait(PATIENCE)
			arrived.clear()
			arrived.wait(0.02)
			ahead.append(len(window_requests(sim)) - len(ahead))

	cycle(sim, SlowSite(hold), rules())
	assert set(ahead) <= {1, 2}
	assert 2 in ahead


def test_the_site_is_only_ever_used_by_the_thread_that_runs_the_cycle(sim: Simulator) -> None:
	fill(sim, 35)
	site = SlowSite(lambda _position: None)
	cycle(sim, site, rules())
	assert site.threads == {get_ident()}


@pytest.mark.parametrize("rows", [0, 9, 10, 11, 35])
def test_nothing_is_asked_for_twice_or_for_nothing(sim: Simulator, site: MemorySite, rows: int) -> None:
	fill(sim, rows)
	cycle(sim, site, rules())
	pages = [int(entry.query["page"]) for entry in window_requests(sim)][: max(1, -(-rows // 10))]
	assert pages == list(range(1, max(1, -(-rows // 10)) + 1))


def test_a_token_that_ends_in_the_middle_is_kept_by_the_thread_that_runs_the_cycle(
	sim: Simulator, site: MemorySite
) -> None:
	fill(sim, 35)
	kept: list[tuple[bool, int]] = []
	used: list[str] = []

	def end_tokens(request: Request, answer: faults.Answer) -> Response:
		if request.args.get("page") == "3" and not used:
			used.append("page 3")
			sim.expire_tokens()
		return answer(request)

	def keep(token: Token | None) -> None:
		kept.append((token is not None, get_ident()))

	sim.faults.add(end_tokens, path=TRANSACTIONS, times=None)
	assert cycle(sim, site, rules(), on_token=keep).failure is None
	assert kept == [(told, get_ident()) for told in (True, False, True)]
	assert set(site.check_ins) == expected(sim)


def test_what_is_remembered_is_the_place_of_the_page_in_hand(sim: Simulator) -> None:
	fill(sim, 35)
	places: list[Any] = []
	asked = when_asked(sim, 2, 3, 4)

	def hold(position: Position | None) -> None:
		places.append(position)
		if len(places) <= len(asked):
			assert asked[len(places) - 1].wait(PATIENCE)

	cycle(sim, SlowSite(hold), rules())
	assert [place.page for place in places[:4]] == [2, 3, 4, 5]


@pytest.mark.parametrize("reason", [Crash, Superseded, Cancelled, KeyboardInterrupt])
def test_who_leaves_early_leaves_no_reader_behind(sim: Simulator, reason: type[BaseException]) -> None:
	fill(sim, 95)
	(asked,), threads = when_asked(sim, 2), active_count()

	def leave(_position: Position | None) -> None:
		assert asked.wait(PATIENCE)
		raise reason

	with suppress(Crash, KeyboardInterrupt), connected(sim.url) as source:
		run_cycle(source, SlowSite(leave), rules(), now=lambda: NOON)
	assert [int(entry.query["page"]) for entry in window_requests(sim)] == [1, 2]
	assert [entry.status for entry in window_requests(sim)] == [200, 200]
	assert active_count() <= threads + 2, "those of the server, which ends them itself"
	sim.log.clear()
	sim.faults.clear()
	site = MemorySite(EMPLOYEES)
	assert cycle(sim, site, rules()).failure is None
	assert set(site.check_ins) == expected(sim)


def test_a_time_out_of_the_queue_ends_the_waiting_for_a_page(
	sim: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
	class TimeIsOver(Exception):
		pass

	def ring(*_: object) -> None:
		raise TimeIsOver

	monkeypatch.setattr("zkteco_biometric.cycle.read_ahead._PATIENCE", 0.05)
	fill(sim, 35)
	answer_now = Event()

	def hold(request: Request, answer: faults.Answer) -> Response:
		if request.args.get("page") == "2":
			signal.setitimer(signal.ITIMER_REAL, 0.1)
			answer_now.wait(PATIENCE)
		return answer(request)

	sim.faults.add(hold, path=TRANSACTIONS, times=None)
	before = signal.signal(signal.SIGALRM, ring)
	try:
		with pytest.raises(TimeIsOver), connected(sim.url) as source:
			run_cycle(source, MemorySite(EMPLOYEES), rules(), now=lambda: NOON)
	finally:
		signal.signal(signal.SIGALRM, before)
		answer_now.set()


def test_out_of_time_nothing_is_read_ahead(sim: Simulator, site: MemorySite) -> None:
	fill(sim, 35)
	with connected(sim.url) as source:
		result = run_cycle(source, site, rules(), now=lambda: NOON, stop_at=NOON)
	assert result.unfinished
	assert len(window_requests(sim)) == 1


def test_a_slice_that_is_too_much_costs_one_request(sim: Simulator, site: MemorySite) -> None:
	"""It is given up before its first page is stored, so that nothing has been read ahead."""
	fill(sim, 40, start=NOON.replace(tzinfo=None) - timedelta(days=9), every=timedelta(hours=5))
	cycle(sim, site, rules(page_size=3, sync_from=NOON - timedelta(days=10)))
	asked = [
		(entry.query.get("start_time"), entry.query["end_time"], entry.query["page"])
		for entry in window_requests(sim)
		if entry.query["page_size"] != "1"
	]
	assert len(set(asked)) == len(asked)
	assert set(site.check_ins) == expected(sim)


def test_the_log_in_is_done_once_for_all_pages(sim: Simulator, site: MemorySite) -> None:
	fill(sim, 95)
	cycle(sim, site, rules())
	assert len(logins(sim)) == 1


def test_what_both_did_at_once_counts_for_both(sim: Simulator) -> None:
	fill(sim, 35)
	result: CycleResult = cycle(sim, SlowSite(lambda _: None), rules())
	assert result.http_seconds > 0
	assert result.db_seconds > 0
	assert len(page_requests(sim)) > 4


def three_pages(threads: list[int]) -> Iterator[Page]:
	for number in (1, 2, 3):
		threads.append(get_ident())
		yield page(number=number)


def test_only_what_is_told_to_begin_is_read_by_a_helper() -> None:
	threads: list[int] = []
	with ReadAhead(three_pages(threads)) as ahead:
		assert next(ahead).number == 1
		ahead.begin()
		ahead.begin()
		assert next(ahead).number == 2
		assert next(ahead).number == 3
		ahead.begin()
		assert list(ahead) == []
	assert [one == get_ident() for one in threads] == [True, False, True]


def test_what_fails_ahead_is_raised_when_the_page_is_wanted() -> None:
	def fails() -> Iterator[Page]:
		yield page(number=1)
		raise error

	error = ValueError("no")
	with ReadAhead(fails()) as ahead:
		next(ahead)
		ahead.begin()
		with pytest.raises(ValueError) as caught:
			next(ahead)
	assert caught.value is error


@pytest.mark.parametrize("step", range(7))
def test_a_signal_between_any_two_steps_leaves_no_reader_behind(step: int) -> None:
	"""The helper waits for a call that only the reader can make: forever, were it forgotten."""

	class TimeIsOver(Exception):
		pass

	def pages() -> Iterator[Page]:
		yield page(number=1)
		handed_over(lambda: None)
		yield page(number=2)

	steps = iter(range(step + 1))

	def ring(frame: FrameType, event: str, _argument: object) -> Callable[..., Any] | None:
		if not frame.f_code.co_filename.endswith("read_ahead.py"):
			return None
		if event == "line" and next(steps, None) == step:
			raise TimeIsOver
		return ring

	before, tracing = set(threads_now()), sys.gettrace()
	with suppress(TimeIsOver), ReadAhead(pages()) as ahead:
		next(ahead)
		ahead.begin()
		try:
			sys.settrace(ring)
			next(ahead)
		finally:
			sys.settrace(tracing)
	assert not [one for one in set(threads_now()) - before if one.is_alive()]


def test_a_call_that_belongs_to_the_reader_waits_until_a_page_is_wanted() -> None:
	called: list[int] = []

	def pages() -> Iterator[Page]:
		yield page(number=1)
		handed_over(lambda: called.append(get_ident()))
		yield page(number=2)

	with ReadAhead(pages()) as ahead:
		next(ahead)
		ahead.begin()
		assert called == []
		assert next(ahead).number == 2
	assert called == [get_ident()]
