"""Caches in front of a deployment, one beside the other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from advisor.core.draws import central
from advisor.core.exhibits import Table
from advisor.core.footprint import Footprint
from advisor.core.saying import numeral, say
from advisor.core.wording import or_never
from advisor.system import billing, cache_gates, provider_pool
from advisor.system import caches as cached
from advisor.system.case import Case
from advisor.system.demand import sent
from advisor.system.footprints import electricity, hardware
from advisor.system.places import place
from advisor.system.plan import Plan
from advisor.system.prices import offer, token_price
from advisor.system.requests import request
from advisor.system.serving import serve

CENT = 100.0


def caches(case: Case, plan: Plan) -> Table:
    """No cache, exact, by meaning and of prefixes on the plan's deployment."""
    centre, early = case.centre, (plan.model, plan.improvement)
    bare = billing.bill(centre, plan).year
    rows: list[tuple[str | float | None, ...]] = []

    def add(title: str, found: Footprint, hits: float | None, even: float | str | None, told: bool) -> None:
        saved = central(bare["energy"]) - central(found["energy"]) if told else None
        rows.append((title, hits, even, saved, *(central(found[n]) for n in ("energy", "carbon", "cost"))))

    add(say("none"), bare, 0.0, "", True)
    for kind in cached.CACHES:
        deployment = replace(plan.deployment, cache=kind)
        found = billing.bill(centre, replace(plan, deployment=deployment)).year
        even = cache_gates.break_even(centre, *early, deployment)
        hits = central(cached.hit_rate(centre, deployment))
        add(cached.TITLES[kind], found, hits * CENT, or_never(even * CENT, CENT), True)
    asked = central(request(centre, plan.model.main, plan.improvement.technique).static)
    kept = central(
        np.asarray(provider_pool.parts(centre, plan.model, plan.improvement.technique)[0][1].cached_tokens)
    )
    if plan.deployment.mode == "maas" and kept:
        without = bare + _without_prefix(centre, plan)
        add(say("without the service's prefix cache"), without, None, None, False)
    held = say("no prefix repeats")
    if asked:
        held = say(
            "{kept} of {asked} repeated prefix tokens a request are kept",
            kept=numeral(kept, ",.0f"),
            asked=numeral(asked, ",.0f"),
        )
    return Table(
        "caches", say("Caches in front of the chosen deployment"),
        (say("cache"), say("hits %"), say("saves energy from hits %"), say("saves kWh a year"),
         say("kWh a year"), say("kgCO2e a year"), say("USD a year")),
        tuple(rows),
        say("The whole plan; never: no hit rate saves energy. Answers live {hours} h; false and stale hits "
            "are wrong answers and lower the share accepted. Prefixes are cached by the service from 1,024 "
            "tokens on, for minutes: {held}.",
            hours=numeral(cached.ttl_days(case) * 24, ",.0f"), held=held),
    )  # fmt: skip


def _without_prefix(case: Case, plan: Plan) -> Footprint:
    """What a year takes more where the service keeps no prefix of a prompt."""
    more = case.nothing()
    where, row = place(case, plan.deployment.where), offer(plan.deployment)
    for key, shape, share in provider_pool.parts(case, plan.model, plan.improvement.technique):
        fresh = replace(shape, cached_tokens=0.0)
        one, other = (serve(case, key, tokens) for tokens in (fresh, shape))
        usd, less = (token_price(case, key, row, tokens) for tokens in (fresh, shape))
        extra = electricity(case, one.energy_kwh - other.energy_kwh, where)
        extra = extra + hardware(case, one.gpu, one.gpu_seconds - other.gpu_seconds)
        more = more + extra.with_cost(0.0 if usd is None or less is None else usd - less) * share
    calls = sent(case, *plan.early) * case.workload.requests_per_year
    return more * calls
