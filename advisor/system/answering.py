"""What answering takes: every resource that the first three steps are charged with, put together."""

from __future__ import annotations

from advisor.system import (
    beyond_text,
    caches,
    devices,
    hosts,
    provisioned,
    search_units,
    sites,
    succession,
    tokens,
    training,
)
from advisor.system.bill import Lines
from advisor.system.case import Case, remembered
from advisor.system.memory import varied
from advisor.system.metered import measures_serving, metered
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting


@remembered
def alone(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Lines:
    """The lines of answering alone, which is most of what the first three steps take."""
    answering = _estimated(case, model, improvement, deployment)
    if not measures_serving(case):
        return answering
    bare = _estimated(case, model, improvement, varied(deployment, cache="none"))
    return metered(case, answering, bare)


def _estimated(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Lines:
    settled, mode = (model, improvement, deployment), deployment.mode
    return (
        *tokens.lines(case, *settled),
        *(provisioned.lines(case, *settled) if mode == "ptu" else ()),
        *(hosts.lines(case, *settled) if mode in sites.MACHINES else ()),
        *(devices.lines(case, *settled) if mode == "edge" else ()),
    )


def behind_a_cache(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Lines:
    """The lines of what a cache stands in front of: a hit spares what each of them takes per request."""
    return (
        *training.lines(case, model, improvement, deployment),
        *search_units.lines(case, model, improvement, deployment),
        *alone(case, model, improvement, deployment),
    )


def lines(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Lines:
    """The lines of the first three steps: making it ready, searching, answering."""
    return (
        *behind_a_cache(case, model, improvement, deployment),
        *caches.lines(case, model, improvement, deployment),
        *beyond_text.lines(case, model, improvement, deployment),
        *succession.lines(case, model, improvement, deployment),
    )
