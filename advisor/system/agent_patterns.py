"""Ways an agent may work, each for one accepted task: one large model, workers under a planner, fewer
steps, a summarised history.

All by the token on the same service, the central case, so that only the way of working differs. A way that
was not tested keeps a share of the accepted tasks that is assumed; beside it stands the share from which it
pays, which needs no assumption.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from advisor.core.draws import central
from advisor.core.footprint import Footprint
from advisor.core.saying import numeral, say
from advisor.scenario.work_fields import Agent
from advisor.system import beyond_text, provider_pool, requests, task
from advisor.system.case import Case
from advisor.system.plan import DeploymentSetting, ImprovementSetting, ModelSetting
from advisor.system.quality import accepted, tested
from advisor.system.shape import Shape
from advisor.system.techniques import LEVERED

Settings = tuple[ModelSetting, ImprovementSetting]
WH_PER_KWH = 1000.0
G_PER_KG = 1000.0
UNSUMMARISED = "unsummarised"  # a way that no plan has: the scenario itself says that it summarises


@dataclass(frozen=True, slots=True)
class Pattern:
    """One way of working: per task before any is refused, and the share of tasks accepted.

    ``read`` and ``cached``: tokens of all calls, the latter from a prompt cache; energy with the data
    centre's overhead [Wh], location-based carbon [g]; ``assumed``: the share was not tested this way;
    ``settings``: the first two of the plan that works this way, None where no plan does.
    """

    title: str
    calls: float
    read: float
    cached: float
    wh: float
    usd: float
    carbon_g: float
    success: float
    assumed: bool
    settings: Settings | None = None

    def accepted(self, what: float) -> float:
        """A figure per accepted task."""
        return what / self.success

    def pays_from(self, base: Pattern) -> float:
        """Share of the base's accepted tasks that this way must keep, to cost less than it [ratio]."""
        return self.usd / base.usd


def patterns(
    case: Case, large: str, small: str, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> tuple[Pattern, ...]:
    """The ways of working with two models; none where the scenario describes no agent."""
    agent = case.scenario.agent
    if agent is None:
        return ()
    return tuple(_patterns(case.centre, agent, large, small, improvement, deployment))


def _patterns(
    case: Case, agent: Agent, large: str, small: str, improvement: ImprovementSetting,
    deployment: DeploymentSetting,
) -> Iterator[Pattern]:  # fmt: skip
    base = _one(case, large, improvement, deployment, say("one large model: {large}", large=large), 1.0)
    yield base
    if small != large:
        yield _one(case, small, improvement, deployment, say("one small model: {small}", small=small), 1.0)
        yield _team(case, large, small, improvement, deployment)
    now, growth = task.main_chain(case, agent)
    more = task.larger_steps(case, "fewer_steps")
    calls = now / more
    output = case.scenario.workload.output_tokens
    fewer = case.varied({
        "agent.calls_per_task": calls, "agent.growth_tokens": growth * more,
        "workload.output_tokens": output * more,
    })  # fmt: skip
    yield _one(
        fewer, large, improvement, deployment, say("fewer, larger steps"), 1.0,
        assumed=True, lever="fewer_steps",
    )  # fmt: skip
    if agent.compact_above_tokens is None:
        limit = task.summarised_above(case, agent)
        if limit is None:
            return
        told, above, lever = say("a summarised history"), limit, "compacted"
    else:
        told, above, lever = say("the whole history, never summarised"), None, UNSUMMARISED
    share = case.central("agent.compaction_success", "ratio")
    share = share if above is not None else min(1.0 / share, 1.0 / base.success)
    yield _one(
        case.varied({"agent.compact_above_tokens": above}), large, improvement, deployment, told, share,
        assumed=True, lever=lever,
    )  # fmt: skip


def _one(
    case: Case, model: str, improvement: ImprovementSetting, deployment: DeploymentSetting, title: str,
    kept: float, *, assumed: bool = False, lever: str = "",
) -> Pattern:  # fmt: skip
    setting = ModelSetting("single", (model,))
    calls = central(requests.attempts(case, setting, improvement))
    shape = requests.shape(case, model, improvement.technique)
    each = provider_pool.per_attempt(case, setting, improvement, deployment) * calls
    each = each + _tools(case, setting, improvement, deployment)
    share = central(accepted(case, setting, improvement)) * kept
    told = f"{improvement.technique}_{lever}" if lever else improvement.technique
    known = not lever or told in LEVERED
    settings = (setting, ImprovementSetting(told)) if known and lever != UNSUMMARISED else None
    return _pattern(title, calls, shape, each, share, assumed, settings)


def _team(
    case: Case, large: str, small: str, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Pattern:
    """The large model plans and judges, small ones take the steps with part of the history."""
    team, technique = ModelSetting("team", (small, large)), improvement.technique
    calls = central(requests.attempts(case, team, improvement))
    each = provider_pool.per_attempt(case, team, improvement, deployment) * calls
    each = each + _tools(case, team, improvement, deployment)
    parts = provider_pool.parts(case, team, technique)
    read, cached = (
        sum(central(getattr(shape, name)) * central(share) for _, shape, share in parts)
        for name in ("input_tokens", "cached_tokens")
    )
    mean = Shape(case.full(read), 0.0, case.full(cached))
    planned = central(parts[1][2])
    title = say(
        "{small} works, {large} plans {planned} of calls",
        small=small, large=large, planned=numeral(planned, ".0%"),
    )  # fmt: skip
    share = central(accepted(case, team, improvement))
    return _pattern(title, calls, mean, each, share, not tested(case, team), (team, improvement))


def _tools(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Footprint:
    tools = [line for line in beyond_text.lines(case, model, improvement, deployment) if line.unit == "call"]
    return sum((line.footprint for line in tools), case.nothing())


def _pattern(
    title: str, calls: float, shape: Shape, each: Footprint, share: float, assumed: bool,
    settings: Settings | None = None,
) -> Pattern:  # fmt: skip
    return Pattern(
        title, calls, central(shape.input_tokens) * calls, central(shape.cached_tokens) * calls,
        central(each["energy"]) * WH_PER_KWH, central(each["cost"]),
        central(each["carbon_location"]) * G_PER_KG, share, assumed, settings,
    )  # fmt: skip
