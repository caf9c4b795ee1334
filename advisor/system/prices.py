"""What a provider asks for a request by its tokens: one function, whoever asks."""

from __future__ import annotations

from typing import Literal

import numpy as np

from advisor.core.draws import Array
from advisor.estimate import cost
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting
from advisor.system.shape import Shape

Tier = Literal["standard", "batch", "priority"]
MTOK = "USD/Mtok"


def offer(deployment: DeploymentSetting) -> str:
    """The row of the price list that a deployment is billed by."""
    return f"datazone_{deployment.zone}" if deployment.scope == "datazone" else deployment.scope


def live_tier(deployment: DeploymentSetting) -> Tier:
    """The tier at which what cannot wait is bought."""
    return "priority" if deployment.priority else "standard"


def token_price(case: Case, model: str, row: str, shape: Shape, tier: Tier = "standard") -> Array | None:
    """Price of a request [USD] under an offer; the publisher's list where the offer has none.

    ``row``: global, datazone_ZONE, regional or list. A request above the model's threshold is billed
    as a whole at the rate for long contexts; one too long for priority falls back to standard. None
    where no price is known.
    """
    usual = _within(case, model, row, shape, tier)
    if usual is None:
        return None
    if tier == "priority":
        limit = case.central("deployment.priority_longest", "tok")
        standard = token_price(case, model, row, shape)
        if standard is not None and np.any(shape.input_tokens > limit):
            usual = np.where(shape.input_tokens > limit, standard, usual)
        return case.full(usual)
    return case.full(_repriced(case, model, row, shape, tier, usual))


def _repriced(case: Case, model: str, row: str, shape: Shape, tier: Tier, usual: Array) -> Array:
    """The rate for long contexts in the draws whose request is above the threshold."""
    start = f"models.{model}.long_context_from"
    if start not in case:
        return usual
    above = shape.input_tokens > case.central(start, "tok")
    if not np.any(above):
        return usual
    dearer = _within(case, model, row, shape, tier, "long_")
    return usual if dearer is None else np.where(above, dearer, usual)


def meters(case: Case, model: str, row: str, tier: Tier = "standard", context: str = "") -> tuple[str, float]:
    """The start of the names of the meters a tier is billed by, and the factor on them [ratio].

    An empty name where nothing is known. ``context``: nothing, or ``long_``.
    """
    kind = "" if tier == "standard" else f"{tier}_"
    own, listed = f"prices.{model}.{row}.", f"prices.{model}.list."
    if f"{own}{kind}{context}input" in case:
        return f"{own}{kind}{context}", 1.0
    if tier == "priority":  # sold only where a meter says so
        return "", 1.0
    factor = case.central("price_multiplier.batch", "ratio") if tier == "batch" else 1.0
    if tier == "batch" and f"{own}{context}input" in case:
        return f"{own}{context}", factor
    if f"{listed}{context}input" in case:
        multiplier = f"price_multiplier.{row}"
        factor *= case.central(multiplier, "ratio") if multiplier in case else 1.0
        return f"{listed}{context}", factor
    return "", 1.0


def _within(case: Case, model: str, row: str, shape: Shape, tier: Tier, context: str = "") -> Array | None:
    """Price of a request by the meters of one tier and one length of context [USD]."""
    start, factor = meters(case, model, row, tier, context)
    if not start or f"{start}output" not in case:
        return None
    # a batch without a meter of its own for cached tokens bills them in full
    own = tier != "batch" or start.endswith(f"batch_{context}")
    return case.full(factor * _metered(case, start, shape, own))


def _metered(case: Case, start: str, shape: Shape, reduced: bool = True) -> Array:
    """Price of a request by the meters whose names begin so [USD]; what has none is billed in full."""
    full = case.draw(f"{start}input", MTOK)
    read, written = (
        case.draw(f"{start}{part}", MTOK) if f"{start}{part}" in case else full
        for part in ("cached", "cache_write")
    )
    return np.asarray(
        cost.by_token(
            shape.input_tokens, shape.cached_tokens, shape.output_tokens,
            full, read if reduced else full, case.draw(f"{start}output", MTOK),
            shape.written_tokens, written,
        )
    )  # fmt: skip


def disputed(case: Case, model: str, row: str, shape: Shape) -> tuple[Array, Array] | None:
    """A request by the page's price and by the meter's where the two disagree [USD]; else None."""
    paged = _within(case, model, row, shape, "standard")
    start = f"meter_prices.{model}.{row}."
    if paged is None or f"{start}input" not in case or f"{start}output" not in case:
        return None
    return paged, case.full(_metered(case, start, shape))
