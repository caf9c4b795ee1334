from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from storing import DRAWS, EARLY, Make, data_set, lines, placed, still, storing_case, year

from advisor.catalogue import open_catalogue
from advisor.core.draws import central
from advisor.core.footprint import INDEX, INDICATORS
from advisor.scenario import parse_scenario
from advisor.system.bill import Bill, Resource
from advisor.system.case import Case
from advisor.system.plan import StorageSetting
from advisor.system.storage import charge, schedules
from advisor.system.storage.book import book
from advisor.system.storage.titles import TITLES

FIGURES = (("pue", "ratio"), ("average_intensity", "kg/kWh"))


def test_a_still_terabyte_by_hand(make: Make) -> None:
    # 1,000 GB x 0.0184 USD x 12 months = 220.80 USD; cold: x 0.0036 = 43.20 USD and, once, 10,000 objects
    # moved at 0.18/10,000 USD = 0.18 USD over three years
    case = make(still())
    assert year(case, "today", "cost") == pytest.approx(220.80)
    assert year(case, "lifecycle", "cost") == pytest.approx(43.20 + 0.18 / 3)
    # 1 TB x 3 copies x 1.0 kg a TB-year of manufacture
    intensity = case.central("regions.eastus2.average_intensity", "kg/kWh")
    energy, carbon = (year(case, "today", name) for name in ("energy", "carbon"))
    assert carbon == pytest.approx(energy * intensity + 3.0)


def test_a_terabyte_on_three_disks_is_eighty_thousand_prompts(make: Make) -> None:
    # 1 TB x 3 copies x 0.65 Wh/TB-h x 8,760 h = 17.08 kWh of disks; at PUE 1.18 20.2 kWh,
    # which is 84,000 prompts of 0.24 Wh
    case = make(still())
    it = year(case, "all_hot", "energy") / case.central("regions.eastus2.pue", "ratio")
    assert it == pytest.approx(17.08, rel=0.002)
    assert it * 1.18 / 0.24e-3 == pytest.approx(84_000, rel=0.01)


def test_two_regions_by_hand(make: Make) -> None:
    # GRS costs 2.05 times LRS: 1,000 GB x 0.0184 x 12 x 2.05 = 452.64 USD; three copies in each region:
    # 17.08 kWh of disks at the PUE and intensity of East US 2, and as much at those of its pair, Central US
    case = make(still(redundancy="GRS"))
    disks = 1000 * 3 * 0.65e-6 * 8760
    regions = [
        (
            case.central(f"regions.{key}.pue", "ratio"),
            case.central(f"regions.{key}.average_intensity", "kg/kWh"),
        )
        for key in ("eastus2", "centralus")
    ]
    assert year(case, "today", "cost") == pytest.approx(452.64)
    assert year(case, "today", "energy") == pytest.approx(sum(disks * pue for pue, _ in regions))
    operational = sum(disks * pue * intensity for pue, intensity in regions)
    assert year(case, "today", "carbon_location") == pytest.approx(operational)
    assert year(case, "today", "embodied") == pytest.approx(6.0)


def test_a_region_whose_pair_is_unknown_counts_both_copies_on_its_own_grid(make: Make) -> None:
    first, both = (
        book(make(), "swedencentral", redundancy).values[:, INDEX["carbon_location"], 0]
        for redundancy in ("LRS", "GRS")
    )
    hot = 1
    assert both[hot] == pytest.approx(2 * first[hot])


def test_sending_to_a_second_region_by_hand(make: Make) -> None:
    # 30 GB arrive a month: 12 x 30 GB x 0.02 USD, and once 1,000 GB of stock, over three years;
    # network: 0.001 kWh/GB outside any data centre
    case = make(still(growth_gb_per_month=30, redundancy="LRS", duplicate_share=0.0, content="image"),
                operations={"survive_region_loss": True})  # fmt: skip
    sent = [line for line in lines(case, "all_hot") if line.resource is Resource.TRANSFER]
    assert {line.phase for line in sent} == {"once", "standing"}
    total = Bill(case, tuple(sent)).year
    gb = 12 * 30 + 1000 / 3
    assert central(total["cost"]) == pytest.approx(gb * 0.02)
    assert central(total["energy"]) == pytest.approx(gb * 0.001)
    assert central(total["water_onsite"]) == 0


def test_own_figure_of_the_network_counts_wherever_data_moves(make: Make) -> None:
    own = {"network_kwh_per_gb": 0.5}
    moving = make(still(), operations={"survive_region_loss": True}, measurements=own)
    coming = make(still(), ingestion={"internet_gb_per_month": 100}, measurements=own)
    sent = [line for line in lines(moving, "all_hot") if line.resource is Resource.TRANSFER]
    # 1,000 GB once, over three years
    assert central(Bill(moving, tuple(sent)).year["energy"]) == pytest.approx(1000 / 3 * 0.5)
    come = [line for line in lines(coming, "all_hot") if line.resource is Resource.TRANSFER]
    assert central(Bill(coming, tuple(come)).year["energy"]) == pytest.approx(12 * 100 * 0.5)
    for line in (*sent, *come):
        assert not {"network.between_regions", "network.internet"} & line.evidence


def test_squeezing_by_hand(make: Make) -> None:
    # 1,000 GB less a fifth of duplicates, text at a ratio of 3.11: 800 / 3.11 = 257.2 GB
    case = make(still(duplicate_share=0.2))
    (plan,) = placed(case, "balanced")
    assert plan.squeeze
    assert plan.dedupe
    assert schedules.mean_gb(case, plan).sum() == pytest.approx(800 / 3.11)
    stored = next(line for line in lines(case, "balanced") if line.what == "claims")
    assert central(stored.quantity) == pytest.approx(800 / 3.11)
    assert stored.unit == "GB-month"


def test_stock_is_read_as_it_is_and_written_as_it_will_be(make: Make) -> None:
    # cool to a compressed form: 1,000 GB read out at 0.01 USD and 10,000 reads at 0.01/10,000; the whole
    # passed through a processor at 0.0002 USD; 10,000 objects written cold at 0.18/10,000
    case = make(still(tier="cool"))
    (plan,) = placed(case, "least_cost")
    assert plan.squeeze
    (start,) = (line for line in lines(case, "least_cost") if line.phase == "once")
    assert start.what == "putting claims in place"
    assert central(start.footprint["cost"]) == pytest.approx(10.0 + 0.01 + 0.2 + 0.18)
    assert central(start.quantity) == pytest.approx(1000 / 3.11)


@pytest.mark.parametrize("redundancy", ["LRS", "ZRS", "GRS"])
def test_doubling_copies_never_lowers_energy(make: Make, redundancy: str) -> None:
    def energies(copies: float) -> dict[str, float]:
        own = {
            "central": copies, "low": copies, "high": copies, "unit": "item", "reason": "test", "owner": "me",
        }  # fmt: skip
        case = make(
            data_set(redundancy=redundancy), overrides={f"storage_redundancy.{redundancy}.copies": own}
        )
        return {policy: year(case, policy, "energy") for policy in TITLES}

    few, many = energies(3), energies(6)
    assert all(many[key] >= few[key] for key in few)
    assert many["today"] > few["today"]


def test_a_second_region_never_lowers_energy_or_cost(make: Make) -> None:
    without, within = make(data_set()), make(data_set(), operations={"survive_region_loss": True})
    for policy in ("balanced", "all_hot", "lifecycle"):
        for indicator in ("energy", "carbon", "cost"):
            assert year(within, policy, indicator) > year(without, policy, indicator)


@pytest.mark.parametrize("policy", ["today", "all_hot", "lifecycle", "balanced"])
def test_longer_retention_never_lowers_cost(make: Make, policy: str) -> None:
    # 10 GB at 40 GB a month came in the last eight days, whatever the retention: the same stock each time
    still_new = {"size_gb": 10, "growth_gb_per_month": 40, "rto_hours": 72}
    costs = [
        year(make(data_set(retention_days=days, **still_new)), policy, "cost")
        for days in (10, 30, 45, 200, 365, 700, 2000)
    ]
    assert costs == sorted(costs)


def test_tiers_alone_save_no_carbon(make: Make) -> None:
    case = make(data_set(rto_hours=72))
    assert year(case, "lifecycle", "cost") < year(case, "all_hot", "cost")
    # moving and reading cost a little; nothing is claimed for lying in a cooler tier
    assert year(case, "lifecycle", "carbon") >= year(case, "all_hot", "carbon") * (1 - 1e-9)


def test_fewer_bytes_and_copies_save_carbon(make: Make) -> None:
    case = make(data_set(duplicate_share=0.4, redundancy="GRS"))
    # GRS to LRS halves the copies; 0.6 of the data at a third of its size is left
    assert year(case, "least_carbon", "carbon") < 0.2 * year(case, "today", "carbon")


def test_data_sets_of_nothing_cost_nothing(make: Make) -> None:
    assert not lines(make(data_set(size_gb=0)), "today")


def test_more_requests_keep_more_logs(make: Make) -> None:
    small, large = (make(workload={"requests_per_day": volume}) for volume in (1_000, 2_000))
    for indicator in ("energy", "cost", "carbon"):
        assert year(large, "all_hot", indicator) > year(small, "all_hot", indicator)


def test_each_line_names_what_it_rests_on(make: Make) -> None:
    case = make(data_set(role="corpus", growth_gb_per_month=5), ingestion={"internet_gb_per_month": 9})
    found = {line.what: line for line in lines(case, "balanced")}
    assert {"storage.hdd.power", "storage.hdd.embodied"} <= found["claims"].evidence
    assert "ingestion.throughput" in found["workers that take data in"].evidence
    assert "ingestion.throughput" not in found["claims"].evidence
    assert "network.internet" in found["data over the internet"].evidence
    assert all(line.step == "data_storage" for line in found.values())


def test_what_is_searched_for_is_what_is_charged_at_the_centre(make: Make) -> None:
    case = make(data_set(growth_gb_per_month=9, duplicate_share=0.1))
    for policy in TITLES:
        wide, narrow = (Bill(one, lines(one, policy)).year for one in (case, case.centre))
        assert np.allclose(wide.values[:, 0], narrow.values[:, 0], rtol=1e-12, equal_nan=True)


def test_by_hand_and_by_table_the_year_is_the_same(make: Make) -> None:
    case = make(data_set(growth_gb_per_month=9, duplicate_share=0.1, redundancy="GRS"))
    for policy in TITLES:
        total = schedules.by_use(case, placed(case, policy)).sum(axis=0)
        charged = Bill(case, lines(case, policy)).year.values[:, 0]
        assert np.allclose(total, charged, rtol=1e-9, equal_nan=True)


# ---- anything a scenario may hold

ANY_DATA_SET = st.fixed_dictionaries(
    {
        "role": st.sampled_from(
            ["corpus", "index", "logs", "training", "evaluation", "artefacts", "cache", "backup"]
        ),
        "content": st.sampled_from(["text", "image", "audio", "vectors", "log", "weights"]),
        "size_gb": st.sampled_from([0.0, 1e-6, 3.0, 1e9]),
        "growth_gb_per_month": st.sampled_from([0.0, 2.0, 1e6]),
        "object_mb": st.sampled_from([1e-6, 0.01, 1.0, 5e6]),
        "reads": st.lists(
            st.fixed_dictionaries(
                {
                    "from_day": st.sampled_from([0.0, 0.5, 30.0, 4000.0]),
                    "full_reads_per_month": st.sampled_from([0.0, 0.01, 5.0, 3000.0]),
                }
            ),
            max_size=3,
        ),
        "retention_days": st.sampled_from([0.25, 20.0, 365.0, 36_500.0]),
        "legal_min_days": st.sampled_from([None, 0.0, 90.0]),
        "legal_max_days": st.sampled_from([None, 100.5, 3000.0]),
        "rto_hours": st.sampled_from([0.0, 4.0, 72.0]),
        "rpo_hours": st.sampled_from([0.0, 0.25, 24.0]),
        "residency": st.sampled_from([None, "EU", "DE", "XX"]),
        "duplicate_share": st.sampled_from([0.0, 0.3, 0.99]),
        "compressed": st.booleans(),
        "tier": st.sampled_from(["premium", "hot", "cool", "cold", "archive"]),
        "redundancy": st.sampled_from(["LRS", "ZRS", "GRS", "RA-GRS", "GZRS", "RA-GZRS"]),
        "public_licence": st.sampled_from([None, "yes", "unknown"]),
        "vectors": st.sampled_from([0.0, 1e6, 1e12]),
    }
)


@given(st.lists(ANY_DATA_SET, min_size=1, max_size=3), st.booleans(), st.sampled_from([0.1, 3.0, 20.0]))
@settings(max_examples=25, deadline=None)
def test_any_data_sets_have_a_finite_bill_and_lawful_placements(
    sets: list[dict[str, Any]], survive: bool, years: float
) -> None:
    given_sets = [{"name": f"set {number}", **one} for number, one in enumerate(sets)]
    scenario = parse_scenario(
        {
            "name": "Any",
            "task": "chat",
            "data_sets": given_sets,
            "operations": {"survive_region_loss": survive},
            "timing": {"horizon_years": years},
            "constraints": {"home_region": "eastus2"},
        }
    )
    case = Case(scenario, open_catalogue(offline=True), 16, 1)
    for policy in TITLES:
        bill = Bill(case, charge.lines(case, *EARLY, StorageSetting(policy)))
        bill.check()
        for placement in placed(case, policy):
            ages = [age for age, _ in placement.moves]
            assert ages[0] == 0
            assert ages == sorted(ages)
            if policy not in ("today", "shortest_retention"):
                low = placement.kept.data.legal_min_days or 0
                assert low <= placement.kept_days <= (placement.kept.data.legal_max_days or float("inf"))


def test_the_ensemble_is_that_of_the_case(make: Make) -> None:
    for line in lines(make(data_set(role="corpus", growth_gb_per_month=1)), "balanced"):
        assert line.footprint.values.shape == (len(INDICATORS), DRAWS + 1)
        assert line.quantity.shape == (DRAWS + 1,)


def test_two_cases_of_one_scenario_agree(make: Make) -> None:
    first, second = (lines(storing_case(open_catalogue(offline=True), data_set()), "balanced") for _ in "ab")
    for one, other in zip(first, second, strict=True):
        assert np.array_equal(one.footprint.values, other.footprint.values, equal_nan=True)
