"""Exhibits as inline SVG: the same input gives the same bytes, and nothing is fetched.

Colours are Okabe and Ito's, told apart by people with any colour vision; hatches, dashes and
markers carry the same meaning in greyscale.
"""

from __future__ import annotations

import io
import pickle
import re
from collections.abc import Sequence
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from advisor.core.draws import Array, ensemble_of
from advisor.core.exhibits import Bars, Chart, Drawing, Heatmap, Line, Waterfall
from advisor.core.saying import here, joined, language_spoken, say, throughout
from advisor.core.wording import number
from advisor.view import point_names
from advisor.view.html import tag, text

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#595959", "#F0E442")
DASHES = ("-", "--", "-.", ":")
MARKERS = point_names.DOTS
HATCHES = ("", "//", "..", "xx", "\\\\", "++", "oo", "--")
INK = "#1f2933"

# technical: inches and points of a drawing that is scaled to its column
WIDTH = 6.0
HEIGHT = 3.0
BAR_HEIGHT = 0.3
FRAME_HEIGHT = 1.1
MAX_BARS_UPRIGHT = 6
LONG_LABEL = 12
SHORT_LABEL = 3
MARK_LINE = 11
MANY_TICKS = 14
WIDE_NUMBERS = 5
LEGEND_ENTRIES = 8
DRAWINGS_KEPT = 200
PICTURE_DPI = 200
SVG_DPI = 72
STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#7b8794",
    "axes.labelcolor": INK,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#e4e7eb",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "hatch.linewidth": 0.5,
    "hatch.color": "white",
}

FEW_DECADES = 300.0  # times from the least to the most of a logarithmic axis, below which it has more numbers
MOST_RANGE = 2.0  # times the longest bar that the ranges of bars may take of the axis

_kept: dict[tuple[bytes, str, str], str] = {}


def svg(exhibit: Drawing, scope: str) -> str:
    """An exhibit as an SVG element. ``scope`` keeps its ids apart from other charts' on a page.

    A drawing is kept, so a control that leaves a chart as it is does not draw it again.
    """
    exhibit = throughout(exhibit)  # in the language spoken from here on
    key = (pickle.dumps(exhibit), scope, language_spoken().key)
    if key not in _kept:
        if len(_kept) >= DRAWINGS_KEPT:
            _kept.clear()
        _kept[key] = _svg(exhibit, scope)
    return _kept[key]


def png(exhibit: Drawing) -> bytes:
    """An exhibit as a PNG picture for slides, on white."""
    exhibit = throughout(exhibit)
    stream = io.BytesIO()
    settings: Any = STYLE
    with mpl.rc_context(settings):
        figure = _laid_out(_draw(exhibit), FigureCanvasAgg, PICTURE_DPI)
        figure.savefig(stream, format="png", dpi=PICTURE_DPI, facecolor="white", metadata={"Software": None})
    return stream.getvalue()


def _svg(exhibit: Drawing, scope: str) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", f"{scope}-{exhibit.key}".lower())
    settings: Any = {**STYLE, "svg.hashsalt": name}
    with mpl.rc_context(settings):
        figure = _laid_out(_draw(exhibit), FigureCanvasSVG, SVG_DPI)
        stream = io.StringIO()
        figure.savefig(
            stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    return _embedded(stream.getvalue(), name, exhibit.title, describe(exhibit))


def _laid_out(figure: Figure, canvas: type[FigureCanvasBase], dpi: float) -> Figure:
    """A figure laid out for a canvas once: saving one that still lays itself out draws all of it twice."""
    canvas(figure)
    figure.dpi = dpi
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine("none")
    point_names.set_apart(figure)
    return figure


def describe(exhibit: Drawing) -> str:
    """What a chart says, in words, for those who do not see it."""
    if isinstance(exhibit, Bars):
        totals = [sum(part[bar] for part in exhibit.values) for bar in range(len(exhibit.bars))]
        return exhibit.y_label + ". " + _each(exhibit.bars, totals)
    if isinstance(exhibit, Waterfall):
        bars, values = (*exhibit.bars, exhibit.total), (*exhibit.values, sum(exhibit.values))
        return exhibit.x_label + ". " + _each(bars, values)
    if isinstance(exhibit, Heatmap):
        flat = [value for row in exhibit.values for value in row]
        if not flat:
            return exhibit.value_label
        least, most = (
            exhibit.names[round(end)] if exhibit.names else number(end) for end in (min(flat), max(flat))
        )
        return say("{what}: from {least} to {most}", what=exhibit.value_label, least=least, most=most)
    said = (
        line.label
        + ": "
        + joined(", ", (say("{y} at {x}", y=number(line.y[end]), x=number(line.x[end])) for end in (0, -1)))
        for line in exhibit.lines
        if len(line.x)
    )
    marks = (say("{label} at {x}", label=mark.label, x=number(mark.x)) for mark in exhibit.marks)
    over = say("{y_label} over {x_label}. ", y_label=exhibit.y_label, x_label=exhibit.x_label)
    return over + joined("; ", [*said, *marks])


def _each(names: Sequence[str], values: Sequence[float]) -> str:
    return joined("; ", (name + ": " + number(value) for name, value in zip(names, values, strict=True)))


def _embedded(source: str, name: str, title: str, description: str) -> str:
    """The bare ``<svg>`` with a title, its ids unique, its size left to the page."""
    source = re.sub(r"<metadata>.*?</metadata>", "", source[source.index("<svg") :], flags=re.DOTALL)
    source = re.sub(r'\bid="', f'id="{name}-', source)
    source = re.sub(r'(url\(#|href="#)', rf"\g<1>{name}-", source)
    source = re.sub(r"<!--.*?-->|<style.*?</style>", "", source, flags=re.DOTALL)
    head, rest = source.split(">", 1)
    view = re.search(r'viewBox="[^"]*"', head)
    attributes = (
        f'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'{view.group(0) if view else ""} role="img" aria-labelledby="{name}-title {name}-desc"'
    )
    titled = tag("title", text(title), id=f"{name}-title") + tag("desc", text(description), id=f"{name}-desc")
    drawing = re.sub(r">\s+<", "><", rest.strip())
    return f"<svg {attributes}>{titled}{drawing}"


def _draw(exhibit: Drawing) -> Figure:
    if isinstance(exhibit, Bars):
        return _bars(exhibit)
    if isinstance(exhibit, Waterfall):
        return _waterfall(exhibit)
    if isinstance(exhibit, Heatmap):
        return _heatmap(exhibit)
    return _chart(exhibit)


def _figure(height: float = HEIGHT) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    figure.patch.set_alpha(0)
    return figure, figure.add_subplot()


def _chart(chart: Chart) -> Figure:
    figure, axes = _figure()
    if chart.log_x:
        axes.set_xscale("log")
    if chart.log_y:
        axes.set_yscale("log")
    for index, line in enumerate(chart.lines):
        _line(axes, line, index)
    for index, mark in enumerate(mark for mark in chart.marks if mark.y is None):
        axes.axvline(mark.x, color=INK, linewidth=1, linestyle=":")
        if mark.low is not None and mark.high is not None:
            axes.axvspan(mark.low, mark.high, color="#9aa5b1", alpha=0.2, linewidth=0)
        axes.annotate(
            mark.label, (mark.x, 1), xycoords=("data", "axes fraction"), va="top", fontsize=8,
            xytext=(3, -3 - MARK_LINE * index), textcoords="offset points", zorder=5,
            bbox={"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1},
        )  # fmt: skip
    point_names.add(axes, chart.marks, INK, COLOURS[0])
    axes.set_xlabel(chart.x_label)
    axes.set_ylabel(chart.y_label)
    if not chart.log_x:
        axes.locator_params(axis="x", nbins=WIDE_NUMBERS + 2)
    _numbers(axes, chart.log_x, chart.log_y)
    named = [line for line in chart.lines if not _lone(line)]
    if len(named) > 1 or (named and len(named) < len(chart.lines)):
        handles, labels = axes.get_legend_handles_labels()
        figure.legend(
            handles[:LEGEND_ENTRIES], labels[:LEGEND_ENTRIES], loc="outside upper center",
            ncols=min(3, len(labels)),
        )  # fmt: skip
    return figure


def _lone(line: Line) -> bool:
    return len(line.x) == 1


def _line(axes: Axes, line: Line, index: int) -> None:
    colour = COLOURS[index % len(COLOURS)]
    x, y = np.asarray(line.x, dtype=float), np.asarray(line.y, dtype=float)
    bounds = None
    if line.low is not None and line.high is not None:
        bounds = np.asarray(line.low, dtype=float), np.asarray(line.high, dtype=float)
    if line.style == "points" or _lone(line):
        spread = None if bounds is None else np.maximum(np.stack([y - bounds[0], bounds[1] - y]), 0)
        axes.errorbar(
            x, y, yerr=spread, color=colour, marker=MARKERS[index % len(MARKERS)], linestyle="none",
            markersize=5, elinewidth=1, capsize=2, label="_" if _lone(line) else line.label,
        )  # fmt: skip
        if _lone(line):
            axes.annotate(line.label, (x[0], y[0]), xytext=(5, 3), textcoords="offset points", fontsize=7.5)
        return
    step: Literal["post"] | None = "post" if line.style == "step" else None
    if line.style == "area":
        axes.fill_between(x, y, color=colour, alpha=0.35, linewidth=0, label=line.label)
        return
    style: dict[str, Any] = {"color": colour, "linestyle": DASHES[index % len(DASHES)], "linewidth": 1.8}
    axes.plot(x, y, label=line.label, drawstyle="steps-post" if step else "default", **style)
    if bounds is not None:
        axes.fill_between(x, *bounds, color=colour, alpha=0.15, linewidth=0, step=step)


def _bars(bars: Bars) -> Figure:
    longest = max(map(len, bars.bars), default=0)
    across = longest > LONG_LABEL or (len(bars.bars) > MAX_BARS_UPRIGHT and longest > SHORT_LABEL)
    figure, axes = _figure(FRAME_HEIGHT + BAR_HEIGHT * len(bars.bars) if across else HEIGHT)
    places = np.arange(len(bars.bars))
    above, below = np.zeros(len(places)), np.zeros(len(places))
    for index, (part, given) in enumerate(zip(bars.parts, bars.values, strict=True)):
        values = np.nan_to_num(np.asarray(given, dtype=float))
        base = np.where(values < 0, below, above)  # negative parts stack downwards
        look: dict[str, Any] = {
            "color": COLOURS[index % len(COLOURS)], "hatch": HATCHES[index % len(HATCHES)], "label": part,
        }  # fmt: skip
        if across:
            axes.barh(places, values, left=base, height=0.7, **look)
        else:
            axes.bar(places, values, bottom=base, width=0.7, **look)
        above, below = above + np.maximum(values, 0), below + np.minimum(values, 0)
    totals = above + below
    if bars.low is not None and bars.high is not None:
        spread = np.maximum(np.stack([totals - np.asarray(bars.low), np.asarray(bars.high) - totals]), 0)
        whisker: dict[str, Any] = {"fmt": "none", "ecolor": INK, "elinewidth": 1, "capsize": 3}
        if across:
            axes.errorbar(totals, places, xerr=spread, **whisker)
            _cut(axes, totals, np.asarray(bars.high, dtype=float))
        else:
            axes.errorbar(places, totals, yerr=spread, **whisker)
    if across:
        axes.set_yticks(places, bars.bars)
        axes.invert_yaxis()
        axes.set_xlabel(bars.y_label, loc="right")
        axes.locator_params(axis="x", nbins=WIDE_NUMBERS)
        axes.xaxis.set_major_formatter(FuncFormatter(_tick))
    else:
        axes.set_xticks(places, bars.bars)
        axes.set_ylabel(bars.y_label)
        axes.yaxis.set_major_formatter(FuncFormatter(_tick))
    axes.grid(visible=False, axis="y" if across else "x")
    if len(bars.parts) > 1:
        figure.legend(loc="outside upper center", ncols=min(4, len(bars.parts)))
    return figure


def _cut(axes: Axes, totals: Array, high: Array) -> None:
    """End the axis where ranges would leave the bars no room; a range that goes on says up to where."""
    most = MOST_RANGE * float(totals.max(initial=0.0))
    if (totals < 0).any() or most <= 0 or high.max() <= most:
        return
    axes.set_xlim(0.0, most)
    for place in np.flatnonzero(high > most):
        axes.annotate(
            here(say("to {most}", most=number(high[place]))) + " \u2192", (most, place), ha="right",
            va="bottom", xytext=(0, 2), textcoords="offset points",
        )  # fmt: skip


def _waterfall(fall: Waterfall) -> Figure:
    """What each step adds, ending on the total; one bar a step, each starting where the last ended."""
    figure, axes = _figure(FRAME_HEIGHT + BAR_HEIGHT * (len(fall.bars) + 1))
    ends = np.cumsum(fall.values)
    starts = ends - np.asarray(fall.values)
    places = np.arange(len(fall.bars) + 1)
    axes.barh(places[:-1], fall.values, left=starts, height=0.7, color=COLOURS[0])
    axes.barh(places[-1:], ends[-1:], height=0.7, color=INK)
    for place, start, end in zip(places, [*starts, 0.0], [*ends, ends[-1]], strict=True):
        axes.annotate(
            here(number(end - start)), (end, place), xytext=(4, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(places, [*fall.bars, fall.total])
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.set_xlabel(fall.x_label, loc="right")
    axes.locator_params(axis="x", nbins=WIDE_NUMBERS)
    axes.xaxis.set_major_formatter(FuncFormatter(_tick))
    axes.grid(visible=False, axis="y")
    return figure


def _heatmap(heatmap: Heatmap) -> Figure:
    figure, axes = _figure(FRAME_HEIGHT + BAR_HEIGHT * max(len(heatmap.rows), 4))
    values = np.asarray(heatmap.values, dtype=float).reshape(len(heatmap.rows), len(heatmap.columns))
    kinds = len(heatmap.names)
    colours = mpl.colormaps["cividis"]
    scale = (
        {"cmap": colours.resampled(kinds), "vmin": -0.5, "vmax": kinds - 0.5} if kinds else {"cmap": colours}
    )
    mesh = axes.pcolormesh(values, linewidth=0.2, edgecolor="white", **scale)
    every = -(-len(heatmap.columns) // MANY_TICKS)
    shown = range(0, len(heatmap.columns), max(every, 1))
    axes.set_xticks([column + 0.5 for column in shown], [heatmap.columns[column] for column in shown])
    axes.set_yticks([row + 0.5 for row in range(len(heatmap.rows))], heatmap.rows)
    axes.invert_yaxis()
    axes.grid(visible=False)
    bar = figure.colorbar(mesh, ax=axes, label=heatmap.value_label)
    if kinds:
        bar.set_ticks(range(kinds), labels=list(heatmap.names))
        bar.ax.invert_yaxis()
    else:
        bar.ax.yaxis.set_major_formatter(FuncFormatter(_tick))
    return figure


def _tick(value: float, _position: int | None = None) -> str:
    return here(number(value)).replace("-", "−")


def _numbers(axes: Axes, log_x: bool, log_y: bool) -> None:
    for axis, logarithmic in ((axes.xaxis, log_x), (axes.yaxis, log_y)):
        axis.set_major_formatter(FuncFormatter(_tick))
        if logarithmic:
            low, high = axis.get_view_interval()
            if high < FEW_DECADES * low:  # powers of ten alone would be one or two numbers
                axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
            axis.set_minor_formatter(NullFormatter())


def spread_of(values: Sequence[Array]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The 10th and 90th percentile of each row of draws, for the whiskers of bars."""
    low, high = np.quantile(ensemble_of(np.stack(values)), (0.1, 0.9), axis=1)
    return tuple(map(float, low)), tuple(map(float, high))
