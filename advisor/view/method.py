"""The method page's exhibits, ready to be shown in a notebook."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from advisor.core.errors import unknown
from advisor.core.exhibits import Exhibit
from advisor.core.saying import joined
from advisor.measured import accuracy, machines, method
from advisor.system.case import Case
from advisor.view.faces import exhibits, styled
from advisor.view.html import Page, tag
from advisor.view.method_texts import TITLE

EXHIBITS: dict[str, Callable[[Case], Exhibit]] = {
    "coefficients": accuracy.coefficients_table,
    "predicted": accuracy.predicted_chart,
    "errors": accuracy.errors_table,
    "blocks": accuracy.blocks_table,
    "GPUs": accuracy.gpus_table,
    "coverage": accuracy.coverage_chart,
    "times": accuracy.times_chart,
    "time errors": accuracy.times_table,
    "part load": machines.held_table,
    "part load curves": machines.part_load_chart,
    "walls": machines.walls_table,
    "wall requests": machines.wall_requests_table,
    "runs": method.runs_table,
    "inference": method.inference_table,
    "training": method.training_table,
    "hours": method.hours_table,
    "second opinion": method.opinions_table,
}


@lru_cache(maxsize=1)
def _case() -> Case:
    return method.method_case()


def heading() -> Page:
    """What the page is called."""
    return styled(tag("div", tag("h1", TITLE), class_="adv-heading"))


def show(*names: str) -> Page:
    """Exhibits of the method page by name. Raises UnknownNameError."""
    for name in names:
        if name not in EXHIBITS:
            raise unknown("exhibit", name, EXHIBITS)
    shown = exhibits((EXHIBITS[name](_case()) for name in names), "method")
    return styled(tag("article", shown, class_="adv mathjax_ignore", aria_label=joined(", ", names)))
