"""The bill, the quality and the gates of a whole plan: every resource's charge, put together."""

from __future__ import annotations

import numpy as np

from advisor.core.draws import Array
from advisor.system import (
    answering,
    deployment_gates,
    improvement_gates,
    model_gates,
    operation_gates,
    upkeep,
)
from advisor.system.bill import Bill, Lines
from advisor.system.case import Case, remembered
from advisor.system.gates import Gates, passes
from advisor.system.plan import (
    FIELDS,
    DeploymentSetting,
    ImprovementSetting,
    ModelSetting,
    OperationSetting,
    Plan,
    StepName,
    StorageSetting,
)
from advisor.system.right_answers import share_right
from advisor.system.storage import charge as storage
from advisor.system.storage import gates as storage_gates
from advisor.system.storage import ingestion, policies
from advisor.system.storage.weighing import Year

LEAST = 1e-6  # a share accepted never quite reaches zero, so that what an accepted answer takes stays finite


def serving(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Lines:
    """The lines of the first three steps: making it ready, searching, answering."""
    return answering.lines(case, model, improvement, deployment)


def answering_alone(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Lines:
    """Those of them that answer the requests: some of a bill, and so no more than it."""
    return answering.alone(case, model, improvement, deployment)


def keeping(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    chosen: StorageSetting,
) -> Lines:  # fmt: skip
    """The lines of the fourth step: data at rest, moved and taken in."""
    return storage.lines(case, model, improvement, deployment, chosen)


def least_keeping(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> tuple[Lines, Year]:
    """What every way to keep the data takes: lines of taking it in, and the least of a year at rest."""
    settled = (model, improvement, deployment)
    return ingestion.lines(case, *settled), policies.least(case, *settled)


def least_open(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> tuple[Lines, Year]:
    """What every way to keep the data that passes its gates takes: as ``least_keeping``."""
    settled = (model, improvement, deployment)
    return ingestion.lines(case, *settled), storage_gates.least_open(case, *settled)


def least_operating(case: Case, deployment: DeploymentSetting, chosen: OperationSetting) -> Lines:
    """Lines of the fifth step that are the same whichever model answers."""
    return upkeep.whatever_answers(case, deployment, chosen)


def watching(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    chosen: OperationSetting,
) -> Lines:  # fmt: skip
    """Lines of the fifth step but those of training again."""
    return upkeep.watching(case, model, improvement, deployment, chosen)


def operating(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    chosen: OperationSetting,
) -> Lines:  # fmt: skip
    """The lines of the fifth step: retraining, evaluation, logs and jobs."""
    return upkeep.lines(case, model, improvement, deployment, chosen)


def bill(case: Case, plan: Plan) -> Bill:
    """What a plan takes: all its lines, those of an early step first."""
    settled = plan.early
    return Bill(
        case,
        (
            *serving(case, *settled),
            *keeping(case, *settled, plan.storage),
            *operating(case, *settled, plan.operation),
        ),
    )


def quality(case: Case, plan: Plan) -> Array:
    """Share of answers accepted over the horizon, draws in (0, 1]."""
    return share_accepted(case, *plan.early, plan.operation)


@remembered
def share_before_upkeep(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Array:
    """The most that may be accepted: before anything is lost over time."""
    result: Array = np.clip(share_right(case, model, improvement, deployment), LEAST, 1.0)
    return result


@remembered
def share_accepted(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Array:  # fmt: skip
    """The same of the settings that it depends on: storage does not change an answer."""
    before = share_before_upkeep(case, model, improvement, deployment)
    unmended = upkeep.unmended_loss(case, model, improvement, deployment, operation)
    result: Array = np.clip(before - unmended, LEAST, 1.0)
    return result


def gates(case: Case, plan: Plan, step: StepName) -> Gates:
    """The gates of one step of a plan."""
    model, improvement, deployment = plan.early
    if step == "foundation_model":
        return model_gates.gates(case, model)
    if step == "improvement":
        return improvement_gates.gates(case, model, improvement)
    if step == "deployment":
        return deployment_gates.gates(case, model, improvement, deployment)
    if step == "data_storage":
        return storage_gates.gates(case, model, improvement, deployment, plan.storage)
    return operation_gates.gates(case, model, improvement, deployment, plan.operation)


def open_to_serve(case: Case, plan: Plan, since: StepName = "foundation_model") -> bool:
    """Whether a plan passes the gates of its first three steps from a step on, at central values.

    Nothing is looked at after the first gate it fails.
    """
    first = tuple(FIELDS).index(since)
    model, improvement, deployment = plan.early
    return (
        (first > 0 or passes(model_gates.gates(case, model)))
        and (first > 1 or improvement_gates.open_to(case, model, improvement))
        and (first > 2 or deployment_gates.open_to(case, model, improvement, deployment))
    )


def open_to_keep(case: Case, plan: Plan, since: StepName = "foundation_model") -> bool:
    """The same of its last two steps."""
    early = plan.early
    return (since == "operations" or passes(storage_gates.gates(case, *early, plan.storage))) and passes(
        operation_gates.gates(case, *early, plan.operation)
    )


def gates_read(case: Case, plan: Plan, step: StepName) -> frozenset[str]:
    """Fields of the scenario and names of coefficients that the gates of one step read."""
    return case.reads_of(_gates_of, plan, step)


def _gates_of(case: Case, plan: Plan, step: StepName) -> Gates:
    return gates(case, plan, step)
