"""What a provider asks for a request by its tokens: one function, whoever asks."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Array
from advisor.estimate import cost
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting
from advisor.system.serving import Shape


def offer(deployment: DeploymentSetting) -> str:
    """The row of the price list that a deployment is billed by."""
    return f"datazone_{deployment.zone}" if deployment.scope == "datazone" else deployment.scope


def token_price(case: Case, model: str, row: str, shape: Shape, batch: bool = False) -> Array | None:
    """Price of a request [USD] under an offer; the publisher's list where the offer has none.

    ``row``: global, datazone_ZONE, regional or list. None where neither is known.
    """
    kind = "batch_" if batch else ""
    name, factor = f"prices.{model}.{row}", 1.0
    if f"{name}.{kind}input" not in case:
        if batch and f"{name}.input" in case:
            factor = case.central("price_multiplier.batch", "ratio")
        elif f"prices.{model}.list.input" in case:
            multiplier = f"price_multiplier.{row}"
            name = f"prices.{model}.list"
            factor = case.central(multiplier, "ratio") if multiplier in case else 1.0
            factor *= case.central("price_multiplier.batch", "ratio") if batch else 1.0
        else:
            return None
        kind = ""
    if f"{name}.{kind}output" not in case:
        return None
    full = case.draw(f"{name}.{kind}input", "USD/Mtok")
    # a model without a cached meter bills cached tokens in full; batches get no prompt cache
    cached = f"{name}.cached"
    reduced = case.draw(cached, "USD/Mtok") if cached in case and not batch else full
    usd: Array = factor * np.asarray(
        cost.by_token(
            shape.input_tokens, shape.cached_tokens, shape.output_tokens,
            full, reduced, case.draw(f"{name}.{kind}output", "USD/Mtok"),
        )
    )  # fmt: skip
    return case.full(usd)
