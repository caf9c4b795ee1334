"""Names beside points of a drawn chart, where they cover neither each other nor a point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox

from advisor.core.draws import Array
from advisor.core.exhibits import Mark

# technical: points of a drawing that is scaled to its column
SIZE = 7.5
NEAR = (6.0, 16.0, 28.0, 42.0, 58.0, 76.0, 96.0)  # how far a name may stand from its point, the nearest first
POINT = 3.5  # half of a marker
GAP = 1.5  # between two names
LED = 10.0  # from here on a line leads to the point
POINTS_AN_INCH = 72.0
DOTS = ("o", "s", "^", "D", "v", "P", "X", "*")  # the markers of points
NAME = "name"
Place = tuple[float, float, Literal["left", "right", "center"]]  # across and up, and which end stands there


def add(axes: Axes, marks: Sequence[Mark], ink: str, colour: str) -> None:
    """Names of the marks that are points, set apart once the chart is laid out; ``colour``: of intervals."""
    for one in marks:
        if one.y is None:
            continue
        if one.low is not None and one.high is not None:
            axes.plot((one.low, one.high), (one.y, one.y), color=colour, linewidth=1, zorder=2)
        said = axes.annotate(
            one.label, (one.x, one.y), xytext=(0, 0), textcoords="offset points", fontsize=SIZE, zorder=6,
            va="center", bbox={"facecolor": "white", "alpha": 0.8, "linewidth": 0, "pad": 0.5},
            arrowprops={"arrowstyle": "-", "color": ink, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3},
        )  # fmt: skip
        said.set_in_layout(False)
        said.set_gid(NAME)


def set_apart(figure: Figure) -> None:
    """Move the names of a chart that is laid out to where nothing is covered, the first ones nearest."""
    for axes in figure.axes:
        taken: list[Bbox] = []
        for one in named(axes):
            taken.append(_moved(one, axes, taken))


def named(axes: Axes) -> list[Annotation]:
    """The names in a chart."""
    return [one for one in axes.texts if isinstance(one, Annotation) and one.get_gid() == NAME]


def box_of(one: Annotation) -> Bbox:
    """What the words of a name cover, without the line that leads to its point."""
    one.get_window_extent()  # moves the words to their place
    return Text.get_window_extent(one)


def _moved(one: Annotation, axes: Axes, taken: Sequence[Bbox]) -> Bbox:
    """A name at the first place that is free; where none is beside all points, one beside all names."""
    scale, words = axes.figure.dpi / POINTS_AN_INCH, box_of(one)
    inside, dots = axes.get_window_extent(), _dots(axes, POINT * scale)
    point = axes.transData.transform(one.xy)
    places = [(place, _box(point, place, words, scale)) for place in _places()]
    within = [found for found in places if _holds(inside, found[1])] or places
    apart = [found for found in within if not _covers(found[1], taken)] or within
    place, box = next((found for found in apart if not _covers(found[1], dots)), apart[0])
    across, up, side = place
    one.set_position((across, up))
    one.set_horizontalalignment(side)
    if one.arrow_patch is not None:
        one.arrow_patch.set_visible(max(abs(across), abs(up)) >= LED)
    return box


def _places() -> Iterator[Place]:
    for far in NEAR:
        for up in (1.0, -1.0, 0.0):
            yield far, up * far, "left"
            yield -far, up * far, "right"
            if up:
                yield 0.0, up * (far + SIZE / 2), "center"


def _box(point: Array, place: Place, words: Bbox, scale: float) -> Bbox:
    """What a name would cover at a place, with a gap around it."""
    across, up, side = place
    left = point[0] + across * scale - {"left": 0.0, "right": words.width, "center": words.width / 2}[side]
    below = point[1] + up * scale - words.height / 2
    return Bbox.from_bounds(left, below, words.width, words.height).padded(GAP * scale)


def _dots(axes: Axes, half: float) -> list[Bbox]:
    """What the points of a chart cover."""
    found = [axes.transData.transform(line.get_xydata()) for line in axes.lines if line.get_marker() in DOTS]
    return [Bbox.from_bounds(x - half, y - half, 2 * half, 2 * half) for line in found for x, y in line]


def _holds(outer: Bbox, inner: Bbox) -> bool:
    across = outer.x0 <= inner.x0 and inner.x1 <= outer.x1
    return bool(across and outer.y0 <= inner.y0 and inner.y1 <= outer.y1)


def _covers(one: Bbox, others: Sequence[Bbox]) -> bool:
    return any(one.overlaps(other) for other in others)
