"""What commands write, and how they end."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkteco_biometric.command_line.options import with_exit_statuses
from zkteco_biometric.command_line.statuses import FINE, FIX, INTERRUPTED, PASSES, most_serious, of_code
from zkteco_biometric.command_line.writing import ago, many, moment, written

NOON = datetime(2026, 3, 31, 12)


@given(st.dictionaries(st.text(), st.text(st.characters())))
def test_json_is_one_line_that_steers_no_terminal_and_loses_nothing(data: dict[str, str]) -> None:
	line = written(data)
	assert json.loads(line) == data
	assert line.isprintable()
	line.encode()


def test_json_shows_other_scripts_and_writes_times() -> None:
	assert written({"name": "مكتب", "at": NOON + timedelta(microseconds=5), "codes": {1}}) == (
		'{"name": "مكتب", "at": "2026-03-31 12:00:00", "codes": "{1}"}'
	)


@pytest.mark.parametrize(
	("passed", "told"),
	[
		(timedelta(seconds=59), "just now"),
		(timedelta(seconds=-59), "just now"),
		(timedelta(minutes=1), "1 min ago"),
		(timedelta(minutes=59), "59 min ago"),
		(timedelta(minutes=61), "1 hour ago"),
		(timedelta(hours=23), "23 hours ago"),
		(timedelta(days=2, hours=23), "2 days ago"),
		(-timedelta(minutes=4), "in 4 min"),
		(-timedelta(days=1), "in 1 day"),
	],
)
def test_how_long_ago(passed: timedelta, told: str) -> None:
	assert ago(NOON - passed, NOON) == told


def test_moments_and_numbers() -> None:
	assert (moment(None), moment(NOON)) == (None, "2026-03-31 12:00:00")
	assert (many(1, "person", "people"), many(1234, "person", "people")) == ("1 person", "1,234 people")
	assert many(0, "warning") == "0 warnings"


@pytest.mark.parametrize(
	("met", "status"),
	[
		([], FINE),
		([FINE, FINE], FINE),
		([FINE, PASSES], PASSES),
		([PASSES, FIX, FINE], FIX),
		([FIX, INTERRUPTED, PASSES], INTERRUPTED),
	],
)
def test_a_person_s_task_comes_before_what_may_pass(met: list[int], status: int) -> None:
	assert most_serious(met) == status
	assert most_serious(reversed(met)) == status


def test_the_status_of_a_failure_whose_code_is_kept() -> None:
	assert [of_code(code) for code in ("timed_out", "wrong_credentials", "unheard_of", "", None)] == [
		PASSES,
		FIX,
		FIX,
		FIX,
		FIX,
	]


def test_a_help_text_ends_with_every_exit_status() -> None:
	told = with_exit_statuses("Do it.", _0="it is done").splitlines()
	assert told[:4] == ["Do it.", "", "\b", "Exit status:"]
	assert told[4] == "  0    it is done"
	assert [line.split()[0] for line in told[4:]] == ["0", "2", "3", "130"]
