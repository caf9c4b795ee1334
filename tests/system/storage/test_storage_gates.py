from __future__ import annotations

from storing import EARLY, Make, data_set, failing, placed

from advisor.system.plan import StorageSetting
from advisor.system.storage import gates


def test_every_gate_is_stated_for_every_policy(make: Make) -> None:
    found = gates.gates(make(data_set()), *EARLY, StorageSetting("balanced"))
    assert {gate.rule for gate in found} == {
        "recovery_time", "online_reads", "archive_redundancy", "retention_law", "residency", "licence",
        "region_loss", "recovery_point", "retention_agreed",
    }  # fmt: skip
    assert all(gate.passed for gate in found)


def test_the_loss_of_a_region_asks_for_a_second_one(make: Make) -> None:
    case = make(data_set(), operations={"survive_region_loss": True})
    assert failing(case, "today") == {"region_loss"}
    assert placed(case, "balanced")[0].redundancy == "GRS"


def test_no_built_in_redundancy_promises_minutes(make: Make) -> None:
    case = make(data_set(rpo_hours=0.1), operations={"survive_region_loss": True})
    for policy in ("balanced", "least_cost", "all_hot"):
        assert "recovery_point" in failing(case, policy)


def test_residency_of_one_data_set_moves_it(make: Make) -> None:
    case = make(data_set(residency="EU"), data_set(name="other"))
    assert failing(case, "today") == {"residency"}
    where = {one.name: one.region for one in placed(case, "balanced")}
    # a move for carbon stays on the continent: its transfer is priced, and residency is nobody's wish here
    assert case.catalogue.row("regions", where["other"])["country"] == "US"
    assert case.catalogue.row("regions", where["claims"])["eu_member"] is True


def test_a_shorter_retention_must_be_agreed(make: Make) -> None:
    case = make(data_set(retention_days=900, legal_min_days=90))
    assert failing(case, "shortest_retention") == {"retention_agreed"}
    assert placed(case, "shortest_retention")[0].kept_days == 90


def test_a_legal_maximum_ends_it(make: Make) -> None:
    case = make(data_set(retention_days=900, legal_max_days=400))
    assert failing(case, "today") == {"retention_law"}
    assert placed(case, "balanced")[0].kept_days == 400


def test_what_answers_requests_may_not_be_archived(make: Make) -> None:
    index = data_set(role="index", content="vectors", reads=[], rto_hours=72, tier="archive")
    assert "online_reads" in failing(make(index), "today")
