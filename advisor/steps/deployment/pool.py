"""The provider's pool: what one request takes there, where it may run, what it costs by the token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Footprint
from advisor.estimate import cost
from advisor.steps.deployment.demand import Demand, prefix_kept
from advisor.steps.speed import Times, managed_times
from advisor.system import accounting
from advisor.system.accounting import Place
from advisor.system.case import Case, remembered
from advisor.system.serving import Served, Serving, Shape, encode, serve

ROUTER = "bert-base"  # the classifier that tells easy requests from hard ones


class Managed:
    """The served requests of a demand on a provider's pool, at any place; computed once."""

    def __init__(self, case: Case, demand: Demand) -> None:
        self.case, self.demand = case, demand

    @classmethod
    def of(cls, case: Case, demand: Demand) -> Managed:
        """The pool of a demand, made once a case."""
        key = ("managed", demand.kind, demand.technique, demand.sizes, float(demand.attempts.sum()))
        return case.remember(key, lambda: cls(case, demand))

    @remembered
    def shape(self) -> Shape:
        """Tokens of a request, with the prefix that the provider's cache keeps."""
        return replace(self.demand.shape, cached_tokens=prefix_kept(self.case, self.demand))

    @remembered
    def live(self) -> tuple[Served, ...]:
        """One request of each model, live."""
        return tuple(serve(self.case, model, self.shape) for model, _ in self.demand.models)

    @remembered
    def extra_shapes(self) -> tuple[Shape, ...]:
        """What is generated besides the answer: a cascade's verdict, an imagined passage to search with."""
        case, found = self.case, []
        if self.demand.kind == "cascade":
            read = np.asarray(self.shape.input_tokens) + self.shape.output_tokens
            found.append(Shape(read, case.draw("cascade.judge_tokens", "tok")))
        if self.demand.technique == "rag_hyde":
            found.append(Shape(case.draw("rag.query_tokens", "tok"), case.draw("rag.hyde_tokens", "tok")))
        return tuple(found)

    @remembered
    def extra(self) -> tuple[Served, ...]:
        """The same as served requests, and a router's classifier."""
        small = self.demand.models[0][0]
        found = [serve(self.case, small, shape) for shape in self.extra_shapes]
        if self.demand.kind == "router":
            found.append(encode(self.case, ROUTER, self.shape.input_tokens, gpu_key="t4"))
        return tuple(found)

    @remembered
    def queued(self) -> tuple[Served, ...]:
        """One request of each model, worked off a batch queue."""
        busy = Serving(utilisation=self.case.draw("deployment.batch_busy", "ratio"))
        return tuple(serve(self.case, model, self.shape, busy) for model, _ in self.demand.models)

    @remembered
    def times(self) -> Times:
        """How long the last of the models takes."""
        model, _ = self.demand.models[-1]
        return managed_times(self.case, model, self.live[-1], self.demand.shape.output_tokens)

    @remembered
    def full(self) -> Served:
        """One request on hardware that is never idle: what provisioned units do at work."""
        return serve(self.case, self.demand.model, self.shape, Serving(utilisation=1.0))

    @remembered
    def unit_gpu_s(self) -> Array:
        """GPU time behind a normalised token of provisioned throughput [s], whatever the buyer's mix."""
        case, row = self.case, f"ptu.{self.demand.model}.output_ratio"
        ratio = case.central(row, "ratio") if row in case else 1.0
        written = case.central("deployment.ptu_reference_output", "tok")
        one = serve(case, self.demand.model, Shape(ratio * written, written), Serving(utilisation=1.0))
        tokens = 2.0 * ratio * written
        return one.busy_gpu_seconds / tokens / case.draw("deployment.ptu_busy", "ratio")

    def place(self, spec: str) -> Place:
        """A place, looked up once a case."""
        return self.case.remember(("place", spec), lambda: accounting.place(self.case, spec))

    def per_request(self, spec: str, served: Sequence[Served]) -> Footprint:
        """Footprint of one attempt at a place, without its price."""
        total = self.case.nothing()
        for one, (_, share) in zip(served, self.demand.models, strict=True):
            total = total + accounting.served(self.case, one, self.place(spec)) * share
        for one in self.extra:
            total = total + accounting.served(self.case, one, self.place(spec))
        return total

    def usd(self, offer: str, batch: bool = False) -> Array | None:
        """Price of one attempt [USD]; None where a model has none."""
        total = np.zeros(self.case.size)
        for model, share in self.demand.models:
            price = token_price(self.case, model, offer, self.shape, batch)
            if price is None:
                return None
            total = total + price * share
        small = self.demand.models[0][0]
        for shape in self.extra_shapes:
            price = token_price(self.case, small, offer, shape, batch)
            total = total if price is None else total + price
        return total


def token_price(case: Case, model: str, offer: str, shape: Shape, batch: bool = False) -> Array | None:
    """Price of a request [USD] under an offer; the publisher's list where the offer has none."""
    kind = "batch_" if batch else ""
    name = f"prices.{model}.{offer}"
    factor = 1.0
    if f"{name}.{kind}input" not in case:
        if batch and f"{name}.input" in case:
            factor = case.central("price_multiplier.batch", "ratio")
        elif f"prices.{model}.list.input" in case:
            multiplier = f"price_multiplier.{offer}"
            name = f"prices.{model}.list"
            factor = case.central(multiplier, "ratio") if multiplier in case else 1.0
            factor *= case.central("price_multiplier.batch", "ratio") if batch else 1.0
        else:
            return None
        kind = ""
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
    return np.broadcast_to(usd, (case.size,))
