"""Shares accepted: by rating, by own test, by technique; and where a model is taken to be served."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from advisor.catalogue import Catalogue
from advisor.scenario import parse_scenario, with_pilot
from advisor.scenario.pilot_log import PilotRow
from advisor.steps.placement import reach, reference
from advisor.steps.quality import Central, Drawn, accepted, coverage, measured, reference_technique
from advisor.steps.serving_parts import kept_prefix, sends, smallest_machine
from advisor.system.case import Case

MODEL = "gpt-5.4"
Make = Callable[..., Case]


@pytest.fixture(scope="module")
def make(catalogue: Catalogue) -> Make:
    def of(pilot: tuple[PilotRow, ...] = (), **sections: Any) -> Case:
        scenario = parse_scenario({"name": "A test", "task": "chat", **sections})
        return Case(with_pilot(scenario, pilot), catalogue, 200)

    return of


def central(case: Case, technique: str = "prompt", model: str = MODEL) -> float:
    return float(accepted(case, model, technique, Central(case)))


def test_by_rating_by_hand(make: Make) -> None:
    """Rating 1,464.8, half rating 1,090 for chat, scale 173.7: 1 / (1 + exp(-2.158)) = 0.896."""
    case = make(knowledge={"gap": "none"})
    assert central(case) == pytest.approx(0.896, abs=2e-3)


def test_missing_facts_leave_the_share_that_studies_found(make: Make) -> None:
    """0.48 of what the able model gets, by the prompt alone; 0.94 with hybrid retrieval."""
    able = central(make(knowledge={"gap": "none"}))
    case = make(knowledge={"gap": "facts"})
    assert central(case) == pytest.approx(able * 0.48, rel=1e-3)
    assert central(case, "rag_hybrid") == pytest.approx(able * 0.94, rel=1e-3)


def test_both_gaps_multiply(make: Make) -> None:
    case = make(knowledge={"gap": "both"})
    facts, form = (make(knowledge={"gap": gap}) for gap in ("facts", "format"))
    both = float(coverage(case, "rag_hybrid", Central(case)))
    assert both == pytest.approx(
        float(coverage(facts, "rag_hybrid", Central(facts)))
        * float(coverage(form, "rag_hybrid", Central(form)))
    )


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
def test_what_a_model_is_judged_with(make: Make, knowledge: dict[str, Any], technique: str) -> None:
    assert reference_technique(make(knowledge=knowledge)) == technique


def test_own_scores_stand_as_they_are_with_the_usual_technique(make: Make) -> None:
    scores = {MODEL: {"score": 0.83, "samples": 400}}
    case = make(knowledge={"gap": "facts"}, quality={"scores": scores})
    assert central(case, "rag_hybrid") == pytest.approx(0.83)
    # carried over to another technique by what both cover: 0.83 x 0.97 / 0.94
    assert central(case, "rag_rerank") == pytest.approx(0.83 * 0.97 / 0.94, rel=1e-3)


def test_the_interval_follows_the_number_of_answers(make: Make) -> None:
    spreads = []
    for samples in (20, 2000):
        case = make(
            knowledge={"gap": "none"}, quality={"scores": {MODEL: {"score": 0.8, "samples": samples}}}
        )
        low, high = np.quantile(accepted(case, MODEL, "prompt", Drawn(case)), (0.1, 0.9))
        spreads.append(high - low)
    assert spreads[1] < spreads[0] / 5


def test_the_larger_of_two_tests_counts(make: Make) -> None:
    rows = tuple(PilotRow(MODEL, "prompt", 1.0) for _ in range(12))
    few = make(
        pilot=rows, knowledge={"gap": "none"}, quality={"scores": {MODEL: {"score": 0.5, "samples": 11}}}
    )
    many = make(
        pilot=rows, knowledge={"gap": "none"}, quality={"scores": {MODEL: {"score": 0.5, "samples": 90}}}
    )
    assert measured(few, MODEL)[0].central == 1.0  # type: ignore[index]
    assert measured(many, MODEL)[0].central == 0.5  # type: ignore[index]


def test_the_data_zone_of_the_home_region_comes_first(make: Make) -> None:
    used = reference(make(), MODEL)
    assert (used.kind, used.place, used.offer) == ("managed", "zone:eu", "datazone_eu")
    assert used.permitted


def test_a_member_states_residency_shuts_the_data_zone(make: Make) -> None:
    """The EU data zone holds Norwegian and Swiss regions, which are no member states."""
    case = make(constraints={"residency": "EU"})
    assert "maas_datazone" not in reach(case).allowed
    assert "maas_datazone" in reach(make(constraints={"residency": "EUDB"})).allowed
    assert "maas_global" not in reach(case).allowed


def test_open_weights_without_a_service_run_on_the_cheapest_machine_that_fits(make: Make) -> None:
    case = make()
    used = reference(case, "llama-3.1-8b")
    machine = smallest_machine(case, "llama-3.1-8b")
    assert used.kind == "machine"
    assert machine is not None
    weights = case.central("models.llama-3.1-8b.total_params", "param") * 1.0
    assert weights < case.central(f"gpus.{machine.gpu}.memory", "B") * machine.count


def test_a_device_serves_what_must_run_alone(make: Make) -> None:
    case = make(constraints={"device": {"kind": "laptop_npu"}})
    assert reference(case, "phi-4-mini").kind == "device"
    assert reference(case, "phi-4-mini").place.startswith("country:")


def test_a_short_prefix_is_not_kept_and_a_long_one_in_steps(make: Make) -> None:
    """1,000 tokens: none. 1,300: 1,024 + 2 x 128 = 1,280, kept while requests follow each other."""
    case = make(workload={"requests_per_day": 1e6})
    assert np.all(kept_prefix(case, 1000.0) == 0)
    assert np.allclose(kept_prefix(case, 1300.0), 1280)
    seldom = make(workload={"requests_per_day": 2})
    assert np.all(kept_prefix(seldom, 1300.0) < 40)


def test_sendings_by_hand(make: Make) -> None:
    """A fifth is sent again, and a fifth of that: 1 / (1 - 0.2) = 1.25."""
    assert np.allclose(sends(make(workload={"retry_rate": 0.2})), 1.25)
