"""What people are told of a takeover, in whatever language."""

from __future__ import annotations

from datetime import datetime

import pytest

from zkteco_biometric.cycle.schedule import Frequency
from zkteco_biometric.takeover import words
from zkteco_biometric.takeover.mapping import Former, TakenOver, Trouble

READ_UP_TO = datetime(2026, 3, 10, 11, 58, 3)
FORMER = Former("admin", "http://192.0.2.10", "admin", created=datetime(2025, 9, 1))


def device(*troubles: Trouble, last_sync: datetime | None = READ_UP_TO) -> TakenOver:
	return TakenOver(
		name="192.0.2.10",
		url="http://192.0.2.10",
		username="admin",
		enable=not troubles,
		fetch_frequency=Frequency.ALL,
		cron_expression=None,
		last_sync=last_sync,
		sync_from=datetime(2026, 3, 3),
		troubles=troubles,
	)


def shouted(template: str) -> str:
	"""A language in which every word is loud, and placeholders stay."""
	return template.upper()


def test_a_device_without_trouble_is_told_nothing() -> None:
	assert words.troubles(device()) == ("", "")
	assert words.left_to_do(FORMER, device()) == []


@pytest.mark.parametrize("trouble", Trouble)
def test_every_trouble_is_told_with_what_to_do(trouble: Trouble) -> None:
	seen, remedy = words.troubles(device(trouble))
	assert seen.endswith(".") and remedy.endswith(".")
	assert ("Then tick Enabled" in remedy) == (trouble is not Trouble.SCHEDULE)


def test_what_is_told_can_be_said_in_another_language_whole() -> None:
	seen, remedy = words.troubles(device(Trouble.NO_USER_NAME, Trouble.NO_PASSWORD))
	assert seen.said(shouted) == ("NO USER NAME WAS THERE TO TAKE OVER.\nNO PASSWORD WAS THERE TO TAKE OVER.")
	assert remedy.said(shouted).splitlines()[-1] == "THEN TICK ENABLED, SAVE, AND PRESS TEST CONNECTION."
	(line,) = words.left_to_do(FORMER, device(Trouble.SCHEDULE))
	assert line.said(shouted) == f"{line}".upper()


def test_it_is_told_up_to_where_the_other_app_had_read() -> None:
	assert "up to 2026-03-10 11:58:03" in words.where_it_goes_on(device())
	assert "Punches since 2026-03-03" in words.where_it_goes_on(device(last_sync=None))


@pytest.mark.parametrize(
	("were_blocked", "blocked", "lines"),
	[(False, [], 0), (False, [("A", "a@x")], 1), (True, [], 2), (True, [("A", "a@x")], 2)],
)
def test_people_whose_log_in_is_disabled_are_told_of_where_there_may_be_any(
	were_blocked: bool, blocked: list[tuple[str, str]], lines: int
) -> None:
	told = words.about_log_ins(were_blocked, blocked)
	assert len(told) == lines
	assert any("A (a@x)" in line for line in told) == bool(blocked)


def test_a_crowd_is_counted_and_the_first_are_named() -> None:
	crowd = [(f"P{number}", f"{number}@x") for number in range(60)]
	(line,) = words.about_log_ins(False, crowd)
	assert ": 60. " in line and "P49 (49@x)" in line and "P50" not in line


def test_one_subject_names_every_device() -> None:
	assert words.something_is_left(["A", "B"]).startswith("Taken over: A, B.")
