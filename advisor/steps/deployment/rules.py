"""The gates of deployment: what rules an option out, and what would bring it back."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.estimate import hosting
from advisor.scenario.fields import Constraints
from advisor.steps.speed import Times
from advisor.system.accounting import open_regions, zone_regions
from advisor.system.case import Case
from advisor.system.option import Gate
from advisor.system.regions import Candidate, ranked, residency_remedy, zone_resides

ZONES = ("eu", "us", "apac")
TAIL = 0.05  # p95: five in a hundred may take longer


def offered(case: Case, model: str, needed: str, title: str) -> Gate:
    """Whether the catalogue lists a kind of deployment for a model."""
    kinds: Sequence[str] = case.catalogue.row("models", model).get("deployments") or ()
    others = ", ".join(kind.replace("_", " ") for kind in kinds) or "none"
    return Gate("offered", needed in kinds, title, f"{model}: {others}", f"choose a model offered as {title}")


def regions_of(case: Case, model: str) -> Sequence[str]:
    """Regions with a price for a model's regional deployment; none where no price list names them."""
    return case.catalogue.row("models", model).get("regional_in") or ()


def offered_in(case: Case, model: str, region: str) -> Gate:
    """Whether a model's regional deployment is sold in a region."""
    where = regions_of(case, model)
    return Gate(
        "offered_in",
        not where or region in where,
        region,
        f"{model}: {', '.join(where)}" if where else f"{model}: not listed by region",
        "one of these regions, the data zone, or another model",
    )


def anywhere(case: Case, what: str) -> tuple[Gate, ...]:
    """Gates of a deployment that may run in any region: every region must pass."""
    wanted = case.scenario.constraints.residency
    fits = zone_resides(case, open_regions(case), wanted)
    return (
        Gate("residency", fits, wanted, f"{what} may run in any region", residency_remedy(wanted)),
        _allowed(case, open_regions(case)),
    )


def zone_for(case: Case) -> str:
    """The data zone to use: one that satisfies residency, that of the home region first."""
    limits = case.scenario.constraints
    near = (limits.home_region, *limits.users_near)
    zones = [str(case.catalogue.row("regions", key).get("data_zone") or "") for key in near]
    order = sorted(ZONES, key=lambda zone: zones.index(zone) if zone in zones else len(zones))
    passing = [zone for zone in order if zone_resides(case, zone_regions(case, zone), limits.residency)]
    return (passing or order)[0]


def within_zone(case: Case, zone: str) -> tuple[Gate, ...]:
    """Gates of a deployment that may run in any region of a data zone."""
    wanted = case.scenario.constraints.residency
    members = zone_regions(case, zone)
    countries = sorted({str(case.catalogue.row("regions", key)["country"]) for key in members})
    found = f"the {zone.upper()} data zone: {', '.join(countries)}"
    return (
        Gate("residency", zone_resides(case, members, wanted), wanted, found, residency_remedy(wanted)),
        _allowed(case, members),
    )


def _allowed(case: Case, members: Sequence[str]) -> Gate:
    allowed = case.scenario.constraints.regions_allowed
    return Gate(
        "regions_allowed",
        not allowed or set(members) <= set(allowed),
        ", ".join(allowed) or "any",
        f"any of {len(members)} regions",
        "allow all regions of the zone, or use a regional deployment",
    )


def network_ms(case: Case) -> float:
    """What the network may take of the time to the first words [ms]."""
    limit = case.scenario.constraints.first_token_p95_ms
    return limit * case.central("deployment.network_share", "ratio")


def candidates(case: Case) -> list[Candidate]:
    """Every region, ranked by carbon, those that pass first."""
    return case.remember("regions ranked", lambda: ranked(case, network_ms(case)))


def sells_models(case: Case, region: str) -> Gate:
    """Whether a region deploys models as a service; one model may be offered in fewer."""
    sold = region in case.catalogue.keys("ptu_regions")
    return Gate(
        "model_region",
        sold,
        "a region that sells models as a service",
        region,
        "choose a region of the list, or machines of your own there",
    )


def common(case: Case) -> tuple[Gate, ...]:
    """Gates that every deployment in the cloud must pass."""
    limits: Constraints = case.scenario.constraints
    return (
        Gate(
            "offline",
            not limits.offline,
            "works without a network" if limits.offline else "a network is there",
            "runs in the cloud",
            "allow a network, or run a small model on the device",
        ),
        Gate(
            "private_network",
            True,
            "a private endpoint" if limits.private_network else "not asked for",
            "reached through a private endpoint",
            "",
        ),
    )


def latency(case: Case, times: Times, delay_ms: float = 0.0) -> tuple[Gate, ...]:
    """First words and whole answer against their limits, by the fast end of the estimate.

    Providers publish no times, so only what cannot be met even at the fast end fails.
    """
    limits = case.scenario.constraints

    def gate(rule: str, span: tuple[float, float], limit: float, remedy: str) -> Gate:
        fast, middle = span[0] + delay_ms, span[1] + delay_ms
        found = f"about {middle:,.0f} ms (at best {fast:,.0f} ms)"
        return Gate(rule, fast <= limit, f"{limit:,.0f} ms for 95 of 100", found, remedy)

    return (
        gate(
            "first_token", times.first, limits.first_token_p95_ms,
            "allow more time to the first words, shorten the prompt or take a smaller model",
        ),
        gate(
            "latency", times.answer, limits.latency_p95_ms,
            "allow more time, shorten the answers or take a smaller model",
        ),
    )  # fmt: skip


def deployments(case: Case) -> int:
    """How many pay-as-you-go deployments behind a gateway reach the availability; idle ones burn nothing."""
    one = case.central("deployment.managed_availability", "ratio")
    return hosting.redundant(1, one, case.scenario.operations.availability)


def available(case: Case, count: int) -> Gate:
    """Availability that ``count`` deployments, any of which suffices, reach against the target [ratio]."""
    target = case.scenario.operations.availability
    reached = 1.0 - (1.0 - case.central("deployment.managed_availability", "ratio")) ** count
    return Gate(
        "availability",
        reached >= target,
        f"{target:.4%}",
        f"{reached:.4%} with {count}",
        "keep a pay-as-you-go deployment behind a gateway to fall back on",
    )


def region_loss(case: Case, survives: bool, found: str, remedy: str) -> Gate:
    """Whether the option outlives the loss of a region, where that is asked for."""
    wanted = case.scenario.operations.survive_region_loss
    return Gate(
        "region_loss", survives or not wanted, "survives" if wanted else "not asked for", found, remedy
    )


def cold_start(share: float) -> Gate:
    """Whether few enough requests find no replica running [share of requests]."""
    return Gate(
        "cold_start",
        share <= TAIL,
        "at most 5 in 100 requests wait for a start",
        f"{share:.0%} wait",
        "keep one replica warm",
    )
