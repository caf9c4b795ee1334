"""A classifier on little of a machine: containers with a small GPU, or of processors alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array, central
from advisor.estimate import hosting
from advisor.system import requests
from advisor.system.case import Case, remembered
from advisor.system.demand import demand
from advisor.system.fleet import release_s, released
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.serving import Served, encode
from advisor.system.sites import times

MODES = ("processors", "container")
MACHINE, GPU = "nc4as_t4_v3", "t4"  # the smallest machine with a GPU in the catalogue
PROCESSORS = "Standard_D4as_v5"  # four virtual cores


@dataclass(frozen=True, slots=True, eq=False)
class Containers:
    """Containers by hour, shape (years, 168): hours a week, time of a call [s], share that waits."""

    replicas: Array
    hours: float
    call_s: float
    cold: float


@remembered
def containers(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Containers:
    """As many containers as each hour's busiest minute needs, one at least unless released when idle.

    As many again where the loss of a region is to be survived.
    """
    wanted = demand(case, model, improvement, deployment)
    if deployment.mode == "processors":
        tokens = central(requests.shape(case, model.main, improvement.technique).input_tokens)
        work = 2.0 * case.central(f"encoders.{model.main}.params", "param") * tokens
        call_s = work / case.central("encoder.container_rate", "FLOP/s")
    else:
        call_s = 1.0 / case.central("deployment.reader_calls", "request/s")
    replicas = np.maximum(np.ceil(wanted.peak * call_s), 1.0) * times(case)
    if not deployment.to_zero:
        return Containers(replicas, wanted.weekly(replicas), call_s, 0.0)
    start_h = case.central("deployment.cold_start", "s") / hosting.SECONDS_PER_HOUR
    kept, cold = released(case, wanted.rate, wanted.years[:, None], replicas, start_h)
    starts = float(hosting.starts(kept) @ wanted.years)
    hours = wanted.weekly(kept) + starts * (start_h + release_s(case) / hosting.SECONDS_PER_HOUR)
    return Containers(replicas, min(hours, wanted.weekly(replicas)), call_s, float(cold))


@remembered
def one_reading(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, mode: str = "container"
) -> Served:
    """One call of a classifier on the small GPU, alone."""
    tokens = requests.shape(case, model.main, improvement.technique).input_tokens
    return encode(case, model.main, tokens, gpu_key=GPU, utilisation=1.0, mode=mode)
