"""A plan's data is charged at the prices of the region it lies in.

Scenario: a terabyte that nobody reads, kept in one region; and the same archived after a month.
"""

from __future__ import annotations

import pytest
from storing import EARLY, failing, placed, still, storing_case, year

from advisor.catalogue import open_catalogue
from advisor.core.footprint import INDEX
from advisor.steps.data_storage.kept import study
from advisor.steps.data_storage.locations import regions
from advisor.system.case import Case
from advisor.system.plan import OperationSetting, Plan, StorageSetting
from advisor.system.regions import round_trip_ms
from advisor.system.storage.book import HELD, READ, READS, WRITES, book

COST = INDEX["cost"]
COOL, COLD, ARCHIVE = 2, 3, 4
EUROPE = {
    "northeurope", "westeurope", "swedencentral", "norwayeast", "francecentral", "germanywestcentral",
    "switzerlandnorth", "uksouth", "polandcentral", "italynorth", "spaincentral", "belgiumcentral",
}  # fmt: skip


def kept_in(region: str, **changes: object) -> Case:
    return storing_case(
        open_catalogue(),
        still(**changes),
        constraints={"home_region": region, "regions_allowed": [region]},
    )


def test_every_region_of_the_list_has_its_prices_or_a_named_proxy() -> None:
    catalogue = open_catalogue()
    priced = set(catalogue.keys("storage_prices"))
    assert priced == set(catalogue.keys("storage_operations"))
    assert len(priced) >= 12
    assert priced >= EUROPE
    for region in priced:
        tiers = ("premium", "hot", "cool", "cold", "archive")
        row = [tier for tier in tiers if f"storage_prices.{region}.{tier}" in catalogue.coefficients]
        assert row[:4] == list(tiers[:4])
        found = [catalogue.coefficient(f"storage_prices.{region}.{tier}").central for tier in row]
        assert found == sorted(found, reverse=True), region  # the cooler, the cheaper
        # a tier has a price to keep it exactly where it has prices to write and to read it
        archived = f"storage_operations.{region}.archive_read" in catalogue.coefficients
        assert archived == ("archive" in row)


@pytest.mark.parametrize(
    ("region", "hot", "cold", "move"),
    [
        # 1,000 GB x 12 months x 0.0184 = 220.80 USD hot, x 0.0036 = 43.20 USD cold; 10,000 objects of 100 MB
        # are moved once, at 0.18 USD per 10,000
        ("swedencentral", 220.80, 43.20, 0.18),
        # x 0.0196 = 235.20; x 0.0045 = 54.00
        ("westeurope", 235.20, 54.00, 0.18),
        # x 0.02156 = 258.72; x 0.00515 = 61.80; 0.257 USD per 10,000
        ("switzerlandnorth", 258.72, 61.80, 0.257),
        # x 0.0192 = 230.40; x 0.0045 = 54.00
        ("uksouth", 230.40, 54.00, 0.18),
        # x 0.0326 = 391.20; x 0.00747 = 89.64
        ("brazilsouth", 391.20, 89.64, 0.18),
    ],
)
def test_a_plan_is_charged_at_its_region(region: str, hot: float, cold: float, move: float) -> None:
    """Kept hot; and moved to cold at the start of three years, since a wait of 4 h bars the archive."""
    case = kept_in(region)
    assert year(case, "all_hot", "cost") == pytest.approx(hot)
    assert year(case, "lifecycle", "cost") == pytest.approx(cold + move / 3)


def test_operations_and_retrieval_are_the_regions_own() -> None:
    """North Europe's archive: a read 5.50, a hot write 0.05 per 10,000, retrieval 0.022; and Norway's."""
    irish, norwegian = (
        book(kept_in(region), region, "LRS").values[:, COST, 0] for region in ("northeurope", "norwayeast")
    )
    assert irish[READS][ARCHIVE] == pytest.approx((5.50 + 0.05) / 1e4)
    assert irish[READ][ARCHIVE] == pytest.approx(0.022)
    assert norwegian[READS][COLD] == pytest.approx(0.143 / 1e4)
    assert norwegian[READ][COLD] == pytest.approx(0.0429)
    assert norwegian[WRITES][COOL] == pytest.approx(0.11 / 1e4)


def test_a_listed_price_of_more_copies_beats_the_factor() -> None:
    """North Europe asks 0.023 for three zones against 0.022 for one site: not 1.25 times as much."""
    case = kept_in("northeurope")
    assert book(case, "northeurope", "ZRS").values[HELD][1, COST, 0] == pytest.approx(0.023)
    # UK South's list is not known beyond one site: 0.0192 x 1.25
    assert book(kept_in("uksouth"), "uksouth", "ZRS").values[HELD][1, COST, 0] == pytest.approx(0.0192 * 1.25)


def test_a_region_without_an_archive_archives_nothing() -> None:
    """Poland Central sells no archive tier: what is archived elsewhere lies cold there."""
    patient = {"rto_hours": 48}
    swedish, polish = (kept_in(region, **patient) for region in ("swedencentral", "polandcentral"))
    assert placed(swedish, "lifecycle")[0].moves[-1][1] == ARCHIVE
    assert placed(polish, "lifecycle")[0].moves[-1][1] == COLD
    assert "archive_redundancy" in failing(polish, "archive")
    assert "archive_redundancy" not in failing(swedish, "archive")


def test_the_table_of_regions_prices_each_at_its_own_list() -> None:
    """The same schedule, kept hot: in Sweden 220.80 USD a year, in Switzerland 258.72; with the way there."""
    case = storing_case(
        open_catalogue(),
        still(),
        constraints={
            "home_region": "swedencentral",
            "regions_allowed": ["swedencentral", "switzerlandnorth"],
        },
    )
    plan = Plan(*EARLY, StorageSetting("all_hot"), OperationSetting("never", "planned", "now"))
    shown = {row[0]: row for row in regions(case, study(case, plan)).rows}
    assert shown["Sweden Central"][4] == pytest.approx(220.80)
    assert shown["Switzerland North"][4] == pytest.approx(258.72)
    assert shown["Switzerland North"][5] == pytest.approx(round_trip_ms(case, "switzerlandnorth"))
    assert shown["Switzerland North"][-1] == "own"
