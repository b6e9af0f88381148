"""The picture, where matplotlib is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

pytest.importorskip("matplotlib")

from benchmarks.picture import draw

_COUNTS = {"new": 30, "one_by_one": 10_100, "bare": 10_000, "again": 20, "aim": 40}
FIGURES: dict[str, Any] = {
	"speed": {"raw": 9_000, "cycle": 3_000, "one_by_one": 150, "bare": 160},
	"counts": {"statements": _COUNTS, "redis_calls": _COUNTS, "requests": _COUNTS},
	"memory": [{"punches": 10_000, "growth": 9.0}, {"punches": 1_000_000, "growth": 9.4}],
	"others": {way: {"median": 5.0, "worst_of_hundred": 20.0} for way in ("idle", "bulk", "one_by_one")},
	"ticks": {"dispatcher": [{"due": 1, "statements": 4, "redis_calls": 3, "milliseconds": 6.0}]},
	"workers": [{"workers": 1, "per_second": 2_000}, {"workers": 2, "per_second": 3_500}],
	"large": {"rows": 1_000_000, "full": 2_900, "empty": 3_000},
	"people": {"faster": 3.5, "lanes": 4},
}


def words(picture: Path) -> str:
	return " ".join(text for node in ElementTree.parse(picture).iter() if (text := node.text))


def test_it_shows_every_part_and_its_numbers(tmp_path: Path) -> None:
	picture = tmp_path / "run.svg"
	draw(FIGURES, picture)
	shown = words(picture)
	for part in ("3,000", "raw insert", "aim: under 40", "Peak memory", "workers", "1,000,000 check-ins"):
		assert part in shown


def test_the_same_run_draws_the_same_picture(tmp_path: Path) -> None:
	for name in ("one.svg", "other.svg"):
		draw(FIGURES, tmp_path / name)
	assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "other.svg").read_bytes()


def test_a_part_that_was_not_measured_is_left_out(tmp_path: Path) -> None:
	draw({"memory": FIGURES["memory"]}, tmp_path / "run.svg")
	assert "Peak memory" in words(tmp_path / "run.svg")
	assert "workers" not in words(tmp_path / "run.svg")


def test_nothing_to_draw_is_told(tmp_path: Path) -> None:
	with pytest.raises(ValueError, match="nothing to draw"):
		draw({"people": FIGURES["people"]}, tmp_path / "run.svg")
