"""What one more call takes, at whatever deployment, and what a sample does that is answered to be judged.

A sample is what acceptance is a share of: an answer, or an agent's whole task with its calls and tools.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from advisor.core.draws import Array
from advisor.core.footprint import Footprint
from advisor.core.saying import say
from advisor.system import beyond_text, devices, hosts, provider_pool, provisioned, requests, search_units
from advisor.system.bill import Line, Phase, Resource
from advisor.system.case import Case, remembered
from advisor.system.memory import varied
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting, StepName
from advisor.system.regions import device_country
from advisor.system.techniques import retrieves, search_mode

Settled = tuple[ModelSetting, ImprovementSetting, DeploymentSetting]


def one_call(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Footprint:
    """Footprint of one call, its price included where calls have one; what is held anyway is not in it."""
    if deployment.mode in ("maas", "embedding"):
        return provider_pool.per_attempt(case, model, improvement, deployment)
    if deployment.mode == "ptu":
        return provisioned.work_per_call(case, model, improvement, deployment)
    if deployment.mode == "edge":
        return devices.work_per_call(case, model, improvement, deployment)
    if deployment.mode == "search":
        return case.nothing()
    return hosts.work_per_call(case, model, improvement, deployment)


class Asked(NamedTuple):
    """What a request takes that is asked on its own: where it is answered, and where it is searched for."""

    answered: Footprint
    searched: Footprint

    @property
    def all(self) -> Footprint:
        """Both."""
        return self.answered + self.searched


def asked(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    tried: Array,
) -> Asked:  # fmt: skip
    """A request of so many calls with its searches, tools and media, where no cache spares any of it."""
    answered = one_call(case, model, improvement, deployment) * tried
    uncached = varied(deployment, cache="none")
    for line in beyond_text.lines(case, model, improvement, uncached):
        if line.phase == "per_request":
            answered = answered + line.footprint
    if not retrieves(improvement.technique):
        return Asked(answered, case.nothing())
    return Asked(answered, search_units.one_search(case, search_mode(improvement.technique)) * tried)


@remembered
def one_sample(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Asked:
    """What is answered to be judged once: an agent's whole task, else one answer; its searches with it."""
    alone = case.scenario.agent is None
    tried = case.full(1.0) if alone else requests.attempts(case, model, improvement)
    return asked(case, model, improvement, deployment, tried)


def samples(
    case: Case, settled: Settled, step: StepName, phase: Phase, what: str, count: Array
) -> Iterator[Line]:
    """So many samples answered to be judged, and their searches where the index stands."""
    one, deployment = one_sample(case, *settled), settled[2]
    unit = say("answer") if case.scenario.agent is None else say("task")
    where = device_country(case) if deployment.mode == "edge" else deployment.where
    yield Line(
        Resource.EVALUATION_RUN, step, phase, what, where, count, unit, one.answered * count,
    )  # fmt: skip
    if retrieves(settled[1].technique):
        yield Line(
            Resource.EVALUATION_RUN, step, phase, say("{what}: their searches", what=what),
            search_units.where_searched(case).key, count, unit, one.searched * count,
        )  # fmt: skip
