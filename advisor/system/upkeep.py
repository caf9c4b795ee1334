"""Keeping a deployed system good: judging answers, retraining, logs, jobs, and what poor answers cost.

Quality of what was trained fades; retraining restores it. How often is the operation's to say: by the
calendar, at the interval of least energy, when a drop is seen, or never.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from advisor.core.draws import Array, central
from advisor.core.footprint import Footprint
from advisor.core.saying import say
from advisor.estimate import upkeep
from advisor.system import calls, decay, prices, quality, requests, retraining, sites, training
from advisor.system.bill import Line, Lines, Resource
from advisor.system.bill import lines as charging
from advisor.system.case import Case, remembered
from advisor.system.decay import DAYS_PER_MONTH
from advisor.system.footprints import served, server_work
from advisor.system.metered import measures_serving
from advisor.system.places import place
from advisor.system.plan import (
    PAIRS,
    DeploymentSetting,
    ImprovementSetting,
    ModelSetting,
    OperationSetting,
    StepName,
)
from advisor.system.premises import ground, over_listed
from advisor.system.serving import Served, serve
from advisor.system.shape import Shape
from advisor.system.shifting import job_place, job_region
from advisor.system.techniques import TUNED
from advisor.system.workload import DAYS_PER_YEAR

STEP: StepName = "operations"
MONTHS_PER_YEAR = 12.0
LOGS = say("logs")
LEAST_SHARE = 0.01  # a share of answers is never so sure that no sample would tell it from certainty


@remembered
def interval_days(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Array:  # fmt: skip
    """Days between retrainings; infinite for never, and where nothing was trained."""
    policy = operation.retraining
    if policy == "never" or not decay.trained(model, improvement):
        return np.full(case.size, np.inf)
    if policy == "calendar":
        per_year = case.scenario.knowledge.retrains_per_year
        return np.full(case.size, DAYS_PER_YEAR / per_year if per_year else np.inf)
    if policy == "best":
        return case.full(retraining.best_interval(case, model, improvement, deployment, operation))
    # a trigger follows the loss that really happens, but sees it late
    watched = evaluation(case, model, improvement, operation)
    least = retraining.energy_interval(case, model, improvement, deployment, operation) + watched.lag_days
    seen = decay.triggered_days(case, model, improvement, deployment, watched.runs_per_month)
    days = np.minimum(np.minimum(least, seen), decay.facts_days(case, improvement))
    return np.asarray(np.maximum(days, retraining.SHORTEST_DAYS))


@remembered
def mean_loss(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Array:  # fmt: skip
    """Mean share of answers that are poor because quality has faded [0-1]."""
    if not decay.trained(model, improvement):
        return np.zeros(case.size)
    horizon = case.scenario.timing.horizon_years * DAYS_PER_YEAR
    days = np.minimum(interval_days(case, model, improvement, deployment, operation), horizon)
    at_first = decay.accepted_at_first(case, model, improvement, deployment)
    return np.asarray(upkeep.mean_loss(days, decay.loss_per_day(case), at_first))


def unmended_loss(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Array:  # fmt: skip
    """The part of the mean loss that no asking again makes good [0-1]."""
    mended = min(case.scenario.operations.rework, 1.0)
    return mean_loss(case, model, improvement, deployment, operation) * (1.0 - mended)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How often and how many answers are judged, and what that can tell apart."""

    runs_per_month: float
    samples: float
    detectable: float

    @property
    def lag_days(self) -> float:
        """Mean time from a drop to the run that sees it [day]."""
        return DAYS_PER_MONTH / self.runs_per_month / 2.0 if self.runs_per_month else float("inf")


@remembered
def evaluation(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, operation: OperationSetting
) -> Evaluation:
    """The scenario's evaluation plan, or the smallest monthly one that sees the difference asked for."""
    wanted = case.scenario.operations
    share = central(quality.accepted(case, model, improvement))
    spread = upkeep.share_spread(float(np.clip(share, LEAST_SHARE, 1.0 - LEAST_SHARE)))
    errors = (case.central("operations.significance", "ratio"), case.central("operations.power", "ratio"))
    if operation.evaluation == "planned":
        samples, runs = float(wanted.evaluation_samples), wanted.evaluation_runs_per_month
    else:
        samples, runs = float(upkeep.samples_per_arm(spread, wanted.detectable_difference, *errors)), 1.0
    return Evaluation(runs, samples, upkeep.detectable(spread, samples, *errors))


def log_share(case: Case, operation: OperationSetting) -> float:
    """Share of requests that are logged: all as planned, a sample where evaluation is sized [0-1]."""
    return 1.0 if operation.evaluation == "planned" else case.central("operations.log_share", "ratio")


def judge(case: Case, model: ModelSetting, technique: str) -> str | None:
    """The model that scores answers, the one that gives most of them; None where labels or users do."""
    shares = requests.shares(case, model, technique)
    key = max(shares, key=lambda pair: central(pair[1]))[0] if shares else model.main
    return key if key in case.catalogue.keys("models") else None


def _judging(case: Case) -> Shape:
    """What a model that scores an answer reads and writes."""
    return Shape(
        case.draw("operations.judge.input_tokens", "tok"), case.draw("operations.judge.output_tokens", "tok")
    )


@remembered
def _one_score(case: Case, key: str) -> Served:
    """A model scoring an answer once, wherever it does."""
    return serve(case, key, _judging(case))


@remembered
def scoring(case: Case, key: str, deployment: DeploymentSetting, operation: OperationSetting) -> Footprint:
    """A model scoring one answer on every measure; free of charge on machines whose rent is paid already."""
    shape = _judging(case)
    measures = case.central("operations.judge.measures", "item")
    scored = served(case, _one_score(case, key), job_place(case, deployment, operation))
    own = deployment.mode in (*sites.MACHINES, "edge")
    price = None if own else prices.token_price(case, key, prices.offer(deployment), shape)
    return scored.with_cost(price if price is not None else 0.0) * measures


@remembered
def lines(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Lines:  # fmt: skip
    """All that keeping a system good takes."""
    watched = watching(case, model, improvement, deployment, operation)
    return (*watched, *_restoring(case, model, improvement, deployment, operation))


@charging
def watching(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Iterator[Line]:  # fmt: skip
    """What runs whether anything is trained again or not."""
    yield from _judged(case, model, improvement, deployment, operation)
    yield from whatever_answers(case, deployment, operation)
    yield from _second_model(case, model)


@remembered
def whatever_answers(case: Case, deployment: DeploymentSetting, operation: OperationSetting) -> Lines:
    """Logs and batch jobs: the same whichever model answers, and the least that upkeep takes."""
    return (*_logs(case, deployment, operation), *_jobs(case, deployment, operation))


@charging
def _restoring(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Iterator[Line]:  # fmt: skip
    """What hangs on how often quality is restored."""
    yield from _retrained(case, model, improvement, deployment, operation)
    yield from _redone(case, model, improvement, deployment, operation)
    yield from _data_moved(case, model, improvement, deployment, operation)


def _judged(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Iterator[Line]:  # fmt: skip
    """Evaluation runs: each sample is answered again, and scored by a model where one generates."""
    plan = evaluation(case, model, improvement, operation)
    count = plan.runs_per_month * plan.samples
    if not count:
        return
    settled, answers = (model, improvement, deployment), case.full(count)
    what = say("answering the samples of evaluation runs")
    yield from calls.samples(case, settled, STEP, "standing", what, answers)
    key = judge(case, model, improvement.technique)
    if key is not None:
        yield Line(
            Resource.EVALUATION_RUN, STEP, "standing", say("scoring the samples of evaluation runs"),
            job_place(case, deployment, operation).key, answers, say("answer"),
            scoring(case, key, deployment, operation) * count,
        )  # fmt: skip


def _retrained(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Iterator[Line]:  # fmt: skip
    """Training again, and the answers that judge each new version."""
    if not decay.trained(model, improvement):
        return
    per_month = DAYS_PER_MONTH / interval_days(case, model, improvement, deployment, operation)
    if not per_month.any():
        return
    again = retraining.run_again(case, model, improvement, deployment, operation)
    yield Line(
        Resource.TRAINING_RUN, STEP, "standing", say("retraining"),
        job_place(case, deployment, operation).key, per_month, say("run"), again * per_month,
    )  # fmt: skip
    if improvement.technique in TUNED:
        settled, count = (model, improvement, deployment), training.judging_answers(case) * per_month
        what = say("answers that judge each retraining")
        yield from calls.samples(case, settled, STEP, "standing", what, count)


def _logs(case: Case, deployment: DeploymentSetting, operation: OperationSetting) -> Iterator[Line]:
    """Logging requests, in full or sampled: in each region of machines of one's own, else where jobs run."""
    logged = log_share(case, operation)
    requests_a_month = case.workload.requests_per_year / MONTHS_PER_YEAR
    gigabytes = requests_a_month * logged * case.draw("operations.log_bytes", "GB")
    own = deployment.mode in sites.MACHINES
    held = sites.answering(case, deployment) if own else (ground(case, job_region(case, deployment)),)
    here = gigabytes / len(held)
    for key in held:
        where = place(case, key)
        kept = server_work(case, here * case.draw("operations.log_energy", "kWh/GB"), where)
        kept = kept.with_cost(here * case.draw("operations.log_price", "USD/GB") * over_listed(case))
        yield Line(Resource.UPKEEP, STEP, "standing", LOGS, where.key, here, "GB", kept)


def _jobs(case: Case, deployment: DeploymentSetting, operation: OperationSetting) -> Iterator[Line]:
    """A batch job of its own, by the energy given for it; one that measures the serving is charged there.

    It runs on general servers, of which it holds and rents what its power tells, as ``server_work`` has it.
    """
    given = case.scenario.operations.job_kwh
    if given is None or measures_serving(case):
        return
    jobs = case.draw("operations.jobs_per_month", "item/month")
    where = job_place(case, deployment, operation)
    hours = given * jobs / case.draw("encoder.container_power", "kW")
    usd = hours * case.draw("encoder.container_price", "USD/h") * over_listed(case)
    yield Line(
        Resource.UPKEEP, STEP, "standing", say("batch job"), where.key, jobs, say("job"),
        server_work(case, given * jobs, where).with_cost(usd),
    )  # fmt: skip


def _redone(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Iterator[Line]:  # fmt: skip
    """Requests asked again because quality has faded, searches included."""
    if not decay.trained(model, improvement):
        return
    lost = mean_loss(case, model, improvement, deployment, operation)
    again = lost * case.scenario.operations.rework
    if not again.any():
        return
    one = retraining.asked_again(case, model, improvement, deployment)
    yield from calls.charged(
        case, one, improvement.technique, Resource.UPKEEP, STEP, "per_request",
        say("poor answers asked again"), again, say("request"),
    )  # fmt: skip


def _data_moved(
    case: Case, model: ModelSetting, improvement: ImprovementSetting, deployment: DeploymentSetting,
    operation: OperationSetting,
) -> Iterator[Line]:  # fmt: skip
    """Examples and samples sent to the region that jobs have moved to."""
    knowledge = case.scenario.knowledge
    plan = evaluation(case, model, improvement, operation)
    read = case.draw("operations.judge.input_tokens", "tok")
    runs = DAYS_PER_MONTH / interval_days(case, model, improvement, deployment, operation)
    tokens = plan.runs_per_month * plan.samples * read + runs * retraining.example_tokens(knowledge)
    way = retraining.sending(case, deployment, operation, tokens)
    if way is not None:
        yield Line(
            Resource.TRANSFER, STEP, "standing", say("examples and samples to the jobs' region"), way.where,
            way.gigabytes, "GB", way.footprint,
        )  # fmt: skip


def _second_model(case: Case, model: ModelSetting) -> Iterator[Line]:
    """Testing, watching and renewing a second model beside the first."""
    if model.kind in PAIRS:
        usd = case.draw("model.second_model_upkeep", "USD/month")
        yield Line(
            Resource.UPKEEP, "foundation_model", "standing", say("upkeep of a second model"), "",
            case.full(1.0), say("model"), case.nothing().with_cost(usd),
        )  # fmt: skip
