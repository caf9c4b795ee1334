"""How fast trained weights go stale, and how many days that leaves before a rule is broken."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Array, central
from advisor.estimate import upkeep
from advisor.system.case import Case, remembered
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.right_answers import share_right
from advisor.system.techniques import TUNED, retrieves
from advisor.system.workload import DAYS_PER_YEAR

DAYS_PER_MONTH = DAYS_PER_YEAR / 12.0


def trained(model: ModelSetting, improvement: ImprovementSetting) -> bool:
    """Whether there are weights of one's own that fade and can be trained again."""
    return model.kind in ("encoder", "custom") or improvement.technique in TUNED


@remembered
def loss_per_day(case: Case) -> Array:
    """Share of answers accepted that is lost a day [ratio/day]."""
    given = case.scenario.operations.quality_loss_per_day
    return case.full(given) if given is not None else case.draw(_coefficient(case), "ratio/day")


@remembered
def fast_loss(case: Case) -> float:
    """The loss a day that 90 of 100 cases stay below [ratio/day]: what a plan made ahead must hold for."""
    given = case.scenario.operations.quality_loss_per_day
    if given is not None:
        return float(given)
    name = _coefficient(case)
    case.draw(name, "ratio/day")
    return case.catalogue.coefficient(name).high


def _coefficient(case: Case) -> str:
    return f"operations.loss.{case.scenario.operations.volatility}"


@remembered
def accepted_at_first(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> float:
    """Share of answers accepted when it starts, its format and wrong hits of a cache counted [ratio]."""
    return central(share_right(case, model, improvement, deployment))


@remembered
def above_floor(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> float:
    """Share accepted above the floor when it starts [ratio]; infinite below it: an earlier step's gate."""
    now, floor = accepted_at_first(case, model, improvement, deployment), case.scenario.quality.floor
    return now - floor if now > floor else float("inf")


@remembered
def floor_days(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Array:
    """Days until quality reaches the floor from where it is now [day]; infinite where none is lost."""
    spare = above_floor(case, model, improvement, deployment)
    return np.asarray(upkeep.days_to_floor(case.full(spare), 0.0, loss_per_day(case)))


@remembered
def sure_days(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> float:
    """Days until quality may have reached the floor, should it fade fast [day]."""
    spare = above_floor(case, model, improvement, deployment)
    return float(upkeep.days_to_floor(spare, 0.0, fast_loss(case)))


@remembered
def alarm_drop(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    runs_per_month: float,
) -> float:  # fmt: skip
    """How far acceptance may fall before a run calls for retraining [ratio]; infinite without a run.

    The alarm stands as far above the floor as quality can fall between two runs.
    """
    if runs_per_month <= 0:
        return float("inf")
    between = DAYS_PER_MONTH / runs_per_month
    return max(above_floor(case, model, improvement, deployment) - fast_loss(case) * between, 0.0)


@remembered
def triggered_days(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    runs_per_month: float,
) -> Array:  # fmt: skip
    """Days until a run sees the drop that calls for retraining in time, should it fade fast [day].

    Each draw reaches the alarm at its own pace, and is seen half the time between two runs later.
    """
    if runs_per_month <= 0:
        return np.full(case.size, np.inf)
    between = DAYS_PER_MONTH / runs_per_month
    alarm = alarm_drop(case, model, improvement, deployment, runs_per_month)
    return np.asarray(upkeep.days_to_floor(case.full(alarm), 0.0, loss_per_day(case)) + between / 2.0)


def facts_days(case: Case, improvement: ImprovementSetting) -> float:
    """Days until facts that were trained in have changed; infinite where a search supplies them."""
    knowledge, technique = case.scenario.knowledge, improvement.technique
    by_training = technique in TUNED and not retrieves(technique) and knowledge.gap in ("facts", "both")
    changes = knowledge.changes_every_days
    return float(changes) if by_training and changes is not None else float("inf")
