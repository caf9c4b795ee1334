"""Tables of options: their bases of carbon, their energy split, caches, answer length and retries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from advisor.core.draws import Array
from advisor.core.exhibits import Table
from advisor.estimate import caching
from advisor.steps.deployment import cached, managed, rules
from advisor.steps.deployment.pool import Managed, token_price
from advisor.system import accounting
from advisor.system.case import Case
from advisor.system.option import Option

CENT = 100.0
LATENCY = ("first_token", "latency")


def bases(case: Case, options: Sequence[Option]) -> Table:
    """Carbon of each option on its three bases, side by side, with water."""
    rate, horizon = case.workload.requests_per_year, case.scenario.timing.horizon_years

    def row(option: Option) -> tuple[str | float | None, ...]:
        year = option.per_year(rate, horizon)
        marginal = float(np.median(year["carbon_marginal"]))
        return (
            option.title, *(float(np.median(year[f"carbon_{basis}"])) for basis in ("location", "market")),
            None if np.isnan(marginal) else marginal,
            *(float(np.median(year[name])) for name in ("embodied", "water", "energy", "cost")),
        )  # fmt: skip

    return Table(
        "bases", "The same year on each basis",
        ("option", "location-based kgCO2e", "market-based kgCO2e", "marginal kgCO2e", "embodied kgCO2e",
         "water L", "energy kWh", "USD"),
        tuple(row(option) for option in options),
        "Read one basis at a time. Blank: no marginal figure is published for all the places it may run.",
    )  # fmt: skip


def split(case: Case, options: Sequence[Option]) -> Table:
    """Each option's year split into work, idle capacity and the data centre's overhead."""
    rate, horizon = case.workload.requests_per_year, case.scenario.timing.horizon_years

    def row(option: Option) -> tuple[str | float | None, ...]:
        spec = option.settings.get("place")
        each, idle = option.parts.per_request * rate, option.parts.monthly * 12.0
        pue: Array | float = 1.0
        if spec is not None:
            pue = case.remember(("place", spec), lambda: accounting.place(case, spec)).pue
        work, waiting = (float(np.median(part["energy"] / pue)) for part in (each, idle))
        year, use = option.per_year(rate, horizon), option.settings.get("utilisation")
        total = float(np.median(year["energy"]))
        late = [gate.rule for gate in option.gates if gate.rule in LATENCY and not gate.passed]
        return (
            option.title, None if use is None else float(use) * CENT, work, waiting,
            max(total - work - waiting, 0.0),
            *(float(np.median(year[name])) for name in ("carbon", "water", "cost")),
            "no" if late else "yes", "yes" if option.eligible else "no",
        )  # fmt: skip

    return Table(
        "split", "What each option takes in a year",
        ("option", "used %", "work kWh", "idle kWh", "overhead kWh", "kgCO2e", "water L", "USD",
         "in time", "passes"),
        tuple(row(option) for option in options),
        "Used: of what is paid for; blank where the provider shares its capacity and publishes no figure: "
        "the range assumed is inside work. Carbon is location-based and embodied.",
    )  # fmt: skip


def caches(pool: Managed, choice: Option) -> Table:
    """No cache, exact, by meaning and prefix on the chosen deployment."""
    case, spec = pool.case, str(choice.settings["place"])
    rate, horizon = case.workload.requests_per_year, case.scenario.timing.horizon_years
    call = float(np.median(choice.parts.per_request["energy"]))
    rows: list[tuple[str | float | None, ...]] = []

    def add(title: str, option: Option, hit: float | None, even: float | None, saved: float | None) -> None:
        year = option.per_year(rate, horizon)
        figures = (float(np.median(year[name])) for name in ("energy", "carbon", "cost"))
        rows.append((title, hit, even, saved, *figures))

    add("none", choice, 0.0, None, 0.0)
    for cache in cached.caches(pool, spec):
        lookup, store = cache.lookup["energy"], cache.store_kwh_per_day * pool.place(spec).pue
        even = caching.break_even_hit_rate(lookup, store, case.workload.requests_per_day, call)
        daily = store / case.workload.mean_per_day
        calls = choice.parts.per_request["energy"]
        saved = caching.energy_saved(cache.hit_rate, cache.false_hits, calls, lookup, daily) * rate
        hit, pays = float(np.median(cache.hit_rate)) * CENT, float(np.median(even)) * CENT
        add(cache.title, cached.with_cache(pool, choice, cache), hit, pays, float(np.median(saved)))
    if choice.settings.get("mode") == "maas" and pool.demand.tokens[2]:
        add("without the service's prefix cache", _unprefixed(pool, choice), None, None, None)
    kept, asked = float(np.median(np.asarray(pool.shape.cached_tokens))), pool.demand.tokens[2]
    held = (
        f"{kept:,.0f} of {asked:,.0f} repeated prefix tokens a request are kept"
        if asked
        else "no prefix repeats"
    )
    return Table(
        "caches", "Caches in front of the chosen deployment",
        ("cache", "hits %", "saves energy from hits %", "saves kWh a year", "kWh a year", "kgCO2e a year",
         "USD a year"),
        tuple(rows),
        f"Answers live {cached.ttl_days(case) * 24:,.0f} h; false and stale hits are asked again. Prefixes "
        f"are cached by the service from 1,024 tokens on, for minutes: {held}.",
    )  # fmt: skip


def _unprefixed(pool: Managed, choice: Option) -> Option:
    """The chosen deployment as if no prompt prefix were cached."""
    shape = replace(pool.demand.shape, cached_tokens=0.0)
    bare = Managed(pool.case, replace(pool.demand, shape=shape))
    scopes = managed.scopes(pool.case, rules.candidates(pool.case))
    return managed.payg(bare, next(scope for scope in scopes if scope.spec == choice.settings["place"]))


def parameters(pool: Managed, choice: Option) -> Table:
    """What answer length and retries do: the only ways the sampling settings act."""
    case = pool.case
    rate, horizon = case.workload.requests_per_year, case.scenario.timing.horizon_years
    year = choice.per_year(rate, horizon)
    energy, usd = (float(np.median(year[name])) for name in ("energy", "cost"))
    out = float(np.median(np.asarray(pool.demand.shape.output_tokens)))
    one = pool.live[0]
    share = float(np.median(one.decode_kwh / np.maximum(one.work_kwh, 1e-15)))
    retry = float(np.median(case.workload.retry_rate))
    sent = 1.0 / (1.0 - retry)
    each = choice.parts.per_request * rate
    used, paid = (float(np.median(each[name])) for name in ("energy", "cost"))
    priced = _output_share(pool)

    def row(title: str, length: float, retried: float) -> tuple[str | float | None, ...]:
        more = (1.0 + share * (length / out - 1.0)) * retried / sent
        dearer = (1.0 + priced * (length / out - 1.0)) * retried / sent
        # what is held or reserved stays; only what each request takes changes
        return (
            title,
            length,
            (retried - 1.0) * CENT,
            energy + used * (more - 1.0),
            usd + paid * (dearer - 1.0),
        )

    return Table(
        "parameters", "Answer length and retries",
        ("setting", "output tokens", "sent again per 100", "kWh a year", "USD a year"),
        (
            row("as it is", out, sent),
            row("maximum response half as long", out * 0.5, sent),
            row("answers twice as long", out * 2.0, sent),
            row("no retries or time-outs", out, 1.0),
            row("twice the retries", out, 1.0 / (1.0 - min(2.0 * retry, 0.9))),
        ),
        "Temperature, top p and penalties act only through the length they lead to and the answers asked "
        "again: measure both.",
    )  # fmt: skip


def _output_share(pool: Managed) -> float:
    usd = pool.usd("global")
    full = pool.shape
    none = token_price(pool.case, pool.demand.model, "global", replace(full, output_tokens=0.0))
    if usd is None or none is None:
        return 0.0
    return float(np.clip(1.0 - np.median(none) / np.median(usd), 0.0, 1.0))
