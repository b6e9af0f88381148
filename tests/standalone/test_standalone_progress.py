"""Progress on a terminal and in a log."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime, timezone
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.standalone.desk import TODAY, Desk
from zkteco_biometric.cycle.result import Counters, CycleResult
from zkteco_biometric.simulator import faults
from zkteco_biometric.standalone.progress import Bar, HowFar, Lines, watched

BEGAN = datetime(2026, 3, 31, tzinfo=timezone.utc)


def after(
	pages: int, size: int, total: int | None, window_end: datetime | None = None, news: int = 0
) -> CycleResult:
	counters = Counters(created=pages * size + news)
	return CycleResult(BEGAN, counters, pages=pages, total=total, window_end=window_end)


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


def test_the_window_after_an_interrupted_one_counts_on_from_there(capsys: pytest.CaptureFixture[str]) -> None:
	lines, end = Lines(read_before=100), datetime(2026, 3, 31)
	lines.page_stored(after(1, 100, 200))
	lines.page_stored(after(2, 100, 800, end))
	lines.page_stored(after(9, 100, 800, end))
	assert capsys.readouterr().err.splitlines() == [
		"Reading punches: 200 of 200 (100 %)",
		"Reading punches: 300 of 1000 (30 %)",
		"Reading punches: 1000 of 1000 (100 %)",
	]


def test_what_is_read_after_the_windows_is_told_of_once(capsys: pytest.CaptureFixture[str]) -> None:
	lines = Lines(0)
	for news in (0, 0, 3, 3):
		lines.page_stored(after(1, 100, 100, news=news))
	assert capsys.readouterr().err == "Reading punches: 100 of 100 (100 %)\n"


def test_a_log_without_a_total_says_nothing_twice(capsys: pytest.CaptureFixture[str]) -> None:
	lines = Lines(0)
	for pages in (1, 1, 2, 21, 21):
		lines.page_stored(after(pages, 10, None))
	assert capsys.readouterr().err.splitlines() == [
		"Reading punches: 10 punches, page 1",
		"Reading punches: 210 punches, page 21",
	]


STEPS = st.lists(
	st.tuples(st.integers(0, 500), st.none() | st.integers(0, 2000), st.sampled_from([None, BEGAN])),
	max_size=12,
)


@given(st.integers(0, 1000), STEPS)
def test_nothing_ever_shows_more_than_all(read_before: int, steps: list) -> None:
	how_far, fetched, before = HowFar(read_before), 0, 0
	for rows, total, window_end in steps:
		fetched += rows
		counters = Counters(pending=fetched)
		read, of = how_far.after(CycleResult(BEGAN, counters, total=total, window_end=window_end))
		assert read == read_before + fetched >= before
		assert of is None if total is None else of is not None and of >= max(read, total)
		before = read


def test_a_bar_counts_on_over_the_windows_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr("sys.stderr", Terminal())
	with ExitStack() as stack:
		bar, end = Bar(100, stack), datetime(2026, 3, 31)
		shown = []
		for result in (after(1, 100, 200), after(2, 100, 800, end), after(9, 100, 800, end)):
			bar.page_stored(result)
			shown.append(bar._bar and (bar._bar.pos, bar._bar.length))
	assert shown == [(200, 200), (300, 1000), (1000, 1000)]


def test_a_long_window_is_told_of_over_all_its_parts(desk: Desk) -> None:
	desk.punches("1001", 4, day="2026-02-03")
	desk.punches("1002", 4, day="2026-03-30")
	lines = desk.sync("--from", "2026-02-01", "--page-size", "4").stderr.splitlines()
	assert all(" of 8 (" in line for line in lines)
	assert lines[-1] == "Reading punches: 8 of 8 (100 %)"
	assert len(lines) == len(set(lines))


def test_a_terminal_gets_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setattr("sys.stderr", terminal := Terminal())
	with watched(0) as progress:
		progress.page_stored(after(1, 100, 100))
	assert "100/100" in terminal.getvalue()


def test_a_run_tells_how_far_it_is_on_stderr(desk: Desk) -> None:
	desk.punches("1001", 4)
	result = desk.sync("--page-size", "2", *TODAY)
	assert "Reading punches: 2 of 4 (50 %)\nReading punches: 4 of 4 (100 %)" in result.stderr
	assert "Reading punches" not in result.stdout


def test_a_run_that_goes_on_never_tells_of_more_than_all(desk: Desk) -> None:
	desk.punches("1001", 6)
	desk.break_windows(faults.status(500), after=2)
	desk.sync("--page-size", "2", *TODAY)
	desk.sim.faults.clear()
	assert "4 of 6 (66 %)\n" in desk.sync("--page-size", "2", *TODAY).stderr
