"""Draws the figures of one run, several small charts on a sheet: `python -m benchmarks.picture RUN.json PICTURE.svg`.

Needs matplotlib, which is in this project's extra `benchmarks` and nowhere else.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

INK, OURS, OTHERS = "#333333", "#1f6fb2", "#b9c2cb"
_COLUMNS = 2
_WIDTH, _HEIGHT = 5.2, 2.7
"""Inches of one chart."""
_TICKS = 5

_STYLE = {
	"font.size": 9,
	"axes.titlesize": 10,
	"axes.titlelocation": "left",
	"axes.spines.top": False,
	"axes.spines.right": False,
	"axes.edgecolor": INK,
	"text.color": INK,
	"axes.labelcolor": INK,
	"xtick.color": INK,
	"ytick.color": INK,
	"svg.hashsalt": "benchmarks",
	"svg.fonttype": "none",
}
_WAYS = {
	"raw": "raw insert",
	"cycle": "cycle, in bulk",
	"one_by_one": "cycle, one by one",
	"bare": "bare insert()",
}


def draw(figures: Mapping[str, Any], path: Path) -> None:
	"""A chart for each part of the run that there is."""
	charts = [(chart, figures[part]) for part, chart in _CHARTS if part in figures]
	if not charts:
		raise ValueError("There is nothing to draw: the run has no figures that a chart shows.")
	rows = -(-len(charts) // _COLUMNS)
	with matplotlib.rc_context(_STYLE):
		sheet, grid = pyplot.subplots(
			rows, _COLUMNS, figsize=(_COLUMNS * _WIDTH, rows * _HEIGHT), squeeze=False, layout="constrained"
		)
		sheet.get_layout_engine().set(h_pad=0.12, w_pad=0.12)
		for axes, (chart, values) in zip(grid.flat, charts, strict=False):
			chart(axes, values)
		for axes in list(grid.flat)[len(charts) :]:
			axes.set_axis_off()
		sheet.savefig(
			path, dpi=150, metadata={"Creator": None, "Date": None} if path.suffix == ".svg" else None
		)
		pyplot.close(sheet)


def _speed(axes: Axes, values: Mapping[str, float]) -> None:
	_bars(axes, "Check-ins per second", {title: values[way] for way, title in _WAYS.items()}, ours=1)


def _statements(axes: Axes, values: Mapping[str, Mapping[str, float]]) -> None:
	_counts(axes, "SQL statements per 1,000 punches", values["statements"])


def _redis(axes: Axes, values: Mapping[str, Mapping[str, float]]) -> None:
	_counts(axes, "Redis calls per 1,000 punches", values["redis_calls"])


def _counts(axes: Axes, title: str, values: Mapping[str, float]) -> None:
	shown = {"new": "cycle, in bulk", "one_by_one": "cycle, one by one", "bare": "bare insert()"}
	_bars(
		axes,
		f"{title} (aim: under {values['aim']:g})",
		{name: values[way] for way, name in shown.items()},
		ours=0,
	)


def _memory(axes: Axes, values: Sequence[Mapping[str, float]]) -> None:
	names = [f"{one['punches']:,.0f}" for one in values]
	_columns(axes, "Peak memory that a cycle adds, MiB", names, [one["growth"] for one in values])
	axes.set_xlabel("punches")


def _others(axes: Axes, values: Mapping[str, Mapping[str, float]]) -> None:
	titles = {
		"idle": "nothing else",
		"bulk": "beside a cycle in bulk",
		"one_by_one": "beside one by one",
	}
	for place, way in enumerate(titles):
		middle, worst = values[way]["median"], values[way]["worst_of_hundred"]
		axes.plot([middle, worst], [place, place], color=OTHERS, linewidth=3, zorder=1)
		axes.scatter([middle], [place], color=OURS, zorder=2)
		axes.scatter([worst], [place], color=INK, marker="|", s=80, zorder=2)
		axes.annotate(
			f"{middle:,.0f}", (middle, place), ha="center", xytext=(0, 6), textcoords="offset points"
		)
		axes.annotate(f"{worst:,.0f}", (worst, place), ha="center", xytext=(0, 6), textcoords="offset points")
	axes.set_yticks(range(len(titles)), titles.values())
	axes.set_ylim(len(titles) - 0.5, -0.6)
	axes.set_xscale("log")
	axes.xaxis.set_major_formatter("{x:,.0f}")
	axes.set_xlabel("median and 99th percentile")
	axes.set_title("Another session's check-in, ms")


def _dispatcher(axes: Axes, values: Mapping[str, Any]) -> None:
	rows = values["dispatcher"]
	names = [f"{row['due']:,.0f} ({row['statements']:,.0f} SQL)" for row in rows]
	_columns(axes, "The dispatcher, ms", names, [row["milliseconds"] for row in rows])
	axes.set_xlabel("devices due at once (SQL statements)")


def _workers(axes: Axes, values: Sequence[Mapping[str, float]]) -> None:
	workers = [one["workers"] for one in values]
	speeds = [one["per_second"] for one in values]
	ideal = [speeds[0] * count / workers[0] for count in workers]
	axes.plot(workers, ideal, color=OTHERS, linestyle="--", label="in proportion")
	axes.plot(workers, speeds, color=OURS, marker="o", label="measured")
	for count, speed in zip(workers, speeds, strict=True):
		axes.annotate(
			f"{speed:,.0f}", (count, speed), ha="center", va="top", xytext=(0, -6), textcoords="offset points"
		)
	axes.set_xticks(workers)
	axes.set_ylim(0)
	axes.margins(x=0.1)
	axes.yaxis.set_major_formatter("{x:,.0f}")
	axes.set_xlabel("workers")
	axes.legend(frameon=False)
	axes.set_title("Check-ins per second of one site")


def _large(axes: Axes, values: Mapping[str, float]) -> None:
	shown = {"empty table": values["empty"], f"{values['rows']:,.0f} check-ins": values["full"]}
	_bars(axes, "Check-ins per second of the cycle, into", shown, ours=1)


def _bars(axes: Axes, title: str, values: Mapping[str, float], ours: int) -> None:
	"""One of them is what it is about; the others stand beside it."""
	colours = [OURS if place == ours else OTHERS for place in range(len(values))]
	bars = axes.barh(list(values), list(values.values()), color=colours, height=0.6)
	axes.bar_label(bars, labels=[_shown(value) for value in values.values()], padding=3)
	axes.xaxis.set_major_formatter("{x:,.0f}")
	axes.xaxis.set_major_locator(MaxNLocator(_TICKS))
	axes.invert_yaxis()
	axes.margins(x=0.15)
	axes.set_title(title)


def _columns(axes: Axes, title: str, names: Sequence[str], values: Sequence[float]) -> None:
	bars = axes.bar(names, values, color=OURS, width=0.5)
	axes.bar_label(bars, labels=[_shown(value) for value in values], padding=2)
	axes.margins(y=0.2)
	axes.set_title(title)


def _shown(value: float) -> str:
	return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


_CHARTS: tuple[tuple[str, Callable[[Axes, Any], None]], ...] = (
	("speed", _speed),
	("large", _large),
	("counts", _statements),
	("counts", _redis),
	("others", _others),
	("workers", _workers),
	("memory", _memory),
	("ticks", _dispatcher),
)


def main() -> None:
	parser = argparse.ArgumentParser(description=__doc__)
	parser.add_argument("run", type=Path, help="what benchmarks/run.py has written")
	parser.add_argument("picture", type=Path, help="where to draw: .svg or .png")
	options = parser.parse_args()
	draw(json.loads(options.run.read_text())["figures"], options.picture)


if __name__ == "__main__":
	main()
