"""Training runs, prompt trials and the fee for tuned weights: by hand, and each charged once."""

from __future__ import annotations

import pytest
from settings import by, case_of, model_of, some, year

from advisor.core.draws import central
from advisor.system import calls, training
from advisor.system.bill import Line, Resource
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting
from advisor.system.techniques import TITLES, TUNED

GLOBAL = DeploymentSetting("maas", "global")
SMALL, TUNABLE = model_of("llama-3.1-8b"), model_of("gpt-4.1")


def lines(case: Case, technique: str, model: object = TUNABLE) -> tuple[Line, ...]:
    return training.lines(case, model, by(technique), GLOBAL)  # type: ignore[arg-type]


def test_a_run_by_hand() -> None:
    """500 examples x 500 tokens x 3 passes = 750,000 tokens.

    4.05 x 8.03e9 x 750,000 / (989e12 x 0.33) = 74.7 s. Eight boards at 0.9 x 700 W and 1,272 W beside
    them are 6,312 W of heat; the fans turn at 0.22 + 0.58 x 6,312 / 7,214 of 835 W, the network takes
    405 W: 7,324 W, over an efficiency of 0.9631 the wall gives 7,605 W, 951 W a board: 0.01973 kWh.
    """
    case = case_of()
    assert training.run_tokens(case, "lora") == 750_000
    kwh, seconds = training.tuning_run(case, "llama-3.1-8b", "lora")
    assert central(seconds) == pytest.approx(74.7, rel=1e-3)
    assert central(kwh) == pytest.approx(0.01973, rel=1e-3)


def test_a_run_starts_and_loads_before_it_works() -> None:
    """8.03e9 x 2.2 bytes are 17.7 GB, on one card of 80 GB of which 0.7 hold them; in full 16 bytes, three.

    0.3 hours each, the card at 119 W, the server beside it at rest: 0.1174 kWh. Work of 74.7 s is the less.
    """
    case = case_of()
    kwh, seconds = training.getting_ready(case, "llama-3.1-8b", "lora")
    assert central(seconds) == pytest.approx(0.3 * 3600)
    assert central(training.getting_ready(case, "llama-3.1-8b", "full")[1]) == pytest.approx(3 * 0.3 * 3600)
    assert central(kwh) == pytest.approx(0.1174, rel=1e-3)
    run = training.one_run(case, SMALL, by("lora"))
    assert central(run["energy"]) == pytest.approx((0.01973 + 0.1174) * 1.14, rel=1e-3)
    # an open model is tuned on a rented H100 at $7.91 an hour
    assert central(run["cost"]) == pytest.approx((74.7 + 1080) / 3600 * 7.91, rel=1e-3)


def test_tuning_a_large_model_in_full_holds_many_cards_however_few_the_examples() -> None:
    """280e9 x 16 bytes are 4.48 TB: 80 cards of 80 GB, 24 hours of one a run, not five minutes."""
    case = case_of(knowledge={"examples": 50, "tokens_per_example": 50})
    run = training.one_run(case, model_of("deepseek-v4-flash"), by("full"))
    assert central(run["cost"]) == pytest.approx(80 * 0.3 * 7.91, rel=0.01)


def test_lora_energy_is_near_the_measured_rate() -> None:
    """0.020 kWh per million tokens measured on an 8B model; 750,000 tokens: 0.015, within a factor of 2.5."""
    assert 0.006 < central(training.tuning_run(case_of(), "llama-3.1-8b", "lora")[0]) < 0.0375


def test_full_tuning_takes_half_as_much_again() -> None:
    """6.2 operations a parameter and token against 4.05: 1.53 times; 4-bit unpacking 1.3 times LoRA."""
    case = case_of()
    lora, qlora, full = (
        central(training.tuning_run(case, "llama-3.1-8b", key)[0]) for key in ("lora", "qlora", "full")
    )
    assert full / lora == pytest.approx(6.2 / 4.05)
    assert qlora / lora == pytest.approx(1.3)


def test_the_publishers_service_asks_by_the_token() -> None:
    """0.75 million tokens at $27.50 a million, in the EU data zone as in one region."""
    everywhere = training.one_run(case_of(), TUNABLE, by("lora"))
    assert central(everywhere["cost"]) == pytest.approx(0.75 * 27.5)
    one_country = case_of(constraints={"residency": "SE", "home_region": "swedencentral"})
    assert central(training.one_run(one_country, TUNABLE, by("lora"))["cost"]) == pytest.approx(0.75 * 27.5)


def test_runs_are_charged_once_with_the_answers_that_judge_them() -> None:
    """Ten runs, and 500 answers each."""
    case = case_of(timing={"horizon_years": 2})
    tuned, judged = some(lines(case, "lora"), phase="once")
    run = training.one_run(case, TUNABLE, by("lora"))
    assert tuned.resource is Resource.TRAINING_RUN
    assert central(tuned.footprint["energy"]) == pytest.approx(10 * central(run["energy"]))
    assert year(case, [tuned], "cost") == pytest.approx(10 * central(run["cost"]) / 2)
    one = calls.one_call(case, TUNABLE, by("lora"), GLOBAL)
    assert central(judged.quantity) == 5000
    assert central(judged.footprint["energy"]) == pytest.approx(5000 * central(one["energy"]))


def test_the_fee_for_tuned_weights_falls_due_only_where_a_service_holds_them() -> None:
    """$1.70 an hour, 730 hours a month; none on machines of one's own, none where nothing is tuned."""
    case = case_of()
    for technique in TITLES:
        fees = some(lines(case, technique), Resource.SOFTWARE_FEE)
        assert [central(fee.footprint["cost"]) for fee in fees] == (
            [pytest.approx(1.7 * 730)] if technique in TUNED else []
        )
    own = DeploymentSetting("maap", region="westeurope", machine="nc24ads_a100_v4", precision="fp8")
    assert not some(training.lines(case, SMALL, by("lora"), own), Resource.SOFTWARE_FEE)


def test_prompts_are_tried_out_once() -> None:
    """800 answers; retrieval alone needs no trials of its own."""
    case = case_of()
    (tried,) = lines(case, "prompt")
    one = calls.one_call(case, TUNABLE, by("prompt"), GLOBAL)
    assert (tried.phase, central(tried.quantity)) == ("once", 800)
    assert central(tried.footprint["cost"]) == pytest.approx(800 * central(one["cost"]))
    assert lines(case, "rag_hybrid") == ()


def test_compression_reads_each_prompt_first() -> None:
    (each,) = some(lines(case_of(), "compression"), phase="per_request")
    assert central(each.footprint["energy"]) > 0
    assert central(each.footprint["cost"]) == 0


def test_a_classifier_is_trained_in_full() -> None:
    """6.2 x 110e6 x 750,000 / (65e12 x 0.33) = 23.8 s, ten times over.

    A board of 70 W and 45 W beside it: fans at 0.22 + 0.58 x 115 / 200 of 25 W, network 6 W: 134.84 W, over
    an efficiency of 0.95357: 141.40 W.
    """
    case, encoder = case_of(task="classify"), model_of("bert-base", kind="encoder")
    (trained,) = lines(case, "train_classifier", encoder)
    assert central(trained.footprint["energy"]) == pytest.approx(
        10 * 6.2 * 110e6 * 750_000 / (65e12 * 0.33) * 141.40 / 3.6e6 * 1.14, rel=1e-4
    )
    assert trained.step == "improvement"


def test_a_model_of_ones_own_by_hand() -> None:
    """8e9 parameters x 200 tokens each, at the share of the peak that Llama 3.1's hours imply for 8 billion.

    0.0865 x 8^0.234 = 0.1407; 6.2 x 8e9 x 1.6e12 / (989e12 x 0.1407) = 5.70e8 GPU seconds, 158,000 hours.
    Llama's own 8B took 1.46 million hours for 15e12 tokens, 156,000 for as many as these. At 951 W: 151 MWh,
    twice with development: 301 MWh at the IT level, 343 at the meter; staff $3 million.
    """
    case, own = case_of(), model_of("llama-3.1-8b", kind="custom")
    made = [line for line in lines(case, "rag_hybrid", own) if line.step == "foundation_model"]
    assert {line.phase for line in made} == {"once"}
    assert sum(central(line.footprint["energy"]) for line in made) == pytest.approx(343_330, rel=1e-3)
    dollars = sum(central(line.footprint["cost"]) for line in made)
    assert dollars == pytest.approx(3e6 + 2 * 5.7022e8 / 3600 * 7.91, rel=1e-3)


def test_more_examples_never_cost_less() -> None:
    few, many = (
        training.one_run(case_of(knowledge={"examples": count}), SMALL, by("lora")) for count in (500, 5000)
    )
    assert (many["energy"] > few["energy"]).all()
    assert (many["cost"] > few["cost"]).all()


def test_reinforcement_is_asked_for_by_the_hour() -> None:
    """The service sells o4-mini's training by the hour, $110 in the EU data zone, whatever a GPU costs."""
    case, model = case_of(), model_of("o4-mini")
    _, seconds = training.tuning_run(case, "o4-mini", "lora")
    usd = central(training.one_run(case, model, by("lora"))["cost"])
    assert usd == pytest.approx(central(seconds) / 3600 * 110)
