"""Shares accepted: by rating, by own test, by technique, of a pair; and what the floor is held against."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from settings import by, case_of, model_of

from advisor.core.draws import central, ensemble_of
from advisor.scenario import with_pilot
from advisor.scenario.pilot_log import PilotRow
from advisor.system import mixtures, quality
from advisor.system.case import Case

MODEL = "gpt-5.4"


def piloted(rows: tuple[PilotRow, ...], **sections: Any) -> Case:
    case = case_of(**sections)
    return case.with_scenario(with_pilot(case.given, rows))


def share(case: Case, technique: str = "prompt", model: str = MODEL) -> float:
    return central(quality.accepted(case, model_of(model), by(technique)))


def scored(score: float, samples: int = 400, **more: Any) -> dict[str, Any]:
    return {"scores": {MODEL: {"score": score, "samples": samples, **more}}}


def test_by_rating_by_hand() -> None:
    """Rating 1,464.8, half rating 1,090 for chat, scale 173.7: 1 / (1 + exp(-2.158)) = 0.896."""
    assert share(case_of(knowledge={"gap": "none"})) == pytest.approx(0.896, abs=2e-3)


def test_missing_facts_leave_the_share_that_studies_found() -> None:
    """0.48 of what the able model gets, by the prompt alone; 0.94 with hybrid retrieval."""
    able = share(case_of(knowledge={"gap": "none"}))
    case = case_of(knowledge={"gap": "facts"})
    assert share(case) == pytest.approx(able * 0.48, rel=1e-6)
    assert share(case, "rag_hybrid") == pytest.approx(able * 0.94, rel=1e-6)


def test_both_gaps_multiply() -> None:
    both, facts, form = (
        quality.coverage(case_of(knowledge={"gap": gap}), "rag_hybrid") for gap in ("both", "facts", "format")
    )
    assert np.allclose(both, facts * form)


@pytest.mark.parametrize(
    ("knowledge", "technique"),
    [
        ({"gap": "none"}, "prompt"),
        ({"gap": "facts"}, "rag_hybrid"),
        ({"gap": "format"}, "few_shot"),
        ({"gap": "format", "examples": 0}, "prompt"),
        ({"gap": "facts", "documents": 0}, "prompt"),
        ({"gap": "none", "needs_citations": True}, "rag_hybrid"),
    ],
)
def test_what_a_test_is_taken_to_have_used(knowledge: dict[str, Any], technique: str) -> None:
    assert quality.reference_technique(case_of(knowledge=knowledge)) == technique


def test_own_scores_stand_as_they_are_with_the_usual_technique() -> None:
    case = case_of(knowledge={"gap": "facts"}, quality=scored(0.83))
    assert share(case, "rag_hybrid") == pytest.approx(0.83)
    # carried over to another technique by what both cover: 0.83 x 0.97 / 0.94
    assert share(case, "rag_rerank") == pytest.approx(0.83 * 0.97 / 0.94, rel=1e-6)


def test_a_score_may_say_what_it_was_measured_with() -> None:
    """Tested with vector search, which finds 0.90 where hybrid finds 0.94."""
    case = case_of(knowledge={"gap": "facts"}, quality=scored(0.8, technique="rag_vector"))
    assert share(case, "rag_vector") == pytest.approx(0.8)
    assert share(case, "rag_hybrid") == pytest.approx(0.8 * 0.94 / 0.90, rel=1e-6)


def test_the_interval_follows_the_number_of_answers() -> None:
    spreads = []
    for samples in (20, 2000):
        case = case_of(200, knowledge={"gap": "none"}, quality=scored(0.8, samples))
        low, high = np.quantile(ensemble_of(quality.of_model(case, MODEL, "prompt")), (0.1, 0.9))
        spreads.append(high - low)
    assert spreads[1] < spreads[0] / 5


def test_the_larger_of_two_tests_counts() -> None:
    rows = tuple(PilotRow(MODEL, "prompt", 1.0) for _ in range(12))
    few = piloted(rows, knowledge={"gap": "none"}, quality=scored(0.5, 11))
    many = piloted(rows, knowledge={"gap": "none"}, quality=scored(0.5, 90))
    found = [quality.measured(case, MODEL) for case in (few, many)]
    assert [one.share.central for one in found if one is not None] == [1.0, 0.5]


def test_an_assumed_gain_never_clears_a_measured_floor() -> None:
    """Tested at 0.66 with a floor of 0.70: the 0.70 that tuning is assumed to reach is not a test.

    The figure shown is the assumed one; what is held against the floor is the measured one, until the
    tuned model has a test of its own.
    """
    sections: dict[str, Any] = {"knowledge": {"gap": "none"}, "quality": {**scored(0.66), "floor": 0.7}}
    case, tuned = case_of(**sections), by("lora")
    assert share(case, "lora") > 0.66
    found, basis = quality.judged(case, model_of(MODEL), tuned)
    assert found == pytest.approx(0.66)
    assert "test first" in basis
    rows = tuple(PilotRow(MODEL, "lora", score) for score in [1.0] * 24 + [0.0] * 6)
    found, basis = quality.judged(piloted(rows, **sections), model_of(MODEL), tuned)
    assert found == pytest.approx(0.8)
    assert basis == "your pilot"


def test_no_technique_but_the_tested_one_clears_a_measured_floor() -> None:
    """0.4 with the prompt alone: retrieval is assumed to carry it to 0.4 x 0.94 / 0.48 = 0.783, untested."""
    case = case_of(knowledge={"gap": "facts"}, quality=scored(0.4, technique="prompt"))
    assert share(case, "rag_hybrid") == pytest.approx(0.4 * 0.94 / 0.48, rel=1e-6)
    for technique in ("rag_hybrid", "rag_lora"):
        found, basis = quality.judged(case, model_of(MODEL), by(technique))
        assert found == pytest.approx(0.4)
        assert basis.startswith(quality.ASSUMED)


def test_compression_of_a_tested_model_is_never_better_than_tested() -> None:
    case = case_of(knowledge={"gap": "none"}, quality=scored(0.8))
    found, _ = quality.judged(case, model_of(MODEL), by("compression"))
    assert found < 0.8


def test_a_pair_lies_between_its_models() -> None:
    """A cascade may come above the large one: it keeps what the small one alone gets right."""
    case = case_of(knowledge={"gap": "none"})
    small, large = (quality.of_model(case, key, "prompt") for key in ("phi-4-mini", MODEL))
    for kind in ("cascade", "router"):
        both = quality.accepted(case, model_of("phi-4-mini", MODEL, kind=kind), by("prompt"))
        assert (small < both).all()
        assert kind == "cascade" or (both < large).all()


def test_a_pair_by_hand() -> None:
    """Tested at 0.8, of whose answers the judge tells 85 % right: 0.8 x 0.15 + 0.2 x 0.85 = 0.29 go on.

    The large one is tested at 0.9; 0.6 are easy, and a hard request fails 3 times as often. Failures of the
    small one: 0.2 / (0.6 + 0.4 x 3) = 0.1111 of easy, 0.3333 of hard; of the large one 0.0556 and 0.1667.
    Failing independently both get 0.8889 x 0.9444 = 0.8395 of easy right, 0.6667 x 0.8333 = 0.5556 of hard;
    where they fail together 0.8889 and 0.6667; three quarters of the latter: 0.8765 and 0.6389. Kept right:
    0.85 x 0.8889 = 0.7556; passed on though right: 0.15 x 0.8765 = 0.1315; mended: 0.85 x (0.9444 - 0.8765)
    = 0.0577: 0.9448 of easy. Of hard 0.5667 + 0.0958 + 0.85 x (0.8333 - 0.6389) = 0.1653: 0.8278.
    In all 0.6 x 0.9448 + 0.4 x 0.8278 = 0.898.
    """
    tests = {name: {"score": score, "samples": 400} for name, score in (("phi-4-mini", 0.8), (MODEL, 0.9))}
    case = case_of(quality={"easy_share": 0.6, "scores": tests}, knowledge={"gap": "none"})
    pair = model_of("phi-4-mini", MODEL, kind="cascade")
    assert central(quality.passed_on(case, pair, "prompt")) == pytest.approx(0.29)
    assert central(quality.accepted(case, pair, by("prompt"))) == pytest.approx(0.898, abs=5e-4)


def test_what_a_router_passes_on_by_hand() -> None:
    """0.6 are easy, 82 % told right: 0.6 x 0.18 + 0.4 x 0.82 = 0.436, whatever the small model gets right."""
    case = case_of(quality={"easy_share": 0.6})
    pair = model_of("phi-4-mini", MODEL, kind="router")
    assert central(quality.passed_on(case, pair, "prompt")) == pytest.approx(0.436)


def test_of_a_pair_only_the_small_model_is_tuned() -> None:
    case = case_of(knowledge={"gap": "none"})
    pair = model_of("llama-3.1-8b", MODEL, kind="cascade")
    tuned = quality.accepted(case, pair, by("lora"))
    by_hand = mixtures.mixed(
        case, "cascade", quality.of_model(case, "llama-3.1-8b", "lora"),
        quality.of_model(case, MODEL, "prompt"),
    )  # fmt: skip
    assert np.array_equal(tuned, by_hand)


def test_search_alone_follows_how_it_searches() -> None:
    """0.42 with hybrid search; vector search finds 0.90 where hybrid finds 0.94."""
    case, search = case_of(task="rag_qa"), model_of("text-embedding-3-small", kind="retrieval")
    shares = [central(quality.accepted(case, search, by(f"search_{mode}"))) for mode in ("hybrid", "vector")]
    assert shares[0] == pytest.approx(0.42)
    assert shares[1] == pytest.approx(0.42 * 0.90 / 0.94, rel=1e-6)


def test_the_central_case_is_that_of_every_width() -> None:
    case = case_of(64)
    for technique in ("prompt", "rag_hybrid", "lora"):
        wide = quality.accepted(case, model_of(MODEL), by(technique))
        alone = quality.accepted(case.centre, model_of(MODEL), by(technique))
        assert wide[0] == pytest.approx(alone[0], rel=1e-12)
