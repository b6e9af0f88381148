"""Whatever happens: nobody is kept out past their way back, and everybody gets back exactly what they had."""

from __future__ import annotations

from hypothesis import given

from tests.support.device_histories import (
	CLOCKS,
	CRASHES,
	FAILURES,
	GAPS,
	LATE,
	PEOPLE,
	SITE,
	History,
	histories,
)
from tests.support.device_played import play
from tests.support.profiles import examples


@given(histories(GAPS))
@examples(tests=90, nightly=3_000)
def test_everybody_ends_as_their_newest_punch_asks_and_can_be_brought_back(history: History) -> None:
	play(history)


@given(histories(FAILURES | CRASHES))
@examples(tests=100, nightly=6_000)
def test_failures_and_crashes_keep_nobody_out(history: History) -> None:
	play(history)


@given(histories(FAILURES | LATE | LATE))
@examples(tests=100, nightly=6_000)
def test_requests_that_are_carried_out_late_keep_nobody_out(history: History) -> None:
	play(history)


@given(histories(SITE | PEOPLE | PEOPLE))
@examples(tests=100, nightly=6_000)
def test_whatever_the_site_and_other_people_change_keeps_nobody_out(history: History) -> None:
	play(history)


@given(histories(CLOCKS | CLOCKS | FAILURES | LATE))
@examples(tests=60, nightly=6_000)
def test_a_clock_that_runs_ahead_and_is_set_right_keeps_nobody_out(history: History) -> None:
	play(history)


@given(histories(FAILURES | CRASHES | LATE | SITE))
@examples(tests=50, nightly=6_000)
def test_two_documents_for_one_server_keep_nobody_out(history: History) -> None:
	"""Without others who move people: while two fight over a late request, the one may give back older areas."""
	play(history, twice=True)


@given(histories(CLOCKS | FAILURES | CRASHES | LATE | SITE | PEOPLE | GAPS))
@examples(tests=140, nightly=10_000)
def test_all_of_it_at_once_keeps_nobody_out(history: History) -> None:
	play(history)
