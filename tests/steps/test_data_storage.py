from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from storing import EARLY, SEVEN_YEARS, Make, data_set, still, storing_case

from advisor.catalogue import Catalogue
from advisor.core.draws import central
from advisor.core.exhibits import Bars, Chart, Export, Table
from advisor.core.wording import number, share
from advisor.decide.option import Decision, Option
from advisor.estimate.storage import ARCHIVE, COLD, COOL, HOT
from advisor.steps import Settled, data_storage, decide
from advisor.steps.data_storage import break_evens, lifecycle, recovery, taking_in
from advisor.steps.data_storage.kept import study
from advisor.steps.data_storage.today_and_proposed import plan_share
from advisor.system.bill import Bill
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting, Plan
from advisor.system.storage import charge, schedules
from advisor.system.storage.book import WRITES
from tests.decided import decided as of_template

TEMPLATES = sorted((Path(__file__).parents[2] / "data" / "scenarios").glob("*.yaml"))
SETTLED: Settled = dict(zip(("foundation_model", "improvement", "deployment"), EARLY, strict=True))


@pytest.fixture
def make(catalogue: Catalogue) -> Make:
    return partial(storing_case, catalogue)


def decided(case: Case) -> Decision:
    return decide("data_storage", case, SETTLED, flips=False)


def option(decision: Decision, key: str) -> Option:
    return next(one for one in decision.options if one.key == key)


def chosen(decision: Decision) -> Option:
    assert decision.choice is not None
    return decision.choice


def failed(one: Option) -> set[str]:
    return {gate.rule for gate in one.gates if not gate.passed}


def moves(one: Option, row: int = 0) -> list[list[object]]:
    found: list[list[object]] = one.settings["data_sets"][row]["moves"]
    return found


def table(decision: Decision, key: str) -> Table:
    return next(item for item in decision.exhibits if isinstance(item, Table) and item.key == key)


def keys(decision: Decision) -> set[str]:
    return {item.key for item in decision.exhibits if not isinstance(item, Export)}


# ---- break-evens at the shipped prices


@pytest.mark.parametrize(
    ("warm", "cool", "object_mb", "expected"),
    [
        # (0.0184 - 0.010) / (0.01 + 0.006/10,000 x objects in a GB)
        (HOT, COOL, 1000.0, 0.0084 / 0.0100006),
        (HOT, COOL, 1.0, 0.0084 / 0.0106),
        # (0.0184 - 0.0036) / (0.03 + 0.096/10,000 x objects)
        (HOT, COLD, 1000.0, 0.0148 / 0.0300096),
        (HOT, COLD, 1.0, 0.0148 / 0.0396),
        # (0.010 - 0.0036) / (0.02 + 0.09/10,000 x objects)
        (COOL, COLD, 1000.0, 0.0064 / 0.020009),
        (COOL, COLD, 1.0, 0.0064 / 0.029),
    ],
)
def test_break_evens_at_the_shipped_prices(
    make: Make, warm: int, cool: int, object_mb: float, expected: float
) -> None:
    found = break_evens.break_even(make(), "eastus2", warm, cool, object_mb, np.inf)
    assert found == pytest.approx(expected, rel=1e-9)


def test_cold_to_archive_costs_more_to_read_even_of_large_objects(make: Make) -> None:
    # (0.0036 - 0.002) / (0.02 - 0.03 + (5 - 0.10)/10,000): the retrieval is cheaper, operations are not;
    # for 1 GB objects the denominator is negative and nothing crosses
    assert break_evens.break_even(make(), "eastus2", COLD, ARCHIVE, 1000.0, np.inf) == np.inf


# ---- what rules forbid is told


def test_a_recovery_time_of_four_hours_takes_the_archive_away(make: Make) -> None:
    decision = decided(make(data_set(legal_min_days=SEVEN_YEARS, retention_days=SEVEN_YEARS, rto_hours=4)))
    assert moves(chosen(decision)) == [[0.0, "hot"], [30.0, "cold"]]
    row = table(decision, "storage_eliminated").rows[0]
    assert row[:3] == ("claims", "archive", "recovery time")
    assert "15 h to rehydrate" in str(row[4])
    assert "15 h" in str(row[5])
    archived = next(one for one, _ in decision.eliminated if one.key == "archive")
    assert "recovery_time" in failed(archived)


def test_zone_redundancy_takes_the_archive_away(make: Make) -> None:
    decision = decided(make(data_set(retention_days=SEVEN_YEARS, rto_hours=72, redundancy="ZRS")))
    assert all(tier != "archive" for _, tier in moves(chosen(decision)))
    row = table(decision, "storage_eliminated").rows[0]
    assert row[:3] == ("claims", "archive", "archive redundancy")
    assert row[4] == "it is not sold with three zones"
    archived = next(one for one, _ in decision.eliminated if one.key == "archive")
    assert "archive_redundancy" in failed(archived)


def test_no_built_in_redundancy_promises_minutes(make: Make) -> None:
    decision = decided(make(data_set(rpo_hours=0.1), operations={"survive_region_loss": True}))
    assert decision.choice is None
    assert "recovery point" in decision.headline
    assert table(decision, "storage_eliminated").rows[0][2] == "recovery point"


def test_an_unknown_licence_keeps_public_data_out(make: Make) -> None:
    decision = decided(make(data_set(), data_set(name="crawl", role="corpus", public_licence="unknown")))
    assert failed(option(decision, "today")) == {"licence"}
    balanced = option(decision, "balanced")
    assert [one["name"] for one in balanced.settings["data_sets"]] == ["claims"]
    assert any("crawl" in warning for warning in balanced.warnings)


# ---- what options say of themselves


def test_settings_say_what_happens_to_each_set(make: Make) -> None:
    decision = decided(make(data_set(retention_days=365, legal_min_days=SEVEN_YEARS, rto_hours=72)))
    (one,) = option(decision, "lifecycle").settings["data_sets"]
    assert one == {
        "name": "claims", "region": "eastus2", "redundancy": "LRS",
        "moves": [[0.0, "hot"], [30.0, "archive"]], "deleted_after_days": SEVEN_YEARS,
        "compressed": False, "deduplicated": False,
    }  # fmt: skip
    json.dumps(option(decision, "lifecycle").settings)


def test_what_serves_requests_is_not_deleted_by_age(make: Make) -> None:
    index = data_set(name="index", role="index", content="vectors", retention_days=30, reads=[])
    decision = decided(make(index))
    assert all(one.settings["data_sets"][0]["deleted_after_days"] is None for one in decision.options)


def test_equal_policies_are_listed_once(make: Make) -> None:
    """Nothing to compress or deduplicate, one region that is both home and the cleanest allowed."""
    case = make(data_set(content="image"), constraints={"regions_allowed": ["eastus2"]})
    decision = decided(case)
    forms = [data_storage.same(case, one.plan) for one in decision.options if one.eligible]
    assert len(forms) == len(set(forms))
    keys = [one.key for one in decision.options]
    assert "balanced" in keys
    assert "least_cost" not in keys
    twin = option(decision, "balanced")
    assert any("The same here: " in note and "By age, least cost" in note for note in twin.notes)
    # what is recorded is listed under its own name
    recorded = make(
        data_set(content="image"), constraints={"regions_allowed": ["eastus2"]},
        decisions={"data_storage": {"choice": "least_cost"}},
    )  # fmt: skip
    assert "least_cost" in [one.key for one in decided(recorded).options]


def test_small_objects_are_billed_at_the_least_size(make: Make) -> None:
    """131,072 bytes at least in cool: an object of 10,000 is billed as 13.1 of its size, 12.1 beyond it.

    At 0.010 a GB those cost 0.131 a GB of data, where hot costs 0.0184: cooling never pays.
    """
    assert break_evens.break_even(make(), "eastus2", HOT, COOL, 0.01, np.inf) == 0
    rows = table(decided(make(data_set())), "storage_break_evens").rows
    assert all(value >= 0 for row in rows for value in row[2:] if isinstance(value, float))
    large, small = (
        chosen(decided(make(data_set(content="image", object_mb=size, legal_min_days=400))))
        for size in (1, 0.01)
    )
    assert len(moves(large)) > 1
    assert moves(small) == [[0.0, "hot"]]


def test_the_headline_says_which_tier_and_when(make: Make) -> None:
    still = decided(make(data_set(content="image", object_mb=0.01)))
    assert any("The data set keeps its tier" in reason for reason in still.reasons)
    moved = decided(make(data_set(name="claims", legal_min_days=SEVEN_YEARS, retention_days=SEVEN_YEARS)))
    assert any("claims from hot to " in reason and " days" in reason for reason in moved.reasons)


def test_a_tier_from_the_first_day_is_told_with_its_wait(make: Make) -> None:
    """A backup that nobody reads goes straight to the archive: that saves, and is what it waits for."""
    backup = still(rto_hours=72, redundancy="LRS", content="image", size_gb=50_000)
    decision = decided(make(backup))
    assert moves(chosen(decision)) == [[0.0, "archive"]]
    assert decision.headline.startswith("Write it straight to archive")
    wait = number(make().central("storage.rehydration", "h"))
    told = f"claims in archive. What lies in the archive takes up to {wait} h to rehydrate."
    assert any(told in reason for reason in decision.reasons)
    both = decided(make(backup, data_set(name="hot one", content="image", object_mb=0.01)))
    assert "Write one set straight to archive" in both.headline
    already = decided(make({**backup, "tier": "archive"}))
    assert moves(chosen(already)) == [[0.0, "archive"]]
    assert "straight to" not in already.headline


def test_a_region_without_prices_says_whose_stand_in(make: Make, catalogue: Catalogue) -> None:
    only = {"home_region": "westeurope", "regions_allowed": ["westeurope"]}
    left = {key: row for key, row in catalogue.tables["storage_prices"].items() if key != "westeurope"}
    unlisted = replace(catalogue, tables={**catalogue.tables, "storage_prices": left})
    told = decided(storing_case(unlisted, data_set(), constraints=only)).warnings
    assert any("No storage prices of West Europe" in one and "East US 2 stand in" in one for one in told)
    own = decided(make(data_set(), constraints=only))
    assert not any("stand in" in warning for warning in own.warnings)


def test_assumed_data_sets_are_told(make: Make) -> None:
    case = make(knowledge={"documents": 10_000, "tokens_per_document": 1_000, "gap": "both"})
    assert any("assumed" in warning for warning in decided(case).warnings)


def test_a_second_region_that_is_given_up_is_told(make: Make) -> None:
    decision = decided(make(data_set(duplicate_share=0.4, redundancy="GRS")))
    assert any("second region" in warning for warning in option(decision, "least_carbon").warnings)


def test_the_second_region_is_named_where_residency_is_wanted(make: Make) -> None:
    survive = {"survive_region_loss": True}
    eu = {"home_region": "northeurope", "residency": "EU", "regions_allowed": ["northeurope"]}
    told = decided(make(data_set(), operations=survive, constraints=eu)).warnings
    assert any("North Europe copies to West Europe" in warning for warning in told)
    alone = {"home_region": "swedencentral", "regions_allowed": ["swedencentral"]}
    told = decided(make(data_set(), operations=survive, constraints=alone)).warnings
    assert any("The second region of Sweden Central is not in the list" in warning for warning in told)


def test_a_set_that_shrinks_is_warned_of(make: Make) -> None:
    # 365 GB kept 36.5 days and nothing new: 365 / 1.2 months = 304 GB would have to arrive a month
    decision = decided(make(data_set(name="copies", role="backup", size_gb=365, retention_days=36.5)))
    assert any("copies: 365 GB" in warning and "304 GB a month" in warning for warning in decision.warnings)


@pytest.mark.parametrize(("size_gb", "unit", "most"), [(0.4, "GB", 0.4), (4000.0, "TB", 4.0)])
def test_what_lies_where_is_drawn_in_a_unit_of_its_size(
    make: Make, size_gb: float, unit: str, most: float
) -> None:
    """0.4 GB were drawn as 0.0004 TB."""
    case = make(data_set(size_gb=size_gb))
    found = study(case, option(decided(case), "today").plan)
    where, _ = lifecycle.timeline(case, found.chosen, found.today)
    assert where.y_label.startswith(unit)
    assert max(max(row) for row in where.values) == pytest.approx(most)


def test_a_set_that_rolls_stands_as_it_is_from_the_first_day_on(make: Make) -> None:
    """365 GB kept a year, a GB of each day: 30 GB hot and 335 GB in the archive at any moment.

    As they lie today, 365 GB are hot all along.
    """
    case = make(data_set(size_gb=365, growth_gb_per_month=365 / 12, rto_hours=72))
    found = study(case, option(decided(case), "lifecycle").plan)
    assert [tier for _, tier in found.chosen[0].moves] == [HOT, ARCHIVE]
    days = np.array([0.0, 100.0, 400.0, 1000.0])
    standing = lifecycle._standing(case, found.chosen, days)
    assert np.allclose(standing[:, HOT], 30.0)
    assert np.allclose(standing[:, ARCHIVE], 335.0)
    assert np.allclose(lifecycle._standing(case, found.today, days)[:, HOT], 365.0)
    # at the start 335 GB are moved, in objects of 0.1 GB at 0.10 USD for ten thousand
    moved = schedules.amounts(case, found.chosen[0])[0]
    assert moved.plain[WRITES].sum() == pytest.approx(3350)


def test_a_lawful_time_shorter_than_stated_is_no_sign_that_nothing_more_arrives(make: Make) -> None:
    """1,555 GB are three months of 518 GB: the ten days of the law leave 170 GB of them."""
    rolling = {"name": "calls", "size_gb": 1555, "growth_gb_per_month": 518, "retention_days": 90}
    decision = decided(make(data_set(**rolling, legal_max_days=10)))
    assert not any("since no more arrives" in warning for warning in decision.warnings)


def test_results_are_the_same_twice(make: Make) -> None:
    def told() -> str:
        decision = decided(make(data_set(), data_set(name="more", role="corpus")))
        costs = [one.year.values.tobytes().hex() for one in decision.options]
        return json.dumps([decision.headline, decision.reasons, costs, str(decision.exhibits)])

    assert told() == told()


def test_a_flip_is_looked_for(make: Make) -> None:
    decision = decide("data_storage", make(data_set(rto_hours=72)), SETTLED, flips=True)
    assert all(flip.factor is None or flip.factor > 0 for flip in decision.flips)


# ---- in proportion to the whole plan


def stated_share(case: Case, decision: Decision) -> str:
    """The sentence that tells it; a range whose ends read alike is not told."""
    choice = decision.choice
    assert choice is not None
    low, middle, high = (share(one) for one in plan_share(case, choice, "carbon"))
    ends = "" if low == high else f" ({low} to {high})"
    return f"Storage is {middle} of the plan's carbon{ends}."


def test_storages_share_of_the_plan_is_stated_with_its_interval(make: Make) -> None:
    case = make(data_set())
    decision = decided(case)
    assert stated_share(case, decision) in decision.reasons
    rows = table(decision, "storage_proportion").rows
    shares = [row for row in rows if str(row[0]).startswith("share of the plan")]
    assert len(shares) == 3
    for row in shares:
        low, middle, high = (float(str(value)) for value in row[1:4])
        assert 0 <= low <= middle <= high <= 100
    one = chosen(decision)
    whole, own = central(one.year["carbon"]), central(one.bill.of_step("data_storage")["carbon"])
    assert shares[1][2] == pytest.approx(100 * own / whole)


def test_the_parts_shown_sum_to_the_step_in_the_plan(make: Make) -> None:
    case = make(data_set(growth_gb_per_month=9, role="corpus", redundancy="GRS"),
                ingestion={"internet_gb_per_month": 50})  # fmt: skip
    decision = decided(case)
    own = chosen(decision).bill.of_step("data_storage")
    for key, indicator in (("storage_cost", "cost"), ("storage_carbon", "carbon")):
        bars = next(item for item in decision.exhibits if isinstance(item, Bars) and item.key == key)
        proposed = sum(row[-1] for row in bars.values)
        assert proposed == pytest.approx(central(own[indicator]))
        today = bars.bars.index("today")
        plan = Plan(*EARLY, option(decision, "today").plan.storage, chosen(decision).plan.operation)
        lines = charge.lines(case, plan.model, plan.improvement, plan.deployment, plan.storage)
        assert sum(row[today] for row in bars.values) == pytest.approx(
            central(Bill(case, lines).year[indicator])
        )


# ---- beside the tiers


def test_ten_million_chunks_of_1536_dimensions(make: Make) -> None:
    index = data_set(
        name="index", role="index", content="vectors", size_gb=0, vectors=1e7, dimensions=1536, reads=[]
    )
    # 99 % is what one replica is taken to reach; two take twice as many units
    decision, twice = (decided(make(index, operations={"availability": asked})) for asked in (0.99, 0.999))
    assert table(twice, "storage_vectors").rows[0][4:7] == ("S1", 4, pytest.approx(4 * 245.28))
    rows = {str(row[1])[:2].strip("-"): row for row in table(decision, "storage_vectors").rows}
    # 61.44 + 0.61 = 62.05 GB: two S1 partitions of 35 GB, 2 x 245.28 USD; disk 186 of 320 GB
    assert rows["32"][2:4] == (pytest.approx(61.44), pytest.approx(62.05))
    assert rows["32"][4:7] == ("S1", 2, pytest.approx(490.56))
    # 15.36 + 0.61 = 15.97 GB: more than three Basic partitions of 5 GB; one S1
    assert rows["8"][3] == pytest.approx(15.97)
    assert rows["8"][4:7] == ("S1", 1, pytest.approx(245.28))
    # 1.92 + 0.61 = 2.53 GB: one Basic; full vectors kept for rescoring need S1's storage
    assert rows["1"][3] == pytest.approx(2.53)
    assert rows["1"][4:7] == ("Basic", 1, pytest.approx(73.73))
    assert rows["1"][8] == "S1 × 1"


def test_a_cache_is_shown_at_what_it_is_charged(make: Make) -> None:
    decision = decided(make(data_set()))
    rows = table(decision, "storage_caches").rows
    assert [row[0] for row in rows] == ["in memory (Redis)", "on disk (Cosmos DB)"]
    for row in rows:
        assert all(float(str(value)) > 0 for value in row[1:6])


def test_a_daily_copy_meets_a_looser_target_for_less(make: Make) -> None:
    case = make(data_set(rpo_hours=1, rto_hours=8, growth_gb_per_month=10))
    chosen_ones = data_storage.study(case, chosen(decided(case)).plan).chosen
    found = {one.key: one for one in recovery.strategies(case, chosen_ones)}
    assert recovery.cheapest(list(found.values()), 1, 8) is found["GRS"]
    looser = recovery.cheapest(list(found.values()), 25, 32)
    assert looser is not None
    assert looser.cost <= found["GRS"].cost
    assert recovery.cheapest(list(found.values()), 0.1, 1) is None
    assert found["GRS"].copies == found["COPY"].copies == 6
    assert found["GRS"].energy > found["LRS"].energy


def test_recovery_says_what_is_lost_and_where_nothing_is_asked_for(make: Make) -> None:
    """LRS and ZRS lie in one region: with it everything is gone, and nothing comes back.

    GRS is read after a failover. An index is rebuilt from its source, so that no time to restore it is asked.
    """
    rows = {str(row[0]): row for row in table(decided(make(data_set())), "storage_recovery").rows}
    for key in ("LRS", "ZRS"):
        assert rows[key][4:8] == ("no", "everything", "never", "no")
    assert rows["GRS"][4] == "yes"
    assert all(isinstance(value, float) for value in rows["GRS"][5:7])
    index = data_set(name="index", role="index", content="vectors", reads=[])
    asked = {row[7] for row in table(decided(make(index)), "storage_recovery").rows}
    assert asked == {"none is asked for"}
    # no redundancy loses less than nothing: nothing to set a looser target against
    (strict,) = table(decided(make(data_set(rpo_hours=0))), "storage_looser_recovery").rows
    assert strict[5:] == ("nothing to compare", "nothing to compare")


def test_fewer_runs_take_less_energy(make: Make) -> None:
    decision = decided(make(data_set(role="corpus", growth_gb_per_month=50)))
    rows = {str(row[0]): row for row in table(decision, "storage_ingestion").rows}
    planned, daily = rows["as planned (batch, 24× a day)"], rows["one run a day"]
    assert float(str(daily[5])) < float(str(planned[5])) < float(str(rows["streaming"][5]))
    # 50 GB kept of 60 %: 83.3 GB arrive
    assert planned[1] == pytest.approx(83.33, abs=0.01)


def test_keeping_everything_stores_more_of_the_same_arrivals(make: Make) -> None:
    """50 GB a month are 60 % of what arrives: all of it is 83.3 GB, 33.3 more, which takes more to store."""
    case = make(data_set(role="corpus", growth_gb_per_month=50))
    decision = decided(case)
    shown = table(decision, "storage_ingestion")
    rows = {str(row[0]): row for row in shown.rows}
    planned, everything = rows["as planned (batch, 24× a day)"], rows["everything kept"]
    assert everything[1] == planned[1] == everything[2] == pytest.approx(83.33, abs=0.01)
    assert planned[2] == pytest.approx(50)
    assert decision.choice is not None
    wider = taking_in.keeping_all(case, study(case, decision.choice.plan))
    assert wider is not None
    more, added = wider
    assert more == pytest.approx(33.33, abs=0.01)
    assert central(added["energy"]) > 0
    assert central(added["cost"]) > 0
    assert "Everything kept stores 33.3 GB more a month" in shown.note
    all_kept = make(data_set(role="corpus", growth_gb_per_month=50), ingestion={"kept_share": 1.0})
    assert taking_in.keeping_all(all_kept, study(all_kept, decision.choice.plan)) is None


def test_cells_that_mean_always_say_so(make: Make) -> None:
    shown = table(decided(make(data_set())), "storage_break_evens")
    assert all(
        isinstance(value, float) or value == "pays at any reading" for row in shown.rows for value in row[2:]
    )
    assert "lank" not in shown.note


def test_edge_filtering_waits_for_its_security(make: Make) -> None:
    sets = data_set(role="corpus", growth_gb_per_month=50)
    doubtful = make(sets, ingestion={"edge_filtering": True, "internet_gb_per_month": 100})
    secured = make(
        sets, ingestion={"edge_filtering": True, "edge_secured": "yes", "internet_gb_per_month": 100}
    )
    for case, internet in ((doubtful, 100), (secured, 60)):
        assert table(decided(case), "storage_ingestion").rows[0][7] == pytest.approx(internet)
    assert "security" in table(decided(doubtful), "storage_ingestion").note


def test_own_figure_of_the_network_is_shown_wherever_data_moves(make: Make) -> None:
    case = make(
        data_set(role="corpus"),
        ingestion={"internet_gb_per_month": 100},
        measurements={"network_kwh_per_gb": 0.5},
    )
    decision = decided(case)
    # 1,000 GB fetched once a retraining, twice a year; 100 GB a month over the internet
    fetched = next(row for row in table(decision, "storage_nearness").rows if "retraining" in str(row[1]))
    assert fetched[3] == pytest.approx(2 * 1000 * 0.5)
    assert table(decision, "storage_ingestion").rows[0][8] == pytest.approx(12 * 100 * 0.5)


def test_margins_say_how_much_more_reading_a_move_stands(make: Make) -> None:
    late = [{"from_day": 0, "full_reads_per_month": 9}, {"from_day": 50, "full_reads_per_month": 0.1}]
    case = make(data_set(content="image", retention_days=9999, rto_hours=4, reads=late, object_mb=1000))
    (row,) = table(decided(case), "storage_margins").rows
    assert row[1:4] == ("hot to cold", 50.0, pytest.approx(0.1))
    # 0.0148 / 0.0300096 = 0.4932, 4.93 times; the write of one object a GB hardly matters
    assert row[4] == pytest.approx(0.4932, rel=1e-3)
    assert row[5] == pytest.approx(4.932, rel=1e-3)


def test_nothing_moved_has_no_margins(make: Make) -> None:
    index = data_set(role="index", content="vectors", reads=[], tier="hot")
    assert "storage_margins" not in keys(decided(make(index)))


def test_squeezing_is_told_with_its_saving(make: Make) -> None:
    sets = (still(duplicate_share=0.25), still(name="photos", content="image"))
    decision = decided(make(*sets, constraints={"regions_allowed": ["eastus2"]}))
    claims, photos = table(decision, "storage_squeezing").rows
    # a quarter less on the same tier saves a quarter: cold costs 43.20 USD a year and 0.06 to get there
    assert claims[5] == claims[9] == "yes"
    assert float(str(claims[8])) == pytest.approx(43.26 / 4, rel=0.02)
    assert float(str(claims[3])) > 0
    assert photos[5] == "no: left alone"
    # pictures of a ratio of one would gain nothing; that is known
    assert all(value is not None for row in (claims, photos) for value in row)


def test_data_lies_where_the_plan_runs(make: Make) -> None:
    case = make(data_set())
    there = {**SETTLED, "deployment": DeploymentSetting("maas", "regional", "swedencentral")}
    decision = decide("data_storage", case, there, flips=False)
    assert chosen(decision).settings["data_sets"][0]["region"] == "swedencentral"
    assert table(decision, "storage_regions").rows[0][0]


# ---- every template


@pytest.fixture(scope="module", params=TEMPLATES, ids=lambda path: path.stem)
def template(request: pytest.FixtureRequest) -> tuple[Case, Decision]:
    case, decisions = of_template(request.param.stem)
    return case, decisions[3]


def test_each_template_gets_a_plan_and_states_storages_share(template: tuple[Case, Decision]) -> None:
    assert stated_share(*template) in template[1].reasons
    _, decision = template
    assert {"storage.hdd.power", "storage.hdd.embodied"} <= decision.evidence
    for exhibit in decision.exhibits:
        if isinstance(exhibit, Table):
            assert exhibit.rows or exhibit.key == "storage_eliminated"
            assert all(len(row) == len(exhibit.columns) for row in exhibit.rows)
        elif isinstance(exhibit, Chart):
            assert all(len(line.x) == len(line.y) for line in exhibit.lines)
        elif isinstance(exhibit, Bars):
            assert all(len(row) == len(exhibit.bars) for row in exhibit.values)
    chosen(decision).bill.check()
    assert any(
        isinstance(item, Export) and item.filename == "storage-settings.json" for item in decision.exhibits
    )


def test_the_proposal_is_no_dearer_and_no_dirtier_than_today(template: tuple[Case, Decision]) -> None:
    case, decision = template
    today = option(decision, "today")
    if today.eligible and not case.given.operations.survive_region_loss:
        assert decision.scores[chosen(decision).key] <= decision.scores["today"]
