"""What a step shows besides its choice: charts, tables and files, as plain data.

A step builds these; ``view`` draws them. None of them knows about HTML.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Numbers = Sequence[float]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart; ``low`` and ``high`` bound its 80 % interval where known."""

    label: str
    x: Numbers
    y: Numbers
    low: Numbers | None = None
    high: Numbers | None = None
    style: Literal["line", "step", "area", "points"] = "line"


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on a chart worth naming, such as a break-even, with its interval on x; with ``y`` a point."""

    label: str
    x: float
    low: float | None = None
    high: float | None = None
    y: float | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """Lines over a common axis. Axis labels carry their unit; of ``marks`` the foremost come first."""

    key: str
    title: str
    x_label: str
    y_label: str
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...] = ()
    log_x: bool = False
    log_y: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """Stacked bars: ``values[part][bar]``; ``low``/``high`` bound each bar's total."""

    key: str
    title: str
    y_label: str
    bars: tuple[str, ...]
    parts: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    low: Numbers | None = None
    high: Numbers | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Parts that add up: ``values`` one a bar, then their sum as ``total``."""

    key: str
    title: str
    x_label: str
    bars: tuple[str, ...]
    values: tuple[float, ...]
    total: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Heatmap:
    """A matrix such as the week by hour: ``values[row][column]``.

    ``names``: of kinds, where a value is no amount but the place of a kind among them.
    """

    key: str
    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]
    value_label: str
    note: str = ""
    names: tuple[str, ...] = ()

    def told(self, value: float) -> str | float:
        """A value as it is told: the name of its kind, where it has one."""
        return self.names[round(value)] if self.names else value


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headed columns; numbers are formatted by the view."""

    key: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | float | None, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """A file the reader can use as it is."""

    filename: str
    media_type: str
    content: str
    note: str = ""


Drawing = Chart | Bars | Waterfall | Heatmap
Exhibit = Drawing | Table | Export
