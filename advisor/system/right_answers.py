"""What is left of a plan's answers where they are given: a number format may cost some, a cache others."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Array, central
from advisor.core.saying import numeral, say
from advisor.system import caches, quality
from advisor.system.case import Case, remembered
from advisor.system.gates import Gate, gate, least_accepted
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting


@remembered
def in_format(case: Case, model: ModelSetting, deployment: DeploymentSetting) -> Array:
    """Share of a model's accepted answers that its number format on own machines keeps [ratio].

    All of them where the weights were published in no more bits than they are run in.
    """
    if deployment.mode != "maap" or deployment.precision is None:
        return case.full(1.0)
    figure = lossy(case, model.main, deployment.precision)
    return case.full(1.0) if figure is None else case.draw(figure, "ratio")


def lossy(case: Case, model: str, precision: str) -> str | None:
    """The figure of what a model's answers keep in a number format; None where its weights lose nothing."""
    known = model in case.catalogue.keys("models")
    published = case.catalogue.row("models", model).get("published_in") if known else None
    if published and _bits(case, str(published)) <= _bits(case, precision):
        return None
    return f"precision_quality.{precision}"


def _bits(case: Case, precision: str) -> float:
    return case.central(f"precisions.{precision}.weight_bytes", "B/param")


@remembered
def share_right(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Array:
    """Share of answers accepted when a plan begins, its format and its cache's wrong hits counted [ratio]."""
    from_cache = caches.wrong_share(case, model, improvement, deployment)
    kept = in_format(case, model, deployment) * (1.0 - from_cache)
    return np.asarray(quality.accepted(case, model, improvement) * kept)


def format_gate(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Gate | None:
    """Whether enough answers are accepted in a number format; None where too few are in any."""
    floor, before = case.scenario.quality.floor, quality.judged(case, model, improvement)[0]
    if before < floor:
        return None
    left = before * central(in_format(case, model, deployment))
    return gate(
        "quality", left >= floor, least_accepted(floor),
        say(
            "{before} in 16 bits, {left} in {precision}",
            before=numeral(before, ".1%"), left=numeral(left, ".1%"), precision=str(deployment.precision),
        ),
        say("machines that run it in a wider number format, or a lower floor"),
    )  # fmt: skip
