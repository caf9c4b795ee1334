"""A scenario whose every text is hostile, and its twin of plain words, decided alike."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Any

from advisor.catalogue import DATA, Catalogue
from advisor.decide.option import Decision
from advisor.scenario import Scenario, load_scenario, with_values
from advisor.scenario.io import paths
from advisor.steps import run
from advisor.system.case import Case
from tests.test_escaping import HOSTILE, one_line

DRAWS = 20
PLAIN = "word"
OWN_FIGURE = "hardware.lifetime"


def texts() -> Callable[[], str]:
    """Each of the hostile texts in turn, without end."""
    numbers = count()
    return lambda: one_line(HOSTILE[next(numbers) % len(HOSTILE)]) or "x"


def filled(
    base: Scenario, decided: list[Decision], pick: Callable[[], str], catalogue: Catalogue
) -> Scenario:
    """``base`` with a text of ``pick`` wherever somebody can write one: notes and owners hold all sixty."""
    fields = list(paths(Scenario))[: len(HOSTILE)]
    figure = catalogue.coefficient(OWN_FIGURE)
    values: dict[str, Any] = {
        "notes": {path: pick() for path in fields},
        "owners": {path: pick() for path in fields},
        "overrides": {
            OWN_FIGURE: {"low": figure.low, "central": figure.central, "high": figure.high,
                         "unit": figure.unit, "owner": pick(), "reason": pick()}
        },
        "name": pick(), "description": pick(),
        "timing.deadlines": {f"{number} {pick()}": date(2027, 1, 1) for number in range(5)},
    }  # fmt: skip
    for number in range(len(base.data_sets)):
        values[f"data_sets[{number}].name"] = f"{number} {pick()}"
    for decision in decided:
        taken = {"choice": decision.choice.key, "by": pick(), "reason": pick()} if decision.choice else {}
        values[f"decisions.{decision.step}"] = taken
    return with_values(base, values)


def twins(catalogue: Catalogue) -> tuple[tuple[Case, list[Decision]], tuple[Case, list[Decision]]]:
    """The hostile case and the plain one, each with its decisions, flips left out."""
    base = load_scenario(DATA / "scenarios" / "product_descriptions.yaml")
    few = ["gpt-5.4-mini", "gemma-3-27b", "gpt-oss-20b", "mistral-small-3.1-24b"]
    base = with_values(
        base, {"constraints.regions_allowed": ["swedencentral"], "constraints.models_compared": few}
    )
    decided = run(Case(base, catalogue, DRAWS), flips=False)
    made = []
    for pick in (texts(), lambda: PLAIN):
        case = Case(filled(base, decided, pick, catalogue), catalogue, DRAWS)
        made.append((case, run(case, flips=False)))
    return made[0], made[1]
