"""An agent's ways of working beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from advisor.core.draws import central
from advisor.core.exhibits import Table
from advisor.core.saying import say
from advisor.decide.option import Option
from advisor.system import agent_patterns, billing, provider_pool, task
from advisor.system.case import Case
from advisor.system.gates import failed
from advisor.system.plan import DeploymentSetting, Plan, StepName
from advisor.system.prices import offer
from advisor.system.regions import place_name
from advisor.system.rule_names import rules_of

CENT = 100.0
MTOK = 1e6


def ways_of_working(case: Case, eligible: Sequence[Option]) -> Table:
    """One large model, workers under a planner, fewer steps, a summarised history; empty without an agent."""
    single = [option for option in eligible if option.plan.model.kind == "single"]
    if task.tree(case.centre) is None or not single:
        return Table("ways_of_working", "", (), ())
    large = max(single, key=lambda option: central(option.quality))
    plan = large.plan
    service = plan.deployment if plan.deployment.mode == "maas" else DeploymentSetting("maas", "global")
    service = DeploymentSetting("maas", service.scope, region=service.region, zone=service.zone)
    priced = {
        option.key: central(usd)
        for option in single
        if (usd := provider_pool.usd(case.centre, option.plan.model, "prompt", offer(service), "standard"))
        is not None
    }
    if large.key not in priced:
        return Table("ways_of_working", "", (), ())
    small = min(priced, key=lambda key: (priced[key], key))
    found = agent_patterns.patterns(case, plan.model.main, small, plan.improvement, service)
    base = found[0]
    rows = tuple(
        (
            one.title, one.calls, one.read / MTOK, CENT * one.cached / one.read, CENT * one.success,
            say("assumed, test first") if one.assumed else say("as judged"), one.accepted(one.wh),
            one.accepted(one.carbon_g), one.accepted(one.usd), *_whole(case.centre, one, plan, service),
            None if one is base else CENT * one.pays_from(base),
        )
        for one in found
    )  # fmt: skip
    return Table(
        "ways_of_working", say("Ways for the agent to work, per accepted task"),
        (say("way"), say("calls a task"), say("million tokens read"), say("of them from a cache %"),
         say("tasks accepted %"), say("that share is"), "Wh", "gCO2e", "USD", say("whole plan kgCO2e a year"),
         say("whole plan USD a year"), say("ruled out by"), say("cheaper if it keeps % of tasks")),
        rows,
        say("By the token, {where}; the whole plan, data and upkeep included, where a plan works so. "
            "A way pays in money from the share of the first row's accepted tasks in the last column; above "
            "100 % it never does.", where=place_name(case, service.where)),
    )  # fmt: skip


def _whole(
    case: Case, one: agent_patterns.Pattern, beside: Plan, service: DeploymentSetting
) -> tuple[float | None, float | None, str]:
    """A year of the plan that works this way [kgCO2e, USD], and the rules that it breaks."""
    if one.settings is None:
        return None, None, ""
    model, improvement = one.settings
    plan = replace(beside, model=model, improvement=improvement, deployment=service)
    year = billing.bill(case, plan).year
    steps: tuple[StepName, ...] = ("foundation_model", "improvement", "deployment")
    stops = [gate for step in steps for gate in failed(billing.gates(case, plan, step))]
    return central(year["carbon"]), central(year["cost"]), rules_of(stops)
