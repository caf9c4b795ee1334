"""What answering takes: every resource that the first three steps are charged with, put together."""

from __future__ import annotations

from advisor.system import (
    beyond_text,
    caches,
    devices,
    hosts,
    provisioned,
    search_units,
    succession,
    tokens,
    training,
)
from advisor.system.bill import Lines
from advisor.system.case import Case, remembered
from advisor.system.metered import metered
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting


@remembered
def alone(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Lines:
    """The lines of answering alone, which is most of what the first three steps take."""
    answering = (
        *tokens.lines(case, model, improvement, deployment),
        *provisioned.lines(case, model, improvement, deployment),
        *hosts.lines(case, model, improvement, deployment),
        *devices.lines(case, model, improvement, deployment),
    )
    return metered(case, answering)


def lines(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Lines:
    """The lines of the first three steps: making it ready, searching, answering."""
    return (
        *training.lines(case, model, improvement, deployment),
        *search_units.lines(case, model, improvement, deployment),
        *alone(case, model, improvement, deployment),
        *caches.lines(case, model, improvement, deployment),
        *beyond_text.lines(case, model, improvement, deployment),
        *succession.lines(case, model, improvement, deployment),
    )
