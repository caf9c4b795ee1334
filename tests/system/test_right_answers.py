"""What a number format and a cache leave of the accepted answers."""

from __future__ import annotations

import pytest
from system.settings import by, case_of, fallen, model_of

from advisor.core.draws import central
from advisor.system import billing, hosts, right_answers
from advisor.system.plan import DeploymentSetting

PROMPT = by("prompt")
A100 = DeploymentSetting("maap", region="swedencentral", machine="nc24ads_a100_v4", precision="int8")


def scored(model: str, score: float, floor: float) -> dict[str, object]:
    return {"scores": {model: {"score": score, "samples": 400}}, "floor": floor}


def test_eight_bit_integers_by_hand() -> None:
    """A test of 0.82 in 16 bits; 8-bit weights computed in 16 bit keep 99.5 %: 0.82 x 0.995 = 0.8159."""
    case = case_of(quality=scored("phi-4", 0.82, 0.5), knowledge={"gap": "none"})
    found = billing.share_before_upkeep(case, model_of("phi-4"), PROMPT, A100)
    assert central(found) == pytest.approx(0.8159)


def test_weights_published_in_four_bits_lose_nothing_in_eight() -> None:
    case = case_of()
    assert central(right_answers.in_format(case, model_of("gpt-oss-20b"), A100)) == 1.0
    assert central(right_answers.in_format(case, model_of("phi-4"), A100)) < 1.0


def test_a_service_chooses_its_format_itself() -> None:
    case = case_of()
    sold = DeploymentSetting("maas", scope="global")
    assert central(right_answers.in_format(case, model_of("phi-4"), sold)) == 1.0


@pytest.mark.parametrize(("floor", "stopped"), [(0.81, False), (0.818, True), (0.83, False)])
def test_the_floor_is_held_against_what_a_format_leaves(floor: float, stopped: bool) -> None:
    """0.82 clears 0.818 in 16 bits; 0.8159 is left, which clears 0.81 alone. Below 0.83 it is none."""
    case = case_of(quality=scored("phi-4", 0.82, floor), knowledge={"gap": "none"})
    rules = fallen(hosts.gates(case, model_of("phi-4"), PROMPT, A100))
    assert ("quality" in rules) is stopped
