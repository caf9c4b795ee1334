"""Hard rules of stored data: recovery, law, residency, licence, and what Azure offers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from advisor.core.saying import joined, numeral, say
from advisor.estimate.storage import TIERS
from advisor.system.case import Case, centrally
from advisor.system.gates import Gate, Gates, passes
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting, StorageSetting
from advisor.system.premises import LET_OUT, STAYS, kept_in
from advisor.system.priorities import CONCERNS
from advisor.system.regions import lawful, region_name, residency_told
from advisor.system.storage.book import ON_DISK, sold, survives_region
from advisor.system.storage.data_sets import TIERS_TOLD, Kept, data_sets, licence_told, reader
from advisor.system.storage.policies import placements, ways
from advisor.system.storage.schedules import Placement
from advisor.system.storage.weighing import Year


@centrally
def gates(
    case: Case,
    model: ModelSetting,
    improvement: ImprovementSetting,
    deployment: DeploymentSetting,
    storage: StorageSetting,
) -> Gates:
    """The gates that all data sets of a plan face together."""
    return _of_placements(case, placements(case, model, improvement, deployment, storage), storage.policy)


def _of_placements(case: Case, chosen: Sequence[Placement], policy: str) -> Gates:
    return (
        *_archive_gates(case, chosen),
        *_legal_gates(case, chosen),
        *_region_gates(case, chosen),
        *_inside(case, chosen),
        _gate(
            "retention_agreed",
            [(one.name, time_kept(one.kept_days)) for one in chosen if _shortened(policy, one)],
            say("kept as long as the scenario says"),
            say("agree the shorter retention with the data's owner and enter it"),
        ),
    )


def least_open(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Year:
    """What no policy that passes its gates takes less of for the data of a plan, as ``policies.least``.

    Each data set must pass for all to pass; infinite where one passes with no policy.
    """
    base = reader(case, deployment)
    found = [
        _least_open_of(case, one, base)
        for one in data_sets(case, model, improvement, deployment)
        if one.licensed
    ]
    return tuple(map(sum, zip(*found, strict=True))) if found else (0.0,) * len(CONCERNS)


@centrally
def _least_open_of(case: Case, one: Kept, base: str) -> Year:
    years = [
        year
        for policy, placed, year in ways(case, one, base)
        if passes(_of_placements(case, (placed,), policy))
    ]
    return tuple(map(min, zip(*years, strict=True))) if years else (float("inf"),) * len(CONCERNS)


def _inside(case: Case, chosen: Sequence[Placement]) -> Iterator[Gate]:
    """Whether all lies on disks in a room of the user's own, with no copy away, where data may not leave."""

    def out(one: Placement) -> str:
        if one.moved:
            return region_name(case, one.region)
        if survives_region(case, one.redundancy):
            return say("a copy in a second region")
        cool = next((TIERS[tier] for _, tier in one.moves if TIERS[tier] not in ON_DISK), None)
        return say("the {tier} tier of a cloud", tier=TIERS_TOLD[cool]) if cool else ""

    if kept_in(case):
        failing = [(one.name, found) for one in chosen if (found := out(one))]
        yield _gate("premises", failing, STAYS, LET_OUT)


def _shortened(policy: str, placed: Placement) -> bool:
    return policy == "shortest_retention" and placed.kept_days < placed.kept.kept_days


def time_kept(days: float) -> str:
    """A time kept, in words."""
    return say("{days} days", days=numeral(days, ",.0f")) if np.isfinite(days) else say("without end")


def _gate(rule: str, failing: Sequence[tuple[str, str]], expected: str, remedy: str) -> Gate:
    """A gate over all data sets; ``failing`` holds (data set, what was found)."""
    names = joined("; ", (say("{name}: {found}", name=name, found=found) for name, found in failing))
    return Gate(rule, not failing, expected, names or say("every data set"), remedy)


def _archive_gates(case: Case, chosen: Sequence[Placement]) -> Gates:
    wait = case.central("storage.rehydration", "h")
    archived = [one for one in chosen if one.archived]

    def lacking(one: Placement) -> str:
        """What is not to be had of the tiers a data set lies in, in words; empty where all are."""
        for tier in (TIERS[place] for _, place in one.moves):
            if f"storage_redundancy.{one.redundancy}.{tier}" not in case:
                return say("{tier} with {redundancy}", tier=TIERS_TOLD[tier], redundancy=one.redundancy)
            if not sold(case, one.region, tier):
                return say("{tier} in {region}", tier=TIERS_TOLD[tier], region=region_name(case, one.region))
        return ""

    return (
        _gate(
            "recovery_time",
            [
                (one.name, say("{hours} h", hours=numeral(one.kept.data.rto_hours, "g")))
                for one in archived
                if one.kept.data.rto_hours < wait
            ],
            say("archived data allows the {wait} h that rehydration may take", wait=numeral(wait, "g")),
            say("keep it in an online tier, or allow a longer recovery time"),
        ),
        _gate(
            "online_reads",
            [(one.name, say("archived")) for one in archived if one.kept.online],
            say("what is read at any moment lies online"),
            say("keep it in an online tier"),
        ),
        _gate(
            "archive_redundancy",
            [(one.name, found) for one in chosen if (found := lacking(one))],
            say("a tier that the region offers with the redundancy (archive: LRS, GRS, RA-GRS)"),
            say("use LRS or GRS for this data set, a warmer tier, or a region that has it"),
        ),
    )


def _legal_gates(case: Case, chosen: Sequence[Placement]) -> Gates:
    residency = case.scenario.constraints.residency
    open_to = {wanted: lawful(case, wanted) for wanted in {one.kept.data.residency for one in chosen}}

    def in_time(one: Placement) -> bool:
        data = one.kept.data
        return (data.legal_min_days or 0.0) <= one.kept_days <= (data.legal_max_days or float("inf"))

    return (
        _gate(
            "retention_law",
            [(one.name, time_kept(one.kept_days)) for one in chosen if not in_time(one)],
            say("kept within the legal minimum and maximum"),
            say("change the retention to the lawful time"),
        ),
        _gate(
            "residency",
            [
                (one.name, region_name(case, one.region))
                for one in chosen
                if one.region not in open_to[one.kept.data.residency]
            ],
            say("stored where residency allows ({residency})", residency=residency_told(residency)),
            say("choose another region, or widen the residency"),
        ),
        _gate(
            "licence",
            [(one.name, licence_told(one.kept.data)) for one in chosen if not one.kept.licensed],
            say("public data under a licence known to allow this use"),
            say("read the licence and record it, or leave the data set out"),
        ),
    )


def _region_gates(case: Case, chosen: Sequence[Placement]) -> Gates:
    lag = case.central("storage.geo_rpo", "h")
    copied = [
        one for one in chosen if case.scenario.operations.survive_region_loss and not one.kept.rebuildable
    ]
    return (
        _gate(
            "region_loss",
            [(one.name, one.redundancy) for one in copied if not survives_region(case, one.redundancy)],
            say("survives the loss of a region"),
            say("use GRS or GZRS, or drop the requirement"),
        ),
        _gate(
            "recovery_point",
            [
                (one.name, say("{hours} h", hours=numeral(one.kept.data.rpo_hours, "g")))
                for one in copied
                if one.kept.data.rpo_hours < lag
            ],
            say("allows the {lag} h that replication may lag", lag=numeral(lag, "g")),
            say("accept {lag} h, or write to two regions from the application", lag=numeral(lag, "g")),
        ),
    )
