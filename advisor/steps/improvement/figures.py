"""Improvement output."""

from __future__ import annotations

from advisor.case import Case
from advisor.exhibits import Exhibit
from advisor.option import Decision
from advisor.steps import Prior


def figures(case: Case, prior: Prior, decision: Decision) -> tuple[Exhibit, ...]:
    """All exhibits."""
    return ()
