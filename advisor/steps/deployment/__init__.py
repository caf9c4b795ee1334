"""Step 3: where and how to run it: as a service, provisioned, on machines of one's own, at the edge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from advisor.steps import Prior
from advisor.steps.deployment import cached, edge, hosted, managed, provisioned, readers, rules
from advisor.steps.deployment.demand import demand
from advisor.steps.deployment.explain import explain
from advisor.steps.deployment.fleet import fleets
from advisor.steps.deployment.pool import Managed
from advisor.steps.deployment.show import exhibits
from advisor.system.case import Case
from advisor.system.option import Option
from advisor.system.regions import Candidate

__all__ = ["CONTROLS", "GUIDANCE", "KNOBS", "QUESTION", "STEP", "exhibits", "explain", "options"]

STEP = "deployment"
QUESTION = "Where and how should it run?"
CONTROLS = (
    "workload.requests_per_day",
    "workload.peak_to_mean",
    "workload.profile",
    "workload.deferrable_share",
    "workload.repeat_share",
    "constraints.residency",
    "constraints.first_token_p95_ms",
    "constraints.latency_p95_ms",
    "constraints.self_hosted_allowed",
    "operations.availability",
)
KNOBS = (
    "workload.requests_per_day",
    "workload.output_tokens",
    "workload.peak_to_mean",
    "workload.deferrable_share",
    "constraints.latency_p95_ms",
    "constraints.first_token_p95_ms",
)
GUIDANCE = (
    "A13", "A15", "A16", "A34", "A36", "A37", "A46", "A47", "A48", "A49",
    "B20", "B21", "B22", "B23", "B24", "B25", "B26", "B30",
)  # fmt: skip


def options(case: Case, prior: Prior) -> list[Option]:
    """Every way to deploy the chosen model, sized for the traffic; none where no model was chosen."""
    with case.recording() as used:
        found = list(_options(case, prior))
    return [replace(option, evidence=frozenset(used)) for option in found]


def _options(case: Case, prior: Prior) -> Iterator[Option]:
    wanted = demand(case, prior)
    if wanted is None:
        return
    regions = worth_it(case)
    if wanted.kind in ("encoder", "retrieval"):
        yield from readers.options(case, wanted, regions)
        return
    pool = Managed.of(case, wanted)
    models = [model for model, _ in wanted.models]
    scopes = list(managed.scopes(case, worth_it(case, models)))
    by_use = [managed.payg(pool, scope) for scope in scopes]
    yield from by_use
    for scope in scopes[:2]:
        yield managed.batched(pool, scope)
    for option in by_use[:2]:
        yield cached.semantic(pool, option)
    for scope in scopes[:3]:
        yield from provisioned.options(pool, scope)
    yield from hosted.options(pool, fleets(case, wanted), regions)
    yield from edge.options(pool)


def worth_it(case: Case, models: Sequence[str] = ()) -> list[Candidate]:
    """The regions worth an option: the cleanest that passes, and the home region.

    ``models``: the cleanest of those that sell these as a service, where one passes.
    """
    found = rules.candidates(case)
    home = next(region for region in found if region.key == case.scenario.constraints.home_region)
    selling = (region for region in found if region.eligible and _sold(case, models, region.key))
    first = next(selling, found[0]) if models else found[0]
    return [first] if first.key == home.key else [first, home]


def _sold(case: Case, models: Sequence[str], region: str) -> bool:
    everywhere = rules.sells_models(case, region).passed
    return everywhere and all(rules.offered_in(case, model, region).passed for model in models)
