"""Serving by one model or by two: a cascade, or a router."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from advisor.core.draws import Array
from advisor.core.footprint import Parts
from advisor.estimate.acceptance import mixed_share, split
from advisor.steps.placement import region_used
from advisor.steps.quality import Number, Reading
from advisor.steps.serving_parts import place, sends, served_parts
from advisor.system import accounting
from advisor.system.case import Case
from advisor.system.serving import Shape, encode, serve

ROUTER = "bert-base"  # the classifier that tells easy requests from hard ones
ROUTER_GPU = "t4"
ShapeOf = Callable[[str], Shape]


def escalated(case: Case, kind: str, read: Reading) -> Number:
    """Share of requests that reach the large model."""
    return split(case.scenario.quality.easy_share, read.value(_accuracy(kind), "ratio"))


def _accuracy(kind: str) -> str:
    return "router.accuracy" if kind == "router" else "cascade.judge_accuracy"


def mixed_quality(case: Case, kind: str, small: Number, large: Number, read: Reading) -> Number:
    """Share of answers accepted of a cascade or router."""
    return mixed_share(
        small,
        large,
        case.scenario.quality.easy_share,
        read.value(_accuracy(kind), "ratio"),
        read.value("quality.hard_to_easy_failures", "ratio"),
    )


def scaled(parts: Parts, share: float | Array) -> Parts:
    """Parts whose share per request is scaled; what runs anyway stays."""
    return Parts(parts.once, parts.monthly, parts.per_request * share)


def judge_parts(case: Case, model: str, shape: Shape) -> Parts:
    """The small model reading its own answer back and giving a verdict."""
    parts = served_parts(case, model, _verdict(case, shape))
    return Parts(case.nothing(), case.nothing(), parts.per_request)


def _verdict(case: Case, shape: Shape) -> Shape:
    """What a judge reads, the question and its answer, and writes."""
    tokens = np.asarray(shape.input_tokens) + shape.output_tokens
    return Shape(tokens, case.draw("cascade.judge_tokens", "tok"))


def judge_kwh(case: Case, model: str, shape: Shape) -> Array:
    """IT energy of one verdict [kWh]."""
    return serve(case, model, _verdict(case, shape)).energy_kwh


def router_kwh(case: Case, tokens: Number) -> Array:
    """IT energy of telling one request's difficulty [kWh]."""
    return encode(case, ROUTER, tokens, gpu_key=ROUTER_GPU).energy_kwh


def router_parts(case: Case, tokens: Number) -> Parts:
    """Telling easy requests from hard ones with a small encoder."""
    where = place(case, f"region:{region_used(case)}")
    one = accounting.served(case, encode(case, ROUTER, tokens, gpu_key=ROUTER_GPU), where)
    return Parts(case.nothing(), case.nothing(), one * sends(case))


def mixture_parts(case: Case, settings: Mapping[str, Any], shape_of: ShapeOf) -> Parts:
    """Serving under the reference of what a model option's settings describe."""
    models: tuple[str, ...] = settings["models"]
    kind = settings["kind"]
    if kind not in ("cascade", "router"):
        return served_parts(case, models[0], shape_of(models[0]))
    small, large = models
    far = np.asarray(settings["escalation"])
    first, second = (served_parts(case, model, shape_of(model)) for model in models)
    if kind == "cascade":
        return first + judge_parts(case, small, shape_of(small)) + scaled(second, far)
    return router_parts(case, shape_of(large).input_tokens) + scaled(first, 1.0 - far) + scaled(second, far)
