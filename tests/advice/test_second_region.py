"""Copies in a second region take that region's grid and price, never twice the first one's.

Scenario: a terabyte on hot disks for a year, geo-redundant: six copies, three of them elsewhere.
"""

from __future__ import annotations

import pytest
from system.settings import case_of

from advisor.core.footprint import INDEX
from advisor.system.case import Case
from advisor.system.storage.book import book, pair, second_region

HOT = 1
CARBON, COST = INDEX["carbon_location"], INDEX["cost"]


def grid(case: Case, key: str) -> float:
    """Grams of a kWh of IT energy there."""
    return case.central(f"regions.{key}.pue", "ratio") * case.central(
        f"regions.{key}.average_intensity", "kg/kWh"
    )


def hot(case: Case, region: str, redundancy: str, row: int) -> float:
    return float(book(case, region, redundancy).values[HOT, row, 0])


def test_a_pair_lies_on_its_own_grid() -> None:
    """West Europe copies to North Europe: three copies on the Dutch grid, three on the Irish."""
    case = case_of(0)
    assert pair(case, "westeurope") == "northeurope"
    each = hot(case, "westeurope", "LRS", CARBON) / grid(case, "westeurope")
    by_hand = each * (grid(case, "westeurope") + grid(case, "northeurope"))
    assert hot(case, "westeurope", "GRS", CARBON) == pytest.approx(by_hand)


def test_a_region_without_a_pair_has_the_nearest_allowed_one_chosen() -> None:
    """Italy North has no pair; Switzerland North is 220 km away, France Central 640; EU bars it."""
    anywhere = case_of(0)
    assert pair(anywhere, "italynorth") is None
    assert second_region(anywhere, "italynorth") == "switzerlandnorth"
    union = case_of(0, constraints={"residency": "EU"})
    chosen = second_region(union, "italynorth")
    assert union.catalogue.row("regions", chosen)["eu_member"]
    each = hot(union, "italynorth", "LRS", CARBON) / grid(union, "italynorth")
    by_hand = each * (grid(union, "italynorth") + grid(union, chosen))
    assert hot(union, "italynorth", "GRS", CARBON) == pytest.approx(by_hand)


def test_a_chosen_region_is_paid_at_its_own_price() -> None:
    """2.05 times the mean of both regions' prices: two accounts, each half of the copies."""
    case = case_of(0, constraints={"residency": "EU"})
    chosen = second_region(case, "italynorth")
    both = (hot(case, "italynorth", "LRS", COST) + hot(case, chosen, "LRS", COST)) / 2
    assert hot(case, "italynorth", "GRS", COST) == pytest.approx(2.05 * both)
    # a pair is billed at the first region's price: UK South's list has no GRS price, West Europe's has
    assert hot(case, "uksouth", "GRS", COST) == pytest.approx(2.05 * hot(case, "uksouth", "LRS", COST))
    assert hot(case, "westeurope", "GRS", COST) == pytest.approx(0.0392)


def test_a_pair_in_the_same_country_is_on_the_same_grid() -> None:
    """Sweden Central copies to Sweden South, which no list of open regions names."""
    case = case_of(0)
    assert second_region(case, "swedencentral") == "swedencentral"
    both, one = (hot(case, "swedencentral", kind, CARBON) for kind in ("GRS", "LRS"))
    assert both == pytest.approx(2 * one)
