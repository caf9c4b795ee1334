from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from storing import EARLY, SEVEN_YEARS, Make, data_set, failing, kept, placed, still

from advisor.estimate import storage
from advisor.estimate.storage import ARCHIVE, COLD, HOT, TIERS
from advisor.system.case import Case
from advisor.system.priorities import CONCERNS
from advisor.system.regions import lawful
from advisor.system.storage import book as books
from advisor.system.storage import policies, schedules
from advisor.system.storage.schedules import Placement
from advisor.system.storage.titles import TITLES
from advisor.system.storage.weighing import LEAST_CARBON, LEAST_COST, Scale, besides


def moves(placement: Placement) -> list[tuple[float, str]]:
    return [(age, TIERS[tier]) for age, tier in placement.moves]


def test_a_legal_hold_of_seven_years_moves_when_reading_stops(make: Make) -> None:
    case = make(data_set(retention_days=365, legal_min_days=SEVEN_YEARS, rto_hours=72))
    assert failing(case, "today") == {"retention_law"}
    (one,) = placed(case, "lifecycle")
    assert moves(one) == [(0.0, "hot"), (30.0, "archive")]
    assert one.kept_days == SEVEN_YEARS


def test_a_recovery_time_of_four_hours_ends_in_cold(make: Make) -> None:
    case = make(data_set(legal_min_days=SEVEN_YEARS, retention_days=SEVEN_YEARS, rto_hours=4))
    assert [age_tier[1] for age_tier in moves(placed(case, "balanced")[0])] == ["hot", "cold"]
    assert "recovery_time" in failing(case, "archive")


def test_zone_redundancy_stays_out_of_the_archive(make: Make) -> None:
    case = make(data_set(retention_days=SEVEN_YEARS, rto_hours=72, redundancy="ZRS"))
    for policy in ("balanced", "least_cost", "lifecycle"):
        assert not placed(case, policy)[0].archived
    assert "archive_redundancy" in failing(case, "archive")


def test_archive_under_zone_redundancy_fails_as_todays_plan(make: Make) -> None:
    assert "archive_redundancy" in failing(
        make(data_set(redundancy="GZRS", tier="archive", rto_hours=72)), "today"
    )


@pytest.mark.parametrize(("dedupe", "squeeze", "region"), [
    (False, False, "eastus2"), (True, True, "swedencentral"), (True, False, "swedencentral"),
    (False, True, "eastus2"),
])  # fmt: skip
def test_the_value_solved_for_is_the_total_charged(
    make: Make, dedupe: bool, squeeze: bool, region: str
) -> None:
    case = make(
        data_set(growth_gb_per_month=20, duplicate_share=0.3, redundancy="GRS", tier="cool"),
        operations={"survive_region_loss": True},
    )
    (one,) = kept(case)
    start = Placement(one, region, "GRS", ((0.0, HOT),), one.kept_days, False, False, "eastus2")
    weight = books.weights(dict(zip(CONCERNS, LEAST_COST, strict=True)))
    best = schedules.best(case, start, LEAST_COST, ((squeeze, dedupe),), (region,))
    charged, constant = schedules.rates(case, best, best.book(case).worth(weight).tolist())
    used = storage.use(best.body(case), best.moves, charged.minimum)
    value = (storage.value(used, charged) + constant) / case.scenario.timing.horizon_years
    assert schedules.totals(case, [best])["cost"] == pytest.approx(value)


def test_the_least_redundancy_that_survives_enough_is_also_the_cheapest(make: Make) -> None:
    case = make(data_set(rto_hours=72), operations={"survive_region_loss": True})
    (one,) = kept(case)
    assert one.redundancy == "GRS"
    found = {}
    for key in case.catalogue.keys("storage_redundancy"):
        if books.survives_region(case, key):
            start = Placement(one, "eastus2", key, ((0.0, HOT),), one.kept_days, False, False, "eastus2")
            best = schedules.best(case, start, LEAST_COST, schedules.AS_IT_IS, ("eastus2",))
            found[key] = schedules.totals(case, [best])["cost"]
    assert min(found, key=lambda key: found[key]) == "GRS"


def test_the_cheapest_schedule_is_no_dearer_than_any_other(make: Make) -> None:
    case = make(data_set(growth_gb_per_month=20, rto_hours=72))
    (best,) = placed(case, "lifecycle")
    least = schedules.totals(case, [best])["cost"]
    for age in np.linspace(1, 360, 40):
        for tier in (2, COLD, ARCHIVE):
            other = replace(best, moves=((0.0, HOT), (float(age), tier)))
            assert schedules.totals(case, [other])["cost"] >= least * (1 - 1e-9)


def test_what_is_dense_already_is_left_as_it_is(make: Make) -> None:
    (one,) = placed(make(still(content="image")), "balanced")
    assert not one.squeeze


def whole(case: Case, placement: Placement) -> float:
    """How a plan of one set stands, what answers included."""
    total = schedules.totals(case, [placement])
    rest = np.array(besides(case, *EARLY))
    return float(Scale.of(case).stands(np.array([total[one] for one in CONCERNS]) + rest))


@pytest.mark.parametrize("objective", [LEAST_COST, LEAST_CARBON])
@pytest.mark.parametrize("priorities", [{"carbon": 5, "cost": 1}, {"carbon": 0, "cost": 1}, {"carbon": 1}])
def test_the_priorities_plan_is_the_best_of_all_forms_and_regions(
    make: Make, objective: tuple[float, ...], priorities: dict[str, float]
) -> None:
    case = make(data_set(growth_gb_per_month=20, duplicate_share=0.3), priorities=priorities)
    (found,) = placed(case, "balanced")
    for region in policies.near(case, "eastus2", lawful(case)):
        for form in schedules.forms(case, found.kept):
            other = schedules.best(case, found, objective, (form,), (region,))
            assert whole(case, found) <= whole(case, other) + 1e-9


def test_no_other_policy_stands_better_by_the_priorities_in_the_whole_bill(make: Make) -> None:
    """Whatever the priorities: none of the policies that keep data as long is better beside what answers."""
    sets = (
        data_set(growth_gb_per_month=20, duplicate_share=0.3),
        data_set(name="logs", size_gb=50, content="log"),
    )
    for priorities in ({"carbon": 5, "cost": 1}, {"carbon": 1, "cost": 5}, {"water": 4, "cost": 1}):
        case = make(*sets, priorities=priorities)
        rest = np.array(besides(case, *EARLY))

        def stands(policy: str, case: Case = case, rest: np.ndarray = rest) -> float:
            total = schedules.totals(case, placed(case, policy))
            return float(Scale.of(case).stands(rest + np.array([total[one] for one in CONCERNS])))

        best = stands("balanced")
        assert all(
            best <= stands(policy) + 1e-9
            for policy in ("least_cost", "least_carbon", "lifecycle", "cleanest_region", "all_hot")
        )


def test_a_move_for_carbon_stays_on_the_continent(make: Make) -> None:
    case = make(data_set(), priorities={"carbon": 100, "cost": 0})
    for policy in ("balanced", "least_carbon", "cleanest_region"):
        (one,) = placed(case, policy)
        assert case.catalogue.row("regions", one.region)["country"] == "US"


def test_each_policy_does_what_it_is_called(make: Make) -> None:
    case = make(data_set(growth_gb_per_month=20, duplicate_share=0.3, rto_hours=72))
    total = {policy: schedules.totals(case, placed(case, policy)) for policy in TITLES}
    lawful_ones = [policy for policy in TITLES if policy not in ("today", "shortest_retention")]
    assert total["least_carbon"]["carbon"] == pytest.approx(min(total[key]["carbon"] for key in lawful_ones))
    assert total["least_cost"]["cost"] == pytest.approx(min(total[key]["cost"] for key in lawful_ones))
    assert all(len(one.moves) == 1 and one.moves[0][1] == HOT for one in placed(case, "all_hot"))


def test_public_data_of_unknown_licence_stays_out_of_every_new_plan(make: Make) -> None:
    case = make(data_set(), data_set(name="crawl", role="corpus", public_licence="unknown"))
    assert failing(case, "today") == {"licence"}
    assert [one.name for one in placed(case, "balanced")] == ["claims"]
