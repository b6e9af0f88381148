"""Work in a helper thread: what it hands over is done by who waits, and nobody waits for ever."""

from __future__ import annotations

import os
import signal
from concurrent.futures import CancelledError
from threading import Event, get_ident

import pytest

from zkteco_biometric.biotime.errand import Errand, handed_over, refuse_if_left

PATIENCE = 20.0


def begun(work: object) -> Errand[object]:
	errand: Errand[object] = Errand(work)  # type: ignore[arg-type]
	errand.begin()
	return errand


def test_the_work_is_done_by_another_thread_and_its_result_comes_to_who_waits() -> None:
	assert begun(get_ident).result() != get_ident()


def test_what_the_work_raises_is_raised_where_it_is_waited_for() -> None:
	def fail() -> None:
		raise error

	error = ValueError("no")
	with pytest.raises(ValueError) as caught:
		begun(fail).result()
	assert caught.value is error


def test_what_is_handed_over_is_called_by_the_thread_that_waits_before_the_work_goes_on() -> None:
	told: list[object] = []

	def work() -> None:
		for _ in range(2):
			handed_over(lambda: told.append(get_ident()))
			told.append("goes on")

	begun(work).result()
	assert told == [get_ident(), "goes on"] * 2


def test_without_an_errand_it_is_called_at_once() -> None:
	told: list[int] = []
	handed_over(lambda: told.append(get_ident()))
	assert told == [get_ident()]


def test_the_work_waits_until_somebody_waits_for_it() -> None:
	reached, called = Event(), Event()

	def work() -> bool:
		reached.set()
		handed_over(called.set)
		return called.is_set()

	errand = begun(work)
	assert reached.wait(PATIENCE)
	assert not called.is_set()
	assert errand.result()


def test_a_call_that_fails_is_raised_where_it_was_made_and_ends_the_work() -> None:
	seen: list[BaseException] = []

	def work() -> None:
		try:
			handed_over(lambda: 1 // 0)
		except BaseException as error:
			seen.append(error)
			raise

	errand = begun(work)
	with pytest.raises(ZeroDivisionError):
		errand.result()
	errand.leave(PATIENCE)
	assert [type(one) for one in seen] == [CancelledError]


def test_leaving_waits_for_the_work_that_is_under_way() -> None:
	go_on, done = Event(), Event()

	def work() -> None:
		go_on.wait(PATIENCE)
		done.set()

	errand = begun(work)
	go_on.set()
	errand.leave(PATIENCE)
	assert done.is_set()


def test_leaving_waits_no_longer_than_its_patience() -> None:
	go_on = Event()
	errand = begun(lambda: go_on.wait(PATIENCE))
	errand.leave(0.01)
	assert errand.is_left
	go_on.set()
	errand.leave(PATIENCE)


@pytest.mark.parametrize("is_early", [True, False], ids=["handed over before", "handed over after"])
def test_who_left_is_called_no_more(is_early: bool) -> None:
	reached, go_on = Event(), Event()
	called: list[int] = []
	seen: list[BaseException] = []

	def work() -> None:
		reached.set()
		if not is_early:
			go_on.wait(PATIENCE)
		try:
			handed_over(lambda: called.append(1))
		except BaseException as error:
			seen.append(error)
			raise

	errand = begun(work)
	assert reached.wait(PATIENCE)
	errand.leave(0 if not is_early else PATIENCE)
	go_on.set()
	errand.leave(PATIENCE)
	assert (called, [type(one) for one in seen]) == ([], [CancelledError])


def test_an_errand_that_was_left_finds_out_before_it_asks_anybody() -> None:
	reached, go_on = Event(), Event()
	seen: list[BaseException] = []

	def work() -> None:
		reached.set()
		go_on.wait(PATIENCE)
		try:
			refuse_if_left()
		except CancelledError as error:
			seen.append(error)

	errand = begun(work)
	assert reached.wait(PATIENCE)
	errand.leave(0)
	go_on.set()
	errand.leave(PATIENCE)
	assert len(seen) == 1
	refuse_if_left()


def test_a_signal_interrupts_who_waits() -> None:
	"""As the queue's time-out does, and Ctrl-C."""

	class TimeIsOver(Exception):
		pass

	def ring(*_: object) -> None:
		raise TimeIsOver

	go_on = Event()

	def work() -> None:
		os.kill(os.getpid(), signal.SIGUSR1)
		go_on.wait(PATIENCE)

	before = signal.signal(signal.SIGUSR1, ring)
	errand: Errand[None] = Errand(work)
	try:
		with pytest.raises(TimeIsOver):
			errand.begin()
			errand.result()
	finally:
		signal.signal(signal.SIGUSR1, before)
		go_on.set()
		errand.leave(PATIENCE)
