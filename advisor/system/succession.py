"""What it takes to move to a successor each time a service retires a model within the planned years.

Weights on machines of one's own stay as long as their owner likes. A service retires every model: on the
day a list names, and then about as often as models live; where no day is known, from the start.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from advisor.core.draws import Array
from advisor.core.saying import say
from advisor.system import calls, training
from advisor.system.bill import Line, Resource
from advisor.system.bill import lines as charging
from advisor.system.case import Case, remembered
from advisor.system.plan import GENERATING, DeploymentSetting, ImprovementSetting, ModelSetting, StepName
from advisor.system.techniques import TUNED

STEP: StepName = "foundation_model"
DAYS_PER_YEAR = 365.0
SERVICES = ("maas", "ptu")


@remembered
def moves(case: Case, model: str) -> Array:
    """Times that a service's model is replaced within the planned years [item]."""
    timing, end = case.scenario.timing, case.catalogue.row("models", model).get("retirement")
    last: date = timing.start + timedelta(days=DAYS_PER_YEAR * timing.horizon_years)
    if end is not None and end >= last:
        return case.full(0.0)
    first = timing.start if end is None else max(end, timing.start)
    rest = (last - first).days / DAYS_PER_YEAR / case.draw("model.service_life", "year")
    return case.full(rest if end is None else 1.0 + rest)


@charging
def lines(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting
) -> Iterator[Line]:
    """Test runs on the successor, tuning it where something is tuned, and the time side by side; once."""
    if deployment.mode not in SERVICES or model.kind not in GENERATING:
        return
    count = sum((moves(case, key) for key in model.models), case.full(0.0))
    if not count.any():
        return
    settled = model, improvement, deployment
    answers = count * (case.draw("prompt.trials", "item") + case.scenario.operations.evaluation_samples)
    yield from calls.samples(case, settled, STEP, "once", say("answers that try a successor"), answers)
    if improvement.technique in TUNED:
        runs = moves(case, model.main) * case.scenario.knowledge.tuning_runs
        yield Line(
            Resource.TRAINING_RUN, STEP, "once", say("tuning a successor"), training.where_trained(case).key,
            runs, say("run"), training.one_run(case, model, improvement) * runs,
        )  # fmt: skip
    usd = case.draw("model.overlap", "month") * case.draw("model.second_model_upkeep", "USD/month")
    yield Line(
        Resource.UPKEEP, STEP, "once", say("moving to a successor as models retire"), "", count, say("move"),
        case.nothing().with_cost(usd * count),
    )  # fmt: skip
