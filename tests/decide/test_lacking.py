"""What evidence alone keeps out: told beside the choice where it would take its place, and then it does."""

from __future__ import annotations

import re
from typing import Any

import pytest
from system.settings import case_of

from advisor.core.draws import central
from advisor.decide.lacking import RULES
from advisor.decide.option import Decision
from advisor.scenario import with_values
from advisor.steps import decide
from advisor.system.case import Case
from tests.decided import decided

# letters of a Swiss hospital: what may run there is large, or nobody has scanned it
LETTERS: dict[str, Any] = {
    "workload": {
        "requests_per_day": 350, "growth_per_year": 0.05, "input_tokens": 1600, "output_tokens": 1700,
        "peak_to_mean": 6, "deferrable_share": 0.5, "deferrable_hours": 12, "turns_per_task": 1,
        "languages": ["de", "fr", "it", "sq"],
    },
    "quality": {"floor": 0.85},
    "knowledge": {
        "gap": "format", "documents": 0, "context_tokens_added": 0, "examples": 3000,
        "tokens_per_example": 3300, "changes_every_days": None,
    },
    "constraints": {
        "residency": "CH", "home_region": "switzerlandnorth", "users_near": ["switzerlandnorth"],
        "latency_p95_ms": 60_000, "first_token_p95_ms": 5000, "private_network": True,
        "models_compared": ["kimi-k2.6", "kimi-k2.5", "gemma-4-31b", "gpt-oss-120b", "qwen3-8b"],
    },
    "priorities": {"carbon": 2, "cost": 2, "quality": 5, "water": 1},
    "timing": {"horizon_years": 5},
}  # fmt: skip


def letters(**answers: Any) -> Case:
    return case_of(200, task="translate", **{**LETTERS, "constraints": {**LETTERS["constraints"], **answers}})


def chosen(case: Case) -> Decision:
    return decide("foundation_model", case, {}, flips=False)


def test_a_scan_that_nobody_made_is_told_with_what_it_would_bring() -> None:
    """Kimi K2.6 needs eight H200 at 84.80 USD/h, Gemma 4 31B in eight bits one A100 at 3.673: 23 times less.

    Both are let go when nobody asks, the small one is loaded sooner: held for about as long, the plan is
    15 to 25 times as dear.
    """
    case = letters()
    prices = [
        case.central(f"machines.{one}.price", "USD/h") for one in ("nd96isr_h200_v5", "nc24ads_a100_v4")
    ]
    assert prices[0] / prices[1] == pytest.approx(84.8 / 3.673)
    decision = chosen(case)
    assert decision.choice is not None
    assert decision.choice.key == "kimi-k2.6"
    said = decision.every_reason[0]
    assert said.startswith(
        'Gemma 4 31B would be the choice, were there what the rule "Security scan" asks for: '
    )
    assert said.endswith("then set constraints.security_scan.gemma-4-31b: yes.")
    assert decision.every_reason[1:] == decision.reasons
    scanned = chosen(letters(security_scan={"gemma-4-31b": "yes"}))
    assert scanned.choice is not None
    assert scanned.choice.key == "gemma-4-31b"
    assert 15 < central(decision.choice.year["cost"]) / central(scanned.choice.year["cost"]) < 25
    assert scanned.every_reason == scanned.reasons  # nothing is left to be shown


def test_what_somebody_looked_at_and_found_wanting_is_not_told() -> None:
    decision = chosen(letters(security_scan={"gemma-4-31b": "no"}))
    assert decision.choice is not None
    assert not any("Gemma" in one for one in decision.every_reason)


@pytest.mark.parametrize("name", ["nightly_reports", "public_sector", "contact_centre"])
def test_what_is_told_is_chosen_once_the_evidence_is_there(name: str) -> None:
    case, (decision, *_) = decided(name)
    for said in decision.lacks(decision):
        answers = re.findall(rf"set constraints\.({'|'.join(RULES)})\.(\S+): yes", said)
        values = {f"constraints.{rule}.{model}": "yes" for rule, model in answers}
        there = chosen(case.with_scenario(with_values(case.given, values)))
        assert there.choice is not None
        assert there.choice.key == answers[0][1]
