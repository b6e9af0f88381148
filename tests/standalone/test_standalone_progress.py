"""Progress on a terminal and in a log."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime, timezone
from io import StringIO

import pytest

from tests.standalone.desk import Desk
from zkteco_biometric.cycle.result import Counters, CycleResult
from zkteco_biometric.simulator import faults
from zkteco_biometric.standalone.progress import Bar, Lines, watched

BEGAN = datetime(2026, 3, 31, tzinfo=timezone.utc)


def after(pages: int, size: int, total: int | None) -> CycleResult:
	return CycleResult(BEGAN, Counters(created=pages * size), pages=pages, total=total)


class Terminal(StringIO):
	def isatty(self) -> bool:
		return True


def test_a_log_gets_about_ten_lines_however_many_pages_there_are(capsys: pytest.CaptureFixture[str]) -> None:
	lines = Lines(0)
	for page in range(1, 1001):
		lines.page_stored(after(page, 100, 100_000))
	said = capsys.readouterr().err.splitlines()
	assert 10 <= len(said) <= 12
	assert said[-1] == "Reading punches: 100000 of 100000 (100 %)"


def test_a_log_without_a_total_gets_a_line_every_twenty_pages(capsys: pytest.CaptureFixture[str]) -> None:
	lines = Lines(0)
	for page in range(1, 42):
		lines.page_stored(after(page, 10, None))
	assert capsys.readouterr().err.splitlines() == [
		"Reading punches: 10 punches, page 1",
		"Reading punches: 210 punches, page 21",
		"Reading punches: 410 punches, page 41",
	]


def test_a_bar_grows_with_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr("sys.stderr", Terminal())
	with ExitStack() as stack:
		bar = Bar(0, stack)
		shown = []
		for page in (1, 2, 3):
			bar.page_stored(after(page, 100, 250 if page < 3 else 300))
			shown.append(bar._bar and bar._bar.format_pct())
	assert shown == [" 40%", " 80%", "100%"]


def test_a_bar_without_a_total_counts(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr("sys.stderr", terminal := Terminal())
	with ExitStack() as stack:
		Bar(0, stack).page_stored(after(2, 100, None))
	assert "200" in terminal.getvalue()


def test_an_interrupted_run_goes_on_with_what_was_read_before(capsys: pytest.CaptureFixture[str]) -> None:
	Lines(read_before=600).page_stored(after(1, 100, 1000))
	assert capsys.readouterr().err == "Reading punches: 700 of 1000 (70 %)\n"


def test_a_terminal_gets_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr("sys.stderr", terminal := Terminal())
	with watched(0) as progress:
		progress.page_stored(after(1, 100, 100))
	assert "100/100" in terminal.getvalue()


def test_a_run_tells_how_far_it_is_on_stderr(desk: Desk) -> None:
	desk.punches("1001", 4)
	result = desk.sync("--page-size", "2")
	assert "Reading punches: 2 of 4 (50 %)\nReading punches: 4 of 4 (100 %)" in result.stderr
	assert "Reading punches" not in result.stdout


def test_a_run_that_goes_on_never_tells_of_more_than_all(desk: Desk) -> None:
	desk.punches("1001", 6)
	desk.sim.faults.add(faults.status(500), path="transactions", after=2, times=None)
	desk.sync("--page-size", "2")
	desk.sim.faults.clear()
	assert "4 of 6 (66 %)\n" in desk.sync("--page-size", "2").stderr
