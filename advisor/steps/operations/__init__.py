"""Step 5: how it is kept good: retraining, evaluation, monitoring, and when jobs run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from advisor.steps import Prior
from advisor.steps.operations.explain import explain
from advisor.steps.operations.plans import option
from advisor.steps.operations.setting import setting
from advisor.steps.operations.show import exhibits
from advisor.system.case import Case
from advisor.system.option import Option

__all__ = ["CONTROLS", "GUIDANCE", "KNOBS", "QUESTION", "STEP", "exhibits", "explain", "options"]

STEP = "operations"
QUESTION = "How is it kept good, at what cost?"
CONTROLS = (
    "operations.volatility",
    "operations.rework",
    "operations.evaluation_runs_per_month",
    "operations.evaluation_samples",
    "operations.job_hours",
    "operations.job_earliest_hour",
    "operations.slack_hours",
    "operations.interruptible",
    "operations.detectable_difference",
    "operations.rollback_limit",
)
KNOBS = (
    "workload.requests_per_day",
    "operations.rework",
    "operations.evaluation_runs_per_month",
    "operations.evaluation_samples",
    "operations.slack_hours",
    "quality.floor",
)
GUIDANCE = (
    "A14", "A38", "A39", "A40", "A41", "A42", "A43", "A44", "A45", "A47", "A50", "A51", "A52", "A53",
    "B27", "B28", "B29", "B30",
)  # fmt: skip
# retraining policy, evaluation plan, when jobs run
PLANS = (
    ("never", "planned", "now"),
    ("calendar", "planned", "now"),
    ("best", "planned", "now"),
    ("trigger", "planned", "now"),
    ("never", "sized", "now"),
    ("never", "sized", "time"),
    ("never", "sized", "place"),
    ("trigger", "sized", "now"),
    ("trigger", "sized", "time"),
    ("trigger", "sized", "place"),
)


def options(case: Case, prior: Prior) -> list[Option]:
    """Ways to operate the chosen deployment; none where nothing is deployed."""
    with case.recording() as used:
        found = list(_options(case, prior))
    return [replace(one, evidence=frozenset(used)) for one in found]


def _options(case: Case, prior: Prior) -> Iterator[Option]:
    now = setting(case, prior)
    if now is None:
        return
    for policy, evaluation, timing in PLANS:
        yield option(case, now, policy, evaluation, timing)
