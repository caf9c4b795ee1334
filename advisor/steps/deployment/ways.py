"""Every way the provider sells the chosen model's tokens, with its meters and what one call costs by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from advisor.core.draws import central
from advisor.core.exhibits import Table
from advisor.core.saying import joined, numeral, say
from advisor.system import provider_pool, provisioned, sale_gates
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting, Plan
from advisor.system.prices import MTOK, Tier, meters, offer
from advisor.system.regions import place_name

TITLES: dict[Tier, str] = {
    "standard": say("pay as you go"), "batch": say("batch, within a day"), "priority": say("with priority"),
}  # fmt: skip
Row = tuple[str | float | None, ...]


def ways_to_buy(case: Case, plan: Plan, scopes: Sequence[DeploymentSetting]) -> Table:
    """Standard, batch, priority, long contexts, prompt cache, units by term, hosting of a tuned model."""
    rows = tuple(row for scope in scopes for row in _in_scope(case.centre, plan, scope))
    notes = [say("A call is one of yours, its share from the prompt cache included. Units: at full use.")]
    if plan.model.kind == "router":
        fee = case.central("model_router.fee", MTOK)
        notes.append(
            say("The router's ${fee} for a million tokens read is in the calls.", fee=numeral(fee, ",.2f"))
        )
    hosting = f"tuning.{plan.model.main}.hosting"
    if hosting in case:
        hour = case.central(hosting, "USD/h")
        notes.append(
            say("Hosting a tuned one takes ${hour} an hour beside its calls.", hour=numeral(hour, ",.2f"))
        )
    columns = (
        say("way"), say("place"), say("USD a call"), say("input USD/Mtok"), say("from the cache"),
        say("into the cache"), say("output USD/Mtok"), say("promised tokens/s"), say("USD a PTU-hour"),
    )  # fmt: skip
    title = say("Ways to buy {model}", model=plan.model.main)
    return Table("ways_to_buy", title, columns, rows, joined(" ", notes))


def _in_scope(case: Case, plan: Plan, scope: DeploymentSetting) -> Iterator[Row]:
    place, row, model = place_name(case, scope.where), offer(scope), plan.model.main
    for tier, title in TITLES.items():
        price = provider_pool.usd(case, plan.model, plan.improvement.technique, row, tier)
        start, factor = meters(case, model, row, tier)
        if price is None or not start:
            continue
        speed = sale_gates.promised_speed(case, model, replace(scope, priority=tier == "priority"))
        yield (title, place, central(price), *_meters(case, start, factor), speed, None)
    start, factor = meters(case, model, row, "standard", "long_")
    threshold = f"models.{model}.long_context_from"
    if start and threshold in case:
        tokens = numeral(case.central(threshold, "tok"), ",.0f")
        above = say("a request above {tokens} tokens", tokens=tokens)
        yield (above, place, None, *_meters(case, start, factor), None, None)
    units = replace(scope, mode="ptu")
    size = provisioned.sizing(case, plan.model, plan.improvement, units)
    if size is not None:
        for term in provisioned.terms(units):
            hour = provisioned.unit_hour(case, units, term)
            speed = sale_gates.promised_speed(case, model, units)
            title = say("units, {term}", term=term.title)
            if term.assumed:
                title = say("units, {term} (discount assumed)", term=term.title)
            yield (title, place, hour / size.calls_per_unit_hour, None, 0.0, None, None, speed, hour)


def _meters(case: Case, start: str, factor: float) -> tuple[float | None, ...]:
    def price(part: str) -> float | None:
        name = f"{start}{part}"
        return case.central(name, MTOK) * factor if name in case else None

    return price("input"), price("cached"), price("cache_write"), price("output")
