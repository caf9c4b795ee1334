"""What one more call takes, at whatever deployment, and what a sample does that is answered to be judged.

A sample is what acceptance is a share of: an answer, or an agent's whole task with its calls and tools.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from advisor.core.draws import Array
from advisor.core.footprint import Footprint
from advisor.core.saying import say
from advisor.system import (
    beyond_text,
    devices,
    hosts,
    provider_pool,
    provisioned,
    requests,
    search_units,
    sites,
)
from advisor.system.bill import Line, Phase, Resource
from advisor.system.case import Case, remembered
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting, StepName
from advisor.system.techniques import retrieves, search_mode

Settled = tuple[ModelSetting, ImprovementSetting, DeploymentSetting]
Parts = tuple[tuple[str, Footprint], ...]  # what is taken at each place


def one_call(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Footprint:
    """Footprint of one call, its price included where calls have one; what is held anyway is not in it."""
    return Asked(_one_call(case, model, improvement, deployment), case.nothing()).all


def _one_call(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Parts:
    """One call at each of the places that answer, by the share of calls that each has."""
    if deployment.mode in sites.MACHINES:
        return hosts.work_at(case, model, improvement, deployment)
    (where,) = sites.answering(case, deployment)
    if deployment.mode in ("maas", "embedding"):
        one = provider_pool.per_attempt(case, model, improvement, deployment)
    elif deployment.mode == "ptu":
        one = provisioned.work_per_call(case, model, improvement, deployment)
    elif deployment.mode == "edge":
        one = devices.work_per_call(case, model, improvement, deployment)
    else:
        one = case.nothing()
    return ((where, one),)


class Asked(NamedTuple):
    """What a request takes that is asked on its own: at each place that answers, and to search for it."""

    answered: Parts
    searched: Footprint

    @property
    def all(self) -> Footprint:
        """All of it."""
        total = self.searched
        for _, part in self.answered:
            total = total + part
        return total

    def share(self, part: Array | float) -> Asked:
        """A part of it."""
        return Asked(tuple((where, one * part) for where, one in self.answered), self.searched * part)


def asked(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Asked:
    """A request tried as often as in use, with its searches, tools and media; no cache spares any of it."""
    settled = (case, model, improvement)
    return _asked(*settled, deployment, requests.attempts(*settled), requests.sendings(*settled))


def _asked(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    called: Array, sent: Array,
) -> Asked:  # fmt: skip
    """A request of so many calls that is sent so many times."""
    answered = {at: one * called for at, one in _one_call(case, model, improvement, deployment)}
    for line in beyond_text.asked(case, deployment, called, sent):
        answered[line.place] = answered.get(line.place, case.nothing()) + line.footprint
    parts = tuple(answered.items())
    if not retrieves(improvement.technique):
        return Asked(parts, case.nothing())
    return Asked(parts, search_units.one_search(case, search_mode(improvement.technique)) * called)


@remembered
def one_sample(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Asked:
    """What is answered to be judged once: an agent's whole task, else one answer and what is made with it.

    Its searches are with it. What fails to arrive is no answer to judge, but a step of a task all the same.
    """
    if case.scenario.agent is not None:
        return asked(case, model, improvement, deployment)
    return _asked(case, model, improvement, deployment, case.full(1.0), case.full(1.0))


def samples(
    case: Case, settled: Settled, step: StepName, phase: Phase, what: str, count: Array
) -> Iterator[Line]:
    """So many samples answered to be judged, and their searches where the index stands."""
    unit = say("answer") if case.scenario.agent is None else say("task")
    one, technique = one_sample(case, *settled), settled[1].technique
    yield from charged(case, one, technique, Resource.EVALUATION_RUN, step, phase, what, count, unit)


def charged(
    case: Case, one: Asked, technique: str, resource: Resource, step: StepName, phase: Phase, what: str,
    count: Array, unit: str,
) -> Iterator[Line]:  # fmt: skip
    """So many of what is asked on its own: a line at each place that answers, and one of their searches."""
    for where, part in one.answered:
        yield Line(resource, step, phase, what, where, count / len(one.answered), unit, part * count)
    if retrieves(technique):
        yield Line(
            resource, step, phase, say("{what}: their searches", what=what),
            search_units.where_searched(case).key, count, unit, one.searched * count,
        )  # fmt: skip
