"""Tables of places: regions ranked, what residency costs, one move against hopping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from advisor.core.draws import Array, central
from advisor.core.exhibits import Table
from advisor.core.saying import joined, numeral, say
from advisor.core.wording import yes_or_no
from advisor.estimate import schedule
from advisor.system.case import Case
from advisor.system.demand import Demand
from advisor.system.deployment_gates import sells_models
from advisor.system.regions import Candidate, cleanest, ranked
from advisor.system.rule_names import rule_words
from advisor.system.storage.book import network_kwh

SEASONS = ("DJF", "MAM", "JJA", "SON")
HOURS_PER_DAY = 24
CONSIDERED = 12  # the cleanest regions that pass; a dirtier one is never cleanest at any hour
BYTES_PER_GB = 1e9
OF_ONE_ORDER = 2.0  # averages further apart than this many times are told as a disagreement
RESIDENCIES = (say("any"), "EUDB", "EU", "US")
MARGINAL_NOTE = say("Average and marginal answer different questions and are never added or mixed.")


def regions(case: Case, found: Sequence[Candidate], energy_kwh: float) -> Table:
    """Every region ranked by carbon; ``energy_kwh``: IT energy of a year, to show kilograms."""
    rows = tuple(
        (
            region.title, yes_or_no(region.eligible),
            joined("; ", (rule_words(gate.rule) for gate in region.gates if not gate.passed)),
            yes_or_no(sells_models(case, region.key)),
            region.location, region.zone, region.country, _agree(region), region.marginal, region.pue,
            region.wue + region.upstream_water * region.pue, region.wue, region.upstream_water * region.pue,
            region.effective, region.effective * energy_kwh / 1000.0, region.round_trip_ms,
            say("measured") if region.timed else say("estimated"),
        )
        for region in found
    )  # fmt: skip
    return Table(
        "regions", say("Regions ranked by carbon"),
        (say("region"), say("passes"), say("fails"), say("sells models"), say("average g/kWh"),
         say("zone g/kWh (Electricity Maps)"), say("country g/kWh (Ember)"), say("the two sources"),
         say("marginal g/kWh"), "PUE", say("water L/kWh"), say("of it on site"), say("of it upstream"),
         say("g per kWh used"), say("kgCO2e a year"), say("round trip ms"), say("round trip is")),
        rows,
        say("Operational, location-based; g per kWh used includes PUE. A region that sells models may lack "
            "yours: check. Water is per kWh of IT energy, on site and behind the electricity together. The "
            "two sources disagree in order where one is over twice the other: a country may hold several "
            "grids. A round trip that you did not measure is estimated, there and back from the farthest "
            "users: by distance, and by what Microsoft publishes of ways between these parts of the world. "
            "{marginal_note}", marginal_note=MARGINAL_NOTE),
    )  # fmt: skip


def _agree(region: Candidate) -> str | None:
    """Whether the zone's and the country's average are of one order; None where one is missing."""
    if not region.zone or not region.country:
        return None
    apart = max(region.zone, region.country) / min(region.zone, region.country)
    if apart > OF_ONE_ORDER:
        return say("disagree, {apart} times", apart=numeral(apart, ",.1f"))
    return say("agree")


def residency(case: Case, found: Sequence[Candidate], energy_kwh: float) -> Table:
    """What each residency costs in carbon: its best region against the best anywhere."""
    wanted = case.scenario.constraints.residency
    rows: list[tuple[str | float | None, ...]] = []
    best_of_all: float | None = None
    for rule in dict.fromkeys((*RESIDENCIES, wanted)):
        first = cleanest(case, found, rule)
        if first is None:
            rows.append((rule, say("none passes"), None, None, None))
            continue
        kilograms = first.effective * energy_kwh / 1000.0
        best_of_all = kilograms if best_of_all is None else best_of_all
        rows.append((rule, first.title, first.effective, kilograms, kilograms - best_of_all))
    return Table(
        "residency", say("What residency costs in carbon"),
        (say("residency"), say("best region"), say("g per kWh used"), say("kgCO2e a year"),
         say("more than anywhere, kgCO2e a year")),
        tuple(rows),
        say("EU is its member states; EUDB, the EU Data Boundary, adds Norway and Switzerland. "
            "Operational only."),
    )  # fmt: skip


def intensity_by_hour(case: Case, region: Candidate) -> Array:
    """Carbon per kWh of IT energy by season and hour of the day in UTC [g/kWh], shape (4, 24)."""
    row = case.catalogue.row("regions", region.key)
    zone = row.get("shape_zone")
    if zone is None:
        return np.full((len(SEASONS), HOURS_PER_DAY), region.effective)
    local = np.array([case.series(f"shape.{zone}.{season}") for season in SEASONS])
    return region.effective * np.roll(local, -round(float(row.get("utc_offset_h", 0))), axis=1)


class Gain(NamedTuple):
    """The best single region, and the carbon of a kWh used there and in the cleanest of each hour [g/kWh]."""

    best: str
    static: float
    dynamic: float

    @property
    def share(self) -> float:
        """What moving by the hour adds to one move [ratio]."""
        return 1.0 - self.dynamic / self.static if self.static > 0 else 0.0


def gain(case: Case, demand: Demand, found: Sequence[Candidate]) -> Gain:
    """What moving among regions by the hour brings over the best single one, by the day's demand."""
    passing = [region for region in found if region.eligible][:CONSIDERED]
    by_hour = np.stack([intensity_by_hour(case, region).reshape(-1) for region in passing])
    day = demand.rate[0].reshape(-1, HOURS_PER_DAY).sum(axis=0)
    row, static, dynamic = schedule.dynamic_gain(by_hour, np.tile(day, len(SEASONS)))
    return Gain(passing[row].title, static, dynamic)


def moving(
    case: Case, demand: Demand, tokens: float, found: Sequence[Candidate], energy_kwh: float
) -> Table | None:
    """The gain of hopping against one move, with the move's own transfer; ``tokens`` of a call [tok]."""
    if not found or not found[0].eligible:
        return None
    home = next(region for region in ranked(case) if region.key == case.scenario.constraints.home_region)
    hopping = gain(case, demand, found)
    best, static, dynamic = hopping
    gigabytes = (
        central(case.workload.requests_per_year) * tokens
        * case.central("network.answer_bytes_per_token", "B/tok") / BYTES_PER_GB
    )  # fmt: skip
    moved = gigabytes * central(network_kwh(case))
    rows: list[tuple[str | float | None, ...]] = [
        (
            say("stay in {title}", title=home.title),
            home.effective,
            home.effective * energy_kwh / 1000.0,
            0.0,
            home.round_trip_ms,
        ),
        (
            say("move once to {best}", best=best),
            static,
            static * energy_kwh / 1000.0,
            moved,
            found[0].round_trip_ms,
        ),
        (say("cleanest region hour by hour"), dynamic, dynamic * energy_kwh / 1000.0, moved, None),
    ]
    return Table(
        "place_gain", say("Moving once, or chasing the cleanest region"),
        (say("plan"), say("g per kWh used"), say("kgCO2e a year"), say("transfer kWh a year"),
         say("round trip ms")),
        tuple(rows),
        say("Hopping adds {share} to one move, needs capacity held in every region and moves state with it. "
            "By mean seasonal days; regions without a published shape are taken as flat.",
            share=numeral(hopping.share, ".0%")),
    )  # fmt: skip
