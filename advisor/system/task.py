"""An agent's task: its tree of calls and what they read.

Where a scenario describes an agent, one of its requests is a whole task. Every other module goes on
asking for one call and for how many there are: this one says what the mean call reads and how often a
model is called for a task. A traffic profile whose log shows tasks gives calls and growth; its input
tokens then hold the history already, and its requests are calls.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from advisor.estimate import agentic
from advisor.estimate.agentic import Step
from advisor.scenario.traffic import Tasks
from advisor.scenario.work_fields import Agent

if TYPE_CHECKING:
    from advisor.system.case import Case

LEAST_INPUT = 10.0  # tokens: no call reads less, as in the scenario's bounds
LEAST_LIMIT = 100.0  # tokens, the bound of agent.compact_above_tokens
GROUPS = 8  # calls of like length that are priced and served together


@dataclass(frozen=True, slots=True)
class Tree:
    """The calls of one task, sub-agents and summaries included.

    ``groups``: calls of like length; ``mean``: the mean call, as often as there are calls;
    ``cached_share`` of what was sent before is read from a prompt cache; ``summary_tokens`` a summary has;
    ``logged``: what the mean call would read in the way the log shows, None without one.
    """

    groups: tuple[Step, ...]
    mean: Step
    cached_share: float
    summary_tokens: float
    logged: float | None = None

    @property
    def calls(self) -> float:
        """Calls of models per task."""
        return self.mean.weight

    @property
    def opening(self) -> float:
        """Share of calls that open an agent's work, and so find none of it in a cache [ratio]."""
        return self.mean.first / self.mean.weight

    @property
    def summarising(self) -> float:
        """Share of calls that write a summary [ratio]."""
        return self.mean.summaries / self.mean.weight


def observed(case: Case) -> Tasks | None:
    """What a request log says of its tasks, where the scenario describes an agent."""
    profile = case.scenario.traffic
    return profile.tasks if profile is not None and case.scenario.agent is not None else None


def tree(case: Case, lever: str = "") -> Tree | None:
    """The tree of calls of a task, worked at as a lever says; None where a request is one call."""
    return case.remember(_tree, lever)


def _tree(case: Case, lever: str) -> Tree | None:
    agent = case.scenario.agent
    if agent is None:
        return None
    calls, growth = main_chain(case, agent)
    above, keep = agent.compact_above_tokens, agent.compact_to_tokens
    if lever == "fewer_steps":
        more = larger_steps(case, lever)
        calls, growth = calls / more, growth * more
    elif lever == "worker":
        growth *= case.central("agent.worker_context", "ratio")
    elif lever == "compacted" and above is None:
        above = summarised_above(case, agent)
    start, logged = _start(case)
    steps = agentic.chain(calls, start, growth, above, keep)
    if agent.sub_agents:
        below = agentic.chain(agent.calls_per_sub_agent, agent.sub_agent_input_tokens, growth, above, keep)
        steps += tuple(
            replace(
                one, weight=one.weight * agent.sub_agents, first=one.first * agent.sub_agents,
                summaries=one.summaries * agent.sub_agents,
            )
            for one in below
        )  # fmt: skip
    mean = agentic.merged(list(steps))
    return Tree(agentic.grouped(steps, GROUPS), mean, agent.cached_history_share, keep, logged)


def main_chain(case: Case, agent: Agent) -> tuple[float, float]:
    """Calls of a task's own agent, and what each adds [tok]: as given, else as a log shows."""
    seen, given = observed(case), agent.model_fields_set
    calls, growth = agent.calls_per_task, agent.growth_tokens
    if seen is not None and "calls_per_task" not in given:
        calls = seen.turns_mean
    if seen is not None and seen.growth is not None and "growth_tokens" not in given:
        growth = seen.growth
    return calls, growth


def larger_steps(case: Case, lever: str) -> float:
    """How much more a call does where fewer of them do the same [ratio]."""
    agent = case.scenario.agent
    if agent is None or lever != "fewer_steps":
        return 1.0
    calls = main_chain(case, agent)[0]
    return calls / max(calls * (1.0 - case.central("agent.calls_saved", "ratio")), 1.0)


def summarised_above(case: Case, agent: Agent) -> float | None:
    """Where a history that is never summarised would be [tok]; None where that would shorten nothing."""
    found = tree(case)
    if found is None:
        return None
    longest = max(one.read for one in found.groups)
    limit = longest * case.central("agent.compaction_start", "ratio")
    return limit if limit > max(agent.compact_to_tokens, LEAST_LIMIT) else None


def tools_per_call(case: Case) -> float:
    """Tool calls of a model call: as given, else as a log shows, none without an agent."""
    agent, seen = case.scenario.agent, observed(case)
    if agent is None:
        return 0.0
    if seen is not None and seen.tools is not None and "tools_per_call" not in agent.model_fields_set:
        return float(seen.tools / seen.turns_mean)
    return float(agent.tools_per_call)


def _start(case: Case) -> tuple[float, float | None]:
    """What the first call reads [tok]; and, by a log, what the mean call does."""
    seen, profile = observed(case), case.scenario.traffic
    if seen is None or profile is None:
        return float(case.scenario.workload.input_tokens), None
    later = (seen.growth or 0.0) * (seen.turns_mean - 1.0) / 2.0
    start = max(profile.input_tokens.mean - later, LEAST_INPUT)
    return start, agentic.merged(list(agentic.chain(seen.turns_mean, start, seen.growth or 0.0))).read
