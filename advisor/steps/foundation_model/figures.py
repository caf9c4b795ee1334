"""Exhibits of the model choice."""

from __future__ import annotations

from advisor.case import Case
from advisor.exhibits import Exhibit
from advisor.option import Decision


def figures(case: Case, decision: Decision) -> tuple[Exhibit, ...]:
    """All exhibits."""
    return ()
