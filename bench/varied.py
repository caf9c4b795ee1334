"""Valid scenarios made up at random: a template with some of its inputs moved within their bounds."""

from __future__ import annotations

from random import Random
from typing import Any

from advisor.catalogue import DATA
from advisor.core.errors import AdvisorError
from advisor.scenario import Scenario, load_scenario, with_values

TEMPLATES = sorted(path.stem for path in (DATA / "scenarios").glob("*.yaml"))
# input: how it is drawn; a pair is a factor drawn on a logarithmic scale
MOVED: dict[str, tuple[float, float] | list[Any]] = {
    "workload.requests_per_day": (0.01, 30.0),
    "workload.input_tokens": (0.2, 4.0),
    "workload.output_tokens": (0.2, 4.0),
    "workload.peak_to_mean": (0.5, 4.0),
    "workload.growth_per_year": [-0.5, 0.0, 0.5, 2.0],
    "workload.cached_input_share": [0.0, 0.3, 0.9, 1.0],
    "workload.repeat_share": [0.0, 0.2, 0.6],
    "workload.deferrable_share": [0.0, 0.5, 1.0],
    "workload.retry_rate": [0.0, 0.05, 0.3],
    "workload.turns_per_task": [1.0, 1.5, 4.0],
    "workload.profile": ["office_hours", "evening", "always_on", "nightly_batch", "flat"],
    "quality.floor": [0.4, 0.6, 0.8, 0.9],
    "quality.needs_reasoning": [True, False],
    "quality.context_max_tokens": (0.3, 8.0),
    "knowledge.gap": ["none", "facts", "format", "both"],
    "knowledge.changes_every_days": [None, 1, 30, 365],
    "knowledge.documents": (0.01, 100.0),
    "knowledge.examples": [0, 60, 500, 20_000],
    "knowledge.retrains_per_year": [0, 2, 12],
    "knowledge.needs_citations": [True, False],
    "knowledge.hosting": ["serverless", "dedicated"],
    "constraints.residency": ["any", "EU", "EUDB", "US"],
    "constraints.open_weights": [True, False],
    "constraints.self_hosted_allowed": [True, False],
    "constraints.first_token_p95_ms": (0.3, 10.0),
    "constraints.latency_p95_ms": (0.3, 10.0),
    "operations.availability": [0.95, 0.999, 0.9999],
    "operations.volatility": ["stable", "moderate", "volatile"],
    "operations.retrain_kwh": [None, 1.0, 1000.0],
    "operations.job_kwh": [None, 0.5, 500.0],
    "operations.rework": [0.0, 1.0, 3.0],
    "operations.survive_region_loss": [True, False],
    "operations.evaluation_runs_per_month": [0, 4, 60],
    "timing.horizon_years": [0.5, 1.0, 3.0, 8.0],
    "ingestion.kept_share": [0.1, 0.6, 1.0],
}  # fmt: skip


def varied_scenario(seed: int) -> Scenario:
    """One scenario for a seed; a value that a field refuses is left as it was."""
    random = Random(seed)  # noqa: S311 - variety, not secrecy
    name = TEMPLATES[seed % len(TEMPLATES)]
    scenario = load_scenario(DATA / "scenarios" / f"{name}.yaml")
    for path in random.sample(sorted(MOVED), k=random.randint(1, 12)):
        how, (section, field) = MOVED[path], path.split(".")
        if isinstance(how, tuple):
            low, high = how
            value = getattr(getattr(scenario, section), field) * low * (high / low) ** random.random()
        else:
            value = random.choice(how)
        try:
            scenario = with_values(scenario, {path: value})
        except AdvisorError:
            continue
    return scenario
