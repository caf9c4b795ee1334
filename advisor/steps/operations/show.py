"""Charts and tables of operations."""

from __future__ import annotations

from advisor.case import Case
from advisor.exhibits import Exhibit
from advisor.option import Decision
from advisor.steps import Prior


def exhibits(case: Case, prior: Prior, decision: Decision) -> tuple[Exhibit, ...]:
    """Charts and tables of a decision."""
    return ()
