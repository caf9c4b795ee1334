"""Ten plans computed by hand, each within one per cent of what the product says.

Load of all but the third: 10,000 requests a day, even over the day and the years, none sent twice, one turn a
task: 3,650,000 a year. A prompt adds 150 tokens to the 850 of the scenario: 1,000 in, 300 out.
"""

from __future__ import annotations

from typing import Any

import pytest
from system.settings import by, case_of, model_of, some

from advisor.core.draws import central
from advisor.system import billing, provisioned, search_units
from advisor.system.bill import Bill, Lines, Resource
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting, StorageSetting

CLOSE = 0.01
MINI, PROMPT = model_of("gpt-4o-mini"), by("prompt")
GLOBAL = DeploymentSetting("maas", "global")
EVEN = {
    "requests_per_day": 10_000, "input_tokens": 850, "output_tokens": 300, "cached_input_share": 0.0,
    "profile": "flat", "peak_to_mean": 1.0, "growth_per_year": 0.0, "retry_rate": 0.0, "turns_per_task": 1.0,
    "deferrable_share": 0.0,
}  # fmt: skip
NOTHING = {"gap": "none", "documents": 0, "changes_every_days": None}


def planned(workload: dict[str, Any] | None = None, **sections: Any) -> Case:
    sections.setdefault("knowledge", NOTHING)
    return case_of(0, workload={**EVEN, **(workload or {})}, timing={"horizon_years": 3}, **sections)


def served(
    case: Case, deployment: DeploymentSetting, model: ModelSetting = MINI,
    improvement: ImprovementSetting = PROMPT,
) -> Lines:  # fmt: skip
    """Without moving to a successor, which has its own hand-made figures beside these."""
    found = billing.serving(case, model, improvement, deployment)
    return tuple(line for line in found if "successor" not in line.what)


def year(case: Case, lines: Lines, indicator: str) -> float:
    return central(Bill(case, lines).year[indicator])


def test_1_pay_as_you_go() -> None:
    """1,000 x $0.15 + 300 x $0.60 a million = $0.00033 a call; x 3,650,000 = $1,204.50."""
    case = planned()
    assert year(case, served(case, GLOBAL), "cost") == pytest.approx(1204.50, rel=CLOSE)


def test_2_half_of_it_in_batches() -> None:
    """Batches at $0.075 and $0.30: half of $0.00033 and half of $0.000165; x 3,650,000 = $903.38."""
    case = planned({"deferrable_share": 0.5})
    batches = DeploymentSetting("maas", "global", batch=True)
    assert year(case, served(case, batches), "cost") == pytest.approx(903.38, rel=CLOSE)


def test_3_provisioned_units() -> None:
    """1,000 calls a minute of 350 tokens in and 20 out; gpt-5.2 counts output eightfold: 350 + 160 = 510.

    510,000 / 3,400 = 150 units, in steps of 5. Global, by the hour: 150 x 8,760 h x the price of one.
    """
    case = planned({"requests_per_day": 1_440_000, "input_tokens": 200, "output_tokens": 20})
    units = DeploymentSetting("ptu", "global", term="hourly")
    size = provisioned.sizing(case, model_of("gpt-5.2"), PROMPT, units)
    assert size is not None
    assert size.units[0] == 150
    price = case.central("ptu_price.global", "USD/PTU/h")
    assert price == pytest.approx(1.0)
    cost = year(case, served(case, units, model_of("gpt-5.2")), "cost")
    assert cost == pytest.approx(150 * 8760 * 1.0, rel=CLOSE)  # $1,314,000


def test_4_a_terabyte_on_hot_disks() -> None:
    """1,000 GB x 12 x $0.0184 = $220.80; 3 copies x 0.65 Wh/TB/h x 8,760 h = 17.08 kWh, at PUE 1.14 19.5."""
    held = {
        "name": "claims", "role": "logs", "content": "text", "size_gb": 1000, "object_mb": 100,
        "duplicate_share": 0.0, "retention_days": 9999, "rto_hours": 4,
        "reads": [{"from_day": 0, "full_reads_per_month": 0}],
    }  # fmt: skip
    case = planned(data_sets=[held], constraints={"home_region": "eastus2"})
    kept = billing.keeping(case, MINI, PROMPT, GLOBAL, StorageSetting("all_hot"))
    lying = some(kept, Resource.STORED_DATA)
    assert year(case, lying, "cost") == pytest.approx(220.80, rel=CLOSE)
    assert year(case, lying, "energy") == pytest.approx(19.47, rel=CLOSE)


def measured() -> Case:
    """1 Wh of a request as the scenario has it; the prompt adds nothing to it."""
    own = {"low": 0, "central": 0, "high": 0, "unit": "tok", "owner": "a test", "reason": "as measured"}
    return planned(
        measurements={"wh_per_request": {"gpt-4o-mini": {"wh": 1.0}}}, overrides={"prompt.added_tokens": own}
    )


def test_5_carbon_in_sweden() -> None:
    """1 Wh a call measured: 3,650 kWh of IT x PUE 1.16 = 4,234 kWh; x 20 g = 84.7 kg."""
    case, sweden = measured(), DeploymentSetting("maas", "regional", region="swedencentral")
    assert year(case, served(case, sweden), "energy") == pytest.approx(4234, rel=CLOSE)
    assert year(case, served(case, sweden), "carbon_location") == pytest.approx(84.7, rel=CLOSE)


def test_6_carbon_in_poland() -> None:
    """The same calls: 3,650 kWh x PUE 1.19 x 565 g = 2,454 kg, 29 times as much."""
    case, poland = measured(), DeploymentSetting("maas", "regional", region="polandcentral")
    assert year(case, served(case, poland), "carbon_location") == pytest.approx(2454, rel=CLOSE)


def test_7_a_small_machine_that_mostly_waits() -> None:
    """One T4 around the clock in Sweden: 8,760 h x $0.526 x 1.06 = $4,884.23, whatever comes."""
    case = planned(task="classify")
    container = DeploymentSetting("container", region="swedencentral")
    lines = served(case, container, model_of("bert-base", kind="encoder"), by("train_classifier"))
    held = some(lines, Resource.ACCELERATOR_HELD)
    assert year(case, held, "cost") == pytest.approx(4884.23, rel=CLOSE)


def test_8_twelve_sealed_boxes() -> None:
    """12 x 5 W x 8,760 h = 525.6 kWh waiting, at $0.22 $115.63; 12 x 35 kg / 4 years = 105 kg.

    12 x $249 / 4 = $747 of price.
    """
    case = planned(constraints={"device": {"kind": "jetson_orin_nano", "count": 12}})
    edge = DeploymentSetting("edge", scope="device", device="jetson_orin_nano")
    lines = served(case, edge, model_of("llama-3.2-3b"))
    held = some(lines, Resource.DEVICE, "standing")
    assert year(case, held, "energy") == pytest.approx(525.6, rel=CLOSE)
    assert year(case, held, "embodied") == pytest.approx(105, rel=CLOSE)
    assert year(case, held, "cost") == pytest.approx(747 + 115.63, rel=CLOSE)


def test_9_a_search_service() -> None:
    """Two Basic units, for 99.9 %: 24 x $73.73 = $1,769.52.

    3,650,000 questions of 40 tokens at $0.02 a million = $2.92.
    Embedding 10,000 documents of 1,500 tokens that share a tenth once: 16.7 million, $0.33 over three years.
    """
    knowledge = {**NOTHING, "gap": "facts", "documents": 10_000, "tokens_per_document": 1500}
    case = planned(knowledge=knowledge)
    lines = search_units.lines(case, MINI, by("rag_hybrid"), GLOBAL)
    assert year(case, lines, "cost") == pytest.approx(1769.52 + 2.92 + 0.11, rel=CLOSE)


def test_10_a_classifier_on_managed_vectors() -> None:
    """850 tokens x $0.02 a million x 3,650,000 = $62.05; nothing is written."""
    case = planned(task="classify")
    calls = DeploymentSetting("embedding", "global")
    lines = served(case, calls, model_of("text-embedding-3-small", kind="encoder"), by("train_classifier"))
    paid = some(lines, Resource.MANAGED_TOKENS)
    assert year(case, paid, "cost") == pytest.approx(62.05, rel=CLOSE)
