"""What was tested is what is claimed, and a request longer than the longest stated is no option.

Scenario: notes of consultations, 3,100 tokens each, the longest 16,000; examples of 3,200 tokens. Nano was
measured at 0.83 with a plain prompt, the floor is 0.80.
"""

from __future__ import annotations

import pytest
from system.settings import by, case_of, fallen, model_of

from advisor.core.draws import central
from advisor.system import improvement_gates, quality, requests
from advisor.system.case import Case

NANO = model_of("gpt-5.4-nano")


def notes(floor: float = 0.8, score: float = 0.83, technique: str | None = "prompt", **more: object) -> Case:
    own = {"score": score, "samples": 350, **({"technique": technique} if technique else {})}
    return case_of(
        0, task="summarise", workload={"input_tokens": 3100},
        knowledge={"gap": "format", "examples": 6000, "tokens_per_example": 3200, "documents": 0},
        quality={"floor": floor, "context_max_tokens": 16_000, "scores": {"gpt-5.4-nano": own}, **more},
    )  # fmt: skip


def out(case: Case, technique: str) -> set[str]:
    return fallen(improvement_gates.gates(case, NANO, by(technique)))


def test_a_prompt_that_was_measured_stands_at_what_was_measured() -> None:
    found, basis = quality.judged(notes(), NANO, by("prompt"))
    assert (found, basis) == (pytest.approx(0.83), "your own test")
    assert "quality" not in out(notes(), "prompt")


def test_five_examples_make_the_request_longer_than_the_longest() -> None:
    """3,100 + 5 x 3,200 = 19,100 tokens against 16,000."""
    case = notes()
    assert central(requests.request(case, "gpt-5.4-nano", "few_shot").input_tokens) == pytest.approx(19_100)
    assert "longest_request" in out(case, "few_shot")
    assert "longest_request" not in out(case, "prompt")
    assert "longest_request" not in out(notes(context_max_tokens=20_000), "few_shot")


def test_a_test_is_not_taken_to_have_used_examples_that_do_not_fit() -> None:
    """Where nobody says, the test is taken to have used examples for a gap of form: not these."""
    assert quality.reference_technique(notes(technique=None)) == "prompt"
    assert quality.reference_technique(notes(technique=None, context_max_tokens=20_000)) == "few_shot"


def test_a_tuned_variant_stands_at_the_measured_figure() -> None:
    """Measured 0.83 with a floor of 0.85: tuning is assumed to reach it and does not clear it."""
    case = notes(floor=0.85)
    assumed = central(quality.of_model(case, "gpt-5.4-nano", "lora"))
    assert assumed > 0.85
    found, basis = quality.judged(case, NANO, by("lora"))
    assert found == pytest.approx(0.83)
    assert basis == f"assumed gain to {assumed:.0%}, test first"
    assert "quality" in out(case, "lora")


def test_a_compressed_prompt_falls_below_what_was_measured() -> None:
    """0.98 of the answers are assumed to survive: 0.83 x 0.98 = 0.8134, out where the floor is 0.82."""
    case = notes(floor=0.82)
    found, basis = quality.judged(case, NANO, by("compression"))
    assert found == pytest.approx(0.83 * 0.98)
    assert "carried over" in basis
    assert "quality" in out(case, "compression")
    assert "quality" not in out(notes(floor=0.81), "compression")
