"""What each retraining takes, what it spares, and the interval at which the two together take least.

Both sides are what the bill charges, by the same functions: an interval is the best one for a plan as it is.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from advisor.core.draws import Array, central
from advisor.core.footprint import Footprint
from advisor.estimate import upkeep
from advisor.scenario.knowledge_fields import Knowledge
from advisor.system import calls, decay, hosts, training
from advisor.system.case import Case, remembered
from advisor.system.footprints import electricity, hardware, outside
from advisor.system.places import Place, place
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting, OperationSetting
from advisor.system.regions import cleanest_allowed
from advisor.system.shifting import job_place, job_region
from advisor.system.storage.book import network_kwh
from advisor.system.techniques import TUNED

SHORTEST_DAYS = 1.0
BYTES_PER_GB = 1e9


@remembered
def retraining_run(case: Case, model: ModelSetting, improvement: ImprovementSetting) -> Footprint:
    """What one retraining takes: the scenario's energy, else the run that the improvement trains with."""
    own = case.scenario.operations.retrain_kwh
    if own is not None:
        return _rented(case, case.full(own))
    if model.kind == "custom" and improvement.technique not in TUNED:
        return _rented(case, case.draw("operations.retrain", "kWh"))
    return training.one_run(case, model, improvement)


def _rented(case: Case, it_kwh: Array) -> Footprint:
    """A job that uses ``it_kwh`` on rented GPUs: electricity, their wear, their price."""
    key = training.TRAINING_GPU
    full = case.draw(f"gpus.{key}.tdp", "W")
    kw = (full + hosts.host_w(case, key, full)) / hosts.W_PER_KW
    hours = it_kwh / kw
    worn = hardware(case, key, hours * training.SECONDS_PER_HOUR)
    usd = hours * case.draw(training.TRAINING_MACHINE, "USD/h")
    return (electricity(case, it_kwh, training.where_trained(case)) + worn).with_cost(usd)


def moved(case: Case, footprint: Footprint, here: Place, to: Place) -> Footprint:
    """A training's footprint with its electricity used somewhere else, or at other hours.

    What is not known of the electricity where it was used is gone with it.
    """
    it_kwh = footprint["energy"] / here.pue
    used = electricity(case, it_kwh, here)
    left = np.where(np.isnan(used.values), 0.0, footprint.without(used).values)
    return Footprint(left) + electricity(case, it_kwh, to)


@remembered
def run_again(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Footprint:  # fmt: skip
    """One retraining where and when jobs run, the answers that judge it apart."""
    ran, here = retraining_run(case, model, improvement), training.where_trained(case)
    return moved(case, ran, here, job_place(case, deployment, operation))


class Sent(NamedTuple):
    """What goes to the region that jobs have moved to [GB], and what the way takes."""

    gigabytes: Array
    footprint: Footprint
    where: str


def sending(
    case: Case, deployment: DeploymentSetting, operation: OperationSetting, tokens: Array
) -> Sent | None:
    """Sending text to the region that jobs have moved to; None where they have not."""
    if operation.timing != "place":
        return None
    home = job_region(case, deployment)
    if cleanest_allowed(case) == home:
        return None
    gigabytes = tokens * case.draw("storage.bytes_per_token", "B/tok") / BYTES_PER_GB
    where = outside(place(case, f"region:{home}"))
    usd = gigabytes * case.draw("storage.region_transfer", "USD/GB")
    way = electricity(case, gigabytes * network_kwh(case), where).with_cost(usd)
    return Sent(gigabytes, way, where.key)


def example_tokens(knowledge: Knowledge) -> float:
    """Tokens of the examples that a run reads [tok]."""
    return float(knowledge.examples * knowledge.tokens_per_example)


@remembered
def each_kwh(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Array:  # fmt: skip
    """Energy of all that is charged once a retraining [kWh]: the run, its judging, the way of its data."""
    total = run_again(case, model, improvement, deployment, operation)["energy"]
    if improvement.technique in TUNED:
        total = total + training.judging(case, model, improvement, deployment)["energy"]
    tokens = case.full(example_tokens(case.scenario.knowledge))
    way = sending(case, deployment, operation, tokens)
    return total if way is None else total + way.footprint["energy"]


@remembered
def asked_again(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> calls.Asked:
    """One poor answer asked again, as often as a request is tried, with its searches, tools and media."""
    return calls.asked(case, model, improvement, deployment)


@remembered
def energy_interval(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Array:  # fmt: skip
    """The interval at which retraining and the rework it avoids take least energy [day]."""
    loss, rework = decay.loss_per_day(case), case.scenario.operations.rework
    if not rework or not loss.any():  # whatever serves it
        return np.full(case.size, np.inf)
    return np.asarray(
        upkeep.retraining_interval_days(
            each_kwh(case, model, improvement, deployment, operation),
            case.workload.mean_per_day,
            asked_again(case, model, improvement, deployment).all["energy"],
            loss,
            rework,
        )
    )


@remembered
def best_interval(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> float:  # fmt: skip
    """The best interval that is fixed ahead [day]: of least energy, sure of the floor, as facts change.

    Fixed ahead it must keep the floor even where quality fades fast.
    """
    days = min(
        central(energy_interval(case, model, improvement, deployment, operation)),
        decay.sure_days(case, model, improvement, deployment),
        decay.facts_days(case, improvement),
    )
    return max(days, SHORTEST_DAYS)
