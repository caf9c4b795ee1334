"""The decisions of each template, made once a process: nothing of them changes."""

from __future__ import annotations

from functools import cache

from advisor.catalogue import open_catalogue
from advisor.decide.option import Decision
from advisor.steps import run
from advisor.system.case import Case
from advisor.system.opening import open_case, template

DRAWS = 200  # enough for gates that look at a tail, such as latency


@cache
def decided(name: str) -> tuple[Case, list[Decision]]:
    """The case of a template and its five decisions, flips left out."""
    case = Case(open_case(template(name)).given, open_catalogue(offline=True), DRAWS)
    return case, run(case, flips=False)
