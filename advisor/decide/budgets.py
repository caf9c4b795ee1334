"""Budgets of a scenario: gates on the totals of a plan."""

from __future__ import annotations

from advisor.core.draws import Array
from advisor.core.saying import joined, numeral, say
from advisor.system.case import Case, remembered
from advisor.system.gates import Gate, Gates
from advisor.system.priorities import CONCERNS

Budget = tuple[str, int, float, str]  # rule, place of the concern, limit of a year, unit


@remembered
def budgets(case: Case) -> tuple[Budget, ...]:
    """The budgets of a scenario."""
    limits = case.scenario.constraints
    return tuple(
        (rule, CONCERNS.index(concern), limit, unit)
        for rule, concern, limit, unit in (
            ("budget_carbon", "carbon", limits.budget_kgco2e_per_year, say("kgCO2e a year")),
            ("budget_money", "cost", limits.budget_usd_per_year, say("USD a year")),
        )
        if limit is not None
    )


def over_budget(case: Case, year: Array) -> Gates:
    """The budgets that a year of concerns breaks, shape (concerns,)."""
    return tuple(
        Gate(
            rule,
            False,
            say("at most {limit} {unit}", limit=numeral(limit, ",.0f"), unit=unit),
            joined(" ", (numeral(float(year[concern]), ",.0f"), unit)),
            say("a larger budget, or fewer or shorter requests"),
            over=float(year[concern]) / limit,
        )
        for rule, concern, limit, unit in budgets(case)
        if year[concern] > limit
    )
