"""Names beside points: none covers another, a point or the frame."""

from __future__ import annotations

from itertools import combinations

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from advisor.core.exhibits import Chart, Line, Mark
from advisor.view import charts, point_names
from advisor.view.tables import as_csv


def drawn(names: tuple[Mark, ...], x: list[float], y: list[float]):
    points = Line("models", x, y, style="points")
    chart = Chart("front", "A front", "g", "%", (points, Line("front", x, y)), marks=names)
    figure = charts._laid_out(charts._draw(chart), FigureCanvasAgg, 72)
    (axes,) = figure.axes
    return axes, point_names.named(axes)


def test_a_lone_name_stands_right_above_its_point():
    """The nearest place: 6 points to the right and 6 up, so near that no line need lead to it."""
    _, (one,) = drawn((Mark("chosen: a", 2.0, y=2.0),), [1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert (one.get_position(), one.get_horizontalalignment()) == ((6.0, 6.0), "left")
    assert not one.arrow_patch.get_visible()


def test_at_the_right_end_a_name_stands_to_the_left():
    """There is no room for it to the right."""
    _, (one,) = drawn((Mark("a name of some length", 3.0, y=2.0),), [1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    assert one.get_position()[0] < 0
    assert one.get_horizontalalignment() == "right"


@pytest.mark.parametrize("close", [0.0, 0.01, 0.05])
def test_names_of_points_that_lie_together_cover_nothing(close: float):
    x = [1.0, 2.0, 2.0 + close, 2.0 + 2 * close, 3.0]
    y = [1.0, 2.0, 2.0 + close, 2.0, 3.0]
    labels = ("chosen, knee: GPT-5.4 nano", "next best: Grok 4.3", "least carbon: M", "best answers: GPT")
    names = tuple(Mark(label, at, y=up) for label, at, up in zip(labels, x[1:], y[1:], strict=True))
    axes, found = drawn(names, x, y)
    boxes = [point_names.box_of(one) for one in found]
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    places = axes.transData.transform(list(zip(x, y, strict=True)))
    assert not any(box.contains(*place) for box in boxes for place in places)
    frame = axes.get_window_extent()
    assert all(frame.contains(*corner) for box in boxes for corner in box.corners())


def test_names_are_told_in_words_and_numbers_too():
    chart = Chart("front", "A front", "g", "%", (Line("models", [1.0, 2.0], [3.0, 4.0], style="points"),),
                  marks=(Mark("chosen: a", 2.0, 1.5, 2.5, 4.0),))  # fmt: skip
    assert charts.describe(chart).endswith("chosen: a at 2")
    assert "chosen: a,2.0,4.0,," in as_csv(chart)
