"""Reasoning effort is an input: hidden tokens follow it, are shown apart, and a measurement replaces them.

Scenario: 180 tokens read by people, gpt-5.4-mini (may answer at once) and gpt-5-mini (at least minimal).
"""

from __future__ import annotations

import pytest
from system.settings import by, case_of, model_of

from advisor.core.draws import central
from advisor.scenario import with_pilot
from advisor.scenario.pilot_log import PilotRow
from advisor.steps.foundation_model.token_table import told
from advisor.system import billing, quality, requests, thinking
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting

WORK = {"input_tokens": 1000, "output_tokens": 180}
GLOBAL = DeploymentSetting("maas", "global")
PROMPT = by("prompt")


def written(model: str, size: int = 0, **quality_fields: object) -> float:
    case = case_of(size, workload=WORK, quality=quality_fields)
    return central(requests.shape(case, model, "prompt").output_tokens)


def test_without_reasoning_a_model_that_can_answers_at_once() -> None:
    """Four times 180 tokens before, whatever was said; now 180 unless reasoning is needed."""
    assert written("gpt-5.4-mini", needs_reasoning=False) == pytest.approx(180)
    assert written("gpt-5.4-mini", needs_reasoning=True) == pytest.approx(4 * 180)


def test_each_effort_has_its_hidden_tokens() -> None:
    """At medium 4 times: 540 hidden. Minimal 0.03 x 540, low 0.2 x 540, high 2.9 x 540."""
    for effort, hidden in {"none": 0, "minimal": 16.2, "low": 108, "medium": 540, "high": 1566}.items():
        assert written("gpt-5.4-mini", reasoning_effort=effort) == pytest.approx(180 + hidden)
    # GPT-5 mini thinks at least minimally, o4-mini at least a little, R1 has no setting: 6 x 180
    assert written("gpt-5-mini", reasoning_effort="none") == pytest.approx(180 + 16.2)
    assert written("o4-mini", reasoning_effort="none") == pytest.approx(180 + 108)
    assert written("deepseek-r1", reasoning_effort="none") == pytest.approx(6 * 180)


def test_a_price_follows_what_is_written() -> None:
    """Three more hidden tokens per token read: 540 more at the price of output, and no others."""
    found = []
    for effort in ("none", "medium"):
        case = case_of(0, workload=WORK, quality={"reasoning_effort": effort})
        lines = billing.serving(case, model_of("gpt-5.4-mini"), PROMPT, GLOBAL)
        (line,) = (line for line in lines if line.resource.value == "managed tokens")
        found.append((central(line.footprint["cost"]), central(line.quantity)))
    price = case.central("prices.gpt-5.4-mini.global.output", "USD/Mtok")
    (least, calls), (most, _) = found
    assert most - least == pytest.approx(540 * price / 1e6 * calls)


def test_thinking_less_than_rated_costs_quality() -> None:
    """Points lost of a gap of 80: needed 80 x 1 at none, 80 x 0.15 at medium; not needed a fifth of that."""
    lost = {}
    for needed in (True, False):
        for effort in ("none", "medium", "high"):
            case = case_of(0, quality={"needs_reasoning": needed, "reasoning_effort": effort})
            lost[needed, effort] = central(thinking.rating_lost(case, "gpt-5.4-mini"))
    assert lost == pytest.approx(
        {
            (True, "none"): 80, (True, "medium"): 12, (True, "high"): 0,
            (False, "none"): 16, (False, "medium"): 2.4, (False, "high"): 0,
        }
    )  # fmt: skip
    # a model that never thinks loses the whole gap where it is needed, nothing elsewhere
    assert central(thinking.rating_lost(case_of(0, quality={"needs_reasoning": True}), "gpt-4o")) == 80
    assert central(thinking.rating_lost(case_of(0), "gpt-4o")) == 0


def test_more_effort_never_answers_worse() -> None:
    shares = [
        central(
            quality.ability(
                case_of(0, quality={"needs_reasoning": True, "reasoning_effort": effort}), "gpt-5.4-mini"
            )
        )
        for effort in thinking.EFFORTS
    ]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]


def piloted(model: str, tokens: float) -> Case:
    case = case_of(0, workload=WORK, quality={"reasoning_effort": "medium"})
    rows = [PilotRow(model, "prompt", 1.0, 1000, tokens)] * 40
    return case.with_scenario(with_pilot(case.given, rows))


def test_a_measured_count_replaces_the_multiplier_everywhere() -> None:
    """A pilot log shows 7,000 tokens for one model and 700 for another: ten to one in tokens."""
    many, few = piloted("gpt-5.4-mini", 7000), piloted("gpt-5.4-mini", 700)
    assert central(requests.shape(many, "gpt-5.4-mini", "rag_hybrid").output_tokens) == 7000
    assert thinking.fewest(many, "gpt-5.4-mini") < 1  # the estimate has a range, the measured speed none
    year = [
        next(line.footprint for line in billing.serving(case, model_of("gpt-5.4-mini"), PROMPT, GLOBAL)
             if line.what.startswith("calls by the token"))
        for case in (many, few)
    ]  # fmt: skip
    price = many.central("prices.gpt-5.4-mini.global.output", "USD/Mtok")
    read = many.central("prices.gpt-5.4-mini.global.input", "USD/Mtok")
    # (7,000 p + 1,000 q) over (700 p + 1,000 q): retries and turns are the same in both
    ratio = (7000 * price + 1000 * read) / (700 * price + 1000 * read)
    assert central(year[0]["cost"]) / central(year[1]["cost"]) == pytest.approx(ratio)
    assert central(year[0]["energy"]) > 5 * central(year[1]["energy"])


def test_it_is_told_with_its_range() -> None:
    case = case_of(64, workload=WORK, quality={"reasoning_effort": "medium"})
    said = told(case, "gpt-5.4-mini", "prompt")
    assert said is not None
    assert "720 tokens for 180 that are read" in said
    assert "medium reasoning effort" in said
    assert told(case, "gpt-4o", "prompt") is None
